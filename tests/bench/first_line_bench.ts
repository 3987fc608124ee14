/**
 * `deno task bench:first-line [--rounds N] [--render] [VERSION…]`: seconds from submission to a job's first line on real
 * Slurm with a simulated EC2, without and with ready, with Slurm's defaults and with what `config render` writes; and how
 * long a refused job waits for its next try. Takes root and the versions' daemons; about 14 minutes, all versions at once,
 * nearly all of it waiting. Writes tests/bench/first_line.json and the pages that are made of it; `--render` only these.
 */
import { parseArgs } from "@std/cli";
import { BENCHMARKS, benchmarksPage } from "./benchmarks_page.ts";
import { rootOf, type SlurmVersion, whyNoRig } from "../e2e/rig.ts";
import { measureMode, measureWithoutLaunches } from "./first_line/measure.ts";
import { BOOT_SECONDS, MODES } from "./first_line/measured_cluster.ts";
import { FIRST_LINE, firstLineResults } from "./first_line/page.ts";
import type { FirstLineResults, ModeName, VersionResult } from "./first_line/results.ts";
import { describeSystem, loadNow } from "./peers/machine.ts";
import { serialized } from "./peers/serialize.ts";

const flags = parseArgs(Deno.args, { string: ["rounds"], boolean: ["render"] });
const rounds = Number(flags.rounds ?? 5);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds needs a whole number from 1 on`);
const ALL: readonly SlurmVersion[] = ["22.05", "24.11", "26.05"];

if (!flags.render) await writeResults(await measured(flags._.length > 0 ? flags._.map(asVersion) : ALL));
await Deno.writeTextFile(BENCHMARKS, await benchmarksPage());
console.error(
  "Written: docs/benchmarks.md; the README by UPDATE_README=1 deno test -A tests/readme_test.ts",
);

/** parseArgs makes numbers of them. */
function asVersion(word: string | number): SlurmVersion {
  const version = ALL.find((known) => Number(known) === Number(word));
  if (version === undefined) throw new Error(`Versions are ${ALL.join(", ")}: "${word}"`);
  const missing = whyNoRig(version);
  if (missing !== undefined) throw new Error(`Cannot run here: ${missing}`);
  return version;
}

async function measured(versions: readonly SlurmVersion[]): Promise<Record<string, VersionResult>> {
  const date = new Date().toISOString();
  const before = loadNow();
  const commit = await output("git", "rev-parse", "--short", "HEAD");
  const found = await Promise.all(versions.map(async (version) => {
    const modes = await Promise.all(
      (Object.keys(MODES) as ModeName[]).map(async (mode) =>
        [mode, await measureMode(version, mode, rounds, (line) => console.error(line))] as const
      ),
    );
    // Alone: its worker asks EC2 again and again.
    const withoutLaunches = await measureWithoutLaunches(version, rounds, (line) => console.error(line));
    const slurm = (await output("chroot", rootOf(version)!, "/usr/sbin/slurmctld", "-V")).replace(
      "slurm-wlm ",
      "",
    )
      .replace("slurm ", "");
    const machine = { ...await describeSystem(), load: [before, loadNow()] as const };
    return [
      version,
      { date, commit, slurm, machine, rounds, modes: Object.fromEntries(modes), withoutLaunches },
    ] as const;
  }));
  return Object.fromEntries(found) as unknown as Record<string, VersionResult>;
}

async function writeResults(found: Record<string, VersionResult>): Promise<void> {
  const versions: Record<string, VersionResult> = { ...former(), ...found };
  const results: FirstLineResults = {
    bootSeconds: BOOT_SECONDS,
    versions: Object.fromEntries(Object.entries(versions).sort(([a], [b]) => a < b ? -1 : 1)),
  };
  await Deno.writeTextFile(FIRST_LINE, await serialized(results));
}

/** Versions that were measured before keep what they came to. */
function former(): FirstLineResults["versions"] {
  try {
    return firstLineResults().versions;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}

async function output(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
