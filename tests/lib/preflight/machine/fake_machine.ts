import type { Lookup, Machine, Ran } from "../../../../lib/preflight/machine/machine.ts";

/** What a made-up machine's programs say, by the whole command line; what is not listed ends with 1. */
export type Said = Readonly<Record<string, Ran | string>>;

/** A machine on which only these programs say anything; `asked` gets every command line. */
export function fakeMachine(
  said: Said,
  asked: string[] = [],
  lookups: Readonly<Record<string, Lookup>> = {},
): Machine {
  const never = () => Promise.reject(new Error("This is not meant to be asked"));
  return {
    run(argv) {
      asked.push(argv.join(" "));
      const answer = said[argv.join(" ")] ?? { kind: "ended", code: 1, stdout: "", stderr: "" };
      return Promise.resolve(
        typeof answer === "string" ? { kind: "ended", code: 0, stdout: answer, stderr: "" } : answer,
      );
    },
    ask: (resolver, type, name) =>
      Promise.resolve(lookups[`${resolver} ${type} ${name}`] ?? { kind: "none" }),
    connect: never,
    clockOf: never,
  };
}

/** stat's line of a path. */
export function stat(path: string, line = "regular file\t644\t0\t0"): Said {
  return { [`stat -L --printf %F\t%a\t%u\t%g -- ${path}`]: line };
}

/** A program that ended with this complaint. */
export function complaint(stderr: string, code = 1): Ran {
  return { kind: "ended", code, stdout: "", stderr };
}
