import { formatProblem, ProblemError } from "../../lib/base/problem.ts";
import type { Config } from "../../lib/config/model.ts";
import { SNAPSHOT_DATE, snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { formerKeyNotes, parseConfig, problemsAt } from "../../lib/config/parse.ts";
import { summarize, type Summary, summaryText } from "../../lib/config/summary.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Fault } from "../../lib/slurm_conf/render/fault.ts";
import { weighedTresNotes } from "../../lib/slurm_conf/render/weighed_tres.ts";
import { parseVersion, type SlurmVersion } from "../../lib/slurm_conf/versions.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { readConfigText } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { tableColumns } from "../base/table_columns.ts";

const FLAGS = [CONFIG_FLAG, JSON_FLAG] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 config check`. */
export const configCheck = defineCommand({
  name: "config check",
  summary: "Check the configuration file and what slurmctld would make of it, without asking AWS.",
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
  run: runConfigCheck,
});

async function runConfigCheck(host: Host, flags: Given): Promise<ExitCode> {
  const named = readFile(flags);
  const print = flags.has("json") ? printJson : printText;
  try {
    const { file, text } = readConfigText(host, { get: () => named });
    const config = parseConfig(text, file);
    const problems = problemsAt(text, file, await renderFaults(config));
    if (problems.length > 0) throw new ProblemError(problems);
    const { remarks, ...summary } = summarize(config);
    const warnings = problemsAt(text, file, weighedTresNotes(config)).map(formatProblem);
    print(host, file, { ...summary, remarks: [...remarks, ...formerKeyNotes(text, file), ...warnings] });
    return ExitCode.Done;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    print(host, error.problems[0]!.file, error);
    return ExitCode.Partly;
  }
}

/** Releases whose daemons were asked: what none of them takes is wrong whatever the site's release is. */
const ANY_RELEASE: readonly SlurmVersion[] = ["22.05", "24.11", "26.05"];

/** What `config render` would refuse, for slurm.version or, where it isn't set, for every release. */
async function renderFaults(config: Config): Promise<readonly Fault[]> {
  const own = parseVersion(config.slurm.version ?? "");
  const [facts, { renderSlurmConf }] = await Promise.all([
    snapshotInstanceTypes(),
    import("../../lib/slurm_conf/render/render.ts"),
  ]);
  const faultsOf = (version: SlurmVersion): readonly Fault[] => {
    const rendering = renderSlurmConf({
      config,
      version,
      profile: "slurm-ec2",
      facts: { origin: `snapshot of ${SNAPSHOT_DATE}`, isSnapshot: true, types: facts },
      prefix: `/opt/slurm/${config.cluster}`,
      program: "slurm-ec2",
    });
    return rendering.kind === "refused" ? rendering.problems : [];
  };
  const [first = [], ...others] = (own === undefined ? ANY_RELEASE : [own]).map(faultsOf);
  const isEverywhere = (fault: Fault) => others.every((faults) => faults.some((one) => isSame(one, fault)));
  return first.filter(isEverywhere);
}

/** The same piece of the file; messages may name the release. */
function isSame(a: Fault, b: Fault): boolean {
  return a.path.join() === b.path.join();
}

function readFile(flags: Given): string | undefined {
  const [file] = flags.positional;
  const flag = flags.get("config");
  if (file !== undefined && flag !== undefined) {
    throw new UsageError("Name the file once: as argument or with --config");
  }
  return file ?? flag;
}

function printJson(host: Host, file: string, found: Summary | ProblemError): void {
  const report = found instanceof ProblemError
    ? { file, problems: found.problems }
    : { file, problems: [], ...found };
  host.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function printText(host: Host, file: string, found: Summary | ProblemError): void {
  if (!(found instanceof ProblemError)) {
    return host.stdout.write(summaryText(file, found, tableColumns(host.stdout)));
  }
  const count = found.problems.length;
  host.stdout.write(found.problems.map((problem) => `${formatProblem(problem)}\n`).join(""));
  host.stderr.write(`slurm-ec2: ${count} ${count === 1 ? "problem" : "problems"} in ${file}\n`);
}
