import { didYouMean } from "../../lib/base/did_you_mean.ts";
import { isAddress } from "../../lib/base/ip_address.ts";

/**
 * What a flag's value is: a whole number, a TCP port, an IP address, or a duration (a number with ms, s, m, h or d
 * behind it, or with nothing: then in the flag's own unit).
 */
export type FlagKind = "number" | "port" | "address" | "duration";

/** One flag of a command; help text, parsing and completion are made from it. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  /** Name of the value in the help, e.g. `FILE`; absent: the flag is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly repeat?: boolean;
  /** All values that it takes; another is refused, and the shell completes them. */
  readonly values?: readonly string[];
  /** Command that lists the values, where they are too many for a message. */
  readonly listedBy?: string;
  /** Values that the shell completes, among others that it takes. */
  readonly suggestions?: readonly string[];
  /** What the value must be; absent: any text. */
  readonly kind?: FlagKind;
  /** Least and greatest number. */
  readonly min?: number;
  readonly max?: number;
  /** What a duration without a unit is given in. */
  readonly unit?: "s" | "ms";
  readonly summary: string;
}

type List = readonly Flag[];
type NameOf<F extends List, Shape> = Extract<F[number], Shape>["name"];
type ValuesOf<F extends List, N> = Extract<F[number], { readonly name: N }> extends
  { readonly values: readonly (infer V)[] } ? V : never;

/** The flags of one list as they were given: a name that is not in it does not compile. */
export interface Flags<F extends List = readonly []> {
  /** Arguments that are not flags. */
  readonly positional: readonly string[];
  /** Whether a switch is given. */
  has(name: Exclude<F[number], { readonly value: string }>["name"]): boolean;
  /** The text of a value as it was given; the first of several. */
  get(name: NameOf<F, { readonly value: string }>): string | undefined;
  /** All texts of a repeated flag. */
  all(name: NameOf<F, { readonly value: string }>): readonly string[];
  /** Which of its `values` a flag has. */
  readonly choice: {
    readonly [N in NameOf<F, { readonly values: readonly string[] }>]: ValuesOf<F, N> | undefined;
  };
  /** Numbers and ports. */
  readonly number: { readonly [N in NameOf<F, { readonly kind: "number" | "port" }>]: number | undefined };
  /** Durations, in milliseconds. */
  readonly milliseconds: { readonly [N in NameOf<F, { readonly kind: "duration" }>]: number | undefined };
}

/** Flags of a command that is not known when this is compiled. */
export interface AnyFlags {
  readonly positional: readonly string[];
  has(name: string): boolean;
  get(name: string): string | undefined;
  all(name: string): readonly string[];
  readonly choice: Readonly<Record<string, string | undefined>>;
  readonly number: Readonly<Record<string, number | undefined>>;
  readonly milliseconds: Readonly<Record<string, number | undefined>>;
}

/** What one value of a flag comes to: what it is read as, or why it is refused. */
export type FlagReading = { readonly read: string | number } | { readonly refused: string };

/** Known values that a refusal lists; more are too many for a line, and the help has them. */
const LISTED_MAX = 12;

/** Reads one value of a flag by its `values` or its kind; a word of `values` may be in other cases. */
export function readFlagValue(flag: Flag, text: string): FlagReading {
  const refused = (takes: string) => ({ refused: `Flag --${flag.name} takes ${takes}, got "${text}"` });
  if (flag.values !== undefined) return readChoice(flag, flag.values, text);
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = flag;
  switch (flag.kind) {
    case undefined:
      return { read: text };
    case "number":
      return isWhole(text, min, max) ? { read: Number(text) } : refused(`a whole number${range(flag)}`);
    case "port":
      return isWhole(text, 1, 65_535) ? { read: Number(text) } : refused("a port from 1 to 65535");
    case "address":
      return isAddress(text) ? { read: text } : refused("an IP address, e.g. 10.0.0.2");
    case "duration":
      return readDuration(flag, text) ??
        refused(`a duration such as ${flag.unit === "ms" ? "150 (ms), 2s" : "90 (s), 500ms, 5m"}`);
  }
}

function readChoice({ name, listedBy }: Flag, values: readonly string[], text: string): FlagReading {
  const known = values.find((value) => value === text) ??
    values.find((value) => value.toLowerCase() === text.toLowerCase());
  if (known !== undefined) return { read: known };
  const guess = didYouMean(text, values);
  const hint = guess === undefined ? "" : ` (did you mean ${guess}?)`;
  const list = values.length <= LISTED_MAX
    ? `; it takes ${values.join(", ")}`
    : listedBy === undefined
    ? ""
    : `; ${listedBy} lists them`;
  return { refused: `Unknown value of --${name}: "${text}"${hint}${list}` };
}

function isWhole(text: string, min: number, max: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
}

function range({ min, max }: Flag): string {
  if (max === undefined) return min === undefined ? "" : ` from ${min} on`;
  return ` from ${min ?? 0} to ${max}`;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function readDuration({ unit = "s" }: Flag, text: string): { readonly read: number } | undefined {
  const [, number, given = unit] = /^(\d+(?:\.\d+)?)(ms|[smhd])?$/.exec(text) ?? [];
  return number === undefined ? undefined : { read: Math.round(Number(number) * UNIT_MS[given]!) };
}
