// deno task oracle VERSION... [--shapes]: asks the real slurmctld of each version about generated one-change
// configurations and writes its answers to lib/slurm_conf/data/oracle_VERSION.json, and all of them in the form that lint
// reads to oracle_all.json there; those about shapes (records judged against each other) to
// tests/oracle/answers/shapes_VERSION.json. With --shapes it asks about shapes only.
import { parseArgs } from "node:util";
import { rootOf, type SlurmVersion, whyNoRig } from "../e2e/rig.ts";
import { askConfigurations } from "./ask.ts";
import { collect } from "./collect.ts";
import { collectInheritance } from "./inherit.ts";
import { dataFile, writeMerged } from "./merged.ts";
import { shapeAnswersFile } from "./shape_answers.ts";
import { filesOf } from "./shapes/shape.ts";
import { SHAPE_KINDS, shapes } from "./shapes/mod.ts";
import { printData, toData } from "./store.ts";

/** Draws of each kind, and the seed that they are drawn with. */
const SHAPES_A_KIND = 45;
const SHAPES_SEED = 17;

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: { shapes: { type: "boolean", default: false } },
});
const versions = positionals as SlurmVersion[];
if (versions.length === 0 || versions.some((version) => !["22.05", "24.11", "26.05"].includes(version))) {
  console.error("Usage: deno task oracle VERSION... [--shapes]   (22.05, 24.11, 26.05)");
  Deno.exit(2);
}
for (const version of versions) {
  const missing = whyNoRig(version);
  if (missing !== undefined) {
    console.error(`oracle: ${missing}`);
    Deno.exit(1);
  }
  const start = performance.now();
  const say = (text: string) =>
    console.log(`${version} ${Math.round((performance.now() - start) / 1000)} s: ${text}`);
  const by = { slurm: await fullVersion(version), asked: new Date().toISOString().slice(0, 10) };
  await collectShapes(version, by);
  say("shapes are answered");
  if (values.shapes) continue;
  const answers = await collect(version, undefined, say);
  await Deno.writeTextFile(
    dataFile(version),
    printData(toData(by.slurm, by.asked, answers, await collectInheritance(version, answers))),
  );
  say(`${[...answers.values()].reduce((sum, key) => sum + key.size, 0)} values are answered`);
}
if (!values.shapes) writeMerged();

async function collectShapes(version: SlurmVersion, by: { slurm: string; asked: string }): Promise<void> {
  const kinds = SHAPE_KINDS.filter((kind) => kind !== "topologyYaml" || version === "26.05");
  const drawn = kinds.flatMap((kind) =>
    shapes(kind, SHAPES_SEED, SHAPES_A_KIND).map((shape) => ({ kind, shape }))
  );
  const verdicts = await askConfigurations(
    version,
    drawn.map(({ shape }) => ({ files: filesOf(shape), changes: [] })),
  );
  const answers = drawn.map((one, index) => ({ ...one, ...verdicts[index]! }));
  await Deno.mkdir(new URL(".", shapeAnswersFile(version)), { recursive: true });
  await Deno.writeTextFile(shapeAnswersFile(version), printData({ ...by, answers }));
}

/** `22.05.8`. */
async function fullVersion(version: SlurmVersion): Promise<string> {
  const root = rootOf(version)!;
  const { stdout } = await new Deno.Command("chroot", {
    args: [root, "slurmctld", "-V"],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  }).output();
  return new TextDecoder().decode(stdout).match(/\d+\.\d+\.\d+/)![0];
}
