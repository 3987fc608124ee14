import type { Context, NodeRecord } from "../context.ts";
import { positionAt, type Setting, type Span, spanInValue } from "../document.ts";
import { didYouMean } from "../../base/did_you_mean.ts";
import { removeEntry, replaceValue } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { hasAllIncludes, isComplete } from "./completeness.ts";
import { membershipOf, namesIn } from "./membership.ts";
import { secondsOf, timesInForce } from "./power_save_times.ts";
import { onePerPlace } from "./places.ts";
import { fileOf, POWER_SAVE, SLURM_CONF, slurmConfOf } from "./sources.ts";

const EXCLUSION_KEYS = ["SuspendExcNodes", "SuspendExcParts", "SuspendExcStates"] as const;
/** Nodes named in a message. */
const FEW = 3;

/** PS006. */
export const globalSuspendTime: Rule = {
  id: "PS006",
  title: "Global SuspendTime reaches on-premises nodes",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "SuspendTime is set for all nodes, and nodes that are not State=CLOUD are not excluded from it.",
  why:
    "slurmctld suspends every node that SuspendTime holds for: it gives idle on-premises nodes to SuspendProgram, and counts them as powered down whatever that program does.",
  remedy:
    "From 21.08 on, set SuspendTime=INFINITE globally and a number on the partitions of the CLOUD nodes; or name the other nodes in SuspendExcNodes or SuspendExcParts.",
  sources: [`${POWER_SAVE}#hybrid`, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SuspendTime");
    const seconds = secondsOf(setting);
    if (setting === undefined || seconds === undefined || seconds === Infinity) return;
    const advice = context.isSince("21.08")
      ? "write SuspendTime=INFINITE here and a number on the partitions of the CLOUD nodes"
      : "name the other nodes in SuspendExcNodes";
    const exposed = exposedNodes(context);
    if (exposed.length > 0 && hasPrograms(context)) {
      const names = exposed.slice(0, FEW).map((node) => `"${node.name}"`).join(", ");
      const more = exposed.length > FEW ? ` and ${exposed.length - FEW} more` : "";
      yield {
        at: setting.value,
        message:
          `SuspendTime is ${seconds} s for every node, so Slurm powers down ${names}${more} too, not State=CLOUD and not excluded; ${advice}`,
      };
    } else if (exposed.length === 0 && !seesAllNodes(context) && !hasExclusions(context)) {
      yield {
        at: setting.value,
        message:
          `SuspendTime is ${seconds} s for every node, and not all nodes are in these files: Slurm powers down on-premises nodes too; ${advice}`,
        severity: "warning",
      };
    }
  },
};

/** PS024. */
export const suspendExcNodesUnknown: Rule = {
  id: "PS024",
  title: "SuspendExcNodes names unknown nodes",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "SuspendExcNodes names nodes that are not defined, or a NodeSet before 24.05.",
  why: "slurmctld logs it and may drop the whole list: nodes that were to stay up are powered down.",
  remedy: "Name nodes of NodeName lines; NodeSets only from 24.05 on.",
  sources: [fileOf("26.05", "src/slurmctld/power_save.c"), slurmConfOf("24.05")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("SuspendExcNodes");
    if (setting === undefined || !seesAllNodes(context)) return;
    const membership = membershipOf(context);
    for (const { hostlist, span } of excludedHostlists(setting)) {
      const names = namesIn(hostlist);
      const isSet = (name: string) => membership.nodeSets.has(name) || name.toUpperCase() === "ALL";
      const nodeSet = names?.find(isSet);
      const unknown = names?.find((name) => !membership.byName.has(name) && !isSet(name));
      if (names === undefined || unknown !== undefined) {
        yield {
          at: span,
          message: `SuspendExcNodes names "${unknown ?? hostlist}", which is no node: slurmctld ignores ${
            context.isSince("23.02") ? "some of the list" : "the whole list"
          }; name nodes of NodeName lines`,
          daemon: hasPrograms(context) || context.isSince("26.05") ? "logs" : "silent",
        };
      } else if (nodeSet !== undefined && !context.isSince("24.05")) {
        yield {
          at: span,
          message:
            `SuspendExcNodes has "${nodeSet}", which this Slurm takes for a node's name: the list is ignored; write the names of its nodes`,
          daemon: hasPrograms(context) || context.isSince("26.05") ? "logs" : "silent",
        };
      }
    }
  },
};

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
        message: `SuspendExcParts names "${token.text}", which is no partition, and slurmctld ignores it; ${
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

/** NodeName lines other than CLOUD with nodes whose global SuspendTime nothing takes away. */
function exposedNodes(context: Context): NodeRecord[] {
  const onPremises = context.nodes.filter((node) => !node.isCloud);
  if (onPremises.length === 0) return [];
  const excluded = excludedNodes(context);
  const global = context.setting("SuspendTime");
  const times = timesInForce(context, "SuspendTime");
  return onPremises.filter((node) =>
    times.get(node)!.setting === global && !/^FUTURE/i.test(node.text("State") ?? "") &&
    !excluded.records.has(node) && node.names().some((name) => !excluded.names.has(name))
  );
}

interface Excluded {
  /** Whole NodeName lines, by NodeSet or ALL. */
  readonly records: Set<NodeRecord>;
  readonly names: Set<string>;
}

function excludedNodes(context: Context): Excluded {
  const membership = membershipOf(context);
  const excluded: Excluded = { records: new Set(), names: new Set() };
  const nodes = context.setting("SuspendExcNodes");
  const hostlists = nodes === undefined ? [] : excludedHostlists(nodes).map(({ hostlist }) => hostlist);
  const parts = new Set(context.tokens("SuspendExcParts").map((token) => token.text));
  for (const partition of context.partitions) {
    if (parts.has(partition.name)) hostlists.push(partition.text("Nodes") ?? "");
  }
  for (const name of hostlists.flatMap((hostlist) => namesIn(hostlist) ?? [])) {
    if (membership.byName.has(name)) excluded.names.add(name);
    else for (const record of membership.select(name).records) excluded.records.add(record);
  }
  return excluded;
}

/** The hostlists of SuspendExcNodes, without their `:count`. */
function excludedHostlists(setting: Setting): { hostlist: string; span: Span }[] {
  const parts: { hostlist: string; span: Span }[] = [];
  const { text } = setting.value;
  for (const found of text.matchAll(/(?:[^,[\]]|\[[^\]]*\])+/g)) {
    const span = spanInValue(setting.value, found.index, found.index + found[0].length);
    parts.push({ hostlist: found[0].replace(/:\d+$/, ""), span });
  }
  return parts;
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
