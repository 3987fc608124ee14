import { countHostlist } from "../../slurm/hostlist.ts";
import { type Context, type NodeRecord, wholeNumber } from "../context.ts";
import { positionAt } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { membershipOf } from "./membership.ts";
import { recordSettings } from "./record_settings.ts";
import { placeKey } from "./places.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const NODE_CONF = fileOf("26.05", "src/common/node_conf.c");
const READ_CONFIG = fileOf("26.05", "src/common/read_config.c");

/** States that slurmctld takes in a NodeName line whole, and those whose beginning is enough (seen on 22.05.8, 24.11.5, 26.05.5). */
const WHOLE_STATES = ["DOWN", "IDLE", "UNKNOWN", "ALLOCATED", "MIXED"];
const BEGINNINGS_OF_STATES = ["CLOUD", "DRAIN", "FAIL", "FUTURE"];

/** CL020. */
export const nodeListMismatch: Rule = {
  id: "CL020",
  title: "Node list that can't be expanded or paired",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "A NodeName is not a valid hostlist, has text behind its bracket, or has another count than its NodeAddr, NodeHostname, BcastAddr or Port.",
  why: "slurmctld pairs names with addresses one to one and does not start when it can't.",
  remedy: "Give one address, or as many as names; put the numbers at the end of the name.",
  sources: [NODE_CONF, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const node of context.nodes) {
      const count = countOf(node.name);
      if (count === "unreadable" && isOnlyClosed(node.name)) {
        yield closedOnly(context, node);
        continue;
      }
      if (typeof count === "string") {
        yield {
          at: node.entry.name,
          message: count === "too-many"
            ? `NodeName "${node.name}" stands for more than the 65536 nodes that Slurm holds: slurmctld does not start; define fewer`
            : `NodeName "${node.name}" is not a hostlist: slurmctld can't expand it; write e.g. c[0-9]`,
          ...(count === "too-many" || context.isSince("24.11") ? {} : { daemon: "silent" }),
        };
        continue;
      }
      if (/\][^,[\]]+(,|$)/.test(node.name) && !context.isSince("24.11")) {
        yield {
          at: node.entry.name,
          message:
            `NodeName "${node.name}" has text behind its bracket: this Slurm does not start; put the numbers last`,
        };
      }
      yield* pairs(context, node, count);
    }
  },
};

/** CL021. */
export const reservedNodeName: Rule = {
  id: "CL021",
  title: "Reserved NodeName",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "A node is called ALL, or NodeName=DEFAULT has NodeAddr or NodeHostname.",
  why: "slurmctld does not start: ALL means every node, and one address can't be the default of many nodes.",
  remedy: "Give the node another name; set the addresses on the lines of the nodes.",
  sources: [READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    for (const entry of context.records("NodeName")) {
      if (entry.name.text.toUpperCase() === "ALL") {
        yield {
          at: entry.name,
          message: 'NodeName "ALL" is reserved: slurmctld does not start; name the nodes',
        };
      }
      if (!entry.isDefault) continue;
      for (const setting of entry.settings) {
        if (setting.name !== "nodeaddr" && setting.name !== "nodehostname") continue;
        yield {
          at: setting,
          message:
            `${setting.key} is not allowed on NodeName=DEFAULT: slurmctld does not start; set it on the nodes`,
        };
      }
    }
  },
};

/** CL022. */
export const duplicateNodeName: Rule = {
  id: "CL022",
  title: "Node defined twice",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "Two NodeName lines define one node, or a NodeSet has the name of a node.",
  why:
    "slurmctld does not start with a node defined twice, nor (seen from 24.11 on) with a NodeSet called like a node.",
  remedy: "Remove the node from one of the lines; give the NodeSet another name.",
  sources: [READ_CONFIG, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const { index } = membershipOf(context);
    for (const { name, first, second } of index.claims) {
      // The same line, of a file that is included twice: SC029.
      if (first !== second && placeKey(first.span) === placeKey(second.span)) continue;
      const { file, start } = first.span;
      yield {
        at: second.entry.name,
        message: `Node "${name}" is defined in ${file.path} line ${
          positionAt(file, start).line
        } already: slurmctld does not start; remove it from one of the lines`,
      };
    }
    yield* hostNamesTaken(context);
    for (const set of context.nodeSets) {
      if (index.find(set.name) === undefined) continue;
      const refuses = context.isSince("24.11");
      yield {
        at: set.entry.name,
        message: `NodeSet "${set.name}" has the name of a node${
          refuses ? ": slurmctld does not start" : ", and newer releases don't start with that"
        }; give it another name`,
        ...(refuses ? {} : { severity: "warning", daemon: "silent" }),
      };
    }
  },
};

/** A NodeHostname that is the NodeName of a later line; the other way round slurmctld takes it. */
function* hostNamesTaken(context: Context): Iterable<Report> {
  const { index } = membershipOf(context);
  for (const [at, node] of context.nodes.entries()) {
    const host = node.text("NodeHostname");
    if (host === undefined || /[[,]/.test(host) || host === node.name) continue;
    const other = index.find(host);
    if (other === undefined || context.nodes.indexOf(other) <= at) continue;
    yield {
      at: other.entry.name,
      message:
        `NodeName "${host}" is the NodeHostname of "${node.name}" above: slurmctld does not start; give one of them another name`,
    };
  }
}

/** CL031. */
export const nodeStateInvalid: Rule = {
  id: "CL031",
  title: "State that a NodeName line doesn't take",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what: "A NodeName line has a State that slurm.conf doesn't take, such as UP or a mistyped CLOUD.",
  why: "slurmctld does not start.",
  remedy: "Write CLOUD, UNKNOWN, DOWN, DRAIN, FAIL or FUTURE.",
  sources: [SLURM_CONF, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    for (const { setting } of recordSettings(context, "NodeName", "State")) {
      if (isNodeState(setting.value.text)) {
        if (!/^cloud./i.test(setting.value.text)) continue;
        yield {
          at: setting.value,
          message:
            `State "${setting.value.text}" is taken for CLOUD, and what follows is dropped without a word; write CLOUD`,
          severity: "warning",
          daemon: "silent",
        };
        continue;
      }
      const external = /^external/i.test(setting.value.text);
      if (external && context.isSince("25.11")) continue;
      yield {
        at: setting.value,
        message: `State "${setting.value.text}" is not one that ${
          external ? "this Slurm" : "a NodeName line"
        } takes: slurmctld does not start; write CLOUD, UNKNOWN, DOWN, DRAIN, FAIL or FUTURE`,
      };
    }
  },
};

function* pairs(context: Context, node: NodeRecord, count: number): Iterable<Report> {
  for (const key of ["NodeAddr", "NodeHostname", "BcastAddr", "Port"]) {
    const setting = node.entry.settings.findLast((one) => one.name === key.toLowerCase());
    if (setting === undefined) continue;
    const number = wholeNumber(setting.value.text);
    if (number !== undefined && key === "Port" && (number < 1 || number > 65_535)) {
      yield {
        at: setting.value,
        message:
          `Port ${setting.value.text} is not one from 1 to 65535: slurmctld does not start; write 6818`,
      };
    }
    if (number !== undefined) continue;
    // A port is read up to what is not a digit: 7000s is 7000, and 65536s one port too many.
    const suffixed = key === "Port" ? /^(\d+)[^\d,[\]-]/.exec(setting.value.text) : null;
    if (suffixed !== null && Number(suffixed[1]) >= 1 && Number(suffixed[1]) <= 65_535) continue;
    if (key !== "Port" && isUnreadable(context, setting.value.text)) {
      yield {
        at: setting.value,
        message:
          `${key} "${setting.value.text}" is not a list of names: slurmctld does not start; close the bracket around numbers, e.g. d[5-6]`,
      };
      continue;
    }
    if (key === "Port" && !/^[\d,[\]-]+$/.test(setting.value.text)) {
      yield {
        at: setting.value,
        message:
          `Port "${setting.value.text}" is not a port or a list of ports: slurmctld does not start; write numbers`,
      };
      continue;
    }
    // 22.05.8 counts the host names only where there are no addresses.
    const isUncounted = key === "NodeHostname" && !context.isSince("23.02") &&
      node.entry.settings.some(({ name }) => name === "nodeaddr");
    if (isUncounted) continue;
    // Ports may be a range without brackets: 7000-7003.
    const { text } = setting.value;
    const counted = countOf(key === "Port" && !text.includes("[") ? `[${text}]` : text);
    const given = typeof counted === "number" ? counted : 1;
    // Addresses or ports of their own tell nodes of one host name apart; CLOUD nodes have none before they register.
    const isTold = node.get("NodeAddr") !== undefined || node.get("Port") !== undefined;
    if (key === "NodeHostname" && given === 1 && count > 1 && !isTold && !node.isCloud) {
      yield {
        at: setting.value,
        message:
          `${key} "${setting.value.text}" would be that of ${count} nodes: slurmctld does not start; give each node its own`,
      };
      continue;
    }
    if (given === 1 || given === count) continue;
    yield {
      at: setting.value,
      message:
        `${key} "${setting.value.text}" stands for ${given}, NodeName "${node.name}" for ${count}: slurmctld does not start; give one or ${count}`,
    };
  }
}

/** Whether all that is wrong with a list is a closing bracket without an opening one. */
function isOnlyClosed(text: string): boolean {
  const rest = text.replaceAll(/\[[^[\]]+\]/g, (range) => typeof countOf(range) === "number" ? "" : range);
  return rest.includes("]") && !rest.includes("[");
}

/** slurmctld takes such a bracket for a part of the name; 22.05.8 does so only where there is no range before it. */
function closedOnly(context: Context, { name, entry }: NodeRecord): Report {
  const refuses = name.includes("[") && !context.isSince("24.11");
  return {
    at: entry.name,
    message: `NodeName "${name}" closes a bracket that none opens: ${
      refuses ? "slurmctld does not start" : "it is a part of the name then"
    }; write e.g. c[0-9]`,
    ...(refuses ? {} : { severity: "warning", daemon: "silent" }),
  };
}

/** Brackets that slurmctld can't expand: empty ones on 22.05.8 too, open ones from 24.11 on (22.05.8 takes them for a name). */
function isUnreadable(context: Context, text: string): boolean {
  return text.includes("[]") || (context.isSince("24.11") && /\[[^\]]*$/.test(text));
}

/** How many names a hostlist stands for, or why that is not known. */
function countOf(hostlist: string): number | "unreadable" | "too-many" {
  try {
    return countHostlist(hostlist);
  } catch (error) {
    if (error instanceof SyntaxError) return "unreadable";
    if (error instanceof RangeError) return "too-many";
    throw error;
  }
}

/** Whether slurmctld takes a text as the State of a NodeName or DownNodes line. */
export function isNodeState(text: string): boolean {
  const state = text.toUpperCase();
  return WHOLE_STATES.includes(state) ||
    BEGINNINGS_OF_STATES.some((beginning) => state.startsWith(beginning));
}
