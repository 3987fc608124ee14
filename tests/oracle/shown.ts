import type { Change } from "./base.ts";
import type { Seen } from "./daemon.ts";

/** Where `scontrol show` says it under another name. */
const SHOWN_AS: Readonly<Record<string, string>> = {
  "NodeName CPUs": "CPUTot",
  "NodeName Procs": "CPUTot",
  "NodeName Feature": "AvailableFeatures",
  "NodeName Features": "AvailableFeatures",
  "NodeName SocketsPerBoard": "Sockets",
  "NodeName NodeHostname": "NodeHostName",
  "PartitionName Priority": "PriorityTier",
  "PartitionName Shared": "OverSubscribe",
  "PartitionName QOS": "QoS",
  "NodeSet Nodes": "Nodes",
  "NodeSet Feature": "Nodes",
  "DownNodes State": "State",
  "DownNodes Reason": "Reason",
  "gres.conf Count": "Gres",
};

/** The record of `scontrol show` that a change of a table is seen in. */
const SHOWN_IN: Readonly<Record<string, RegExp>> = {
  NodeName: /^NodeName=d0 .*$/m,
  PartitionName: /^PartitionName=q .*$/m,
  NodeSet: /^PartitionName=t .*$/m,
  DownNodes: /^NodeName=c0 .*$/m,
  "gres.conf": /^NodeName=g0 .*$/m,
};

/** What `scontrol show` gives of a change's key; undefined when it doesn't. */
export function shownValue({ shown }: Seen, change: Change): string | undefined {
  const key = SHOWN_AS[`${change.table} ${change.key}`] ?? change.key;
  if (change.table === "slurm.conf") {
    return new RegExp(`^${key}(?:\\[0\\])?\\s*= (.*)$`, "im").exec(shown)?.[1]?.trim();
  }
  const record = SHOWN_IN[change.table]?.exec(shown)?.[0];
  return record === undefined ? undefined : new RegExp(`\\b${key}=(\\S*)`, "i").exec(record)?.[1];
}
