import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import type { DaemonEffect, Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { SLURM_CONF } from "./sources.ts";

/** Two keys of which the first is ignored where both are set. */
interface Pair {
  readonly ignored: string;
  readonly inForce: string;
  readonly daemon: DaemonEffect;
}

/** Each seen on slurmctld 22.05.8, 24.11.5 and 26.05.5, in both orders. */
const PLAIN: readonly Pair[] = [
  { ignored: "DefMemPerCPU", inForce: "DefMemPerNode", daemon: "logs" },
  { ignored: "MaxMemPerCPU", inForce: "MaxMemPerNode", daemon: "logs" },
  { ignored: "PropagateResourceLimits", inForce: "PropagateResourceLimitsExcept", daemon: "silent" },
  { ignored: "ControlMachine", inForce: "SlurmctldHost", daemon: "logs" },
];

const OF_PARTITIONS: readonly Pair[] = [
  { ignored: "DefMemPerCPU", inForce: "DefMemPerNode", daemon: "logs" },
  { ignored: "MaxMemPerCPU", inForce: "MaxMemPerNode", daemon: "logs" },
  { ignored: "DenyAccounts", inForce: "AllowAccounts", daemon: "logs" },
  { ignored: "DenyQos", inForce: "AllowQos", daemon: "logs" },
  { ignored: "Shared", inForce: "OverSubscribe", daemon: "silent" },
];

const OF_NODES: readonly Pair[] = [{ ignored: "Features", inForce: "Feature", daemon: "silent" }];

/** SC030. */
export const exclusiveKeys: Rule = {
  id: "SC030",
  title: "Key that another one puts out of force",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what:
    "Two keys are set of which Slurm heeds one only: DefMemPerCPU and DefMemPerNode, AllowAccounts and DenyAccounts, or Feature and Features.",
  why: "The other one is ignored, for some pairs without a word in the log.",
  remedy: "Remove the one that you don't want.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const pair of PLAIN) yield* both(pair, (key) => context.setting(key));
    for (const partition of context.partitions) {
      for (const pair of OF_PARTITIONS) yield* both(pair, (key) => partition.get(key));
    }
    for (const node of context.nodes) for (const pair of OF_NODES) yield* both(pair, (key) => node.get(key));
  },
};

function* both(
  { ignored, inForce, daemon }: Pair,
  get: (key: string) => Setting | undefined,
): Iterable<Report> {
  const loser = get(ignored);
  const winner = get(inForce);
  if (loser === undefined || winner === undefined) return;
  yield {
    at: loser,
    message:
      `${loser.key} is ignored, because ${winner.key}=${winner.value.text} is set too; remove one of them`,
    daemon,
  };
}
