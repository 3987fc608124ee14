import { EDITOR_LINE } from "./json_schema.ts";
import { durationText } from "./iso_duration.ts";
import type { MigratedGroup, MigratedPartition, Migration } from "./migration.ts";
import { architectureOf } from "./resolve.ts";
import { yamlScalar } from "./yaml_scalar.ts";

/** Characters of a line that holds a list, as the formatter of this project has it. */
const WIDTH = 110;

/** A migration as slurm-ec2.yaml, its notes as comments at the top. */
export function migratedText(migration: Migration): string {
  const { cluster, region, stackName, groups, partitions } = migration;
  const os = commonOs(groups);
  const lines = [
    EDITOR_LINE,
    "#",
    "# Migrated from the legacy plugin of aws-eda-slurm-cluster. Node names are as they were, so that nodes that",
    "# run keep running. To be looked at:",
    ...migration.notes.flatMap(({ subject, text }) => wrapComment(`${subject}: ${text}`)),
    "",
    `cluster: ${yamlScalar(cluster)}`,
    `region: ${yamlScalar(region)}`,
    "",
    ...slurmLines(migration),
    ...(migration.domain === undefined ? [] : ["dns:", `  domain: ${yamlScalar(migration.domain)}`, ""]),
    ...mountLines(migration),
    "# The legacy stack's parameters are read as they are.",
    "ssm:",
    `  prefix: ${yamlScalar(stackName)}`,
    "  spelling: SlurmNodeAmis",
    "",
    ...defaultLines(migration, os),
    "nodeGroups:",
    ...groups.flatMap((group) => groupLines(group, { os, migration })),
    "",
    "partitions:",
    ...partitions.flatMap(partitionLines),
    ...(migration.logFile === undefined ? [] : ["", `logFile: ${yamlScalar(migration.logFile)}`]),
  ];
  return `${lines.join("\n")}\n`;
}

function wrapComment(text: string): string[] {
  const lines: string[] = [];
  let line = "#  -";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = "#   ";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function slurmLines({ slurmVersion, onPremConf }: Migration): string[] {
  return [
    "slurm:",
    ...(slurmVersion === undefined
      ? ["  # version: 22.05            # as sinfo --version tells"]
      : [`  version: ${slurmVersion}`]),
    "  # confDir: /etc/slurm       # directory of slurm.conf",
    "  # binDir: /usr/bin          # directory of scontrol",
    ...(onPremConf === undefined ? [] : [`  onPremConf: ${yamlScalar(onPremConf)}`]),
    "  partitionOptions: {MaxTime: INFINITE, State: UP, PriorityTier: 1}",
    "",
  ];
}

function mountLines({ fileSystems }: Migration): string[] {
  if (fileSystems.length === 0) return [];
  const entries = fileSystems.map(({ source, mount, type, options }) => {
    const rest = options ? `, options: ${JSON.stringify(options)}` : "";
    return `  - {source: ${JSON.stringify(source)}, mount: ${JSON.stringify(mount)}, type: ${
      yamlScalar(type)
    }${rest}}`;
  });
  return ["fileSystems:", ...entries, ""];
}

function defaultLines(migration: Migration, os: MigratedGroup["os"] | undefined): string[] {
  const { instanceProfile, powerDownAction, maxStoppedDuration } = migration;
  return [
    "defaults:",
    ...(os ? [`  os: ${osText(os)}`] : []),
    ...(instanceProfile === undefined ? [] : [`  instanceProfile: ${yamlScalar(instanceProfile)}`]),
    `  powerDownAction: ${powerDownAction}`,
    ...(maxStoppedDuration === undefined
      ? []
      : [`  maxStoppedDuration: ${durationText(maxStoppedDuration)}`]),
    "",
  ];
}

function groupLines(
  group: MigratedGroup,
  { os, migration }: { os?: MigratedGroup["os"]; migration: Migration },
): string[] {
  const { name, nodes, instanceType, architecture, subnets, spot, singleThreaded, features, weight } = group;
  return [
    `  - name: ${name}`,
    `    nodes: ${nodes}`,
    `    instanceTypes: [${instanceType}]`,
    ...(os ? [] : [`    os: ${osText(group.os)}`]),
    ...(architectureOf(instanceType) === architecture ? [] : [`    architecture: ${architecture}`]),
    `    subnets: [${subnets.join(", ")}]`,
    ...(spot ? ["    capacityType: spot"] : []),
    // One-time spot instances can only be terminated.
    ...(spot && migration.powerDownAction === "stop" ? ["    powerDownAction: terminate"] : []),
    ...(singleThreaded ? ["    threadsPerCore: 1"] : []),
    ...listLines("    features", features.map(yamlScalar)),
    ...(weight === undefined ? [] : [`    weight: ${weight}`]),
  ];
}

function partitionLines({ name, nodeGroups, options }: MigratedPartition): string[] {
  return [
    `  - name: ${name}`,
    ...Object.entries(options).map(([key, value]) => `    ${key}: ${value}`),
    ...listLines("    nodeGroups", nodeGroups),
  ];
}

/** `key: [a, b]` on one line, or one item a line where that would be too long. */
function listLines(key: string, items: readonly string[]): string[] {
  const line = `${key}: [${items.join(", ")}]`;
  if (line.length <= WIDTH) return [line];
  const indent = " ".repeat(key.search(/\S/) + 2);
  return [`${key}:`, ...items.map((item) => `${indent}- ${item}`)];
}

function osText({ distribution, version }: MigratedGroup["os"]): string {
  return `{distribution: ${distribution}, version: ${yamlScalar(version)}}`;
}

function commonOs(groups: readonly MigratedGroup[]): MigratedGroup["os"] | undefined {
  const texts = new Set(groups.map(({ os }) => osText(os)));
  return texts.size === 1 ? groups[0]!.os : undefined;
}
