import fc from "fast-check";
import { behind, type Shape, spaced, word } from "./shape.ts";

const size = fc.integer({ min: 1, max: 8 });

/** Settings of a node, right ones and wrong ones. */
export const nodeSettings = fc.oneof(
  word("State=CLOUD State=FUTURE State=UNKNOWN State=DOWN State=DRAIN State=IDLE"),
  size.map((n) => `CPUs=${n}`),
  size.map((n) => `RealMemory=${n * 500}`),
  size.map((n) => `Weight=${n}`),
  word(
    "Features=a,b Feature=a Gres=gpu:1 Port=7000 NodeAddr=d1 NodeHostName=d1 TmpDisk=5 Reason=x Sockets=2",
  ),
  word("ThreadsPerCore=2 CoreSpecCount=1 MemSpecLimit=100 Weight=-1 CPUs=x"),
);

/** Settings of a partition, right ones and wrong ones. */
export const partitionSettings = fc.oneof(
  word("SuspendTime=600 SuspendTime=INFINITE ResumeTimeout=600 SuspendTimeout=200 State=DOWN"),
  size.map((n) => `MaxTime=${n * 60}`),
  size.map((n) => `MaxNodes=${n}`),
  word("OverSubscribe=FORCE:4 Hidden=YES RootOnly=YES PreemptMode=OFF PriorityTier=5 LLN=YES"),
  word("MaxTime=2h OverSubscribe=SOME DefMemPerCPU=100 DefMemPerNode=100 MaxMemPerNode=500"),
  word("AllowAccounts=a DenyAccounts=b AllowQos=a DenyQos=b MinNodes=3 DefaultTime=30"),
  word("Default=YES Nodes=c0 Nodes=ALL DefaultTime=5-0 GraceTime=-1 JobDefaults=DefCpuPerGPU=2"),
);

/** What DEFAULT lines hand on, where they stand, and that they are judged. */
export const defaults: fc.Arbitrary<Shape> = fc.oneof(
  fc.tuple(nodeSettings, nodeSettings).map(([given, own]) =>
    behind(`NodeName=DEFAULT ${given}`, `NodeName=d[0-1] ${own}`, "PartitionName=q Nodes=d[0-1]")
  ),
  fc.tuple(nodeSettings, nodeSettings).map(([given, own]) =>
    behind(`NodeName=d[0-1] ${own}`, `NodeName=DEFAULT ${given}`, "PartitionName=q Nodes=d[0-1]")
  ),
  fc.tuple(partitionSettings, partitionSettings).map(([given, own]) =>
    behind(
      `PartitionName=DEFAULT ${given}`,
      spaced("PartitionName=q", own.startsWith("Nodes=") ? "" : "Nodes=c0", own),
    )
  ),
  partitionSettings.map((given) => behind(`PartitionName=DEFAULT ${given}`)),
  fc.tuple(partitionSettings, size).map(([given, n]) =>
    behind(
      spaced("PartitionName=DEFAULT", given, given.startsWith("Nodes=") ? "" : "Nodes=c0"),
      `PartitionName=q${n}`,
    )
  ),
);
