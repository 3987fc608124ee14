import fc from "fast-check";
import { oracleAnswer } from "../../lib/slurm_conf/oracle.ts";
import type { SlurmVersion } from "../e2e/rig.ts";
import { type Change, changed, type ConfFiles } from "./base.ts";
import { keysFor, type TableKey } from "./keys.ts";
import { committedShapes } from "./shape_answers.ts";
import { filesOf } from "./shapes/shape.ts";
import { SHAPE_KINDS, shapes } from "./shapes/mod.ts";
import { BOOLEANS, FIRST_NUMBERS, MORE_NUMBERS, MORE_TEXTS, NUMBER_FORMS } from "./values.ts";
import { candidateWords, VALUED_PARAMETERS } from "./words.ts";

/** An input that is in no committed data: one key's value, a pair of keys, or a shape. */
export interface HeldOut {
  /** `value`, `pair`, or a kind of shape. */
  readonly kind: string;
  /** In a few words, for the list of disagreements. */
  readonly what: string;
  readonly files: ConfFiles;
  /** Empty for shapes. */
  readonly changes: readonly Change[];
}

/** Draws inputs with a seed: a half are single values, the others pairs and shapes; none is in the committed data. */
export function heldOut(version: SlurmVersion, seed: number, count: number): HeldOut[] {
  const keys = keysFor(version);
  const half = Math.ceil(count / 2);
  const pairs = Math.ceil(count / 8);
  return [
    ...values(version, keys, seed, half),
    ...pairsOf(version, keys, seed, pairs),
    ...newShapes(version, seed, count - half - pairs),
  ];
}

function values(version: SlurmVersion, keys: readonly TableKey[], seed: number, count: number): HeldOut[] {
  const change = fc.constantFrom(...keys).chain((key) =>
    valueOf(key).map((value): Change => ({ ...key, value }))
  );
  const fresh = unique(
    fc.sample(change, { seed, numRuns: count * 4 }).filter((one) => !isAsked(version, one)),
  );
  return fresh.slice(0, count).map((one) => ({
    kind: "value",
    what: describe([one]),
    changes: [one],
    files: changed([one]),
  }));
}

function pairsOf(version: SlurmVersion, keys: readonly TableKey[], seed: number, count: number): HeldOut[] {
  const good = (key: TableKey) => {
    const words = [...candidateWords(key.table, key.key), ...FIRST_NUMBERS, "YES", "abc", "INFINITE"]
      .filter((value) => oracleAnswer(version, key.table, key.key, value)?.outcome === "accepted");
    return words.length === 0
      ? undefined
      : fc.constantFrom(...words).map((value): Change => ({ ...key, value }));
  };
  const change = fc.constantFrom(...keys.map(good).filter((one) => one !== undefined)).chain((one) => one);
  return fc.sample(fc.tuple(change, change), { seed: seed + 1, numRuns: count * 2 })
    .filter(([a, b]) => a.table !== b.table || a.key.toLowerCase() !== b.key.toLowerCase())
    .slice(0, count)
    .map((both) => ({ kind: "pair", what: describe(both), changes: both, files: changed(both) }));
}

function newShapes(version: SlurmVersion, seed: number, count: number): HeldOut[] {
  const committed = new Set(committedShapes(version).map(({ shape }) => JSON.stringify(shape)));
  const kinds = SHAPE_KINDS.filter((kind) => kind !== "topologyYaml" || version === "26.05");
  const each = Math.ceil(count / kinds.length);
  return kinds.flatMap((kind) =>
    shapes(kind, seed, each * 3).filter((shape) => !committed.has(JSON.stringify(shape))).slice(0, each)
      .map((shape) => ({
        kind,
        what: JSON.stringify({ rest: shape.rest, ...shape.others }),
        changes: [],
        files: filesOf(shape),
      }))
  ).slice(0, count);
}

function describe(changes: readonly Change[]): string {
  return changes.map(({ table, key, value }) => `${table}: ${key}=${value}`).join("  ");
}

function unique(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [describe([change]), change])).values()];
}

const ASKED_NUMBERS: ReadonlySet<string> = new Set([...FIRST_NUMBERS, ...MORE_NUMBERS]);
const ASKED_TEXTS: ReadonlySet<string> = new Set([...MORE_TEXTS, ...BOOLEANS, ...NUMBER_FORMS]);

function isAsked(version: SlurmVersion, { table, key, value }: Change): boolean {
  return ASKED_NUMBERS.has(value) || ASKED_TEXTS.has(value) ||
    oracleAnswer(version, table, key, value)?.how === "asked";
}

const digit = fc.integer({ min: 0, max: 99 });
const number = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 0, max: 2000 }),
  fc.integer({ min: 0, max: 200_000 }),
  fc.integer({ min: -100, max: -1 }),
  fc.integer({ min: 65_500, max: 65_600 }),
  fc.integer({ min: 4_294_960_000, max: 4_294_980_000 }),
).map(String);

/** A value such as an administrator may write, right or wrong. */
function valueOf({ table, key }: TableKey): fc.Arbitrary<string> {
  const words = candidateWords(table, key);
  const some = words.length === 0 ? fc.constantFrom("abc", "NONE", "ALL") : fc.constantFrom(...words);
  const own = fc.oneof(
    some.map(mistyped),
    some,
    fc.tuple(some, some).map((two) => two.join(",")),
    some.map(otherCase),
  );
  return fc.oneof(
    { weight: words.length === 0 ? 1 : 4, arbitrary: own },
    { weight: 3, arbitrary: number },
    { weight: 1, arbitrary: fc.tuple(digit, fc.constantFrom(..."hmsdkKMGT")).map((parts) => parts.join("")) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        fc.tuple(digit, digit).map(([a, b]) => `${a}:${String(b % 60).padStart(2, "0")}`),
        fc.tuple(digit, digit, digit).map(([a, b, c]) => `${a}:${b % 60}:${c % 60}`),
        fc.tuple(digit, digit).map(([a, b]) => `${a}-${b % 24}`),
        fc.tuple(digit, digit).map(([a, b]) => `${a}.${b}`),
        digit.map((a) => `0${a}`),
        digit.map((a) => `${a}%`),
        digit.map((a) => `0x${a}`),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "Maybe",
        "SOMETIMES",
        "always",
        "Never",
        "enabled",
        "disable",
        "auto",
        "Default",
        "x1y2",
      ),
    },
    {
      weight: VALUED_PARAMETERS.includes(key) ? 4 : 0,
      arbitrary: fc.tuple(some, number).map(([name, value]) => `${name.split("=")[0]}=${value}`),
    },
  ).filter((value) => value !== "" && !/[#\\\s]/.test(value));
}

/** A slip of the finger: a letter too few or too many. */
function mistyped(word: string): string {
  const middle = Math.floor(word.length / 2);
  return word.length % 2 === 0 ? word.slice(0, middle) + word.slice(middle + 1) : `${word}s`;
}

function otherCase(word: string): string {
  return word === word.toLowerCase() ? word.toUpperCase() : word.toLowerCase();
}
