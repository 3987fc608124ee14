import { hanging } from "../base/hanging.ts";
import { regionRemark } from "../aws/region_remark.ts";
import { textTable } from "../base/text_table.ts";
import { countHostlist } from "../slurm/hostlist.ts";
import type { Config } from "./model.ts";
import { unenforcedNotes } from "./unenforced.ts";

/** A configuration at a glance, for people and for `--json`. */
export interface Summary {
  readonly cluster: string;
  readonly region: string;
  /** Nodes of all groups. */
  readonly nodes: number;
  readonly nodeGroups: readonly GroupSummary[];
  readonly partitions: readonly PartitionSummary[];
  /** As the file has them; the remarks say which are not enforced. */
  readonly limits: Config["limits"];
  /** Nothing wrong, but probably not meant. */
  readonly remarks: readonly string[];
}

interface GroupSummary {
  readonly name: string;
  readonly nodes: number;
  readonly hostlist: string;
  readonly os: string;
  readonly architecture: string;
  readonly instanceTypes: readonly string[];
  readonly capacityType: string;
  readonly powerDownAction: string;
  readonly subnets: readonly string[];
}

interface PartitionSummary {
  readonly name: string;
  readonly nodes: number;
  readonly nodeGroups: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** Adds a configuration up. */
export function summarize(config: Config): Summary {
  const sizes = new Map(config.nodeGroups.map(({ name, nodes }) => [name, countHostlist(nodes)]));
  const total = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
  return {
    cluster: config.cluster,
    region: config.region,
    nodes: total(sizes.keys()),
    nodeGroups: config.nodeGroups.map((group) => ({
      name: group.name,
      nodes: sizes.get(group.name)!,
      hostlist: group.nodes,
      os: `${group.os.distribution} ${group.os.version}`,
      architecture: group.architecture,
      instanceTypes: group.instanceTypes,
      capacityType: group.capacityType,
      powerDownAction: group.powerDownAction,
      subnets: group.subnets,
    })),
    partitions: config.partitions.map(({ name, nodeGroups, options }) => ({
      name,
      nodes: total(nodeGroups),
      nodeGroups,
      options,
    })),
    limits: config.limits,
    remarks: remarks(config, total(sizes.keys())),
  };
}

function remarks(config: Config, nodes: number): string[] {
  const { nodeGroups, partitions, limits } = config;
  const region = regionRemark(config.region);
  const used = new Set(partitions.flatMap((partition) => partition.nodeGroups));
  const unused = partitions.length === 0 ? [] : nodeGroups.filter(({ name }) => !used.has(name));
  const idle = unused.map(({ name }) =>
    `Node group "${name}" is in no partition: no job will reach its nodes`
  );
  const large = limits.maxNodes !== undefined && limits.maxNodes > nodes
    ? [`limits.maxNodes is ${limits.maxNodes}, but there are only ${nodes} nodes: it never applies`]
    : [];
  const apart = nodeGroups.filter(({ efa, placementGroup }) => efa && placementGroup === undefined).map((
    { name },
  ) =>
    `Node group "${name}" has EFAs and no placementGroup: its instances may be far from each other; name a cluster placement group`
  );
  return [
    ...(region === undefined ? [] : [region]),
    ...idle,
    ...large,
    ...apart,
    ...unenforcedNotes(config),
  ];
}

/** A summary as a person reads it. */
export function summaryText(file: string, summary: Summary, columns?: number): string {
  const { cluster, region, nodes, nodeGroups, partitions } = summary;
  const groups = textTable(
    ["NODE GROUP", "NODES", "NAMES", "OS", "TYPES", "CAPACITY", "POWER DOWN", "SUBNETS"],
    nodeGroups.map((group) => [
      group.name,
      group.nodes,
      shorten(group.hostlist),
      `${group.os} ${group.architecture}`,
      some(group.instanceTypes),
      group.capacityType,
      group.powerDownAction,
      some(group.subnets),
    ]),
    undefined,
    columns,
  );
  const table = partitions.length === 0 ? "" : "\n" + textTable(
    ["PARTITION", "NODES", "NODE GROUPS", "OPTIONS"],
    partitions.map(({ name, nodes, nodeGroups, options }) => [
      name,
      nodes,
      some(nodeGroups),
      Object.entries(options).map(([key, value]) => `${key}=${value}`).join(" "),
    ]),
    undefined,
    columns,
  );
  const notes = summary.remarks.map((remark) => `Note: ${remark}\n`).join("");
  return `${file}: no problems; cluster ${cluster} in ${region}, ${nodes} nodes\n\n${groups}${table}\n${
    hanging(limitsText(summary), { first: 0, rest: 2, columns })
  }\n${notes}`;
}

function limitsText({ limits }: Summary): string {
  const { maxNodes, maxHourlyCost, maxDailyCost, launchBatch, expectedBootSeconds, bootLimit, orphanLimit } =
    limits;
  const ceilings = [
    maxNodes !== undefined ? `at most ${maxNodes} nodes` : "any number of nodes",
    maxHourlyCost !== undefined ? `at most ${maxHourlyCost} USD/h` : "any cost",
    ...(maxDailyCost === undefined ? [] : [`no launch beyond ${maxDailyCost} USD a day`]),
  ];
  return `Limits: ${
    ceilings.join(" and ")
  }; ${launchBatch} instances a launch; boot expected in ${expectedBootSeconds} s, ` +
    `given up after ${bootLimit} s; nodes without slurmctld end after ${orphanLimit} s`;
}

function some([first = "", ...rest]: readonly string[]): string {
  return rest.length === 0 ? first : `${first} +${rest.length}`;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
