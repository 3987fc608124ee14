import { Cursor } from "./cursor.ts";
import type { Setting, SourceFile } from "./document.ts";
import { logicalLines } from "./logical_line.ts";
import type { ReadFile } from "./parse.ts";
import { sourceFile } from "./source_file.ts";

/** A topology.conf, as far as rules ask: which nodes its switches and blocks name. */
export interface TopologyConf {
  /** Path of the file. */
  readonly path: string;
  /** The file itself. */
  readonly file: SourceFile;
  /** The settings of each line that has any, in order. */
  readonly lines: readonly (readonly Setting[])[];
  /** Whether it includes other files, which are not read. */
  readonly hasIncludes: boolean;
  /** Hostlists of `Nodes=` on SwitchName and BlockName lines. */
  readonly hostlists: readonly string[];
}

/** Where Slurm looks for it: next to slurm.conf (https://slurm.schedmd.com/topology.conf.html). */
export function topologyPath(slurmConf: string): string {
  return `${slurmConf.slice(0, slurmConf.lastIndexOf("/") + 1)}topology.conf`;
}

/** Where Slurm looks for it: next to slurm.conf (https://slurm.schedmd.com/topology.yaml.html). */
export function topologyYamlPath(slurmConf: string): string {
  return `${slurmConf.slice(0, slurmConf.lastIndexOf("/") + 1)}topology.yaml`;
}

/** Reads a topology.conf; undefined where there is none, or it can't be read. Its Include lines are not followed. */
export function readTopology(path: string, read: ReadFile): TopologyConf | undefined {
  let bytes: Uint8Array;
  try {
    bytes = read(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return undefined;
  }
  const file = sourceFile(path, "slurm.conf", bytes);
  const hostlists: string[] = [];
  const lines: Setting[][] = [];
  let hasIncludes = false;
  for (const line of logicalLines(file, [])) {
    const cursor = new Cursor(file, line);
    if (cursor.takeInclude() !== undefined) {
      hasIncludes = true;
      continue;
    }
    const settings: Setting[] = [];
    for (let next = cursor.takeSetting(); next !== undefined; next = cursor.takeSetting()) {
      settings.push(next);
    }
    if (settings.length > 0) lines.push(settings);
    if (!/^(switch|block)name$/.test(settings[0]?.name ?? "")) continue;
    hostlists.push(...settings.filter(({ name }) => name === "nodes").map(({ value }) => value.text));
  }
  return { path, file, lines, hasIncludes, hostlists };
}
