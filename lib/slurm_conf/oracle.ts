import { keyStatus } from "./data/keys.ts";
import data2205 from "./data/oracle_22.05.json" with { type: "json" };
import data2411 from "./data/oracle_24.11.json" with { type: "json" };
import data2605 from "./data/oracle_26.05.json" with { type: "json" };
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

/** Answers are `a` (accepted), `l3`, `r3`, `m3` (logged, refused, machine, with the place of the words). */
interface AnswerSet {
  /** Whether every form of value was accepted. */
  readonly any?: boolean;
  /** Whole numbers: `-1:r0 0:a 65536:r1`: the answer from that number on, up to the next. */
  readonly numbers: string;
  /** Other values by answer. */
  readonly values: Readonly<Record<string, readonly string[]>>;
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

/** Where a finding's knowledge comes from, for its message: `seen on slurmctld 22.05.8`. */
export function describeBasis({ restsOn, seen }: OracleAnswer): string {
  return restsOn === "daemon"
    ? `seen on slurmctld ${seen.join(" and ")}`
    : `by the manual; slurmctld ${seen.join(" and ")} do so`;
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

interface Found {
  readonly code: string;
  readonly how: OracleAnswer["how"];
}

/** A set of answers, ready to be looked up. */
interface IndexedSet {
  answer(value: string): Found | undefined;
}

const indexedSets = new WeakMap<AnswerSet, IndexedSet>();

function indexed(set: AnswerSet): IndexedSet {
  let known = indexedSets.get(set);
  if (known === undefined) indexedSets.set(set, known = indexSet(set));
  return known;
}

/**
 * What a set says of any value: that very value, else a whole number by the limits, else a word in other case where
 * case was seen not to matter, else one of the same form, else (where the key takes no text, unit, time or list) what
 * it says of any text.
 */
function indexSet(set: AnswerSet): IndexedSet {
  const asked = new Map(
    Object.entries(set.values).flatMap(([code, values]) => values.map((value) => [value, code])),
  );
  const lower = wordsInAnyCase(asked);
  const numbers = set.numbers === "" ? [] : set.numbers.split(" ").map((part) => {
    const [from, code] = part.split(":");
    return { from: BigInt(from!), code: code! };
  });
  const byNumber = (value: string) => {
    const number = BigInt(value);
    return (numbers.findLast(({ from }) => from <= number) ?? numbers[0])?.code;
  };
  const byName = namedValues(asked);
  const others = ["abc", "2h", "5:00", "1.5", "a,b"].map((value) => asked.get(value));
  const rest = others.every((code) => code !== undefined && code[0] === others[0]![0] && code[0] !== "a")
    ? asked.get("abc")
    : undefined;

  const one = (value: string): Found | undefined => {
    const exact = asked.get(value);
    if (exact !== undefined) return { code: exact, how: "asked" };
    if (set.any === true) return { code: "a", how: "alike" };
    if (WHOLE_NUMBER.test(value)) return alike(byNumber(value));
    const named = byName(value);
    if (named !== undefined) return named === "?" ? undefined : alike(named);
    return alike(lower.get(value.toLowerCase()) ?? asked.get(formOf(value) ?? "\0") ?? rest);
  };
  const answer = (value: string): Found | undefined => {
    const bare = /^"(.*)"$/.exec(value)?.[1];
    if (bare !== undefined && !asked.has(value)) {
      return bare.includes(" ") ? alike(asked.get('"a b"')) : answer(bare);
    }
    if (asked.has(value) || set.any === true || !value.includes(",")) return one(value);
    return listAnswer(value.split(","));
  };
  const isTaken = (word: string) => asked.get(word)?.[0] === "a";
  const listOfTaken = [...asked].find(([value]) =>
    value.includes(",") && new Set(value.split(",")).size > 1 && value.split(",").every(isTaken)
  );
  const listAnswer = (words: readonly string[]): Found | undefined => {
    const found = words.map((word) => one(word)?.code);
    const areTaken = found.every((code) => code?.[0] === "a");
    if (listOfTaken === undefined) return areTaken ? undefined : alike(rest);
    if (listOfTaken[1][0] !== "a" || areTaken) return alike(listOfTaken[1]);
    const bad = [...asked].find(([value]) => BAD_LIST.test(value));
    if (bad === undefined || bad[1][0] === "a" || found.includes(undefined)) return undefined;
    // A list is as good as the worst of its words.
    return alike(found.toSorted((a, b) => RANK[b![0]!]! - RANK[a![0]!]!)[0]);
  };
  return { answer };
}

/** A word that is taken and one that no key has. */
const BAD_LIST = /^(?!abc)\w+,abc$/;

/** Words in lower case, for a key of which a word was taken in two cases; empty for others. */
function wordsInAnyCase(asked: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  let seen = 0;
  for (const [value, code] of asked) {
    if (!/^[A-Za-z_]+$/.test(value)) continue;
    const word = value.toLowerCase();
    const other = words.get(word);
    if (other !== undefined && other !== code) return new Map();
    if (other === "a" && code === "a") seen++;
    words.set(word, code);
  }
  return seen > 0 ? words : new Map();
}

/**
 * What is known of `name=value` and `name:value`, by values of the same form that a name was asked with: the answer,
 * `?` where the name is known and nothing alike was asked, undefined where no such name is.
 */
function namedValues(asked: ReadonlyMap<string, string>): (value: string) => string | undefined {
  const NAMED = /^([A-Za-z_][\w/]*)([=:])(.*)$/;
  const byName = new Map<string, [form: string, code: string][]>();
  for (const [text, code] of asked) {
    const found = NAMED.exec(text);
    if (found === null || found[1] === "abc" || found[1] === "a") continue;
    const name = `${found[1]!.toLowerCase()}${found[2]}`;
    const known = byName.get(name) ?? [];
    known.push([shapeOf(found[3]!), code]);
    byName.set(name, known);
  }
  return (text) => {
    const found = NAMED.exec(text);
    const known = found === null ? undefined : byName.get(`${found[1]!.toLowerCase()}${found[2]}`);
    if (found === null || known === undefined) return undefined;
    const codes = new Set(known.filter(([form]) => form === shapeOf(found[3]!)).map(([, code]) => code));
    return codes.size === 1 ? [...codes][0]! : "?";
  };
}

/** The form of a word's value: numbers by their sign and size, others as {@link formOf}, else itself. */
function shapeOf(value: string): string {
  if (!WHOLE_NUMBER.test(value)) return formOf(value) ?? value;
  return value.startsWith("-") ? "-" : value === "0" ? "0" : value.length < 5 ? "small" : "large";
}

/** How bad an answer is; a machine's may be any. */
const RANK: Readonly<Record<string, number>> = { a: 0, l: 1, r: 2, m: 3 };

function alike(code: string | undefined): Found | undefined {
  return code === undefined ? undefined : { code, how: "alike" };
}

const WHOLE_NUMBER = /^-?(?:0|[1-9]\d*)$/;

/** Forms of values, and the value of each that daemons were asked about; the first that fits. */
const FORMS: readonly (readonly [form: RegExp, asked: string])[] = [
  [/^0x[\da-f]+$/i, "0x10"],
  [/^0+$/, "00"],
  [/^0[0-7]+$/, "010"],
  [/^0\d+$/, "08"],
  [/^\d+h$/i, "2h"],
  [/^\d+s$/i, "2s"],
  [/^\d+d$/i, "2d"],
  [/^\d+m$/, "10m"],
  [/^\d+M$/, "10M"],
  [/^\d+k$/, "10k"],
  [/^\d+K$/, "10K"],
  [/^\d+g$/i, "10G"],
  [/^\d+[tp]$/i, "10T"],
  [/^\d+[kmgt]i?b$/i, "10GB"],
  [/^\d+[a-z]+$/i, "10min"],
  [/^\d+\.\d+$/, "1.5"],
  [/^-\d+\.\d+$/, "-1.5"],
  [/^\.\d+$/, ".5"],
  [/^\d+\.\d+[kmgt]$/i, "1.5G"],
  [/^\d+e\d+$/i, "1e3"],
  [/^\+\d+$/, "+5"],
  [/^\d+%$/, "5%"],
  [/^\d+:[6-9]\d$/, "1:70"],
  [/^\d+:[0-5]?\d$/, "5:00"],
  [/^\d+:[0-5]?\d:[0-5]?\d$/, "1:2:3"],
  [/^\d+(?::\d+){3}$/, "1:2:3:4"],
  [/^\d+-\d{1,2}$/, "1-0"],
  [/^\d+-\d{1,2}:\d{1,2}$/, "1-2:3"],
  [/^\d+-\d{1,2}:\d{1,2}:\d{1,2}$/, "1-02:03:04"],
  [/^\d+-\d+-\d+$/, "1-2-3"],
  [/^\d+,$/, "5,"],
  [/^\d+,\d+$/, "1,2"],
  [/^[A-Za-z_]\w*=\w+$/, "abc=1"],
  [/^[A-Za-z_]\w*:\w+$/, "abc:1"],
  [/^[A-Za-z_]+$/, "abc"],
  [/^[A-Za-z_]\w*$/, "a1"],
  [/^\//, "/dev/null/x"],
];

/** The value of the same form that daemons were asked about; undefined for a form that none was of. */
export function formOf(value: string): string | undefined {
  return FORMS.find(([form]) => form.test(value))?.[1];
}
