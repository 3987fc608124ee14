import { once } from "../base/once.ts";

/** Answers are `a` (accepted), `l3`, `r3`, `m3` (logged, refused, machine, with the place of the words). */
export interface AnswerSet {
  /** Whether every form of value was accepted. */
  readonly any?: boolean;
  /** Whole numbers: `-1:r0 0:a 65536:r1`: the answer from that number on, up to the next. */
  readonly numbers: string;
  /** Other values by answer. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** An answer's code, and whether that very value was asked. */
export interface Found {
  readonly code: string;
  readonly how: "asked" | "alike";
}

/** A set of answers, ready to be looked up. */
export interface IndexedSet {
  answer(value: string): Found | undefined;
}

/**
 * What a set says of any value: that very value, else a whole number by the limits, else a word in other case where
 * case was seen not to matter, else one of the same form, else (where the key takes no text, unit, time or list) what
 * it says of any text.
 */
export function indexSet(set: AnswerSet): IndexedSet {
  const asked = new Map(
    Object.entries(set.values).flatMap(([code, values]) => values.map((value) => [value, code])),
  );
  // All but the values themselves is worked out where it is asked for: most values are plain numbers, or were asked.
  const lower = once(() => wordsInAnyCase(asked));
  const taken = once(() => [...asked].filter(([, code]) => code === "a").map(([value]) => value));
  const takenInLower = once(() =>
    new Set(taken().filter((value) => /^[A-Za-z_]\w*$/.test(value)).map((value) => value.toLowerCase()))
  );
  const plugins = once(() =>
    new Set(taken().filter((value) => value.includes("/")).map((value) => value.toLowerCase()))
  );
  const numbers = once(() =>
    set.numbers === "" ? [] : set.numbers.split(" ").map((part) => {
      const [from, code] = part.split(":");
      return { from: BigInt(from!), code: code! };
    })
  );
  const wraps = asked.get("5:00")?.[0] === "a";
  const byNumber = (value: string) => {
    const number = BigInt(value);
    // Times are counted in 32 bits: larger numbers start over.
    if (wraps && number > 0xffff_ffffn) return undefined;
    return (numbers().findLast(({ from }) => from <= number) ?? numbers()[0])?.code;
  };
  const byName = once(() => namedValues(asked));
  const others = ["abc", "2h", "5:00", "1.5", "a,b"].map((value) => asked.get(value));
  const rest = others.every((code) => code !== undefined && code[0] === others[0]![0] && code[0] !== "a")
    ? asked.get("abc")
    : undefined;

  const one = (value: string): Found | undefined => {
    const exact = asked.get(value);
    if (exact !== undefined) return { code: exact, how: "asked" };
    if (set.any === true) return { code: "a", how: "alike" };
    if (WHOLE_NUMBER.test(value)) return alike(byNumber(value));
    const named = byName()(value);
    if (named !== undefined) return named === "?" ? undefined : alike(named);
    // A plugin's name is that of a file: in other case there is no such file.
    if (plugins().has(value.toLowerCase()) && !/none$/i.test(value)) return alike(asked.get("abc"));
    const known = lower().get(value.toLowerCase()) ?? asked.get(formOf(value) ?? "\0");
    // Whether case matters is not known: it may be a word that is taken.
    if (known?.[0] !== "a" && !lower().has(value.toLowerCase()) && takenInLower().has(value.toLowerCase())) {
      return undefined;
    }
    // Some values are read up to their first letter: what was taken without those behind it may be taken with them.
    if (known === undefined && asked.get(value.replace(/[A-Za-z]+$/, ""))?.[0] === "a") return undefined;
    return alike(known ?? rest);
  };
  const answer = (value: string): Found | undefined => {
    const bare = /^"(.*)"$/.exec(value)?.[1];
    if (bare !== undefined && !asked.has(value)) {
      return bare.includes(" ") ? alike(asked.get('"a b"')) : answer(bare);
    }
    if (asked.has(value) || set.any === true || !value.includes(",")) return one(value);
    return listAnswer(value.split(","));
  };
  const lists = once(() => [...asked].flatMap(([value, code]) => value.includes(",") ? [code] : []));
  const isTaken = (word: string) => asked.get(word)?.[0] === "a";
  const listsOfTaken = once(() =>
    [...asked].filter(([value]) =>
      value.includes(",") && new Set(value.split(",")).size > 1 && value.split(",").every(isTaken)
    )
  );
  const listAnswer = (words: readonly string[]): Found | undefined => {
    // A key that took no list of any kind takes none.
    if (lists().length >= 4 && lists().every((code) => code[0] === lists()[0]![0] && code[0] !== "a")) {
      return alike(asked.get("a,b"));
    }
    const found = words.map((word) => one(word)?.code);
    const areTaken = found.every((code) => code?.[0] === "a");
    const listOfTaken = listsOfTaken()[0];
    // Some words go together and others don't: which, only those lists say that were asked.
    const isMixed = new Set(listsOfTaken().map(([, code]) => code[0])).size > 1;
    if (areTaken && isMixed) return undefined;
    if (listOfTaken === undefined) return found.some((code) => code?.[0] === "a") ? undefined : alike(rest);
    // A value that is read up to its comma is taken where a list of words is not.
    if (listOfTaken[1][0] !== "a") {
      return words.every((word) => PLAIN_WORD.test(word)) ? alike(listOfTaken[1]) : undefined;
    }
    if (areTaken) return alike(listOfTaken[1]);
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

const NAMED = /^([A-Za-z_][\w/]*[=:])(.*)$/;

/**
 * What is known of `name=value` and `name:value`, by values that a name was asked with: those of the same form, for a
 * whole number the neighbours, where these agree. `?` where the name is known and nothing alike was asked, undefined
 * where no such name is.
 */
function namedValues(asked: ReadonlyMap<string, string>): (value: string) => string | undefined {
  const byName = new Map<string, [value: string, code: string][]>();
  for (const [text, code] of asked) {
    const [, name, value] = NAMED.exec(text) ?? [];
    if (name === undefined || /^(?:abc|a)[=:]$/.test(name)) continue;
    byName.set(name.toLowerCase(), [...byName.get(name.toLowerCase()) ?? [], [value!, code]]);
  }
  return (text) => {
    const [, name, value] = NAMED.exec(text) ?? [];
    const known = name === undefined ? undefined : byName.get(name.toLowerCase());
    if (known === undefined) return undefined;
    const codes = WHOLE_NUMBER.test(value!)
      ? neighbours(known, BigInt(value!))
      : known.filter(([other]) => other === value || formOf(other) === formOf(value!)).map(([, code]) =>
        code
      );
    return new Set(codes).size === 1 ? codes[0]! : "?";
  };
}

/** The answers to the next smaller and the next larger number, or to the one that there is. */
function neighbours(known: readonly (readonly [value: string, code: string])[], number: bigint): string[] {
  const numbers = known.filter(([value]) => WHOLE_NUMBER.test(value))
    .map(([value, code]) => [BigInt(value), code] as const).sort(([a], [b]) => a < b ? -1 : 1);
  const below = numbers.findLast(([other]) => other <= number);
  const above = numbers.find(([other]) => other >= number);
  return [below, above].flatMap((one) => one === undefined ? [] : [one[1]]);
}

/** How bad an answer is; a machine's may be any. */
const RANK: Readonly<Record<string, number>> = { a: 0, l: 1, r: 2, m: 3 };

function alike(code: string | undefined): Found | undefined {
  return code === undefined ? undefined : { code, how: "alike" };
}

const PLAIN_WORD = /^[A-Za-z_]\w*$/;
const WHOLE_NUMBER = /^-?(?:0|[1-9]\d*)$/;

/** A form of values, and the value of it that daemons were asked about. */
type Form = readonly [form: RegExp, asked: string];

/** Forms that begin with a digit, a sign or a point; the first that fits. */
const NUMBER_FORMS: readonly Form[] = [
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
];

/** All other forms; the first that fits. */
const WORD_FORMS: readonly Form[] = [
  [/^[A-Za-z_]\w*=\w+$/, "abc=1"],
  [/^[A-Za-z_]\w*:\w+$/, "abc:1"],
  [/^[A-Za-z_]+$/, "abc"],
  [/^[A-Za-z_]\w*$/, "a1"],
  [/^\//, "/dev/null/x"],
];

/** The value of the same form that daemons were asked about; undefined for a form that none was of. */
export function formOf(value: string): string | undefined {
  const forms = /^[\d.+-]/.test(value) ? NUMBER_FORMS : WORD_FORMS;
  return forms.find(([form]) => form.test(value))?.[1];
}
