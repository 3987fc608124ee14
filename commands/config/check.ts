import { formatProblem, ProblemError } from "../../lib/base/problem.ts";
import type { Config } from "../../lib/config/model.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { summarize, summaryText } from "../../lib/config/summary.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { readConfigText } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

const FLAGS = [CONFIG_FLAG, JSON_FLAG] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 config check`. */
export const configCheck = defineCommand({
  name: "config check",
  summary: "Check the configuration file and show what it says, without asking AWS.",
  arguments: "[FILE]",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 config check", says: "Check the file that the other commands would use" },
    {
      command: "slurm-ec2 config check slurm-ec2.yaml --json",
      says: "In CI: problems as data, exit status 3 when there are any",
    },
  ],
  notes: "Prints every problem, each as FILE:LINE:COLUMN: MESSAGE.",
  exits: {
    [ExitCode.Done]: "no problem",
    [ExitCode.Usage]: "there is no such file, or the command line is wrong",
    [ExitCode.Partly]: "problems were found",
  },
  permissions: { ...NO_PERMISSIONS, read: ["config", "named"], env: true },
  run: (host, flags) => Promise.resolve(runConfigCheck(host, flags)),
});

function runConfigCheck(host: Host, flags: Given): ExitCode {
  const named = readFile(flags);
  const print = flags.has("json") ? printJson : printText;
  try {
    const { file, text } = readConfigText(host, { get: () => named });
    print(host, file, parseConfig(text, file));
    return ExitCode.Done;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    print(host, error.problems[0]!.file, error);
    return ExitCode.Partly;
  }
}

function readFile(flags: Given): string | undefined {
  const [file] = flags.positional;
  const flag = flags.get("config");
  if (file !== undefined && flag !== undefined) {
    throw new UsageError("Name the file once: as argument or with --config");
  }
  return file ?? flag;
}

function printJson(host: Host, file: string, found: Config | ProblemError): void {
  const report = found instanceof ProblemError
    ? { file, problems: found.problems }
    : { file, problems: [], ...summarize(found) };
  host.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function printText(host: Host, file: string, found: Config | ProblemError): void {
  if (!(found instanceof ProblemError)) return host.stdout.write(summaryText(file, summarize(found)));
  const count = found.problems.length;
  host.stdout.write(found.problems.map((problem) => `${formatProblem(problem)}\n`).join(""));
  host.stderr.write(`slurm-ec2: ${count} ${count === 1 ? "problem" : "problems"} in ${file}\n`);
}
