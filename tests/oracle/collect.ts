import type { SlurmVersion } from "../e2e/rig.ts";
import { askAll, asker } from "./ask.ts";
import type { Change } from "./base.ts";
import { keysFor, type TableKey } from "./keys.ts";
import { BOOLEANS, FIRST_NUMBERS, FIRST_TEXTS, MORE_NUMBERS, MORE_TEXTS, NUMBER_FORMS } from "./values.ts";
import { shownValue } from "./shown.ts";
import type { Outcome, Verdict } from "./verdict.ts";
import { candidateWords, VALUED_PARAMETERS, WORD_VALUES } from "./words.ts";

/** One value of one key, and what the daemon did with it. */
export interface Answer extends Verdict {
  readonly change: Change;
  /** As `scontrol show` gives the value; undefined when it doesn't. */
  readonly shown?: string;
}

/** A key's answers by value, in the order asked. */
export type KeyAnswers = Map<string, Answer>;

/**
 * Asks about every key of a version, in rounds: each looks where the one before left something open. What `before` has
 * is not asked again.
 */
export async function collect(
  version: SlurmVersion,
  keys: readonly TableKey[] = keysFor(version),
  progress: (text: string, answers: ReadonlyMap<string, KeyAnswers>) => unknown = () => {},
  before: ReadonlyMap<string, KeyAnswers> = new Map(),
): Promise<Map<string, KeyAnswers>> {
  const ask = await asker(version);
  const known = new Map(
    keys.map((key) => [nameOf(key), before.get(nameOf(key)) ?? new Map<string, Answer>()]),
  );
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
    const asked = await askAll(ask, changes, likely);
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
  // All alike: any text is taken, or words only, which have been asked.
  if (new Set(first.map((value) => answers.get(value)?.outcome)).size === 1) return [];
  if (all("machine", answers, FIRST_OF_ALL)) return [];
  const taken = first.filter((value) => answers.get(value)?.outcome !== "refused");
  if (taken.every((value) => ["0", "1", "YES"].includes(value))) return BOOLEANS;
  if (taken.every((value) => /^-?\d+K?$/.test(value) || value === "INFINITE")) return NUMBER_FORMS;
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
