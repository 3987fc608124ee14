import { assert, assertEquals } from "@std/assert";
import { positionAt } from "../../../../lib/slurm_conf/document.ts";
import { lint } from "../../../../lib/slurm_conf/lint.ts";
import { parseDocument } from "../../../../lib/slurm_conf/parse.ts";
import type { Edit, LintFinding } from "../../../../lib/slurm_conf/rule.ts";
import { RULES } from "../../../../lib/slurm_conf/rules/mod.ts";
import { readTopology } from "../../../../lib/slurm_conf/topology_conf.ts";
import { readTopologyYaml } from "../../../../lib/slurm_conf/topology_yaml.ts";
import { type SlurmVersion, SUPPORTED_VERSIONS } from "../../../../lib/slurm_conf/versions.ts";
import { PAIRS } from "./pairs/mod.ts";
import { DIRECTORY, type Pair } from "./pairs/pair.ts";

const MARK = "«";

type Files = Readonly<Record<string, string>>;

Deno.test("RULES have a pair each", { permissions: "none" }, () => {
  const paired = new Set(PAIRS.map((pair) => pair.id));
  const without = RULES.map((rule) => rule.id).filter((id) => !paired.has(id));
  assertEquals(without, []);
});

for (const [index, pair] of PAIRS.entries()) {
  const files: Files = {
    "slurm.conf": pair.bad,
    ...pair.files,
    ...gresFile(pair.gres),
    ...topologyFile(pair.topology),
    ...yamlFile(pair.topologyYaml),
  };
  const [first, last] = pair.fires ?? ["20.11", "26.05"];
  const on = pair.on ?? last;

  Deno.test(`${pair.id} reports pair ${index} at its place: ${pair.says}`, { permissions: "none" }, () => {
    const found = find(pair, files, on);
    const finding = found.find((one) => one.message.includes(pair.says));
    assert(finding !== undefined, `no such finding of ${pair.id} among: ${found.map((one) => one.message)}`);
    const rule = RULES.find((one) => one.id === pair.id)!;
    assertEquals(finding.severity, pair.severity ?? rule.severity);
    assertEquals(finding.daemon, pair.daemon ?? rule.daemon);
    const place = marked(files);
    if (place !== undefined) assertEquals(`${finding.file}:${finding.line}:${finding.column}`, place);
  });

  Deno.test(`${pair.id} keeps quiet on the good half of pair ${index}`, { permissions: "none" }, () => {
    const good = {
      ...pair.files,
      "slurm.conf": pair.good,
      ...gresFile(pair.goodGres ?? pair.gres),
      ...topologyFile(pair.goodTopology ?? pair.topology),
      ...yamlFile(pair.goodTopologyYaml ?? pair.topologyYaml),
    };
    const quiet = find(pair, good, on);
    assertEquals(quiet.map((one) => one.message), []);
  });

  Deno.test(`${pair.id} reports pair ${index} on its releases only`, { permissions: "none" }, () => {
    const fires = SUPPORTED_VERSIONS.filter((version) =>
      find(pair, files, version).some((finding) => finding.message.includes(pair.says))
    );
    const expected = SUPPORTED_VERSIONS.filter((version) => version >= first && version <= last);
    assertEquals(fires, expected);
  });

  Deno.test(`${pair.id} is content with its own fix of pair ${index}`, { permissions: "none" }, () => {
    const plain = unmarked(files);
    const before = find(pair, plain, on);
    const fixed = before.find((one) => one.fix !== undefined);
    if (fixed === undefined) return;
    const after = find(pair, applied(plain, fixed.fix!.edits), on);
    assert(after.length < before.length, `still: ${after.map((one) => one.message)}`);
    assertEquals(after.filter((one) => one.rule === "CF004"), []);
  });
}

/** The findings of the pair's rule for one release. */
function find(pair: Pair, files: Files, version: SlurmVersion): LintFinding[] {
  const plain = unmarked(files);
  const gres = plain["gres.conf"] === undefined ? undefined : parse(plain, "gres.conf");
  const rules = RULES.filter((rule) => rule.id === pair.id);
  const document = parse(plain, "slurm.conf");
  const topology = readTopology("topology.conf", (path) => {
    const text = plain[path];
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return new TextEncoder().encode(text);
  });
  const yaml = plain["topology.yaml"];
  return lint({
    document,
    rules,
    versions: [version],
    ...(gres === undefined ? {} : { gres }),
    ...(topology === undefined ? {} : { topology }),
    ...(yaml === undefined
      ? {}
      : { topologyYaml: readTopologyYaml("topology.yaml", new TextEncoder().encode(yaml)) }),
  });
}

function gresFile(text: string | undefined): Files {
  return text === undefined ? {} : { "gres.conf": text };
}

function yamlFile(text: string | undefined): Files {
  return text === undefined ? {} : { "topology.yaml": text };
}

function topologyFile(text: string | undefined): Files {
  return text === undefined ? {} : { "topology.conf": text };
}

function parse(files: Files, root: string) {
  return parseDocument(root, (path) => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound(path);
    if (text === DIRECTORY) throw new Deno.errors.IsADirectory(path);
    return new TextEncoder().encode(text);
  });
}

function unmarked(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace(MARK, "")]));
}

/** Where the mark stands, as file:line:column. */
function marked(files: Files): string | undefined {
  for (const [path, text] of Object.entries(files)) {
    const offset = text.indexOf(MARK);
    if (offset < 0) continue;
    const { root } = parse({ [path]: text.replace(MARK, "") }, path);
    const { line, column } = positionAt(root, offset);
    return `${path}:${line}:${column}`;
  }
}

function applied(files: Files, edits: readonly Edit[]): Files {
  const changed: Record<string, string> = { ...files };
  const backwards = [...edits].sort((a, b) => b.span.start - a.span.start);
  for (const { span, text } of backwards) {
    const { path } = span.file;
    changed[path] = changed[path]!.slice(0, span.start) + text + changed[path]!.slice(span.end);
  }
  return changed;
}
