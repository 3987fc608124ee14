import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { before, since } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { DYNAMIC_NODES, fileOf, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("26.05", "src/common/read_config.c");
/** The largest number of nodes that Slurm holds (slurm.h, MAX_SLURM_NODES). */
const MAX_NODES = 65_536;

/** CL018. */
export const routeByTopology: Rule = {
  id: "CL018",
  title: "Route by topology with CLOUD nodes",
  severity: "warning",
  daemon: "silent",
  versions: before("23.11"),
  what: "RoutePlugin is route/topology and there are CLOUD nodes.",
  why:
    "It forwards messages along switches that cloud nodes are not on, which dynamic and cloud nodes don't support; without topology/tree slurmctld does not start.",
  remedy: "Remove RoutePlugin.",
  sources: [`${DYNAMIC_NODES}`, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("RoutePlugin");
    if (setting === undefined || setting.value.text !== "route/topology") return;
    const refuses = isComplete(context) && context.text("TopologyPlugin") !== "topology/tree";
    if (context.cloudNodes.length === 0 && !refuses) return;
    yield {
      at: setting,
      message: refuses
        ? "RoutePlugin=route/topology needs TopologyPlugin=topology/tree: slurmctld does not start; remove it"
        : "RoutePlugin=route/topology forwards messages along switches that CLOUD nodes are not on; remove it",
      ...(refuses ? { severity: "error", daemon: "refuses" } : {}),
    };
  },
};

/** CL019. */
export const dynamicNodesRefused: Rule = {
  id: "CL019",
  title: "MaxNodeCount that slurmctld refuses",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: `MaxNodeCount is set without select/cons_tres, or is above ${MAX_NODES}.`,
  why: "slurmctld does not start: dynamic nodes need cons_tres, and Slurm holds 65,536 nodes at most.",
  remedy: "Set SelectType=select/cons_tres; lower MaxNodeCount.",
  sources: [DYNAMIC_NODES, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("MaxNodeCount");
    if (setting === undefined) return;
    const count = context.number("MaxNodeCount") ?? 0;
    const select = context.text("SelectType");
    if (select !== undefined && select !== "select/cons_tres") {
      yield {
        at: setting,
        message:
          `MaxNodeCount needs SelectType=select/cons_tres, not "${select}": slurmctld does not start; change SelectType`,
      };
    } else if (select === undefined && isComplete(context) && !context.isSince("23.11")) {
      yield {
        at: setting,
        message:
          "MaxNodeCount needs SelectType=select/cons_tres, which is not this Slurm's default: slurmctld does not start; set SelectType",
      };
    }
    if (count > MAX_NODES) {
      const refuses = context.isSince("24.11");
      yield {
        at: setting.value,
        message: `MaxNodeCount ${count} is above ${MAX_NODES}${
          refuses ? ": slurmctld does not start" : ", the most that Slurm holds"
        }; lower it`,
        ...(refuses ? {} : { severity: "warning", daemon: "silent" }),
      };
    }
  },
};

/** CL032. */
export const maxNodeCountTooLow: Rule = {
  id: "CL032",
  title: "MaxNodeCount below the nodes defined",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: "MaxNodeCount is lower than the number of nodes that the NodeName lines define.",
  why: "slurmctld does not start; 22.05.8 crashes.",
  remedy: "Raise MaxNodeCount to the defined nodes and the dynamic ones together.",
  sources: [DYNAMIC_NODES, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("MaxNodeCount");
    const count = context.number("MaxNodeCount");
    if (setting === undefined || count === undefined) return;
    if (count === 0 && !context.isSince("24.11")) return;
    const nodes = context.nodes.reduce((sum, node) => sum + node.count, 0);
    if (count >= nodes) return;
    yield {
      at: setting.value,
      message:
        `MaxNodeCount is ${count}, but ${nodes} nodes are defined: slurmctld does not start; write ${nodes} or more`,
    };
  },
};
