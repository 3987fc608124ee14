import minimist from "minimist";

/** The part of @std/cli's options that we use. */
export interface ParseOptions {
  /** Flags without a value; false unless given. */
  boolean?: readonly string[];
  /** Flags whose value stays a string; `_` for the positional arguments. */
  string?: readonly string[];
  /** Flags that may be repeated: always a list. Of any other flag the last value counts. */
  collect?: readonly string[];
  /** Leaves everything behind the first positional argument unparsed. */
  stopEarly?: boolean;
  /** Puts what follows `--` into the result's `--` instead of `_`. */
  "--"?: boolean;
  /** Called for each argument that is not declared; false leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** As @std/cli answers: flags by name, the rest in `_`. */
export interface Args {
  // deno-lint-ignore no-explicit-any -- @std/cli's own signature
  [name: string]: any;
  _: Array<string | number>;
}

/**
 * Stand-in for parseArgs of jsr:@std/cli, where JSR can't be reached: the part of it that we use, over minimist,
 * of which it is a port. Where the two differ, this does what @std/cli does: `--no-x` is a flag of that name, a
 * value never begins with a dash (write `--file=-`), `--x=` is no flag, and repeated flags don't add up unasked.
 */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { boolean = [], string = [], collect = [], unknown = () => true } = options;
  const originals = new Map<string, string>();
  const parsed = minimist(joinValues(args, options, originals), {
    boolean: [...boolean],
    string: [...string],
    stopEarly: options.stopEarly,
    "--": options["--"],
    unknown: (arg: string) => unknown(originals.get(arg) ?? arg) !== false,
  });
  for (const [name, value] of Object.entries(parsed)) {
    if (name === "_" || name === "--" || collect.includes(name)) continue;
    const last = Array.isArray(value) ? value.at(-1) : value;
    parsed[name] = last === "" && !string.includes(name) ? true : last;
  }
  for (const name of collect) parsed[name] = [parsed[name] ?? []].flat();
  return parsed as Args;
}

/** Writes each long flag and its value as one argument, by @std/cli's rules, so that minimist can't choose its own. */
function joinValues(args: string[], options: ParseOptions, originals: Map<string, string>): string[] {
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--" || (options.stopEarly && !arg.startsWith("-"))) return [...joined, ...args.slice(i)];
    const next = args[i + 1];
    if (!/^--[^=]+=?$/s.test(arg) || options.boolean?.includes(arg.slice(2))) {
      joined.push(arg);
      continue;
    }
    const value = next === undefined || next.startsWith("-") ? "" : next;
    if (value !== "") i++;
    if (arg.endsWith("=")) options.unknown?.(arg);
    else {
      joined.push(`${arg}=${value}`);
      originals.set(`${arg}=${value}`, arg);
    }
  }
  return joined;
}
