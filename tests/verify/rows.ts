import { type SlurmVersion, whyNoRig } from "../e2e/rig.ts";

/** One thing that must hold on a real slurmctld, in a rig of its own. */
export interface Row<T> {
  readonly name: string;
  /** All unless it says which. */
  readonly versions?: readonly SlurmVersion[];
  run(rig: T): Promise<void>;
}

/**
 * Runs each row on the version that the command line names, those whose name has all further words; all of them are
 * written to `NAME-VERSION.json` next to this file. The process ends with 1 when one is not as it must be.
 */
export async function verifyRows<T extends { close(): Promise<void> }, R extends Row<T>>(
  name: string,
  all: readonly R[],
  start: (version: SlurmVersion, row: R) => Promise<T>,
): Promise<void> {
  const [version, ...words] = Deno.args as [SlurmVersion, ...string[]];
  const missing = whyNoRig(version);
  if (missing !== undefined) throw new Error(`Cannot run here: ${missing}`);
  const rows: { name: string; outcome: "as it must be" | string; seconds: number }[] = [];
  for (const row of all) {
    if (row.versions && !row.versions.includes(version)) continue;
    if (words.length > 0 && !words.every((word) => row.name.includes(word))) continue;
    const begun = Date.now();
    let outcome = "as it must be";
    const rig = await start(version, row);
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
    const url = new URL(`${name}-${version}.json`, import.meta.url);
    await Deno.writeTextFile(url, JSON.stringify(result, null, 2) + "\n");
  }
  if (rows.some(({ outcome }) => outcome !== "as it must be")) Deno.exit(1);
}
