import fc from "fast-check";
import { type ConfFiles, slurmConf } from "../base.ts";

/** A configuration in which records or keys are judged against each other. */
export interface Shape {
  /** Lines of slurm.conf, which replace the base's plain settings of the same keys and its records. */
  readonly rest: readonly string[];
  /** Other files by name. */
  readonly others?: ConfFiles;
}

/** The files of a shape. */
export function filesOf({ rest, others = {} }: Shape): ConfFiles {
  return { "slurm.conf": slurmConf(rest), ...others };
}

/** Four cloud nodes, as in the base. */
export const NODES = "NodeName=c[0-3] CPUs=4 RealMemory=1000 State=CLOUD";
/** Their partition, as in the base. */
export const PARTITION = "PartitionName=p Nodes=c[0-3] Default=YES SuspendTime=1800";

/** The base with lines behind its records. */
export function behind(...rest: readonly string[]): Shape {
  return { rest: [NODES, PARTITION, ...rest] };
}

/** The base with lines in front of its records; empty ones are left out. */
export function before(rest: readonly string[], others?: ConfFiles): Shape {
  const lines = rest.filter((line) => line !== "");
  return { rest: [...lines, NODES, PARTITION], ...(others === undefined ? {} : { others }) };
}

/** One of those lines of text; `-` stands for an empty one. */
export function from(text: string): fc.Arbitrary<string> {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return fc.constantFrom(...lines.map((line) => line === "-" ? "" : line.replaceAll("\\n", "\n")));
}

/** One of those words, parted by blanks; `-` stands for an empty one. */
export function word(text: string): fc.Arbitrary<string> {
  return from(text.trim().replace(/\s+/g, "\n"));
}

/** Words that are there, with a blank between. */
export function spaced(...words: readonly string[]): string {
  return words.filter((text) => text !== "").join(" ");
}
