import { once } from "../base/once.ts";
import { keyStatus } from "./data/keys.ts";
import data from "./data/oracle_all.json" with { type: "json" };
import { type AnswerSet, type IndexedSet, indexSet } from "./oracle_set.ts";
import type { SlurmVersion } from "./versions.ts";

/**
 * What slurmctld does with a value: takes it in silence; starts and logs that something is wrong; refuses to start;
 * or what depends on the machine (a file, a host, a user, an installed plugin), of which lint can't speak.
 */
export type OracleOutcome = "accepted" | "logged" | "refused" | "machine";

/** Where a setting stands: a plain line of slurm.conf, a record of it, a record of gres.conf or topology.conf. */
export type OracleTable =
  | "slurm.conf"
  | "NodeName"
  | "PartitionName"
  | "NodeSet"
  | "DownNodes"
  | "PowerAction"
  | "gres.conf"
  | "topology.conf";

/** What the daemons say of a value, and what that rests on. */
export interface OracleAnswer {
  /** What slurmctld does. */
  readonly outcome: OracleOutcome;
  /** Its words, with KEY and VALUE for the setting's own; empty when it says nothing. */
  readonly words: string;
  /** `asked`: that very value was put before the daemon. `alike`: another of the same form was, e.g. 3h for 2h. */
  readonly how: "asked" | "alike";
  /**
   * `daemon`: slurmctld of that very release was asked. `manual`: the releases on both sides were and agree, and
   * the manuals know the key in all three.
   */
  readonly restsOn: "daemon" | "manual";
  /** Full versions of the daemons that were asked, e.g. `22.05.8`. */
  readonly seen: readonly string[];
}

/** Whether a DEFAULT line hands a value on to the lines below, or slurmctld refuses the key on such a line. */
export type HandedOn = "yes" | "no" | "refused";

/** The releases whose daemons were asked. */
export const ORACLE_VERSIONS: readonly SlurmVersion[] = ["22.05", "24.11", "26.05"];

/** One of the daemons by its place in the data. */
type Daemon = number;

/**
 * What slurmctld of a release does with `key=value`, the only change to a plain configuration; from the committed
 * answers of real daemons (lib/slurm_conf/data/oracle_all.json, made by `deno task oracle VERSION`).
 *
 * Undefined where nothing is known: a key that was not asked or that the release doesn't know, a form of value of
 * which nothing alike was asked, a release whose neighbours disagree, one older than the oldest daemon. The key in
 * any case; the value as it stands in the file, with or without its quotes.
 */
export function oracleAnswer(
  version: SlurmVersion,
  table: OracleTable,
  key: string,
  value: string,
): OracleAnswer | undefined {
  const own = ORACLE_VERSIONS.indexOf(version);
  if (own >= 0) return answerOf(own, table, key, value, "daemon");
  const after = daemonAfter(table, key, version);
  if (after === undefined) return undefined;
  const [low, high] = [after - 1, after].map((daemon) => answerOf(daemon, table, key, value, "manual"));
  if (low === undefined || high === undefined || low.outcome !== high.outcome) return undefined;
  return { ...high, seen: [...low.seen, ...high.seen], how: low.how === "asked" ? high.how : low.how };
}

/**
 * Whether a NodeName or PartitionName line has a key's value from the DEFAULT lines above it, for a release whose daemon
 * was asked, or whose neighbours agree; undefined where that is not known.
 */
export function oracleHandedOn(
  version: SlurmVersion,
  table: "NodeName" | "PartitionName",
  key: string,
): HandedOn | undefined {
  const of = (daemon: Daemon) =>
    valueOf(handedOn().get(`${table} ${key}`.toLowerCase()), daemon) as HandedOn | undefined;
  const own = ORACLE_VERSIONS.indexOf(version);
  if (own >= 0) return of(own);
  const after = daemonAfter(table, key, version);
  if (after === undefined) return undefined;
  const [low, high] = [of(after - 1), of(after)];
  return low === high ? high : undefined;
}

/** The first daemon that is newer than a release which lies between two and knows the key; undefined for others. */
function daemonAfter(table: OracleTable, key: string, version: SlurmVersion): Daemon | undefined {
  const after = ORACLE_VERSIONS.findIndex((daemon) => daemon > version);
  return after >= 1 && isKnown(table, key, version) ? after : undefined;
}

/** Words that every key was asked about, whatever it takes. */
const ASKED_EVERYWHERE: ReadonlySet<string> = new Set(["abc", "a,b", "YES", "INFINITE"]);

/**
 * Whether the daemons were asked about words that a key takes, so that a word which was not asked may be judged by
 * one that means nothing. Without them a word may be one that nobody thought of.
 */
export function knowsWords(version: SlurmVersion, table: OracleTable, key: string): boolean {
  const near = ORACLE_VERSIONS.flatMap((daemon, i) =>
    daemon === version || (daemon > version && (ORACLE_VERSIONS[i - 1] ?? version) < version) ||
      (daemon < version && (ORACLE_VERSIONS[i + 1] ?? version) > version)
      ? [i]
      : []
  );
  return near.length > 0 && near.every((daemon) => {
    const place = setOf(daemon, table, key);
    return place !== undefined && (takesWords[place] ??= doesTakeWords(answers(place)));
  });
}

const takesWords: boolean[] = [];

function doesTakeWords({ numbers, values }: AnswerSet): boolean {
  if (isRemoved(values)) return true;
  // A key that takes numbers and refused a word takes no word.
  if (/:a\b/.test(numbers) && values["a"]?.includes("abc") !== true) return true;
  const taken = Object.entries(values).filter(([code]) => code.startsWith("a") || code.startsWith("l"));
  return taken.some(([, words]) =>
    words.some((word) => /^[A-Za-z]/.test(word) && !ASKED_EVERYWHERE.has(word))
  );
}

/** Whether slurmctld answered to all values that the key has been removed. */
function isRemoved(values: AnswerSet["values"]): boolean {
  const codes = Object.keys(values);
  return codes.length > 0 && codes.every((code) => /has been removed/.test(wordsOf(code)));
}

function isKnown(table: OracleTable, key: string, version: SlurmVersion): boolean {
  return table === "gres.conf" || table === "topology.conf" || keyStatus(table, key, version) === "known";
}

/** `table key` in lower case → the line that begins with it. */
function byName(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(" ", line.indexOf(" ") + 1)), line]));
}

// Made where they are asked for: most commands that load this file look at nothing in it.
const keys = once(() => byName(data.keys));
const handedOn = once(() => byName(data.handedOn));

/** What a line says of a daemon, behind its table and its key; `-` is nothing. */
function valueOf(line: string | undefined, daemon: Daemon): string | undefined {
  const value = line?.split(" ")[2 + daemon];
  return value === "-" ? undefined : value;
}

/** The place of a key's set of answers. */
function setOf(daemon: Daemon, table: OracleTable, key: string): number | undefined {
  const place = valueOf(keys().get(`${table} ${key}`.toLowerCase()), daemon);
  return place === undefined ? undefined : Number(place);
}

/** Parsed set by set, since a configuration has a few of the keys. */
function answers(place: number): AnswerSet {
  return JSON.parse(data.sets[place]!);
}

const indexedSets: IndexedSet[] = [];

function answerOf(
  daemon: Daemon,
  table: OracleTable,
  key: string,
  value: string,
  restsOn: OracleAnswer["restsOn"],
): OracleAnswer | undefined {
  const place = setOf(daemon, table, key);
  if (place === undefined) return undefined;
  const found = (indexedSets[place] ??= indexSet(answers(place))).answer(value);
  if (found === undefined) return undefined;
  return {
    outcome: OUTCOMES[found.code[0]!]!,
    words: wordsOf(found.code),
    how: found.how,
    restsOn,
    seen: [data.slurm[daemon]!],
  };
}

/** The daemon's words of a code such as `r12`; of what it took it says nothing. */
function wordsOf(code: string): string {
  return code === "a" ? "" : data.words[Number(code.slice(1))] ?? "";
}

const OUTCOMES: Readonly<Record<string, OracleOutcome>> = {
  a: "accepted",
  l: "logged",
  r: "refused",
  m: "machine",
};
