import { type Answer, type KeyAnswers, numbersOf } from "./collect.ts";
import type { HandedOn } from "./inherit.ts";
import { FIRST_NUMBERS, FIRST_TEXTS } from "./values.ts";

/** The answers of one daemon in the form that lib/slurm_conf/oracle.ts reads. */
export function toData(
  slurm: string,
  asked: string,
  answers: ReadonlyMap<string, KeyAnswers>,
  handedOn: Readonly<Record<string, HandedOn>>,
): Record<string, unknown> {
  const words: string[] = [];
  const code = ({ outcome, words: said }: Answer) => {
    if (outcome === "accepted") return "a";
    if (!words.includes(said)) words.push(said);
    return `${outcome[0]}${words.indexOf(said)}`;
  };
  const sets: string[] = [];
  const keys: Record<string, unknown> = {};
  for (const [name, key] of answers) {
    const set = JSON.stringify(toSet(key, code));
    if (!sets.includes(set)) sets.push(set);
    const shown = shownOtherwise(key);
    keys[name] = { set: sets.indexOf(set), ...(Object.keys(shown).length === 0 ? {} : { shown }) };
  }
  return { source: SOURCE, slurm, asked, words, handedOn, sets: sets.map((set) => JSON.parse(set)), keys };
}

const SOURCE =
  "What a real slurmctld did with each value as the only change to a plain configuration; made by `deno task oracle`, read by lib/slurm_conf/oracle.ts, which explains the form.";

function toSet(key: KeyAnswers, code: (answer: Answer) => string): Record<string, unknown> {
  const numbers: string[] = [];
  let last = "";
  for (const [number, answer] of numbersOf(key)) {
    const now = code(answer);
    if (now !== last) numbers.push(`${number}:${now}`);
    last = now;
  }
  const whole = new Set(numbersOf(key).map(([number]) => String(number)));
  const values: Record<string, string[]> = {};
  for (const [value, answer] of key) {
    if (!whole.has(value)) (values[code(answer)] ??= []).push(value);
  }
  for (const list of Object.values(values)) list.sort();
  const any = [...FIRST_NUMBERS, ...FIRST_TEXTS].every((value) => {
    const outcome = key.get(value)?.outcome;
    return outcome === "accepted";
  });
  return { ...(any ? { any } : {}), numbers: numbers.join(" "), values };
}

/** What `scontrol show` gives of values that were accepted and are shown in other words. */
function shownOtherwise(key: KeyAnswers): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [value, answer] of key) {
    if (answer.outcome !== "accepted" || answer.shown === undefined) continue;
    const bare = value.replace(/^"(.*)"$/, "$1").toLowerCase();
    const text = answer.shown.toLowerCase();
    const same = /^-?\d+$/.test(bare)
      ? text.match(/^-?\d+/)?.[0] === bare
      : text === bare || text.replaceAll(" ", "") === bare;
    if (!same) shown[value] = answer.shown;
  }
  return shown;
}

/** The data as text: a line for each key and each set, so that changes can be read. */
export function printData(data: Record<string, unknown>): string {
  const lines = Object.entries(data).map(([name, value]) => {
    if (Array.isArray(value)) {
      return `${JSON.stringify(name)}: [\n${value.map((one) => JSON.stringify(one)).join(",\n")}\n]`;
    }
    if (typeof value === "object" && value !== null) {
      const entries = Object.entries(value).map(([key, one]) =>
        `${JSON.stringify(key)}: ${JSON.stringify(one)}`
      );
      return `${JSON.stringify(name)}: {\n${entries.join(",\n")}\n}`;
    }
    return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}
