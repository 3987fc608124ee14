import type { RenderInput } from "../../lib/slurm_conf/render/render_input.ts";
import { renderSlurmConf } from "../../lib/slurm_conf/render/render.ts";
import { parseText } from "../../lib/slurm_conf/parse.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { GOLDEN, type GoldenCase, goldenInput } from "../lib/slurm_conf/render/golden_cases.ts";
import { type PrivateSlurmctld, withSlurmctld } from "./private_slurmctld.ts";
import type { SlurmVersion } from "./rig.ts";

/** Files by name. */
export type Texts = ReadonlyMap<string, string>;

/** The golden case with nodes of the site's own, for any version. */
export function onPremCase(version: SlurmVersion): GoldenCase {
  return { name: `${version}-on-prem`, version, config: "on_prem.yaml" };
}

/** Runs a test with a slurmctld on the render of a golden case, each file changed by `change` before. */
export async function withRender(
  golden: GoldenCase,
  test: (slurmctld: PrivateSlurmctld, files: Texts) => Promise<void>,
  change: (text: string) => string = (text) => text,
): Promise<void> {
  const input = await goldenInput(golden);
  let files: Texts = new Map();
  await withSlurmctld(golden.version as SlurmVersion, (confDir) => {
    const texts = new Map(
      [...rendered({ ...input, prefix: confDir })].map(([name, text]) => [name, change(text)]),
    );
    texts.set("slurm.conf", texts.get("slurm.conf.include")!);
    const site = Deno.readTextFileSync(new URL("site_nodes.conf", GOLDEN));
    texts.set("site_nodes.conf", site);
    const others = [...namesIn(site, "site_nodes.conf"), ...expandHostlist("m7i-[0-9]")];
    texts.set("hosts", `127.0.0.1 localhost rig ${others.join(" ")}\n`);
    for (const [hook, text] of hookFiles(texts.get("power_save.conf")!, confDir)) texts.set(hook, text);
    return files = texts;
  }, (slurmctld) => test(slurmctld, files));
}

function namesIn(text: string, file: string): string[] {
  const lines = parseText(text, file).entries.filter((entry) => entry.kind === "record");
  const nodes = lines.filter((record) => record.type === "NodeName" && !record.isDefault);
  return nodes.flatMap((record) => expandHostlist(record.name.text));
}

/** The rendered files; throws what stands in the way. */
export function rendered(input: RenderInput): Map<string, string> {
  const rendering = renderSlurmConf(input);
  if (rendering.kind === "refused") {
    throw new Error(rendering.problems.map(({ message }) => message).join("\n"));
  }
  return new Map(rendering.files.map(({ name, text }) => [name, text]));
}

/** Programs that write down how they are called, where the rendered file has the hooks; and the real prolog. */
export function hookFiles(powerSave: string, prefix: string): [path: string, text: string][] {
  const below = (path: string) => path.slice(prefix.length + 1);
  const hooks = [...powerSave.matchAll(/^\w+Program=(.*)$/gm)].map(([, path]): [string, string] => [
    below(path!),
    `#!/bin/sh\necho "$0 $1" >>${prefix}/hooks.log\n`,
  ]);
  const prologs = [...powerSave.matchAll(/^PrologSlurmctld=(.*)$/gm)].map(([, path]): [string, string] => [
    below(path!),
    Deno.readTextFileSync(new URL("../../deploy/hooks/ready", import.meta.url)),
  ]);
  return [...hooks, ...prologs];
}

/** The `Key=value` words of one line of scontrol's. */
export function fieldsOf(line: string): Map<string, string> {
  return new Map(
    line.trim().split(/\s+/).map((word) => {
      const equals = word.indexOf("=");
      return [word.slice(0, equals), word.slice(equals + 1)];
    }),
  );
}

/** How the hooks were called so far, in order. */
export function hookCalls({ confDir }: PrivateSlurmctld): (readonly [program: string, nodes: string])[] {
  try {
    const lines = Deno.readTextFileSync(`${confDir}/hooks.log`).trim().split("\n");
    return lines.map((line) => line.split(" ") as [string, string]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Polls; throws with the explanation after two minutes. */
export async function until(
  probe: () => boolean | Promise<boolean>,
  explain: () => string,
): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await probe())) {
    if (Date.now() > deadline) throw new Error(`Not within 120 s:\n${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
