import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import type { Config } from "../../lib/config/model.ts";
import { type CheckResult, countStatuses, isFound } from "../../lib/preflight/check_result.ts";
import { type Facts, judge } from "../../lib/preflight/parameters/judge.ts";
import { resultsGithub, resultsText } from "../../lib/preflight/report.ts";
import { gatherFacts } from "../../lib/preflight/parameters/run.ts";
import { prefixesOf, wantedValues } from "../../lib/preflight/parameters/wanted_value.ts";
import { CONFIG_FLAG, defineCommand } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import { formatFlags, FORMATS, readFormat } from "../base/findings_format.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { painter } from "../base/painter.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { callsBar } from "../base/progress.ts";
import { readSlurm, SLURM_FLAGS } from "../base/slurm_flags.ts";
import { tableColumns } from "../base/table_columns.ts";
import { askPorts } from "./ports.ts";
import { readValues } from "./values.ts";

const FLAGS = [
  CONFIG_FLAG,
  ...SLURM_FLAGS,
  {
    name: "offline",
    value: "FILE",
    summary: "Ask nothing of AWS: take the values from YAML or JSON, parameter name to value",
  },
  ...formatFlags(FORMATS),
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 ssm validate`. */
export const ssmValidate = defineCommand({
  name: "ssm validate",
  summary: "Check every SSM parameter of this configuration, and what it names, against EC2.",
  flags: FLAGS,
  examples: [
    {
      command: "slurm-ec2 ssm validate --controller 10.1.2.3",
      says: "Before the first job, and after every image build",
    },
    {
      command: "slurm-ec2 ssm validate --offline parameters.yaml --format github",
      says: "In CI, without credentials: what a file can decide",
    },
  ],
  notes: "Results: pass, info (a remark), warn, fail, can't tell (not known here, or AWS refused to say).",
  exits: {
    [ExitCode.Done]: "nothing to act on",
    [ExitCode.Failed]: "AWS could not be asked",
    [ExitCode.Partly]: "something was found, or AWS refused an answer",
  },
  permissions: { ...NO_PERMISSIONS, net: ["ec2", "ssm"], read: ["config", "named", "aws"], env: true },
  run: runValidate,
});

async function runValidate(host: Host, flags: Given): Promise<ExitCode> {
  const format = readFormat(flags);
  const slurm = readSlurm(flags);
  const config = loadConfig(host, flags);
  const offline = flags.get("offline");
  const facts = offline === undefined
    ? await askAws(host, config, { quiet: format !== "text" })
    : factsOfFile(config, readValues(host, offline));
  const findings = judge(config, facts, {
    now: host.now(),
    instanceTypes: await snapshotInstanceTypes(),
    ...slurm,
  });
  host.stdout.write(
    format === "text"
      ? resultsText(findings, await painter(host, host.stdout), tableColumns(host.stdout))
      : print(config, findings, { format, offline: offline !== undefined }),
  );
  return findings.some(isFound) ? ExitCode.Partly : ExitCode.Done;
}

async function askAws(host: Host, config: Config, options: { readonly quiet: boolean }): Promise<Facts> {
  const bar = callsBar(host.stderr, options);
  try {
    return await gatherFacts(await askPorts(host, config, bar), config);
  } finally {
    bar.stop();
  }
}

/** What a file can say: its values, and by being all there is, what is unused. */
function factsOfFile(config: Config, values: ReadonlyMap<string, string>): Facts {
  const all = [...values].map(([name, value]) => ({ name, value, type: "String", version: 0 }) as const);
  const below = (prefix: string) => all.filter(({ name }) => name.startsWith(`/${prefix}/`));
  return {
    wanted: wantedValues(config),
    parameters: new Map(all.map((value) => [value.name, { kind: "found", value }])),
    listings: new Map(
      prefixesOf(config).map((prefix) => [
        prefix,
        { kind: "found", value: below(prefix) },
      ]),
    ),
  };
}

function print(
  { cluster, region, ssm }: Config,
  findings: readonly CheckResult[],
  { format, offline }: { readonly format: "json" | "github"; readonly offline: boolean },
): string {
  if (format === "github") return resultsGithub(findings, "ssm validate");
  const report = { cluster, region, ...ssm, offline, counts: countStatuses(findings), findings };
  return `${JSON.stringify(report, null, 2)}\n`;
}
