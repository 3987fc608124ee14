import type { Context, NamedRecord } from "../context.ts";
import { positionAt } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, before } from "../versions.ts";
import { hasAllIncludes, isComplete } from "./completeness.ts";
import type { NameRange } from "../../slurm/name_ranges.ts";
import { hostElements, hostFunction } from "./host_elements.ts";
import { hostFunctionFault } from "./host_function_fault.ts";
import { isAll, membershipOf } from "./membership.ts";
import { countNames, firstNames } from "./node_index.ts";
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
    "Nodes of a partition, or of a NodeSet that a partition uses, names nodes that no NodeName line defines, or ALL among other names; or calls a function that Slurm doesn't know, or a switch or block that no topology has (then a warning).",
  why: "slurmctld does not start: Invalid node names in partition.",
  remedy: "Define the nodes, or correct the names; ALL must stand alone.",
  sources: [READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    if (context.nodes.length === 0 || context.isFragment || !hasAllIncludes(context)) return;
    const membership = membershipOf(context);
    const used = new Set<NamedRecord>();
    for (const partition of context.partitions) {
      const text = partition.text("Nodes");
      if (text === undefined) continue;
      for (const { text: element } of hostElements(text)) {
        const set = membership.nodeSets.get(element);
        if (set !== undefined) used.add(set);
      }
      const { unknown, functions, unreadable } = membership.select(text);
      yield* unknownNodes(partition, firstUnknown(unknown));
      yield* unreadableNodes(partition, unreadable);
      yield* unknownFunctions(context, partition, functions);
    }
    for (const set of used) {
      const names = firstUnknown(membership.membersOf(set).unknown);
      yield* unknownNodes(set, names);
      // Seen on 22.05.8: slurmctld looks for a node called ALL; 24.11.5 and 26.05.5 take every node.
      if (isAll(set.text("Nodes") ?? "") && !context.isSince("23.02")) {
        yield* unknownNodes(set, { names: ["ALL"], more: 0 });
      }
    }
  },
};

/** Functions in place of nodes: up to 22.05 slurmctld looks for a node of that name; later it logs one that it doesn't know, and one of an unknown switch or block. */
function* unknownFunctions(
  context: Context,
  partition: NamedRecord,
  functions: readonly string[],
): Iterable<Report> {
  for (const text of functions) {
    const at = partition.get("Nodes")?.value ?? partition.entry.name;
    if (!context.isSince("23.02")) {
      yield {
        at,
        message:
          `Nodes of PartitionName "${partition.name}" has "${text}", which this Slurm takes for a node's name: slurmctld does not start; name the nodes, or a NodeSet with Feature`,
      };
      continue;
    }
    const fault = hostFunctionFault(context, hostFunction(text)!);
    if (fault === undefined) continue;
    yield {
      at,
      message:
        `Nodes of PartitionName "${partition.name}" has "${text}", ${fault.what}, and gets no node by it; ${fault.next}`,
      severity: "warning",
      daemon: "logs",
    };
  }
}

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
  what: "State of a PartitionName line is not one of UP, DOWN, DRAIN and INACTIVE.",
  why: "slurmctld does not start.",
  remedy: "Write UP, DOWN, DRAIN or INACTIVE.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const { entry, setting } of recordSettings(context, "PartitionName", "State")) {
      const [taken, state] = /^(up|down|drain|inactive)/i.exec(setting.value.text) ?? [];
      if (taken === setting.value.text) continue;
      if (state !== undefined) {
        // A list of states is its first one; so is what any text follows: seen on 22.05.8, 24.11.5 and 26.05.5.
        yield {
          at: setting.value,
          message:
            `State "${setting.value.text}" of partition "${entry.name.text}" is taken for ${state.toUpperCase()}, and what follows is dropped without a word; write ${state.toUpperCase()}`,
          severity: "warning",
          daemon: "silent",
        };
        continue;
      }
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
    // Nodes that come at run time: 22.05.8 starts with them, and a partition of a NodeSet.
    if (missing === "NodeName" && context.setting("MaxNodeCount") !== undefined) return;
    yield {
      at: context.start,
      message:
        `No ${missing} line in these files: slurmctld does not start; add one, or include the file that has it`,
    };
  },
};

function* unreadableNodes(partition: NamedRecord, [element]: readonly string[]): Iterable<Report> {
  if (element === undefined) return;
  yield {
    at: partition.get("Nodes")?.value ?? partition.entry.name,
    message:
      `Nodes of PartitionName "${partition.name}" has "${element}", which is not a hostlist: slurmctld does not start; write e.g. c[0-9]`,
  };
}

interface Unknown {
  readonly names: readonly string[];
  readonly more: number;
}

function firstUnknown(ranges: readonly NameRange[]): Unknown {
  const names = firstNames(ranges, FEW);
  return { names, more: countNames(ranges) - names.length };
}

function* unknownNodes(record: NamedRecord, { names, more }: Unknown): Iterable<Report> {
  if (names.length === 0) return;
  const list = names.map((name) => `"${name}"`).join(", ") + (more > 0 ? ` and ${more} more` : "");
  const all = names.some(isAll) ? "; ALL must stand alone" : "";
  yield {
    at: record.get("Nodes")?.value ?? record.entry.name,
    message:
      `Nodes of ${record.entry.type} "${record.name}" names ${list}, which no NodeName line defines: slurmctld does not start; define or remove them${all}`,
  };
}
