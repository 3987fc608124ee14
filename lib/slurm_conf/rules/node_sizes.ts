import type { Context, NodeRecord } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** Sizes of which slurmctld makes 1 where they are 0; CPUs is CL014's. */
const AT_LEAST_ONE = ["Boards", "Sockets", "CoresPerSocket", "ThreadsPerCore"] as const;

/** CL042. */
export const nodeSizeReset: Rule = {
  id: "CL042",
  title: "Node size that slurmctld resets",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what:
    "A size of a NodeName line is 0, reserves as much as the node has (CoreSpecCount, CpuSpecList, MemSpecLimit), or contradicts another (CoreSpecCount and CpuSpecList, Sockets and SocketsPerBoard, fewer Sockets than Boards).",
  why: "slurmctld logs an error and takes another value: jobs get cores or memory that were to be kept free.",
  remedy: "Write a size that fits the node, and one of the two.",
  sources: [SLURM_CONF, fileOf("26.05", "src/common/node_conf.c")],
  *check(context: Context): Iterable<Report> {
    const isSuspect = suspects();
    for (const node of context.nodes) {
      if (!isSuspect(node)) continue;
      for (const [setting, problem] of problems(node)) {
        yield { at: setting, message: `${setting.key}=${setting.value.text} of "${node.name}" ${problem}` };
      }
    }
  },
};

/** Keys without which, and without a size of 0, nothing is wrong. */
const SUSPECT_KEYS: ReadonlySet<string> = new Set([
  "corespeccount",
  "cpuspeclist",
  "memspeclimit",
  "sockets",
]);
const SIZES: ReadonlySet<string> = new Set(AT_LEAST_ONE.map((key) => key.toLowerCase()));

/** Whether a line, or the DEFAULT lines that it shares with its neighbours, has any of them: few lines have. */
function suspects(): (node: NodeRecord) => boolean {
  const isSuspect = ({ name, value }: Setting) =>
    SUSPECT_KEYS.has(name) || (SIZES.has(name) && /^[+-]?0/.test(value.text));
  const byDefaults = new Map<unknown, boolean>();
  return ({ entry: { settings, defaults } }) => {
    let areSuspect = byDefaults.get(defaults);
    if (areSuspect === undefined) {
      byDefaults.set(defaults, areSuspect = [...defaults.values()].some(isSuspect));
    }
    return areSuspect || settings.some(isSuspect);
  };
}

function* problems(node: NodeRecord): Iterable<readonly [Setting, string]> {
  for (const key of AT_LEAST_ONE) {
    if (node.number(key) === 0) yield [node.get(key)!, "is taken for 1; write what the node has"];
  }
  const reserved = node.get("CoreSpecCount");
  const list = node.get("CpuSpecList");
  const cores = coresOf(node);
  if (reserved !== undefined && list !== undefined) {
    yield [reserved, "is ignored next to CpuSpecList; remove one of them"];
  } else if (reserved !== undefined && (node.number("CoreSpecCount") ?? 0) >= cores) {
    yield [
      reserved,
      `is not below the node's ${cores} ${cores === 1 ? "core" : "cores"}: slurmctld resets it; lower it`,
    ];
  }
  const last = lastCpu(list?.value.text ?? "");
  const cpus = cpusOf(node);
  if (list !== undefined && last >= cpus) {
    yield [
      list,
      `names CPU ${last}, and the node has ${cpus} (from 0): slurmctld ignores the list; correct it`,
    ];
  }
  const memory = node.get("MemSpecLimit");
  const limit = node.number("MemSpecLimit") ?? 0;
  const real = node.number("RealMemory") ?? 1;
  if (memory !== undefined && limit > 0 && limit >= real) {
    yield [memory, `is not below RealMemory (${real} MiB): slurmctld resets it to 0; lower it`];
  }
  const sockets = node.get("Sockets");
  if (sockets === undefined) return;
  if (node.get("SocketsPerBoard") !== undefined) {
    yield [sockets, "is ignored next to SocketsPerBoard; remove one of them"];
  } else if ((node.number("Sockets") ?? 0) < (node.number("Boards") ?? 1) && node.number("Sockets") !== 0) {
    yield [
      sockets,
      `is below Boards=${node.text("Boards")}: slurmctld resets Boards to 1; correct one of them`,
    ];
  }
}

/** Cores as slurmctld counts them; where CPUs stands alone, one for each. */
function coresOf(node: NodeRecord): number {
  const perSocket = node.number("CoresPerSocket") ?? 1;
  const perBoard = node.number("SocketsPerBoard");
  const sockets = perBoard === undefined ? node.number("Sockets") : perBoard * (node.number("Boards") ?? 1);
  if (sockets !== undefined) return Math.max(1, sockets * perSocket);
  const cpus = cpusOf(node);
  return Math.max(perSocket, Math.floor(cpus / (node.number("ThreadsPerCore") ?? 1)));
}

/** CPUs of a node as slurmctld counts them where CPUs is not set. */
export function cpusOf(node: NodeRecord): number {
  const cpus = node.number("CPUs") ?? node.number("Procs");
  if (cpus !== undefined) return cpus;
  const perBoard = node.number("SocketsPerBoard");
  const sockets = perBoard === undefined ? node.number("Sockets") : perBoard * (node.number("Boards") ?? 1);
  return (sockets ?? 1) * (node.number("CoresPerSocket") ?? 1) * (node.number("ThreadsPerCore") ?? 1);
}

/** The highest number of a list such as `0,2-3`; -1 where there is none. */
function lastCpu(list: string): number {
  return Math.max(-1, ...[...list.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
}
