import { parseArgs } from "@std/cli/parse-args";
import type { ExitCode } from "./exit_code.ts";
import { type AnyFlags, type Flag, type Flags, readFlagValue } from "./flag.ts";
import type { Host } from "./host.ts";
import type { Permissions } from "./permissions.ts";
import { didYouMean } from "../../lib/base/did_you_mean.ts";

/** A command as data plus what it does; one file in commands/ exports one of these. */
export interface Command {
  /** As typed, e.g. `config lint`. */
  readonly name: string;
  readonly summary: string;
  /**
   * Positional arguments as shown in the usage line: absent none, `[FILE]` at most one, `GROUP` one, with `…` any
   * number; more are refused.
   */
  readonly arguments?: string;
  /** All that the arguments, joined by blanks, may be, where that is known; the shell completes it. */
  readonly argumentValues?: readonly string[];
  /** Follows the message that refuses an argument, e.g. `the place is --prefix DIR`. */
  readonly argumentHint?: string;
  readonly flags: readonly Flag[];
  readonly examples: readonly { readonly command: string; readonly says: string }[];
  /** Remarks after the examples, a paragraph a line; one that begins with a blank is shown as it is. */
  readonly notes?: string;
  /** What an exit status means here, where that is more than it means everywhere. */
  readonly exits?: Readonly<Partial<Record<ExitCode, string>>>;
  readonly permissions: Permissions;
  /** Whether unknown flags before the arguments are accepted (hooks: Slurm may add some). */
  readonly acceptsUnknownFlags?: boolean;
  /** What {@link parseFlags} made of the command's own flags. */
  run(host: Host, flags: Flags): Promise<ExitCode>;
}

/** A command whose `run` sees the flags of its own list, and none that is not in it. */
export interface CommandDefinition<F extends readonly Flag[]> extends Omit<Command, "flags" | "run"> {
  readonly flags: F;
  run(host: Host, flags: Flags<F>): Promise<ExitCode>;
}

/** Makes a command: here the names of its flags are checked. */
export function defineCommand<const F extends readonly Flag[]>(definition: CommandDefinition<F>): Command {
  return definition;
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
export const COMMON_FLAGS = [
  { name: "help", summary: "Show this help" },
] as const satisfies readonly Flag[];

/** The flag of every command that reads the configuration file. */
export const CONFIG_FLAG = {
  name: "config",
  value: "FILE",
  summary:
    "Configuration file (else $SLURM_EC2_CONFIG, else etc/slurm-ec2.yaml next to the program's bin/, else ./slurm-ec2.yaml)",
} as const satisfies Flag;

/** What reads the configuration file needs of the flags: where `--config` says that it is. */
export interface ConfigFlags {
  get(name: "config"): string | undefined;
}

/** The flag of every command that prints results. */
export const JSON_FLAG = {
  name: "json",
  summary: "Print one JSON object instead of text; slurm-ec2 schema describes it",
} as const satisfies Flag;

/**
 * Parses a command's own arguments.
 * @throws {UsageError} on an unknown flag, a flag without its value, a value for a switch, a value or an argument that
 * the command doesn't take.
 */
export function parseFlags(
  command: Pick<
    Command,
    "name" | "flags" | "acceptsUnknownFlags" | "arguments" | "argumentValues" | "argumentHint"
  >,
  args: readonly string[],
): AnyFlags {
  const flags: readonly Flag[] = [...command.flags, ...COMMON_FLAGS];
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
  const texts = (name: string) => ((parsed[name] ?? []) as unknown[]).map(String);
  const readings = new Map(
    flags.filter(({ value }) => value !== undefined).map((flag) =>
      [flag.name, readValues(flag, texts(flag.name))] as const
    ),
  );
  const positional = texts("_");
  if (parsed.help !== true) checkArguments(command, positional);
  const first = (kind: (flag: Flag) => boolean) =>
    Object.fromEntries(flags.filter(kind).map(({ name }) => [name, readings.get(name)?.[0]]));
  // What is one of several known words is given as it is known; numbers as they were typed.
  const all = (name: string) =>
    (readings.get(name) ?? []).map((read, nth) => typeof read === "string" ? read : texts(name)[nth]!);
  return {
    positional,
    has: (name) => parsed[name] === true,
    get: (name) => all(name)[0],
    all,
    choice: first((flag) => flag.values !== undefined) as AnyFlags["choice"],
    number: first(({ kind }) => kind === "number" || kind === "port") as AnyFlags["number"],
    milliseconds: first(({ kind }) => kind === "duration") as AnyFlags["milliseconds"],
  };
}

/** Every value of one flag, read. */
function readValues(flag: Flag, texts: readonly string[]): readonly (string | number)[] {
  if (texts.some((text) => text === "")) {
    throw new UsageError(`Flag --${flag.name} needs a value: --${flag.name} ${flag.value}`);
  }
  if (!flag.repeat && texts.length > 1) {
    throw new UsageError(`Flag --${flag.name} is given ${texts.length} times: give it once`);
  }
  return texts.map((text) => {
    const reading = readFlagValue(flag, text);
    if ("refused" in reading) throw new UsageError(reading.refused);
    return reading.read;
  });
}

/** Hooks take what Slurm hands over; everybody else says what arguments there are. */
function checkArguments(
  { name, acceptsUnknownFlags, arguments: shown, argumentValues, argumentHint }: Pick<
    Command,
    "name" | "acceptsUnknownFlags" | "arguments" | "argumentValues" | "argumentHint"
  >,
  given: readonly string[],
): void {
  if (acceptsUnknownFlags || given.length === 0) return;
  const refuse = (takes: string, next = argumentHint, known: readonly string[] = []) => {
    const guess = didYouMean(given.join(" "), known);
    const hints = [
      ...(guess === undefined ? [] : [` (did you mean ${guess}?)`]),
      ...(next === undefined ? [] : [`; ${next}`]),
    ];
    const quoted = given.map((word) => `"${word}"`).join(" ");
    throw new UsageError(`Command ${name} takes ${takes}, got ${quoted}${hints.join("")}`);
  };
  if (shown === undefined) refuse("no arguments");
  else if (argumentValues !== undefined) {
    if (!argumentValues.includes(given.join(" "))) refuse(shown, argumentHint, argumentValues);
  } else if (!shown.includes("…") && given.length > 1) {
    refuse(`one argument, ${shown}`, `slurm-ec2 ${name} ${shown}`);
  }
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
