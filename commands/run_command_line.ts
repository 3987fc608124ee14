import { CommandError, helpText, parseFlags, UsageError } from "./command.ts";
import { ExitCode } from "./exit_code.ts";
import type { Host } from "./host.ts";
import { grantsFor } from "./restrict.ts";
import { REGISTRY } from "./registry.ts";
import { AwsError } from "../lib/aws/aws_error.ts";
import { didYouMean } from "../lib/base/did_you_mean.ts";
import { ProblemError } from "../lib/base/problem.ts";
import { ScontrolError } from "../lib/slurm/scontrol_api.ts";
import { VERSION } from "../lib/base/version.ts";

/** Finds the command that argv names, runs it, and turns what it throws into a message and an exit status. */
export async function runCommandLine(host: Host, argv: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch(host, argv);
  } catch (error) {
    return report(host, error);
  }
}

async function dispatch(host: Host, argv: readonly string[]): Promise<ExitCode> {
  const [first] = argv;
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    host.stdout.write(overview());
    return first === undefined ? ExitCode.Usage : ExitCode.Done;
  }
  if (first === "--version") argv = ["version"];
  const name = commandName(argv);
  const entry = REGISTRY[name]!;
  const command = await entry.load();
  const flags = parseFlags(command, argv.slice(name.split(" ").length));
  if (flags.has("help")) {
    host.stdout.write(helpText(command));
    return ExitCode.Done;
  }
  host.keepOnly?.(await grantsFor(host, command, flags));
  return await command.run(host, flags);
}

/** The longest registered name that argv begins with. */
function commandName(argv: readonly string[]): string {
  for (const words of [2, 1]) {
    const name = argv.slice(0, words).join(" ");
    if (Object.hasOwn(REGISTRY, name)) return name;
  }
  const family = Object.keys(REGISTRY).filter((name) => name.startsWith(`${argv[0]} `));
  if (family.length > 0) {
    throw new UsageError(
      `Command ${argv[0]} needs one of: ${family.map((name) => name.split(" ")[1]).join(", ")}`,
    );
  }
  const guess = didYouMean(argv[0]!, Object.keys(REGISTRY));
  throw new UsageError(`Unknown command: ${argv[0]}${guess ? ` (did you mean ${guess}?)` : ""}`);
}

function overview(): string {
  const names = Object.keys(REGISTRY);
  const width = Math.max(...names.map((name) => name.length));
  return [
    `slurm-ec2 ${VERSION}: Slurm's power-saving hooks for Amazon EC2, for clusters that already exist.`,
    "",
    "Usage: slurm-ec2 COMMAND [flags] [arguments]",
    "",
    "Commands:",
    ...names.map((name) => `  ${name.padEnd(width)}  ${REGISTRY[name]!.summary}`),
    "",
    "slurm-ec2 COMMAND --help shows a command's flags and examples.",
    "",
  ].join("\n");
}

function report(host: Host, error: unknown): ExitCode {
  const say = (text: string) => host.stderr.write(`slurm-ec2: ${text}\n`);
  if (error instanceof UsageError) {
    say(`${error.message}\nTry slurm-ec2 --help`);
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
      }`,
    );
    return ExitCode.Failed;
  }
  if (error instanceof Deno.errors.NotCapable) {
    say(`${error.message} (slurm-ec2 was started without that permission)`);
    return ExitCode.Failed;
  }
  say(
    `Internal error, please report it with this trace: ${
      error instanceof Error ? error.stack : String(error)
    }`,
  );
  return ExitCode.Failed;
}
