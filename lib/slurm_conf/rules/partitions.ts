import type { Context, NamedRecord } from "../context.ts";
import { positionAt } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, before } from "../versions.ts";
import { hasAllIncludes, isComplete } from "./completeness.ts";
import { membershipOf } from "./membership.ts";
import { recordSettings } from "./record_settings.ts";
import { placeKey } from "./places.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("26.05", "src/slurmctld/read_config.c");
/** Unknown nodes named in a message. */
const FEW = 3;

/** CL023. */
export const partitionNodesUnknown: Rule = {
  id: "CL023",
  title: "Partition of unknown nodes",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "Nodes of a partition, or of a NodeSet that a partition uses, names nodes that no NodeName line defines.",
  why: "slurmctld does not start: Invalid node names in partition.",
  remedy: "Define the nodes, or correct the names.",
  sources: [READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    if (context.nodes.length === 0 || context.isFragment || !hasAllIncludes(context)) return;
    const membership = membershipOf(context);
    const used = new Set<string>();
    for (const partition of context.partitions) {
      const text = partition.text("Nodes");
      if (text === undefined) continue;
      for (const set of context.nodeSets) if (text.split(",").includes(set.name)) used.add(set.name);
      yield* unknownNodes(partition, membership.select(text).unknown);
    }
    for (const set of context.nodeSets) {
      if (used.has(set.name)) yield* unknownNodes(set, membership.select(set.text("Nodes") ?? "").unknown);
    }
  },
};

/** CL030. */
export const duplicatePartition: Rule = {
  id: "CL030",
  title: "Partition defined twice",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "Two PartitionName lines have one name.",
  why: "slurmctld does not start.",
  remedy: "Join the lines, or rename one.",
  sources: [READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    const first = new Map<string, NamedRecord>();
    for (const partition of context.partitions) {
      const known = first.get(partition.name);
      if (known === undefined) {
        first.set(partition.name, partition);
        continue;
      }
      // The same line, of a file that is included twice: SC029.
      if (placeKey(known.span) === placeKey(partition.span)) continue;
      const { file, start } = known.span;
      yield {
        at: partition.entry.name,
        message: `Partition "${partition.name}" is defined in ${file.path} line ${
          positionAt(file, start).line
        } already: slurmctld does not start; join the lines or rename one`,
      };
    }
  },
};

/** CL033. */
export const partitionStateInvalid: Rule = {
  id: "CL033",
  title: "State that a partition doesn't take",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "State of a PartitionName line is none of UP, DOWN, DRAIN and INACTIVE.",
  why: "slurmctld does not start.",
  remedy: "Write UP, DOWN, DRAIN or INACTIVE.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const { entry, setting } of recordSettings(context, "PartitionName", "State")) {
      if (/^(up|down|drain|inactive)$/i.test(setting.value.text)) continue;
      yield {
        at: setting.value,
        message:
          `State "${setting.value.text}" of partition "${entry.name.text}" is unknown: slurmctld does not start; write UP, DOWN, DRAIN or INACTIVE`,
      };
    }
  },
};

/** CL034. */
export const defaultPartitionMissing: Rule = {
  id: "CL034",
  title: "No default partition",
  severity: "info",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "No partition has Default=YES.",
  why: "slurmctld logs an error at every start, and jobs without --partition are refused.",
  remedy: "Set Default=YES on one partition.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const [partition] = context.partitions;
    if (partition === undefined || !isComplete(context)) return;
    if (context.partitions.some((one) => /^(yes|up|true|1)$/i.test(one.text("Default") ?? ""))) return;
    yield {
      at: partition.entry.name,
      message: "No partition has Default=YES: jobs without --partition are refused; set it on one",
    };
  },
};

/** CL035. */
export const nothingToRun: Rule = {
  id: "CL035",
  title: "No node or no partition",
  severity: "error",
  daemon: "refuses",
  versions: before("23.02"),
  what: "A whole slurm.conf has no NodeName line or no PartitionName line.",
  why: "Slurm 22.05 does not start without; newer ones do, for nodes that come later.",
  remedy: "Define the nodes and a partition, or include the file that does.",
  sources: [fileOf("22.05", "src/slurmctld/read_config.c")],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context)) return;
    const missing = context.nodes.length === 0 ? "NodeName" : "PartitionName";
    if (context.nodes.length > 0 && context.partitions.length > 0) return;
    yield {
      at: context.start,
      message:
        `No ${missing} line in these files: slurmctld does not start; add one, or include the file that has it`,
    };
  },
};

function* unknownNodes(record: NamedRecord, unknown: readonly string[]): Iterable<Report> {
  if (unknown.length === 0) return;
  const names = unknown.slice(0, FEW).map((name) => `"${name}"`).join(", ");
  const more = unknown.length > FEW ? ` and ${unknown.length - FEW} more` : "";
  yield {
    at: record.get("Nodes")?.value ?? record.entry.name,
    message:
      `Nodes of ${record.entry.type} "${record.name}" names ${names}${more}, which no NodeName line defines: slurmctld does not start; define or remove them`,
  };
}
