import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { parseText } from "../../lib/slurm_conf/parse.ts";
import type { SlurmVersion } from "../e2e/rig.ts";
import type { Compared } from "./agreement.ts";
import { type ConfFiles, siteSlurmConf } from "./base.ts";
import { askConfigurations } from "./ask.ts";
import { askLint } from "./lint_answer.ts";

const FIXTURES = new URL("../fixtures/public_shapes/", import.meta.url);

/** A public configuration's shape: its keys and records, under neutral names. */
export interface PublicShape {
  /** Name of its folder. */
  readonly name: string;
  readonly files: ConfFiles;
}

/** All of them, with what a daemon needs here. */
export function publicShapes(): PublicShape[] {
  return [...Deno.readDirSync(FIXTURES)].map(({ name }) => name).sort().map((name) => {
    const read = (file: string) => Deno.readTextFileSync(new URL(`${name}/${file}`, FIXTURES));
    const others = [...Deno.readDirSync(new URL(`${name}/`, FIXTURES))].map((entry) => entry.name)
      .filter((file) => file !== "slurm.conf");
    const lines = read("slurm.conf").split("\n").filter((line) => line !== "");
    return {
      name,
      files: {
        "slurm.conf": siteSlurmConf(lines),
        ...Object.fromEntries(others.map((file) => [file, read(file)])),
      },
    };
  });
}

/** Asks daemon and lint about all of them. */
export async function comparePublicShapes(version: SlurmVersion): Promise<Compared[]> {
  const shapes = publicShapes();
  const verdicts = await askConfigurations(
    version,
    shapes.map(({ files }) => ({ files, changes: [] })),
    [...new Set(shapes.flatMap(({ files }) => hostsOf(files["slurm.conf"]!)))],
  );
  return shapes.map(({ name, files }, index) => ({
    input: { kind: "public", what: name },
    verdict: verdicts[index]!,
    lint: askLint(version, files, {}),
  }));
}

/** Names and addresses of a configuration's nodes. */
function hostsOf(slurmConf: string): string[] {
  const records = parseText(slurmConf, "slurm.conf").entries.filter((entry) => entry.kind === "record");
  return records.filter(({ type, isDefault }) => type === "NodeName" && !isDefault)
    .flatMap(({ settings }) => settings.filter(({ name }) => /^node(?:name|addr|hostname)$/.test(name)))
    .map(({ value }) => value.text)
    .flatMap((text) => /^[\d.]*(?:\[[\d-]*\])?$/.test(text) ? [] : expandHostlist(text));
}
