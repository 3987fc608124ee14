import { Refusal } from "../refusal.ts";

/**
 * The parameters of a request in AWS's query form, e.g. `Filter.1.Value.2=x`, read by name; what nobody read is
 * unknown (Amazon EC2 API reference, "Query parameters").
 */
export interface Query {
  text(name: string): string | undefined;
  /** @throws {Refusal} `InvalidParameterValue` when it is not an integer. */
  integer(name: string): number | undefined;
  /** @throws {Refusal} `InvalidParameterValue` when it is neither `true` nor `false`. */
  boolean(name: string): boolean | undefined;
  /** The texts of a list: `Name.1`, `Name.2`, …; undefined when there are none. */
  texts(name: string): string[] | undefined;
  /** The structures of a list: `Name.1.Field`, …; undefined when there are none. */
  list(name: string): Query[] | undefined;
  /** A structure: `Name.Field`; undefined when it has no field. */
  structure(name: string): Query | undefined;
  /** The first parameter that nobody has read. */
  unread(): string | undefined;
}

/** Reads parameters; those in `ignored` count as read. */
export function query(parameters: Iterable<[string, string]>, ignored: readonly string[] = []): Query {
  const values = new Map(parameters);
  return scoped(values, new Set(ignored), "");
}

function scoped(values: ReadonlyMap<string, string>, read: Set<string>, prefix: string): Query {
  const take = (name: string) => {
    read.add(prefix + name);
    return values.get(prefix + name);
  };
  const typed = <T>(name: string, pattern: RegExp, convert: (value: string) => T): T | undefined => {
    const value = take(name);
    if (value === undefined) return undefined;
    if (pattern.test(value)) return convert(value);
    throw new Refusal("InvalidParameterValue", `Invalid value '${value}' for ${prefix}${name}.`);
  };
  const numbers = (name: string) => {
    const start = `${prefix}${name}.`;
    const found = new Set<number>();
    for (const key of values.keys()) {
      if (!key.startsWith(start)) continue;
      const number = parseInt(key.slice(start.length), 10);
      if (!Number.isNaN(number)) found.add(number);
    }
    return [...found].sort((a, b) => a - b);
  };
  const listOf = <T>(name: string, entry: (number: number) => T): T[] | undefined => {
    const found = numbers(name);
    return found.length === 0 ? undefined : found.map(entry);
  };
  return {
    text: take,
    integer: (name) => typed(name, /^-?\d+$/, Number),
    boolean: (name) => typed(name, /^(true|false)$/i, (value) => value.toLowerCase() === "true"),
    texts: (name) => listOf(name, (number) => take(`${name}.${number}`) ?? ""),
    list: (name) => listOf(name, (number) => scoped(values, read, `${prefix}${name}.${number}.`)),
    structure(name) {
      const start = `${prefix}${name}.`;
      for (const key of values.keys()) if (key.startsWith(start)) return scoped(values, read, start);
      return undefined;
    },
    unread() {
      for (const key of values.keys()) if (!read.has(key)) return key;
      return undefined;
    },
  };
}
