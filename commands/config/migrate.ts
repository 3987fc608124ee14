import { readFailure } from "../../lib/base/read_failure.ts";
import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { formatProblem, type Problem, ProblemError } from "../../lib/base/problem.ts";
import { decodeText } from "../../lib/config/decode.ts";
import { jsonSchemaText, SCHEMA_FILE } from "../../lib/config/json_schema.ts";
import {
  type LegacyFiles,
  type LegacyTexts,
  type NamedText,
  readLegacyFiles,
} from "../../lib/config/legacy_files.ts";
import type { LegacyNaming } from "../../lib/config/legacy_node_name.ts";
import { migrate } from "../../lib/config/migrate.ts";
import { migratedText } from "../../lib/config/migrated_text.ts";
import { SlurmConfigFile } from "../../lib/config/legacy_schema.ts";
import type { MigrateOptions, Migration } from "../../lib/config/migration.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { readForeign } from "../../lib/config/read_foreign.ts";
import { countHostlist } from "../../lib/slurm/hostlist.ts";
import { CommandError, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { writeNamed } from "../base/write_named.ts";

/** Where the legacy plugin looks for its configuration. */
const SLURM_CONFIG = "/opt/slurm/config/slurm_config.json";
const NAMINGS = ["suffixed", "zone", "plain"] as const satisfies readonly LegacyNaming[];

const FLAGS = [
  { name: "slurm-config", value: "FILE", summary: `The plugin's slurm_config.json (${SLURM_CONFIG})` },
  {
    name: "instance-config",
    value: "FILE",
    summary: "Its InstanceConfig YAML, or the installer's configuration around it",
  },
  { name: "az-info", value: "FILE", summary: "Its AZInfo.json (else the AZInfoFile of slurm_config.json)" },
  {
    name: "instance-types",
    value: "FILE",
    summary: "Its InstanceTypes.json (else the InstanceTypesFile, if there)",
  },
  {
    name: "instance-type-info",
    value: "FILE",
    summary: "Its clock speeds and prices (else the InstanceTypeInfoFile, if there)",
  },
  { name: "region", value: "REGION", summary: "Which of its regions (its home region)" },
  {
    name: "names",
    value: "FORMAT",
    values: NAMINGS,
    summary:
      "How its node names look: suffixed (…-ondemand-0, since January 2023), zone (use1-az4-…-0), plain (m8-x86-…-0)",
  },
  { name: "output", value: "FILE", summary: "File to write (./slurm-ec2.yaml)" },
  { name: "force", summary: "Overwrite the file when it is there already" },
  { name: "dry-run", summary: "Print it, write nothing" },
  JSON_FLAG,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 config migrate`. */
export const configMigrate = defineCommand({
  name: "config migrate",
  summary: "Turn the files of the legacy plugin into a configuration with the same node names.",
  flags: FLAGS,
  examples: [
    {
      command: "slurm-ec2 config migrate --instance-config InstanceConfig.yml",
      says: "On the legacy controller: write ./slurm-ec2.yaml",
    },
    {
      command:
        "slurm-ec2 config migrate --slurm-config slurm_config.json --instance-config config.yml --az-info AZInfo.json --dry-run",
      says: "From copies of the files: look at the result first",
    },
  ],
  notes:
    "Nodes keep their names, so that running ones survive. What has no equivalent is listed, and stands at the " +
    "top of the file.\n" +
    "Compare the result with the slurm_nodes.conf in use before switching over.",
  exits: { [ExitCode.Partly]: "the result needs fixing manually" },
  permissions: { ...NO_PERMISSIONS, read: ["named"], write: ["named"] },
  run: runConfigMigrate,
});

async function runConfigMigrate(host: Host, flags: Given): Promise<ExitCode> {
  const naming = flags.choice.names ?? "suffixed";
  const file = flags.get("output") ?? "./slurm-ec2.yaml";
  const writes = !flags.has("dry-run");
  if (writes && !flags.has("force") && host.files.exists(file)) {
    throw new UsageError(
      `${file} exists already: --force overwrites it, --output FILE takes another, --dry-run prints`,
    );
  }
  const region = flags.get("region");
  const migration = await translate(readLegacyFiles(readTexts(host, flags), region), { region, naming });
  const text = migratedText(migration);
  const problems = problemsOf(text, file);
  if (writes) {
    writeNamed(host, file, text);
    writeNamed(host, `${file.replace(/[^/]*$/, "")}${SCHEMA_FILE}`, jsonSchemaText());
  }
  const result = { file, text, migration, problems, wrote: writes };
  if (flags.has("json")) printJson(host, result);
  else printText(host, result);
  return problems.length > 0 ? ExitCode.Partly : ExitCode.Done;
}

async function translate(
  files: LegacyFiles,
  options: Omit<MigrateOptions, "facts">,
): Promise<Migration> {
  try {
    return migrate(files, { ...options, facts: await snapshotInstanceTypes() });
  } catch (error) {
    if (error instanceof RangeError) throw new CommandError(error.message);
    throw error;
  }
}

function readTexts(host: Host, flags: Given): LegacyTexts {
  const instanceConfig = flags.get("instance-config");
  if (instanceConfig === undefined) {
    throw new UsageError(
      "config migrate needs --instance-config FILE: the plugin's InstanceConfig YAML or the installer's configuration",
    );
  }
  const slurmConfig = readNamed(host, flags.get("slurm-config") ?? SLURM_CONFIG, "--slurm-config");
  const azInfo = flags.get("az-info") ?? namedIn(slurmConfig, "AZInfoFile");
  if (azInfo === undefined) {
    // A file that can't be read names nothing either: that is reported then.
    readForeign(slurmConfig.text, slurmConfig.file, SlurmConfigFile);
    throw new UsageError(`${slurmConfig.file} names no AZInfoFile: give it with --az-info FILE`);
  }
  return {
    slurmConfig,
    instanceConfig: readNamed(host, instanceConfig, "--instance-config"),
    azInfo: readNamed(host, azInfo, "--az-info"),
    instanceTypes: readOptional(
      host,
      flags.get("instance-types"),
      namedIn(slurmConfig, "InstanceTypesFile"),
      "--instance-types",
    ),
    typeInfo: readOptional(
      host,
      flags.get("instance-type-info"),
      namedIn(slurmConfig, "InstanceTypeInfoFile"),
      "--instance-type-info",
    ),
  };
}

/** A path in slurm_config.json; undefined where it names none, or can't be read. */
function namedIn({ text }: NamedText, key: string): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[key];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

function readOptional(
  host: Host,
  given: string | undefined,
  named: string | undefined,
  flag: string,
): NamedText | undefined {
  if (given !== undefined) return readNamed(host, given, flag);
  return named !== undefined && host.files.exists(named) ? readNamed(host, named, flag) : undefined;
}

function readNamed(host: Host, file: string, flag: string): NamedText {
  try {
    return { file, text: decodeText(host.files.read(file), file) };
  } catch (error) {
    if (
      error instanceof ProblemError || !(error instanceof Error) || error instanceof Deno.errors.NotCapable
    ) throw error;
    throw new UsageError(`Can't read ${file}: ${readFailure(error)}; name another with ${flag} FILE`);
  }
}

function problemsOf(text: string, file: string): readonly Problem[] {
  try {
    parseConfig(text, file);
    return [];
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
}

interface Result {
  readonly file: string;
  readonly text: string;
  readonly migration: Migration;
  readonly problems: readonly Problem[];
  readonly wrote: boolean;
}

function printJson(
  host: Host,
  { file, text, migration: { cluster, region, groups, partitions, notes }, problems, wrote }: Result,
): void {
  const report = {
    file: wrote ? file : null,
    cluster,
    region,
    nodeGroups: groups.length,
    partitions: partitions.length,
    notes,
    problems,
  };
  host.stdout.write(`${JSON.stringify(wrote ? report : { ...report, text }, null, 2)}\n`);
}

function printText(
  host: Host,
  { file, text, migration: { groups, partitions, notes }, problems, wrote }: Result,
): void {
  if (!wrote) host.stdout.write(text);
  const say = (line: string) => (wrote ? host.stdout : host.stderr).write(`${line}\n`);
  const nodes = groups.reduce((sum, group) => sum + countHostlist(group.nodes), 0);
  say(
    `${
      wrote ? `Wrote ${file}` : "Migrated"
    }: ${groups.length} node groups, ${nodes} nodes, ${partitions.length} partitions`,
  );
  if (wrote) { for (const note of notes) say(`- ${note.subject}: ${note.text}`); }
  if (problems.length > 0) say(`To fix manually:\n${problems.map(formatProblem).join("\n")}`);
}
