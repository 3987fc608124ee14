import type { Parameter } from "../../aws/ssm_api.ts";
import type { Answer } from "../answer.ts";
import { shownValue } from "./parameter_checks.ts";

/** One parameter, as it is and as it is wanted. */
export interface Difference {
  readonly name: string;
  /** `missing`: wanted and not there; `extra`: there, and nobody said what it should be. */
  readonly kind: "same" | "different" | "missing" | "extra" | "can't tell";
  /** Present value, or AWS's refusal. */
  readonly there?: string;
  readonly wanted?: string;
}

/** Compares values wanted with what is there, by name. */
export function compareValues(
  wanted: ReadonlyMap<string, string>,
  there: ReadonlyMap<string, Answer<Parameter>>,
): Difference[] {
  const names = new Set([...wanted.keys(), ...there.keys()]);
  return [...names].sort().flatMap((name): Difference[] => {
    const [value, answer] = [wanted.get(name), there.get(name)];
    const want = value === undefined ? {} : { wanted: value };
    if (answer?.kind === "refused") return [{ name, kind: "can't tell", there: answer.code, ...want }];
    if (answer?.kind !== "found") return value === undefined ? [] : [{ name, kind: "missing", ...want }];
    const shown = shownValue(answer.value);
    if (value === undefined) return [{ name, kind: "extra", there: shown }];
    return [{
      name,
      kind: sameValue(answer.value.value, value) ? "same" : "different",
      there: shown,
      ...want,
    }];
  });
}

/** Hooks cut white space off, and take lists with blanks after the commas or without. */
function sameValue(a: string, b: string): boolean {
  const plain = (text: string) => text.split(",").map((item) => item.trim()).join(",");
  return plain(a) === plain(b);
}
