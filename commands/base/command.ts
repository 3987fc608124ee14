import { parseArgs } from "@std/cli/parse-args";
import type { ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import type { Permissions } from "./permissions.ts";
import { didYouMean } from "../../lib/base/did_you_mean.ts";

/** One flag of a command; help text, parsing and completion are made from it. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  /** Name of the value in the help, e.g. `FILE`; absent: the flag is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly repeat?: boolean;
  /** All values that it takes, where they are known; the shell completes them. */
  readonly values?: readonly string[];
  readonly summary: string;
}

/** Flags as given: switches are booleans, values strings, repeatable values lists. */
export interface Flags {
  readonly positional: readonly string[];
  has(name: string): boolean;
  get(name: string): string | undefined;
  all(name: string): readonly string[];
}

/** A command as data plus what it does; one file in commands/ exports one of these. */
export interface Command {
  /** As typed, e.g. `config lint`. */
  readonly name: string;
  readonly summary: string;
  /** Positional arguments as shown in the usage line, e.g. `FILE…`. */
  readonly arguments?: string;
  /** What the arguments may be, where that is known; the shell completes it. */
  readonly argumentValues?: readonly string[];
  readonly flags: readonly Flag[];
  readonly examples: readonly { readonly command: string; readonly says: string }[];
  /** Remarks after the examples, a paragraph a line; one that begins with a blank is shown as it is. */
  readonly notes?: string;
  /** What an exit status means here, where that is more than it means everywhere. */
  readonly exits?: Readonly<Partial<Record<ExitCode, string>>>;
  readonly permissions: Permissions;
  /** Whether unknown flags before the arguments are accepted (hooks: Slurm may add some). */
  readonly acceptsUnknownFlags?: boolean;
  run(host: Host, flags: Flags): Promise<ExitCode>;
}

/** Loads every command; the registry hands it to those that say something about all others. */
export type LoadCommands = () => Promise<readonly Command[]>;

/** The command line is wrong; main.ts prints the message and exits 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command can't do what was asked; main.ts prints the message, which says the next step, and exits 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Flags that every command takes. */
export const COMMON_FLAGS: readonly Flag[] = [
  { name: "help", summary: "Show this help" },
];

/** The flag of every command that reads the configuration file. */
export const CONFIG_FLAG: Flag = {
  name: "config",
  value: "FILE",
  summary:
    "Configuration file (else $SLURM_EC2_CONFIG, else etc/slurm-ec2.yaml beside the program's bin/, else ./slurm-ec2.yaml)",
};

/** The flag of every command that prints results. */
export const JSON_FLAG: Flag = {
  name: "json",
  summary: "Print one JSON object instead of text; slurm-ec2 schema describes it",
};

/**
 * Parses a command's own arguments.
 * @throws {UsageError} on an unknown flag, a flag without its value, or a value for a switch.
 */
export function parseFlags(
  command: Pick<Command, "name" | "flags" | "acceptsUnknownFlags">,
  args: readonly string[],
): Flags {
  const flags = [...command.flags, ...COMMON_FLAGS];
  const names = (kind: (flag: Flag) => boolean) => flags.filter(kind).map((flag) => flag.name);
  const parsed = parseArgs(plainArguments(args, command.acceptsUnknownFlags ?? false, flags), {
    boolean: names((flag) => flag.value === undefined),
    string: [...names((flag) => flag.value !== undefined), "_"],
    collect: names((flag) => flag.value !== undefined),
    unknown: (arg: string) => {
      if (!arg.startsWith("-") || arg === "-") return true;
      if (command.acceptsUnknownFlags) return false;
      const name = arg.replace(/^-+/, "").replace(/=.*$/s, "");
      const guess = didYouMean(name, flags.map((flag) => flag.name));
      throw new UsageError(
        `Unknown flag for ${command.name}: --${name}${guess ? ` (did you mean --${guess}?)` : ""}`,
      );
    },
  }) as Record<string, unknown>;
  const all = (name: string) => ((parsed[name] ?? []) as unknown[]).map(String);
  for (const flag of flags) {
    if (flag.value === undefined) continue;
    const values = all(flag.name);
    if (values.some((value) => value === "")) {
      throw new UsageError(`Flag --${flag.name} needs a value: --${flag.name} ${flag.value}`);
    }
    if (!flag.repeat && values.length > 1) {
      throw new UsageError(`Flag --${flag.name} is given ${values.length} times: give it once`);
    }
  }
  return {
    positional: ((parsed._ ?? []) as unknown[]).map(String),
    has: (name) => parsed[name] === true,
    get: (name) => all(name)[0],
    all,
  };
}

/**
 * The arguments as parseArgs reads them right: `-h` as `--help`, `--flag -` as `--flag=-`, since it takes no value
 * that begins with a dash, and where unknown flags are accepted the last argument as positional, since it would be taken for the
 * value of an unknown flag before it.
 */
function plainArguments(
  args: readonly string[],
  acceptsUnknownFlags: boolean,
  flags: readonly Flag[],
): string[] {
  const takesValue = (arg?: string) =>
    flags.some((flag) => flag.value !== undefined && arg === `--${flag.name}`);
  const [last = "-", before] = [args.at(-1), args.at(-2)];
  const isHostlist = acceptsUnknownFlags && !last.startsWith("-") && !takesValue(before) &&
    !args.includes("--");
  const plain: string[] = [];
  for (const arg of isHostlist ? [...args.slice(0, -1), "--", last] : args) {
    if (arg === "-" && takesValue(plain.at(-1))) plain.push(`${plain.pop()}=-`);
    else if (arg === "-h" && !acceptsUnknownFlags && !plain.includes("--")) plain.push("--help");
    else plain.push(arg);
  }
  return plain;
}
