import { keyStatus } from "./data/keys.ts";
import data2205 from "./data/oracle_22.05.json" with { type: "json" };
import data2411 from "./data/oracle_24.11.json" with { type: "json" };
import data2605 from "./data/oracle_26.05.json" with { type: "json" };
import { type AnswerSet, indexed } from "./oracle_set.ts";
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
  /** What `scontrol show` gives where that isn't what was written, e.g. `10 sec` for `10m`. */
  readonly shown?: string;
}

/** Whether a DEFAULT line hands a value on to the lines below, or slurmctld refuses the key on such a line. */
export type HandedOn = "yes" | "no" | "refused";

/** The answers of one daemon, as `deno task oracle` writes them. */
interface OracleData {
  /** Full version. */
  readonly slurm: string;
  /** Date of the asking, `YYYY-MM-DD`. */
  readonly asked: string;
  /** Words of the daemon; answers name them by their place. */
  readonly words: readonly string[];
  /** `TABLE KEY` → whether a DEFAULT line hands the key's value on to the lines below it. */
  readonly handedOn?: Readonly<Record<string, HandedOn>>;
  /** Sets of answers; keys with the same ones share a set. */
  readonly sets: readonly AnswerSet[];
  /** `TABLE KEY` → the place of its set, and what is shown otherwise than written. */
  readonly keys: Readonly<Record<string, KeyData>>;
}

interface KeyData {
  readonly set: number;
  readonly shown?: Readonly<Record<string, string>>;
}

const DAEMONS: readonly (readonly [SlurmVersion, OracleData])[] = [
  ["22.05", data2205 as unknown as OracleData],
  ["24.11", data2411 as unknown as OracleData],
  ["26.05", data2605 as unknown as OracleData],
];

/** The releases whose daemons were asked. */
export const ORACLE_VERSIONS: readonly SlurmVersion[] = DAEMONS.map(([version]) => version);

/**
 * What slurmctld of a release does with `key=value`, the only change to a plain configuration; from the committed
 * answers of real daemons (lib/slurm_conf/data/oracle_*.json, made by `deno task oracle VERSION`).
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
  const own = DAEMONS.find(([daemon]) => daemon === version);
  if (own !== undefined) return answerOf(own[1], table, key, value, "daemon");
  const after = DAEMONS.findIndex(([daemon]) => daemon > version);
  if (after < 1 || !isKnown(table, key, version)) return undefined;
  const [low, high] = [after - 1, after].map((index) =>
    answerOf(DAEMONS[index]![1], table, key, value, "manual")
  );
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
  const of = (data: OracleData | undefined) =>
    Object.entries(data?.handedOn ?? {}).find(([name]) =>
      name.toLowerCase() === `${table} ${key}`.toLowerCase()
    )?.[1];
  const own = DAEMONS.find(([daemon]) => daemon === version);
  if (own !== undefined) return of(own[1]);
  const after = DAEMONS.findIndex(([daemon]) => daemon > version);
  if (after < 1 || !isKnown(table, key, version)) return undefined;
  const [low, high] = [of(DAEMONS[after - 1]?.[1]), of(DAEMONS[after]?.[1])];
  return low === high ? high : undefined;
}

/** Words that every key was asked about, whatever it takes. */
const ASKED_EVERYWHERE: ReadonlySet<string> = new Set(["abc", "a,b", "YES", "INFINITE"]);

/**
 * Whether the daemons were asked about words that a key takes, so that a word which was not asked may be judged by
 * one that means nothing. Without them a word may be one that nobody thought of.
 */
export function knowsWords(version: SlurmVersion, table: OracleTable, key: string): boolean {
  const near = DAEMONS.filter(([daemon], i) =>
    daemon === version || (daemon > version && (DAEMONS[i - 1]?.[0] ?? version) < version) ||
    (daemon < version && (DAEMONS[i + 1]?.[0] ?? version) > version)
  );
  return near.length > 0 && near.every(([, data]) => {
    const at = dataOf(data, table, key)?.set;
    if (at === undefined) return false;
    const { numbers, values } = data.sets[at]!;
    if (isRemoved(data, values)) return true;
    // A key that takes numbers and refused a word takes no word.
    if (/:a\b/.test(numbers) && values["a"]?.includes("abc") !== true) return true;
    const taken = Object.entries(values).filter(([code]) => code.startsWith("a") || code.startsWith("l"));
    return taken.some(([, words]) =>
      words.some((word) => /^[A-Za-z]/.test(word) && !ASKED_EVERYWHERE.has(word))
    );
  });
}

/** Whether slurmctld answered to all values that the key has been removed. */
function isRemoved({ words }: OracleData, values: AnswerSet["values"]): boolean {
  const codes = Object.keys(values);
  return codes.length > 0 &&
    codes.every((code) => /has been removed/.test(words[Number(code.slice(1))] ?? ""));
}

function isKnown(table: OracleTable, key: string, version: SlurmVersion): boolean {
  return table === "gres.conf" || table === "topology.conf" || keyStatus(table, key, version) === "known";
}

/** A daemon's data by key in lower case. */
const keysInLowerCase = new WeakMap<OracleData, ReadonlyMap<string, KeyData>>();

function dataOf(data: OracleData, table: OracleTable, key: string): KeyData | undefined {
  let keys = keysInLowerCase.get(data);
  if (keys === undefined) {
    keys = new Map(Object.entries(data.keys).map(([name, one]) => [name.toLowerCase(), one]));
    keysInLowerCase.set(data, keys);
  }
  return keys.get(`${table} ${key}`.toLowerCase());
}

function answerOf(
  data: OracleData,
  table: OracleTable,
  key: string,
  value: string,
  restsOn: OracleAnswer["restsOn"],
): OracleAnswer | undefined {
  const known = dataOf(data, table, key);
  if (known === undefined) return undefined;
  const set = indexed(data.sets[known.set]!);
  const found = set.answer(value);
  if (found === undefined) return undefined;
  const shown = known.shown?.[value];
  return {
    outcome: OUTCOMES[found.code[0]!]!,
    words: found.code === "a" ? "" : data.words[Number(found.code.slice(1))] ?? "",
    how: found.how,
    restsOn,
    seen: [data.slurm],
    ...(shown === undefined ? {} : { shown }),
  };
}

const OUTCOMES: Readonly<Record<string, OracleOutcome>> = {
  a: "accepted",
  l: "logged",
  r: "refused",
  m: "machine",
};
