/**
 * Measures our hooks next to aws-parallelcluster-node and boto3 against one simulated AWS, and writes the figures and
 * the document made of them. Run it on a machine that does nothing else.
 *
 *     deno task bench:peers [--rounds N] [--quick] [--out FILE.md] [--file FILE] [--former FILE] [--json] [--offline] [--render]
 *
 * `--rounds` measures nothing more often than that; `--quick` measures little, to see that everything works; `--file` and
 * `--former` are built files, of this checkout and of 9139880 (by default both are built, the latter not with
 * `--quick`); `--offline` installs nothing; `--render` only rewrites the document from the figures.
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Output } from "../../commands/base/host.ts";
import { progressBar } from "../../commands/base/progress.ts";
import { builtFile } from "../fixtures/built_file.ts";
import { editedBuild } from "../fixtures/edited_build.ts";
import { formerFile } from "../fixtures/former_file.ts";
import { benchmarksPage } from "./benchmarks_page.ts";
import { boto3Floor, type Contestant, parallelCluster } from "./peers/contestants.ts";
import { UNLIMITED } from "./unlimited_account.ts";
import { describeMachine, loadNow } from "./peers/machine.ts";
import { formerHooks, installedHooks } from "./peers/our_hooks.ts";
import { findPython, type Python } from "./peers/python_packages.ts";
import type { Results } from "./peers/results.ts";
import { serialized } from "./peers/serialize.ts";
import { FULL, limited, measureAll, QUICK, stepsOf } from "./peers/schedule.ts";
import { makeSite, type Site } from "./peers/site.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const flags = parseArgs(Deno.args, {
  string: ["rounds", "out", "file", "former"],
  boolean: ["quick", "json", "offline", "render"],
});
const out = flags.out ?? `${ROOT}docs/benchmarks.md`;
const say = (line: string) => console.error(line);
const data = out.replace(/(\.md)?$/, ".json");

const results: Results = flags.render ? JSON.parse(await Deno.readTextFile(data)) : await measured();
if (!flags.render) await Deno.writeTextFile(data, await serialized(results));
await Deno.writeTextFile(out, await benchmarksPage(results));
if (flags.json) console.log(JSON.stringify(results));
say(`Written: ${out} and the figures in ${data}`);

async function measured(): Promise<Results> {
  const python = await findPython({ install: !flags.offline, say });
  if (!python) throw new Error("The bench takes Python 3: no python3 in PATH");
  const before = loadNow();
  const date = new Date().toISOString();
  const whole = flags.quick ? QUICK : FULL;
  const plan = flags.rounds === undefined ? whole : limited(whole, roundsOf(flags.rounds));
  const site = await makeSite();
  const interrupted = () => {
    Deno.removeSync(site.dir, { recursive: true });
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", interrupted);
  try {
    const { contestants, absent } = await contestantsOf(site, python);
    const total = stepsOf(plan, contestants);
    const bar = progressBar(terminal(), { label: "Measuring", total });
    let steps = 0;
    const found = await measureAll({ site, python: python.program }, contestants, {
      plan,
      step: () => bar.update(++steps),
      // A bar would be torn by other lines.
      say: Deno.stderr.isTerminal() ? () => {} : say,
    }).finally(() => bar.stop());
    return {
      date,
      command: [
        "deno task bench:peers",
        ...(flags.quick ? ["--quick"] : []),
        ...(flags.rounds ? [`--rounds ${flags.rounds}`] : []),
      ]
        .join(" "),
      machine: { ...await describeMachine(python), load: [before, loadNow()] },
      plan,
      programs: contestants.map(({ id, name, kind }) => ({ id, name, kind })),
      absent,
      ...found.found(),
    };
  } finally {
    Deno.removeSignalListener("SIGINT", interrupted);
    await site.close();
  }
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds needs a whole number from 1 on: "${text}"`);
  }
  return rounds;
}

async function contestantsOf(
  site: Site,
  python: Python,
): Promise<{ readonly contestants: readonly Contestant[]; readonly absent: readonly string[] }> {
  // EC2 gives an account of its defaults 1,000 instances at once, and the program knows it.
  const file = flags.file ?? (flags.quick ? await builtFile() : await editedBuild(UNLIMITED));
  const contestants = [
    await installedHooks(site, { file, warm: false }),
    await installedHooks(site, { file, warm: true }),
  ];
  const absent: string[] = [];
  const former = flags.former ?? (flags.quick ? undefined : await formerFile(site.dir));
  if (former) contestants.push(await formerHooks(site, former));
  else absent.push("slurm-ec2 9139880: `--quick` doesn't build it");
  if (python.versions["aws-parallelcluster-node"]) {
    for (const api of ["run-instances", "create-fleet"] as const) {
      contestants.push(await parallelCluster(site, python, api));
    }
  } else absent.push("aws-parallelcluster-node: it could not be installed from PyPI");
  if (python.versions["boto3"]) contestants.push(await boto3Floor(site, python));
  else absent.push("boto3: it could not be installed from PyPI");
  return { contestants, absent };
}

function terminal(): Output {
  return {
    isTerminal: Deno.stderr.isTerminal(),
    columns: 80,
    write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
  };
}
