import { checkProxies } from "./base/check_proxies.ts";
import { CommandError, parseFlags, UsageError } from "./base/command.ts";
import { ExitCode } from "./base/exit_code.ts";
import type { Host } from "./base/host.ts";
import { painter } from "./base/painter.ts";
import { permissionsWith } from "./base/permissions.ts";
import { grantsFor } from "./base/restrict.ts";
import { REGISTRY } from "./registry.ts";
import { AwsError } from "../lib/aws/aws_error.ts";
import { didYouMean } from "../lib/base/did_you_mean.ts";
import { ProblemError } from "../lib/base/problem.ts";
import { ScontrolError } from "../lib/slurm/scontrol_api.ts";

/** Finds the command that argv names, runs it, and turns what it throws into a message and an exit status. */
export async function runCommandLine(host: Host, argv: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(host, argv);
  } catch (error) {
    return await report(host, error, commandName(argv));
  }
}

async function dispatch(host: Host, argv: readonly string[]): Promise<ExitCode> {
  const [first, ...rest] = argv;
  if (first === undefined) return await help(host, [], ExitCode.Usage);
  if (HELP_WORDS.has(first)) return await help(host, rest.filter((word) => !HELP_WORDS.has(word)));
  if (VERSION_WORDS.has(first)) argv = ["version"];
  const name = commandName(argv);
  if (name === undefined) {
    // A group of commands is asked about by its own name, or by a flag behind it.
    const asks = rest.some((word) => HELP_WORDS.has(word));
    if (familyOf(first).length === 0 || !(asks || rest.length === 0)) throw unknownCommand(argv);
    return await help(host, [first], asks ? ExitCode.Done : ExitCode.Usage);
  }
  const command = await REGISTRY[name]!.load();
  const flags = parseFlags(command, argv.slice(name.split(" ").length));
  if (flags.has("help")) return await help(host, [name]);
  checkProxies(host, permissionsWith(command.permissions, (flag) => flags.has(flag)));
  await host.keepOnly?.(await grantsFor(host, command, flags));
  return await command.run(host, flags);
}

const HELP_WORDS: ReadonlySet<string> = new Set(["help", "--help", "-h"]);
const VERSION_WORDS: ReadonlySet<string> = new Set(["--version", "-V"]);

/** Prints the help of a command, of a group of commands, or of all; loaded here, since hooks never show any. */
async function help(host: Host, words: readonly string[], exit: ExitCode = ExitCode.Done): Promise<ExitCode> {
  const { commandHelp, familyHelp, overview } = await import("./help.ts");
  const { isTerminal, columns } = host.stdout;
  const style = { columns: isTerminal ? columns : 80, paint: await painter(host, host.stdout) };
  const [family] = words;
  const name = commandName(words.join(" ").split(" "));
  if (family === undefined) host.stdout.write(overview(style));
  else if (name !== undefined) host.stdout.write(commandHelp(await REGISTRY[name]!.load(), style));
  else if (words.length === 1 && familyOf(family).length > 0) {
    const commands = await Promise.all(familyOf(family).map((name) => REGISTRY[name]!.load()));
    host.stdout.write(familyHelp(family, commands, style));
  } else throw unknownCommand(words);
  return exit;
}

/** The longest registered name that the words begin with. */
function commandName(words: readonly string[]): string | undefined {
  return [2, 1].map((count) => words.slice(0, count).join(" ")).find((name) => Object.hasOwn(REGISTRY, name));
}

/** The commands that share this first word. */
function familyOf(word: string): readonly string[] {
  return Object.keys(REGISTRY).filter((name) => name.startsWith(`${word} `));
}

function unknownCommand(words: readonly string[]): UsageError {
  const [first = "", second = ""] = words;
  const family = familyOf(first);
  const typed = family.length > 0 ? `${first} ${second}` : first;
  const guess = didYouMean(typed, Object.keys(REGISTRY)) ??
    didYouMean(words.slice(0, 2).join(" "), Object.keys(REGISTRY));
  const known = family.map((name) => name.slice(first.length + 1)).join(", ");
  const hint = guess ? ` (did you mean ${guess}?)` : known ? `; ${first} has ${known}` : "";
  return new UsageError(`Unknown command: ${typed}${hint}`);
}

async function report(host: Host, error: unknown, command: string | undefined): Promise<ExitCode> {
  // Who read the output has closed it (`| head`, `q` in a pager): nobody is there to be answered.
  if (error instanceof Deno.errors.BrokenPipe) return ExitCode.Failed;
  const say = (text: string) => host.stderr.write(`slurm-ec2: ${text}\n`);
  if (error instanceof UsageError) {
    say(`${error.message}\nTry slurm-ec2 help${command === undefined ? "" : ` ${command}`}`);
    return ExitCode.Usage;
  }
  if (error instanceof ProblemError) {
    host.stderr.write(`${error.message}\n`);
    return ExitCode.Usage;
  }
  if (error instanceof CommandError || error instanceof ScontrolError) {
    say(error.message);
    return ExitCode.Failed;
  }
  if (error instanceof AwsError) {
    say(
      `${error.operation} failed: ${error.code}: ${error.message}${
        error.requestId ? ` (request ${error.requestId})` : ""
      }${await adviceOn(error)}`,
    );
    return ExitCode.Failed;
  }
  if (error instanceof Deno.errors.NotCapable) {
    // Deno's own advice is for who starts deno manually.
    const [needs] = error.message.split(", run again with");
    const special = SPECIAL_FILE.exec(error.message)?.[1];
    if (special !== undefined) {
      say(`Can't use ${special}: files below /dev, /proc and /sys are the kernel's own; name another place`);
      return ExitCode.Failed;
    }
    say(`${needs} (slurm-ec2 was started without that permission)`);
    return ExitCode.Failed;
  }
  if (isDiskFull(error)) {
    say(`No space is left on the disk (${error.message}): make room, then run this again`);
    return ExitCode.Failed;
  }
  say(
    `Internal error, please report it with this trace: ${
      error instanceof Error ? error.stack : String(error)
    }`,
  );
  return ExitCode.Failed;
}

/**
 * What Deno says of devices and the kernel's files, which no list of paths grants; a temporary file's name adds an end
 * that the user did not write (https://docs.deno.com/runtime/fundamentals/security/).
 */
const SPECIAL_FILE = /^Requires all access to "(\/(?:dev|proc|sys)\b.*?)(?:\.[\da-f-]{36}\.tmp)?"/;

/** What no command answered for itself, such as standard output sent to a file on a full disk. */
function isDiskFull(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}

/** What AWS's refusal means and the next step, where its code says enough. */
async function adviceOn(error: AwsError): Promise<string> {
  const [{ errorAdvice }, { errorClass }] = await Promise.all([
    import("../lib/aws/advice.ts"),
    import("../lib/aws/error_codes.ts"),
  ]);
  const found = errorClass(error.code);
  return found === "unknown" ? "" : `\nWhat to do (${found}): ${errorAdvice(error)}`;
}
