import type { Config } from "./model.ts";

/** A key of slurm-ec2.yaml, or some of its values, that this release accepts and nothing obeys. */
export interface Unenforced {
  /** The key as documents name it, e.g. `nodeGroups[].weight`; the values in words where only some are meant. */
  readonly key: string;
  /** The property that carries it, e.g. `weight`. */
  readonly property: string;
  /** What this release does instead: the end of a sentence. */
  readonly instead: string;
  /** The node groups that use it, empty for what is the whole file's; undefined where the file does not use it. */
  uses(config: Config): readonly string[] | undefined;
  /** The configuration as this release obeys it. */
  obeyed(config: Config): Config;
}

/** What `config check`, the schema, the template and the README say of each of them. */
export const NOT_ENFORCED = "not enforced in this release";

/**
 * Every such key. This is the only place to change when a key is obeyed: without its entry all notes of it go.
 * A test holds the table to what the program reads.
 */
export const UNENFORCED: readonly Unenforced[] = [];

/** The configuration as this release obeys it: what checks of the account are to reckon with. */
export function obeyedConfig(config: Config): Config {
  return UNENFORCED.reduce((obeyed, entry) => entry.obeyed(obeyed), config);
}

/** One sentence for each unenforced key that the configuration uses, without a final period. */
export function unenforcedNotes(config: Config): string[] {
  return UNENFORCED.flatMap((entry) => {
    const groups = entry.uses(config);
    if (groups === undefined) return [];
    const where = groups.length === 0 ? "" : ` (node groups: ${groups.join(", ")})`;
    return [`${entry.key}${where} is ${NOT_ENFORCED}: ${entry.instead}`];
  });
}

/** What is not enforced of a property: a clause for each entry, without a final period. */
export function notesOn(property: string): string[] {
  return UNENFORCED.filter((entry) => entry.property === property).map(({ key, instead }) =>
    `${key} is ${NOT_ENFORCED}: ${instead}`
  );
}

/** The help text of a property, with what is not enforced of it. */
export function helpWithNotes(property: string, help: string): string {
  return [help, ...notesOn(property)].join(". ");
}
