import type { InstanceTypeFacts } from "../aws/ec2_api.ts";
import { isoDurationSeconds } from "./iso_duration.ts";
import type { LegacyFiles } from "./legacy_files.ts";
import { legacyInstanceTypes } from "./legacy_instance_types.ts";
import { cellsOf, type Zone } from "./migrated_groups.ts";
import { partitionsOf } from "./migrated_partitions.ts";
import type { MigrateOptions, Migration, MigrationNote, Note } from "./migration.ts";
import {
  noteDefaultPartition,
  noteInstallation,
  noteOtherRegions,
  noteUnlaunchable,
} from "./migration_notes.ts";
import { notesOn } from "./unenforced.ts";

/**
 * What our configuration must say so that Slurm keeps the nodes, names and partitions of a legacy installation.
 * @throws {RangeError} when the files name no zone of the region, no node count, or no instance type.
 */
export function migrate(files: LegacyFiles, options: MigrateOptions): Migration {
  const { slurmConfig, instanceConfig, installer } = files;
  const region = options.region ?? homeRegion(files);
  const notes: MigrationNote[] = [];
  const note = (subject: string, text: string) => void notes.push({ subject, text });
  const zones = zonesOf(files, region);
  const count = nodeCount(files);
  const types = typesOf(files, region, options.facts, note);
  const cells = cellsOf({ files, zones, count, types, options });
  const groups = cells.flatMap((cell) => [...cell.onDemand, ...cell.spot]);
  if (groups.length === 0) {
    throw new RangeError(
      "No instance type of the architectures in BaseOsArchitecture is included: no node is left",
    );
  }
  noteUnlaunchable(groups, options.naming, note);
  noteOtherRegions(files, region, note);
  const partitions = partitionsOf(cells, {
    naming: options.naming,
    useSpot: instanceConfig.UseSpot,
    wanted: instanceConfig.DefaultPartition ? String(instanceConfig.DefaultPartition) : undefined,
  });
  noteInstallation(files, note);
  noteDefaultPartition(files, partitions, note);
  const stopped = (slurmConfig.SuspendAction ?? "stop") === "stop"
    ? readStopped(slurmConfig.MaxStoppedDuration, note)
    : undefined;
  if (stopped !== undefined) {
    for (const text of notesOn("maxStoppedDuration")) note("MaxStoppedDuration", text);
  }
  return {
    cluster: slurmConfig.ClusterName,
    region,
    stackName: slurmConfig.STACK_NAME ?? slurmConfig.ClusterName,
    domain: slurmConfig.DOMAIN,
    slurmVersion: shortVersion(installer?.slurm.SlurmVersion),
    onPremConf: instanceConfig.OnPremComputeNodes?.ConfigFile.split("/").at(-1),
    logFile: slurmConfig.SLURM_POWER_LOG,
    instanceProfile: slurmConfig.SLURMNODE_PROFILE_ARN,
    powerDownAction: slurmConfig.SuspendAction ?? "stop",
    maxStoppedDuration: stopped,
    fileSystems: (installer?.slurm.storage?.ExtraMounts ?? []).map(({ src, dest, type, options }) => ({
      source: src,
      mount: dest,
      type,
      options,
    })),
    groups,
    partitions,
    notes,
  };
}

function homeRegion({ slurmConfig, azInfo }: LegacyFiles): string {
  const regions = [...new Set(Object.values(azInfo).map((zone) => zone.region))];
  const home = slurmConfig.region ?? slurmConfig.AWS_DEFAULT_REGION;
  if (home !== undefined && regions.includes(home)) return home;
  if (regions.length === 1) return regions[0]!;
  throw new RangeError(
    `AZInfo.json has zones in ${regions.join(", ") || "no region"}: choose one with --region`,
  );
}

function zonesOf({ azInfo }: LegacyFiles, region: string): Zone[] {
  const zones = Object.keys(azInfo).sort().flatMap((name) => {
    const { id, priority, region: its, subnet } = azInfo[name]!;
    return its === region ? [{ name, id, priority, subnet }] : [];
  });
  if (zones.length === 0) throw new RangeError(`AZInfo.json has no zone in ${region}`);
  return zones;
}

function nodeCount({ instanceConfig: { NodeCounts, NodesPerInstanceType } }: LegacyFiles): number {
  const count = NodeCounts?.DefaultMaxCount ?? NodesPerInstanceType;
  if (count === undefined) {
    throw new RangeError(
      "InstanceConfig has neither NodeCounts.DefaultMaxCount nor NodesPerInstanceType: the number of nodes is not known",
    );
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      `InstanceConfig asks for ${count} nodes an instance type: there is nothing to migrate`,
    );
  }
  return count;
}

/** The types that the plugin chose, in their order by name, with the facts that are known. */
function typesOf(
  files: LegacyFiles,
  region: string,
  facts: MigrateOptions["facts"],
  note: Note,
): InstanceTypeFacts[] {
  const listed = files.instanceTypes?.[region];
  if (!listed) {
    note(
      "Instance types",
      `chosen by Include and Exclude from the types of all regions: remove those that ${region} doesn't offer, or migrate with the plugin's InstanceTypes.json (--instance-types), which says what there was`,
    );
  }
  const unknown: string[] = [];
  const types = (listed ?? legacyInstanceTypes(files.instanceConfig, facts)).toSorted().flatMap((type) => {
    const fact = facts.get(type);
    if (!fact) unknown.push(type);
    return fact ? [fact] : [];
  });
  if (unknown.length > 0) {
    note("Unknown instance types", `${unknown.join(", ")}: left out, their nodes with them`);
  }
  return types;
}

function readStopped(text: string | undefined, note: Note): number | undefined {
  if (text === undefined) return 3600;
  const seconds = isoDurationSeconds(text);
  if (seconds === undefined) {
    note(
      "MaxStoppedDuration",
      `"${text}" is not an ISO 8601 duration: stopped instances are kept for ever; set maxStoppedDuration`,
    );
    return undefined;
  }
  const bounded = Math.min(Math.max(seconds, 60), 365 * 86_400);
  if (bounded !== seconds) {
    note("MaxStoppedDuration", `"${text}" is now ${bounded} seconds, the nearest that is accepted`);
  }
  return bounded;
}

function shortVersion(version: string | undefined): string | undefined {
  return /^[0-9]{2}\.[0-9]{2}/.exec(version ?? "")?.[0];
}
