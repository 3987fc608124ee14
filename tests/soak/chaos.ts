import type { SlurmVersion } from "../e2e/rig.ts";
import { builtWithout, RULES } from "./chaos/rules.ts";
import { runChaos } from "./chaos/run.ts";

/**
 * Ten minutes of a cluster among mishaps, on a real slurmctld with the built file's hooks:
 * chaos.ts VERSION [--seed N] [--seconds N] [--without RULE] [--out FILE] [--keep DIR]. Prints JSON; exits 1 unless every job has run,
 * every node works and nothing runs on. `--without` takes a core rule out of a copy of the sources: then it has to fail.
 */
if (import.meta.main) {
  const { parseArgs } = await import("@std/cli/parse-args");
  const flags = parseArgs(Deno.args, { string: ["seed", "seconds", "without", "out", "keep"] });
  const version = String(flags._[0] ?? "22.05") as SlurmVersion;
  const seconds = Number(flags.seconds ?? 600);
  const seed = Number(flags.seed ?? 1);
  const rule = flags.without;
  const began = Date.now();
  const report = await runChaos({
    version,
    seed,
    chaos: seconds * 0.5,
    settle: seconds * 0.5,
    timer: Math.min(60, seconds / 10),
    ...(rule !== undefined && { file: await builtWithout(rule) }),
    ...(flags.keep !== undefined && { keep: flags.keep }),
    say: (line) => console.error(line),
  });
  const { logs, ...counts } = report;
  const result = {
    commit: await commitOf(),
    slurm: version,
    deno: Deno.version.deno,
    seed,
    seconds: Math.round((Date.now() - began) / 1_000),
    ...(rule !== undefined && { without: RULES[rule]!.says }),
    loadAverage: Deno.loadavg().map((load) => Math.round(load * 100) / 100),
    ...counts,
  };
  const text = `${JSON.stringify(result, null, 2)}\n`;
  if (flags.out !== undefined) await Deno.writeTextFile(flags.out, text);
  console.log(text);
  if (logs !== undefined) console.error(logs);
  if (report.problems.length > 0) Deno.exit(1);
}

/** The commit of the checkout, and whether it has changes that are not committed. */
async function commitOf(): Promise<string> {
  const git = async (...args: readonly string[]) => {
    const { stdout } = await new Deno.Command("git", { args: [...args] }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  const isClean = (await git("status", "--porcelain")) === "";
  return `${await git("rev-parse", "--short", "HEAD")}${isClean ? "" : " with changes"}`;
}
