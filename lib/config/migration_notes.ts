import { TagKey } from "../identity/tags.ts";
import type { LegacyFiles } from "./legacy_files.ts";
import { type LegacyNaming, wasLaunchable } from "./legacy_node_name.ts";
import type { MigratedGroup, MigratedPartition, Note } from "./migration.ts";

/** Tells of nodes that the plugin wrote into slurm.conf but never launched. */
export function noteUnlaunchable(groups: readonly MigratedGroup[], naming: LegacyNaming, note: Note): void {
  const broken = groups.filter(({ os, architecture, instanceType, spot, name }) =>
    !wasLaunchable({ naming, azId: azIdOf(name), ...os, architecture, instanceType, spot })
  );
  if (broken.length === 0) return;
  const some = broken.slice(0, 3).map(({ name }) => name).join(", ");
  note(
    "Names that the plugin couldn't read",
    `${some}${
      broken.length > 3 ? ` and ${broken.length - 3} more` : ""
    }: Slurm has these nodes, but the plugin never launched one of them; they work now`,
  );
}

function azIdOf(name: string): string | undefined {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*-az[0-9]+(?=-)/.exec(name)?.[0];
}

/** Tells of zones in regions that this configuration is not for. */
export function noteOtherRegions({ azInfo }: LegacyFiles, region: string, note: Note): void {
  const others = [...new Set(Object.values(azInfo).map((zone) => zone.region))].filter((other) =>
    other !== region
  ).sort();
  for (const other of others) {
    note(
      `Region ${other}`,
      `one configuration is for one region: migrate again with --region ${other} and another --output`,
    );
  }
}

/** The plugin launched every instance by a call of its own, so each has launch index 0: the first of one name. */
function adoption(cluster: string): string {
  const tags = [
    [TagKey.Cluster, cluster],
    [TagKey.NodeGroup, "NODE_WITHOUT_INDEX"],
    [TagKey.Naming, "index"],
    [TagKey.Nodes, "NODE"],
  ].map(([key, value]) => `Key=${key},Value=${value}`).join(" ");
  return "carry the plugin's tags only (hostname is the node's name): power their nodes down before the change, or let them be found: " +
    `aws ec2 create-tags --resources INSTANCE_ID --tags ${tags}`;
}

/** Says which partition is the default now, where it is not the installation's. */
export function noteDefaultPartition(
  { instanceConfig }: LegacyFiles,
  partitions: readonly MigratedPartition[],
  note: Note,
): void {
  const chosen = partitions.find(({ options }) => options["Default"] !== undefined)?.name;
  const { DefaultPartition: wanted } = instanceConfig;
  // Where none is given, a zone's is the plugin's own choice.
  if (chosen === undefined || chosen === wanted || (!wanted && chosen.endsWith("_all"))) return;
  note(
    "DefaultPartition",
    wanted
      ? `"${wanted}" is not a partition by these names: "${chosen}" is the default now; set Default: YES on another if you like`
      : `not given: "${chosen}" is the default now`,
  );
}

/** Tells what has no equivalent here, or is different. */
export function noteInstallation(
  { slurmConfig, instanceConfig, installer, typeInfo, unknownKeys }: LegacyFiles,
  note: Note,
): void {
  note("Instances that run now", adoption(slurmConfig.ClusterName));
  if (slurmConfig.CloudWatchPeriod) note("CloudWatchPeriod", "no metrics are published to CloudWatch");
  note(
    "IMDSv2",
    "instances now require it; where software on the nodes still asks without a token, set defaults.metadataOptions.httpTokens: optional",
  );
  note(
    "Partition all",
    "holds the cloud nodes only; the plugin's Nodes=ALL took the site's own nodes as well",
  );
  if (!typeInfo) {
    note(
      "Features GHz:… and ssd, Weight",
      "not known without the plugin's instance type information (--instance-type-info): jobs that ask for these features would wait; weights follow the renderer's rule",
    );
  }
  if (instanceConfig.NodeCounts?.ComputeResourceCounts) {
    note("NodeCounts.ComputeResourceCounts", "the plugin ignored it, so it is not migrated");
  }
  if (instanceConfig.AlwaysOnNodes.length > 0) {
    note("AlwaysOnNodes", `keep in slurm.conf: SuspendExcNodes=${instanceConfig.AlwaysOnNodes.join(",")}`);
  }
  if (instanceConfig.AlwaysOnPartitions.length > 0) {
    note(
      "AlwaysOnPartitions",
      `keep in slurm.conf: SuspendExcParts=${instanceConfig.AlwaysOnPartitions.join(",")}`,
    );
  }
  const own: readonly (readonly [unknown, string, string])[] = [
    [installer?.ErrorSnsTopicArn, "ErrorSnsTopicArn", "no notifications are sent to SNS"],
    [installer?.Licenses, "Licenses", "stay in slurm.conf"],
    [installer?.AmiMap, "AmiMap", "images are read from SSM, or named by imageId"],
    [
      installer?.slurm.SlurmCtl,
      "SlurmCtl",
      "the controller is the site's own; only SuspendAction and MaxStoppedDuration are migrated, from slurm_config.json",
    ],
    [
      installer?.slurm.ParallelClusterConfig,
      "ParallelClusterConfig",
      "clusters of ParallelCluster are not migrated",
    ],
  ];
  for (const [present, subject, text] of own) if (present) note(subject, text);
  for (const { file, line, column, message } of unknownKeys) {
    note(`${file}:${line}:${column}`, `${message}: not migrated`);
  }
}
