import type { Context, NodeRecord } from "../context.ts";
import { positionAt, type Setting, type Span, spanInValue } from "../document.ts";
import { didYouMean } from "../../base/did_you_mean.ts";
import { removeEntry, replaceValue } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { hasAllIncludes, isComplete } from "./completeness.ts";
import { hostElements, hostFunction } from "./host_elements.ts";
import { hostFunctionFault } from "./host_function_fault.ts";
import { isAll, membershipOf } from "./membership.ts";
import { firstNames, type NodeIndex, nodeIndex, rangesOf } from "./node_index.ts";
import { secondsOf, timesInForce } from "./power_save_times.ts";
import { onePerPlace } from "./places.ts";
import { fileOf, POWER_SAVE, SLURM_CONF, slurmConfOf } from "./sources.ts";

const EXCLUSION_KEYS = ["SuspendExcNodes", "SuspendExcParts", "SuspendExcStates"] as const;
/** Nodes named in a message. */
const FEW = 3;

/** PS006. */
export const globalSuspendTime: Rule = {
  id: "PS006",
  title: "SuspendTime reaches on-premises nodes",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "SuspendTime is set for all nodes, or on a partition that has CLOUD nodes, and nodes that are not State=CLOUD are not excluded from it.",
  why:
    "slurmctld suspends every node that SuspendTime holds for: it gives idle on-premises nodes to SuspendProgram, and counts them as powered down whatever that program does.",
  remedy:
    "From 21.08 on, set SuspendTime=INFINITE globally and a number on partitions that have CLOUD nodes only; or name the other nodes in SuspendExcNodes or SuspendExcParts.",
  sources: [`${POWER_SAVE}#hybrid`, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    yield* globalTime(context);
    yield* partitionTimes(context);
  },
};

function* globalTime(context: Context): Iterable<Report> {
  const setting = context.setting("SuspendTime");
  const seconds = secondsOf(context, setting);
  if (setting === undefined || seconds === undefined || seconds === Infinity) return;
  const advice = context.isSince("21.08")
    ? "write SuspendTime=INFINITE here and a number on the partitions of the CLOUD nodes"
    : "name the other nodes in SuspendExcNodes";
  const exposed = exposedNodes(context).filter((one) => one.setting === setting).map(({ node }) => node);
  if (exposed.length > 0 && hasPrograms(context)) {
    // Without a cloud node power saving is for the site's own nodes, or State=CLOUD was forgotten: PS037.
    if (context.cloudNodes.length === 0 && isComplete(context)) return;
    yield {
      at: setting.value,
      message: `SuspendTime is ${seconds} s for every node, so Slurm powers down ${
        named(exposed)
      } too, not State=CLOUD and not excluded; ${advice}`,
    };
  } else if (exposed.length === 0 && !seesAllNodes(context) && !hasExclusions(context)) {
    // With MaxNodeCount and no NodeName line all nodes are dynamic, and the configuration is whole.
    if (isComplete(context) && context.setting("MaxNodeCount") !== undefined) return;
    yield {
      at: setting.value,
      message:
        `SuspendTime is ${seconds} s for every node, and not all nodes are in these files: Slurm powers down on-premises nodes too; ${advice}`,
      severity: "warning",
    };
  }
}

/** A partition of on-premises nodes only, with a SuspendTime of its own, is meant. */
function* partitionTimes(context: Context): Iterable<Report> {
  if (!hasPrograms(context)) return;
  const exposed = exposedNodes(context);
  const membership = membershipOf(context);
  for (const partition of context.partitions) {
    const setting = partition.get("SuspendTime");
    if (setting === undefined || ![...membership.nodesOf(partition).records].some((node) => node.isCloud)) {
      continue;
    }
    const nodes = exposed.filter((one) => one.setting === setting).map(({ node }) => node);
    if (nodes.length === 0) continue;
    yield {
      at: setting.value,
      message:
        `SuspendTime of partition "${partition.name}" holds for all of its nodes, so Slurm powers down ${
          named(nodes)
        } too, not State=CLOUD and not excluded; put the CLOUD nodes into a partition of their own, or name the others in SuspendExcNodes`,
    };
  }
}

function named(nodes: readonly NodeRecord[]): string {
  const names = nodes.slice(0, FEW).map((node) => `"${node.name}"`).join(", ");
  return nodes.length > FEW ? `${names} and ${nodes.length - FEW} more` : names;
}

/** PS024. */
export const suspendExcNodesUnknown: Rule = {
  id: "PS024",
  title: "SuspendExcNodes names unknown nodes",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what:
    "SuspendExcNodes names nodes that are not defined, ALL among other names, a feature that no node has, or a NodeSet before 24.05.",
  why:
    "slurmctld ignores the name, up to 22.05 the whole list where it has a `:count`: nodes that were to stay up are powered down.",
  remedy: "Name nodes of NodeName lines; NodeSets only from 24.05 on.",
  sources: [fileOf("26.05", "src/slurmctld/power_save.c"), slurmConfOf("24.05")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SuspendExcNodes");
    if (setting === undefined || !seesAllNodes(context)) return;
    const { nodeSets } = membershipOf(context);
    const lists = excludedHostlists(setting);
    const ignored = !context.isSince("23.02") && lists.some(({ hasCount }) => hasCount)
      ? "the whole list"
      : "it";
    for (const { hostlist, span } of lists) {
      const daemon = hasPrograms(context) || context.isSince("26.05") ? "logs" : "silent";
      if (nodeSets.has(hostlist)) {
        if (context.isSince("24.05")) continue;
        yield {
          at: span,
          message:
            `SuspendExcNodes has "${hostlist}", which this Slurm takes for a node's name: slurmctld ignores ${ignored}; write the names of its nodes`,
          daemon,
        };
        continue;
      }
      if (
        context.isSince("24.11") && rangesOf(hostlist) === undefined && hostFunction(hostlist) === undefined
      ) {
        yield {
          at: span,
          message:
            `SuspendExcNodes has "${hostlist}", which is not a hostlist: slurmctld does not start; write e.g. c[0-9]`,
          severity: "error",
          daemon: "refuses",
        };
        continue;
      }
      const wrong = whatIsWrong(context, hostlist, lists.length === 1);
      if (wrong === undefined) continue;
      yield {
        at: span,
        message: `SuspendExcNodes ${wrong}: slurmctld ignores ${ignored}; name nodes of NodeName lines`,
        daemon,
      };
    }
  },
};

/** Why an element of SuspendExcNodes keeps no node up, or not all that it names; undefined where it does. */
function whatIsWrong(context: Context, hostlist: string, isAlone: boolean): string | undefined {
  if (isAlone && isAll(hostlist)) return undefined;
  const call = hostFunction(hostlist);
  if (call !== undefined && context.isSince("23.02")) {
    const fault = hostFunctionFault(context, call);
    if (fault !== undefined) return `has "${hostlist}", ${fault.what}`;
    const { records, isOpen } = membershipOf(context).select(hostlist);
    return isOpen || records.size > 0 ? undefined : `has "${hostlist}", but no node has that feature`;
  }
  const divided = membershipOf(context).index.divide(hostlist);
  if (divided === undefined) return `names "${hostlist}", which is not a hostlist`;
  const [unknown] = firstNames(divided.rest, 1);
  return unknown === undefined ? undefined : `names "${unknown}", which is not a node`;
}

/** PS025. */
export const suspendExcPartsUnknown: Rule = {
  id: "PS025",
  title: "SuspendExcParts names an unknown partition",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "SuspendExcParts names a partition that is not defined.",
  why: "slurmctld logs it and ignores the name: nodes that were to stay up are powered down.",
  remedy: "Name partitions of PartitionName lines.",
  sources: [fileOf("26.05", "src/slurmctld/power_save.c")],
  *check(context: Context): Iterable<Report> {
    if (context.partitions.length === 0 || !hasAllIncludes(context)) return;
    const names = context.partitions.map((partition) => partition.name);
    for (const token of context.tokens("SuspendExcParts")) {
      if (names.includes(token.text)) continue;
      const near = didYouMean(token.text, names);
      yield {
        at: token,
        message:
          `SuspendExcParts names "${token.text}", which is not a partition, and slurmctld ignores it; ${
            near === undefined ? "name a partition" : `did you mean ${near}?`
          }`,
        daemon: hasPrograms(context) || context.isSince("26.05") ? "logs" : "silent",
      };
    }
  },
};

/** PS026. */
export const powerSaveSettingsNotKept: Rule = {
  id: "PS026",
  title: "Exclusions lost at reconfigure",
  severity: "info",
  daemon: "silent",
  versions: since("23.02"),
  what:
    "SuspendExcNodes, SuspendExcParts or SuspendExcStates is set without ReconfigFlags=KeepPowerSaveSettings.",
  why: "What scontrol changed in them is gone after `scontrol reconfigure`.",
  remedy: "Add KeepPowerSaveSettings to ReconfigFlags if they are ever changed with scontrol.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = EXCLUSION_KEYS.map((key) => context.setting(key)).find((one) => one !== undefined);
    if (setting === undefined || !isComplete(context)) return;
    if (context.token("ReconfigFlags", "KeepPowerSaveSettings") !== undefined) return;
    yield {
      at: setting,
      message:
        `${setting.key} goes back to this line at every reconfigure, whatever scontrol changed; add ReconfigFlags=KeepPowerSaveSettings if scontrol is used on it`,
    };
  },
};

/** PS034. */
export const exclusionRepeated: Rule = {
  id: "PS034",
  title: "SuspendExc* repeated",
  severity: "error",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what:
    "SuspendExcNodes, SuspendExcParts or SuspendExcStates is set more than once, often in two included files.",
  why:
    "Slurm takes the last line only: the nodes of the others are not excluded, and on-premises or always-on nodes are powered down.",
  remedy: "Write all of them on one line, joined with commas.",
  sources: [fileOf("26.05", "src/common/parse_config.c"), SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const key of EXCLUSION_KEYS) {
      const settings = onePerPlace(context.settings(key));
      const last = settings.at(-1);
      for (const setting of settings.slice(0, -1)) {
        const { file, start } = last!.span;
        const joined = [...new Set(settings.flatMap((one) => one.value.text.split(",")))].join(",");
        yield {
          at: setting,
          message:
            `${setting.key} "${setting.value.text}" is discarded: it is set again in ${file.path} line ${
              positionAt(file, start).line
            } and the last line wins; write "${joined}" there and remove this one`,
          fix: {
            title: "Join into the last line",
            edits: [
              ...settings.slice(0, -1).map((one) => removeEntry(one)),
              replaceValue(last!, joined),
            ],
            safe: false,
          },
        };
      }
    }
  },
};

/** A NodeName line other than CLOUD with nodes that nothing excludes, and the finite SuspendTime that holds for it. */
interface Exposed {
  readonly node: NodeRecord;
  readonly setting: Setting;
}

function exposedNodes(context: Context): Exposed[] {
  const onPremises = context.nodes.filter((node) =>
    !node.isCloud && !/^FUTURE/i.test(node.text("State") ?? "")
  );
  if (onPremises.length === 0) return [];
  const excluded = excludedNodes(context);
  const times = timesInForce(context, "SuspendTime");
  return onPremises.flatMap((node) => {
    const { seconds, setting } = times.get(node)!;
    if (setting === undefined || seconds === Infinity || excluded.records.has(node)) return [];
    const isExcluded = excluded.names.divide(node.name)?.rest.length === 0;
    return isExcluded ? [] : [{ node, setting }];
  });
}

interface Excluded {
  /** Whole NodeName lines, by NodeSet, feature or ALL. */
  readonly records: ReadonlySet<NodeRecord>;
  /** Single nodes. */
  readonly names: NodeIndex<true>;
}

function excludedNodes(context: Context): Excluded {
  const membership = membershipOf(context);
  const nodes = context.setting("SuspendExcNodes");
  const lists = nodes === undefined ? [] : excludedHostlists(nodes).map(({ hostlist }) => hostlist);
  const parts = new Set(context.tokens("SuspendExcParts").map((token) => token.text));
  for (const partition of context.partitions) {
    if (parts.has(partition.name)) {
      lists.push(...hostElements(partition.text("Nodes") ?? "").map(({ text }) => text));
    }
  }
  const isWhole = (list: string) =>
    isAll(list) || membership.nodeSets.has(list) || hostFunction(list) !== undefined;
  return {
    records: new Set(lists.filter(isWhole).flatMap((list) => [...membership.select(list).records])),
    names: nodeIndex(lists.filter((list) => !isWhole(list)).map((hostlist) => ({ hostlist, item: true }))),
  };
}

/** An element of SuspendExcNodes. */
interface ExcludedList {
  /** Without its `:count`. */
  readonly hostlist: string;
  readonly hasCount: boolean;
  readonly span: Span;
}

function excludedHostlists(setting: Setting): ExcludedList[] {
  return hostElements(setting.value.text).map(({ text, start }) => {
    const hostlist = text.replace(/:\d+$/, "");
    const span = spanInValue(setting.value, start, start + text.length);
    return { hostlist, hasCount: hostlist !== text, span };
  });
}

function hasExclusions(context: Context): boolean {
  return EXCLUSION_KEYS.some((key) => context.setting(key) !== undefined);
}

function hasPrograms(context: Context): boolean {
  return context.isFragment || context.setting("SuspendProgram") !== undefined;
}

function seesAllNodes(context: Context): boolean {
  return context.nodes.length > 0 && hasAllIncludes(context);
}
