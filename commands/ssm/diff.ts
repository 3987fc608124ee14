import type { Paint, Tone } from "../../lib/base/paint.ts";
import type { Config } from "../../lib/config/model.ts";
import { textTable } from "../../lib/base/text_table.ts";
import { compareValues, type Difference } from "../../lib/preflight/parameters/difference.ts";
import { quotedWhereUnseen } from "../../lib/preflight/parameters/parameter_checks.ts";
import { gatherParameters } from "../../lib/preflight/parameters/run.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { painter } from "../base/painter.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { callsBar, type Progress } from "../base/progress.ts";
import { tableColumns } from "../base/table_columns.ts";
import { readPorts } from "./ports.ts";
import { readSource, SOURCE_FLAGS } from "./sources.ts";

const FLAGS = [CONFIG_FLAG, ...SOURCE_FLAGS, JSON_FLAG] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 ssm diff`. */
export const ssmDiff = defineCommand({
  name: "ssm diff",
  summary:
    "Compare the SSM parameters of this configuration with a file, or with another prefix or spelling.",
  flags: FLAGS,
  examples: [
    {
      command: "slurm-ec2 ssm diff --from parameters.yaml",
      says: "Is what the repository says what SSM has?",
    },
    {
      command: "slurm-ec2 ssm diff --from-prefix old-stack --from-spelling SlurmNodeAmis",
      says: "Does the new cluster have what the legacy stack has?",
    },
  ],
  notes: "Results: same, different, missing (wanted, not there), extra (there, not wanted), can't tell.\n" +
    "ssm put with the same flags writes what is wanted.",
  exits: { [ExitCode.Done]: "all the same", [ExitCode.Partly]: "something differs" },
  permissions: { ...NO_PERMISSIONS, net: ["ssm"], read: ["config", "named", "aws"], env: true },
  run: runDiff,
});

async function runDiff(host: Host, flags: Given): Promise<ExitCode> {
  const config = loadConfig(host, flags);
  const bar = callsBar(host.stderr, { quiet: flags.has("json") });
  const differences = await compare(host, flags, { config, bar }).finally(() => bar.stop());
  host.stdout.write(
    flags.has("json")
      ? `${JSON.stringify({ differences }, null, 2)}\n`
      : text(differences, await painter(host, host.stdout), tableColumns(host.stdout)),
  );
  return differences.every(({ kind }) => kind === "same") ? ExitCode.Done : ExitCode.Partly;
}

async function compare(
  host: Host,
  flags: Given,
  { config, bar }: { readonly config: Config; readonly bar: Progress },
): Promise<readonly Difference[]> {
  const ports = await readPorts(host, config, bar);
  const wanted = await readSource(host, flags, { config, ports });
  if (wanted === undefined) {
    throw new UsageError("Compare with what? --from FILE, --from-prefix or --from-spelling");
  }
  const { wanted: values, parameters } = await gatherParameters(ports, config);
  const names = new Set(values.flatMap(({ name }) => name ?? []));
  return compareValues(wanted, new Map([...parameters].filter(([name]) => names.has(name))));
}

const TONES: Readonly<Record<Difference["kind"], Tone>> = {
  same: "good",
  different: "bad",
  missing: "bad",
  extra: "doubtful",
  "can't tell": "doubtful",
};

function text(differences: readonly Difference[], paint: Paint, columns: number | undefined): string {
  const rows = differences.map(({ kind, name, there, wanted }) => [
    kind,
    name,
    quotedWhereUnseen(there ?? "–"),
    quotedWhereUnseen(wanted ?? "–"),
  ]);
  const same = differences.filter(({ kind }) => kind === "same").length;
  return `${
    textTable(
      ["RESULT", "PARAMETER", "THERE", "WANTED"],
      rows,
      (cell, column, row) => column === 0 ? paint(TONES[differences[row]!.kind], cell) : cell,
      columns,
    )
  }\n${same} of ${differences.length} the same\n`;
}
