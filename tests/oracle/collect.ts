import type { SlurmVersion } from "../e2e/rig.ts";
import { BASE, type Change, changed, type ConfFiles } from "./base.ts";
import { askDaemon, type Seen } from "./daemon.ts";
import { keysFor, type TableKey } from "./keys.ts";
import { BOOLEANS, FIRST_NUMBERS, FIRST_TEXTS, MORE_NUMBERS, MORE_TEXTS, NUMBER_FORMS } from "./values.ts";
import { baseLines, judge, type Outcome, type Verdict } from "./verdict.ts";
import { candidateWords, VALUED_PARAMETERS, WORD_VALUES } from "./words.ts";

/** One value of one key, and what the daemon did with it. */
export interface Answer extends Verdict {
  readonly change: Change;
  /** As `scontrol show` gives the value; undefined when it doesn't. */
  readonly shown?: string;
}

/** A key's answers by value, in the order asked. */
export type KeyAnswers = Map<string, Answer>;

/** Asks a daemon about changes, one at a time. */
export type Ask = (changes: readonly (readonly Change[])[]) => Promise<readonly Asked[]>;

/** What a daemon did with a set of changes made together. */
export interface Asked {
  readonly verdict: Verdict;
  readonly seen: Seen;
}

/** An innocent change of each table: what the daemon says of it, it says of the table's record as such. */
const INNOCENT: readonly Change[] = [
  { table: "NodeName", key: "Weight", value: "1" },
  { table: "PartitionName", key: "Hidden", value: "NO" },
  { table: "NodeSet", key: "Nodes", value: "c0" },
  { table: "DownNodes", key: "Reason", value: "x" },
  { table: "gres.conf", key: "Count", value: "2" },
  { table: "topology.conf", key: "Nodes", value: "c[0-3]" },
  { table: "topology.conf", key: "BlockName", value: "b0" },
];

/** A way to ask the daemon of a version, with what it always says left out. */
async function asker(version: SlurmVersion): Promise<Ask> {
  const base = await alwaysSaid(version, INNOCENT);
  return async (changes) => {
    const seen = await askDaemon(version, changes.map(changed));
    return seen.map((one, index) => ({ seen: one, verdict: judge(one, base, changes[index]!) }));
  };
}

/** Asks a daemon about whole configurations; `changes` are those whose values are taken out of its words. */
export async function askConfigurations(
  version: SlurmVersion,
  inputs: readonly { readonly files: ConfFiles; readonly changes: readonly Change[] }[],
  hosts?: readonly string[],
): Promise<Verdict[]> {
  const base = await alwaysSaid(version, []);
  const seen = await askDaemon(version, inputs.map(({ files }) => files), hosts);
  return seen.map((one, index) => judge(one, base, inputs[index]!.changes));
}

/** Lines that a daemon logs on the base configuration and on those changes of it. */
async function alwaysSaid(version: SlurmVersion, changes: readonly Change[]): Promise<ReadonlySet<string>> {
  // topology/block came with 23.11.
  const innocent = changes.filter(({ key }) => key !== "BlockName" || version !== "22.05");
  const plain = await askDaemon(version, [BASE, ...innocent.map((change) => changed([change]))]);
  const refused = plain.findIndex(({ outcome }) => outcome !== "starts");
  if (refused !== -1) {
    throw new Error(
      `slurmctld ${version} ${plain[refused]!.outcome} base ${refused}:\n${plain[refused]!.log.join("\n")}`,
    );
  }
  return new Set(plain.flatMap((seen) => [...baseLines(seen)]));
}

/** Changes asked together where each is likely to be taken: what is not, is found by halving. */
const BATCH = 16;

/** Asks about each change alone, or, where `likely`, together with others: a daemon in silence takes them all. */
async function askEach(
  ask: Ask,
  changes: readonly Change[],
  likely: (change: Change) => boolean,
): Promise<Map<Change, Asked>> {
  const answers = new Map<Change, Asked>();
  let groups: (readonly Change[])[] = [
    ...changes.filter((change) => !likely(change)).map((change) => [change]),
    ...batches(changes.filter(likely)),
  ];
  while (groups.length > 0) {
    const asked = await ask(groups.map(joined));
    const open: (readonly Change[])[] = [];
    groups.forEach((group, index) => {
      const answer = asked[index]!;
      if (group.length === 1 || answer.verdict.outcome === "accepted") {
        for (const change of group) answers.set(change, answer);
      } else {
        const half = Math.ceil(group.length / 2);
        open.push(group.slice(0, half), group.slice(half));
      }
    });
    groups = open;
  }
  return answers;
}

/** Groups in which no setting of a record stands twice; words of one parameter are joined. */
function batches(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const fits = groups.find((group) =>
      group.length < BATCH && group[0]!.table === change.table &&
      group.every((other) => mayStandTogether(other, change))
    );
    if (fits === undefined) groups.push([change]);
    else fits.push(change);
  }
  return groups;
}

function mayStandTogether(one: Change, other: Change): boolean {
  if (one.key !== other.key) return true;
  const word = (change: Change) => /^(\w+)=/.exec(change.value)?.[1];
  return VALUED_PARAMETERS.includes(one.key) && word(one) !== undefined && word(other) !== undefined &&
    word(one) !== word(other);
}

function joined(group: readonly Change[]): readonly Change[] {
  const byKey = new Map<string, Change>();
  for (const change of group) {
    const before = byKey.get(change.key);
    byKey.set(
      change.key,
      before === undefined ? change : { ...change, value: `${before.value},${change.value}` },
    );
  }
  return [...byKey.values()];
}

/** Asks about every key of a version, in rounds: each looks where the one before left something open. */
export async function collect(
  version: SlurmVersion,
  keys: readonly TableKey[] = keysFor(version),
  progress: (text: string, answers: ReadonlyMap<string, KeyAnswers>) => unknown = () => {},
): Promise<Map<string, KeyAnswers>> {
  const ask = await asker(version);
  const known = new Map<string, KeyAnswers>(keys.map((key) => [nameOf(key), new Map()]));
  const round = async (
    name: string,
    wanted: (key: TableKey, answers: KeyAnswers) => Iterable<string>,
    likely: (change: Change) => boolean = () => false,
  ) => {
    const changes = keys.flatMap((key) => {
      const answers = known.get(nameOf(key))!;
      return [...new Set(wanted(key, answers))].filter((value) => !answers.has(value))
        .map((value): Change => ({ ...key, value }));
    }).sort((a, b) => compare(a.value, b.value));
    await progress(`${name}: ${changes.length} inputs`, known);
    const asked = await askEach(ask, changes, likely);
    for (const [change, { verdict, seen }] of asked) {
      const shown = shownValue(seen, change);
      known.get(nameOf(change))!.set(change.value, {
        ...verdict,
        change,
        ...(shown === undefined ? {} : { shown }),
      });
    }
  };
  const isFree = (change: TableKey) => all("accepted", known.get(nameOf(change))!, FIRST_OF_ALL);
  await round("first values", () => FIRST_OF_ALL);
  await round(
    "numbers and texts",
    (_key, answers) => all("machine", answers, FIRST_OF_ALL) ? [] : [...FIRST_NUMBERS, ...FIRST_TEXTS],
    (change) => isFree(change) || ["0", "1", "5"].includes(change.value),
  );
  await round(
    "words",
    ({ table, key }) => [...candidateWords(table, key), ...valuedWords(table, key)],
    (change) => isFree(change) || valuedWords(change.table, change.key).includes(change.value),
  );
  await round(
    "further values",
    (_key, answers) => furtherValues(answers),
    ({ value }) => /^\d{1,5}$/.test(value),
  );
  await round("lists", (_key, answers) => lists(answers));
  for (let step = 1; step <= 40; step++) {
    if (keys.every((key) => middles(known.get(nameOf(key))!).length === 0)) break;
    await round(`limits, step ${step}`, (_key, answers) => middles(answers));
  }
  return known;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Values by which a key that takes any text shows itself. */
const FIRST_OF_ALL: readonly string[] = ["abc", "2h", "-1"];

/** What else to ask of a key: nothing where it takes anything, little where it plainly takes a number or yes and no. */
function furtherValues(answers: KeyAnswers): readonly string[] {
  const first = [...FIRST_NUMBERS, ...FIRST_TEXTS];
  if (all("accepted", answers, first) || all("machine", answers, FIRST_OF_ALL)) return [];
  const taken = first.filter((value) => answers.get(value)?.outcome !== "refused");
  if (taken.every((value) => value === "YES")) return BOOLEANS;
  if (taken.every((value) => /^-?\d+$/.test(value) || value === "INFINITE")) return NUMBER_FORMS;
  return [...MORE_NUMBERS, ...MORE_TEXTS];
}

/** `PartitionName MaxTime`. */
export function nameOf({ table, key }: TableKey): string {
  return `${table} ${key}`;
}

function valuedWords(table: string, key: string): string[] {
  if (table !== "slurm.conf" || !VALUED_PARAMETERS.includes(key)) return [];
  return candidateWords(table, key).filter((word) => !word.includes("=")).flatMap((word) =>
    WORD_VALUES.map((value) => `${word}=${value}`)
  );
}

/** Whether all of those values had that outcome. */
function all(outcome: Outcome, answers: KeyAnswers, values: readonly string[]): boolean {
  return values.every((value) => answers.get(value)?.outcome === outcome);
}

/** Lists made of the first two words that it takes, and of one with one that it doesn't. */
function lists(answers: KeyAnswers): string[] {
  if (answers.get("abc")?.outcome === "accepted") return [];
  const good = [...answers.values()].filter(({ outcome, change }) =>
    outcome === "accepted" && /^[A-Za-z_]\w+$/.test(change.value)
  ).map(({ change }) => change.value);
  const [one, two] = good;
  if (one === undefined) return [];
  const single = [
    `${one},abc`,
    `abc,${one}`,
    `${one},`,
    `,${one}`,
    `${one},${one}`,
    one.toLowerCase(),
    one.toUpperCase(),
    `"${one}"`,
  ];
  return two === undefined
    ? single
    : [...single, `${one},${two}`, `${two},${one}`, `${one},,${two}`, `${one}:${two}`, `${one}|${two}`];
}

const WHOLE = /^-?(?:0|[1-9]\d*)$/;

/** A key's whole numbers in order. */
export function numbersOf(answers: KeyAnswers): (readonly [number: bigint, answer: Answer])[] {
  return [...answers].filter(([value]) => WHOLE.test(value))
    .map(([value, answer]) => [BigInt(value), answer] as const)
    .sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}

/** The numbers half-way between neighbours with different answers. */
function middles(answers: KeyAnswers): string[] {
  const numbers = numbersOf(answers);
  return numbers.slice(1).flatMap(([high, answer], index) => {
    const [low, other] = numbers[index]!;
    if (high - low <= 1n || sameAnswer(answer, other)) return [];
    return [String(low + (high - low) / 2n)];
  });
}

function sameAnswer(a: Verdict, b: Verdict): boolean {
  return a.outcome === b.outcome;
}

/** Where `scontrol show` says it under another name. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  "NodeName CPUs": "CPUTot",
  "NodeName Procs": "CPUTot",
  "NodeName Feature": "AvailableFeatures",
  "NodeName Features": "AvailableFeatures",
  "NodeName SocketsPerBoard": "Sockets",
  "NodeName NodeHostname": "NodeHostName",
  "PartitionName Priority": "PriorityTier",
  "PartitionName Shared": "OverSubscribe",
  "PartitionName QOS": "QoS",
  "NodeSet Nodes": "Nodes",
  "NodeSet Feature": "Nodes",
  "DownNodes State": "State",
  "DownNodes Reason": "Reason",
  "gres.conf Count": "Gres",
};

/** The record of `scontrol show` that a change of a table is seen in. */
const SHOWN_IN: Readonly<Record<string, RegExp>> = {
  NodeName: /^NodeName=d0 .*$/m,
  PartitionName: /^PartitionName=q .*$/m,
  NodeSet: /^PartitionName=t .*$/m,
  DownNodes: /^NodeName=c0 .*$/m,
  "gres.conf": /^NodeName=g0 .*$/m,
};

function shownValue({ shown }: Seen, change: Change): string | undefined {
  const key = SHOWN_AS[nameOf(change)] ?? change.key;
  if (change.table === "slurm.conf") {
    return new RegExp(`^${key}(?:\\[0\\])?\\s*= (.*)$`, "im").exec(shown)?.[1]?.trim();
  }
  const record = SHOWN_IN[change.table]?.exec(shown)?.[0];
  return record === undefined ? undefined : new RegExp(`\\b${key}=(\\S*)`, "i").exec(record)?.[1];
}
