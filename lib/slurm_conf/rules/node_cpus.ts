import type { Context, NodeRecord } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** CL014. */
export const cpusDisagree: Rule = {
  id: "CL014",
  title: "CPUs disagree with the sockets, cores and threads",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "CPUs of a NodeName line is not one of sockets, sockets x cores, sockets x cores x threads.",
  why:
    "slurmctld logs an error and sets CPUs itself. A node that then registers with fewer CPUs than slurm.conf says is set DOWN or INVALID_REG.",
  remedy:
    "Write CPUs as the number of vCPUs of the instance type, or of its cores where hyper-threading is off (ThreadsPerCore=1).",
  sources: [SLURM_CONF, fileOf("26.05", "src/common/node_conf.c")],
  *check(context: Context): Iterable<Report> {
    for (const node of context.nodes) {
      const cpus = node.number("CPUs") ?? node.number("Procs");
      const setting = node.get("CPUs") ?? node.get("Procs");
      if (cpus === undefined || setting === undefined) continue;
      if (cpus === 0) {
        yield {
          at: setting,
          message: `CPUs of "${node.name}" is 0, and slurmctld takes 1; write the vCPUs of the type`,
        };
        continue;
      }
      const perSocket = node.number("CoresPerSocket") ?? 1;
      const perCore = node.number("ThreadsPerCore") ?? 1;
      const sockets = socketsOf(node) || impliedSockets(node, cpus, perSocket * perCore);
      const cores = sockets * perSocket;
      const threads = cores * perCore;
      if (cpus === sockets && cpus !== cores && cpus !== threads && refusesSockets(context)) {
        yield {
          at: setting,
          message:
            `CPUs of "${node.name}" is ${cpus}, its sockets, but they have ${cores} cores and ${threads} threads: slurmctld does not start; write ${threads}`,
          severity: "error",
          daemon: "refuses",
        };
      }
      if ([sockets, cores, threads].includes(cpus)) continue;
      yield {
        at: setting,
        message:
          `CPUs of "${node.name}" is ${cpus}, but its sockets, cores and threads make ${sockets}, ${cores} or ${threads}: slurmctld resets it; write ${threads}`,
      };
    }
  },
};

/** slurmctld 22.05.8 with select/cons_tres ends with "Please fix your slurm.conf"; 24.11.5 and 26.05.5 take it. */
function refusesSockets(context: Context): boolean {
  return !context.isSince("23.02") && !/linear/i.test(context.text("SelectType") ?? "");
}

function socketsOf(node: NodeRecord): number | undefined {
  const perBoard = node.number("SocketsPerBoard");
  return perBoard === undefined ? node.number("Sockets") : perBoard * Math.max(node.number("Boards") ?? 1, 1);
}

/** Where a line gives no sockets, slurmctld takes as many as the CPUs fill, else one a board: seen on 22.05.8, 24.11.5 and 26.05.5. */
function impliedSockets(node: NodeRecord, cpus: number, threadsPerSocket: number): number {
  return Math.floor(cpus / Math.max(threadsPerSocket, 1)) || Math.max(node.number("Boards") ?? 1, 1);
}
