/** `deno task verify:ready VERSION [WORDS]`: every row of ready on a real slurmctld; writes the outcome next to this file. */
import { READY_ROWS } from "../e2e/ready_rows.ts";
import { startReadyRig } from "../e2e/ready_rig.ts";
import { type SlurmVersion, whyNoRig } from "../e2e/rig.ts";

const [version, ...words] = Deno.args as [SlurmVersion, ...string[]];
const missing = whyNoRig(version);
if (missing !== undefined) throw new Error(`Cannot run here: ${missing}`);

const rows: { name: string; outcome: "as it must be" | string; seconds: number }[] = [];
for (const row of READY_ROWS) {
  if (row.versions && !row.versions.includes(version)) continue;
  if (words.length > 0 && !words.every((word) => row.name.includes(word))) continue;
  const begun = Date.now();
  let outcome = "as it must be";
  const rig = await startReadyRig({ version, ...row.options?.(version) });
  try {
    await row.run(rig);
  } catch (error) {
    outcome = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
    if (words.length > 0) console.error(error);
  } finally {
    await rig.close();
  }
  const seconds = Math.round((Date.now() - begun) / 100) / 10;
  console.log(
    `${outcome === "as it must be" ? "ok  " : "FAIL"} ${seconds.toFixed(1).padStart(6)} s  ${row.name}${
      outcome === "as it must be" ? "" : `: ${outcome}`
    }`,
  );
  rows.push({ name: row.name, outcome, seconds });
}
if (words.length === 0) {
  const { stdout } = await new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"] }).output();
  const commit = new TextDecoder().decode(stdout).trim();
  const result = { date: new Date().toISOString().slice(0, 10), commit, version, rows };
  const url = new URL(`ready-${version}.json`, import.meta.url);
  await Deno.writeTextFile(url, JSON.stringify(result, null, 2) + "\n");
}
if (rows.some(({ outcome }) => outcome !== "as it must be")) Deno.exit(1);
