import type { Document, SourceFile } from "./document.ts";
import { applySafeFixes } from "./fix.ts";
import { fileKind } from "./include_path.ts";
import { lint } from "./lint.ts";
import { parseDocument, parseText, type ReadFile } from "./parse.ts";
import type { LintFinding, Rule } from "./rule.ts";
import { encode } from "./source_file.ts";
import { readTopology, type TopologyConf, topologyPath } from "./topology_conf.ts";
import type { TopologyYaml } from "./topology_yaml.ts";
import type { SlurmVersion } from "./versions.ts";

/** Which files to check against what. */
export interface LintFilesInput {
  /** Files as given: slurm.conf or parts of it, gres.conf. */
  readonly paths: readonly string[];
  /** topology.yaml next to the first slurm.conf, where there is one: read by a caller that may load a YAML parser. */
  readonly topologyYaml?: TopologyYaml;
  /** Throws what Deno throws; see {@link ReadFile}. */
  readonly read: ReadFile;
  /** What to look for. */
  readonly rules: readonly Rule[];
  /** Target releases; all supported ones when absent. */
  readonly versions?: readonly SlurmVersion[];
}

/**
 * Checks files together: each slurm.conf with the gres.conf given, a file that another given one includes only as a
 * part of that.
 * @throws what `read` throws for a file given (not for an included one)
 */
export function lintFiles(input: LintFilesInput): LintFinding[] {
  const { rules, versions } = input;
  const own = [...new Set(input.paths)].filter((path) => !isTopologyConf(path));
  const documents = own.map((path) => parseDocument(path, input.read));
  const slurm = withoutParts(documents.filter(({ root }) => root.kind === "slurm.conf"));
  const [gres, ...otherGres] = documents.filter(({ root }) => root.kind === "gres.conf");
  const options = { rules, ...(versions === undefined ? {} : { versions }) };
  const findings = slurm.flatMap((document) => {
    const topology = topologyOf(document, input);
    return lint({
      document,
      ...(gres === undefined ? {} : { gres }),
      ...(topology === undefined ? {} : { topology }),
      ...(input.topologyYaml === undefined ? {} : { topologyYaml: input.topologyYaml }),
      ...options,
    });
  });
  const alone = slurm.length === 0 && gres !== undefined ? [gres, ...otherGres] : otherGres;
  for (const document of alone) {
    findings.push(...lint({ document: parseText("", ""), gres: document, ...options }));
  }
  return unique(findings);
}

/** The topology that a slurm.conf asks for: the file given, else the one next to it. */
function topologyOf(document: Document, { paths, read }: LintFilesInput): TopologyConf | undefined {
  if (!document.entries.some((entry) => entry.kind === "setting" && entry.name === "topologyplugin")) {
    return undefined;
  }
  return readTopology(paths.find(isTopologyConf) ?? topologyPath(document.root.path), read);
}

/** Whether a path is that of a topology.conf, which is looked at together with slurm.conf. */
function isTopologyConf(path: string): boolean {
  return path.slice(path.lastIndexOf("/") + 1).toLowerCase() === "topology.conf";
}

/** What `--fix` did: the files' new texts, and what is left to find in them. */
export interface FixResult {
  /** Only files that changed. */
  readonly changes: readonly { readonly file: SourceFile; readonly text: string }[];
  /** What is found in the new texts. */
  readonly remaining: readonly LintFinding[];
}

/** Rounds of fixing, since one fix may stand in the way of another; each round fixes at least one finding. */
const MAX_ROUNDS = 20;

/** Applies safe fixes until there is none left, in memory. Throws as {@link lintFiles}. */
export function fixFiles(input: LintFilesInput): FixResult {
  const originals = new Map<string, SourceFile>();
  const texts = new Map<string, string>();
  const read: ReadFile = (path) => {
    const text = texts.get(path);
    return text === undefined ? input.read(path) : encode(text, originals.get(path)!.encoding);
  };
  let remaining = lintFiles({ ...input, read });
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const changes = applySafeFixes(remaining);
    if (changes.length === 0) break;
    for (const { file, text } of changes) {
      if (!originals.has(file.path)) originals.set(file.path, file);
      texts.set(file.path, text);
    }
    remaining = lintFiles({ ...input, read });
  }
  const changes = [...originals].map(([path, file]) => ({ file, text: texts.get(path)! }));
  return { changes: changes.filter(({ file, text }) => file.text !== text), remaining };
}

function withoutParts(documents: readonly Document[]): Document[] {
  const included = new Set(documents.flatMap(({ files }) => files.slice(1).map(({ path }) => path)));
  return documents.filter(({ root }) => !included.has(root.path));
}

/** A gres.conf is checked next to each slurm.conf: what is found in it twice is reported once. */
function unique(findings: readonly LintFinding[]): LintFinding[] {
  const seen = new Set<string>();
  return findings.filter(({ rule, file, line, column, message }) => {
    const key = `${rule}\n${file}\n${line}\n${column}\n${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Whether a path is one that the checks know how to read: all but Slurm's other configuration files. */
export function isOtherConf(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  return fileKind(path) === "slurm.conf" && OTHER_FILES.has(name);
}

/** Slurm's other configuration files, each with a parser of its own: https://slurm.schedmd.com/man_index.html */
const OTHER_FILES: ReadonlySet<string> = new Set([
  "acct_gather.conf",
  "burst_buffer.conf",
  "cgroup.conf",
  "cli_filter.lua",
  "helpers.conf",
  "job_container.conf",
  "knl.conf",
  "mpi.conf",
  "namespace.yaml",
  "oci.conf",
  "plugstack.conf",
  "slurmdbd.conf",
  "topology.yaml",
]);
