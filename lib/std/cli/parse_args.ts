import minimist from "minimist";

/** The part of @std/cli's options that we use. */
export interface ParseOptions {
  boolean?: readonly string[];
  string?: readonly string[];
  collect?: readonly string[];
  stopEarly?: boolean;
  "--"?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** As @std/cli answers: flags by name, the rest in `_`. */
export interface Args {
  // deno-lint-ignore no-explicit-any -- @std/cli's own signature
  [name: string]: any;
  _: Array<string | number>;
}

/** Stand-in for @std/cli's parseArgs (itself a port of minimist), over minimist. */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { collect = [], unknown, ...rest } = options;
  const parsed = minimist(args, {
    boolean: [...rest.boolean ?? []],
    string: [...rest.string ?? []],
    stopEarly: rest.stopEarly,
    "--": rest["--"],
    ...(unknown && { unknown: (arg: string) => unknown(arg) !== false }),
  });
  for (const name of collect) {
    const value = parsed[name];
    parsed[name] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  }
  return parsed as Args;
}
