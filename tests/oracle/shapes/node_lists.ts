import fc from "fast-check";
import { nodeSettings, partitionSettings } from "./defaults.ts";
import { before, behind, from, NODES, PARTITION, type Shape, spaced, word } from "./shape.ts";

const pieces = word(`
  c0 c1 c[0-3] c[0-1] c[2-3] ALL -c3 zz c9 c[0-9] c[3-0] c[0-1 c0] all s t c[0,2] c[00-03] C0 c[1-1] feature{a} feature{b}
  feature{nope} c[0-3/2] p c[] c0;c1 c*`);
const nodeList = fc.array(pieces, { minLength: 1, maxLength: 3 }).map((list) => list.join(","));

/** Lists of nodes: of partitions, NodeSets, DownNodes, SuspendExcNodes, and of NodeName lines themselves. */
export const nodeLists: fc.Arbitrary<Shape> = fc.oneof(
  nodeList.map((list) => behind(`PartitionName=q Nodes=${list}`)),
  fc.tuple(nodeList, nodeList).map(([set, list]) => ({
    rest: [`${NODES} Features=a`, PARTITION, `NodeSet=s Nodes=${set}`, `PartitionName=q Nodes=${list}`],
  })),
  fc.tuple(word("a b a,b nope"), nodeList).map(([feature, list]) => ({
    rest: [
      `${NODES} Features=a`,
      PARTITION,
      `NodeSet=s Feature=${feature}`,
      `PartitionName=q Nodes=s,${list}`,
    ],
  })),
  fc.tuple(nodeList, word("DOWN DRAIN FAIL")).map(([list, state]) =>
    behind(`DownNodes=${list} State=${state} Reason=x`)
  ),
  fc.tuple(nodeList, word("- - :1 :2 :9")).map(([list, count]) =>
    before([`SuspendExcNodes=${list}${count}`])
  ),
  word(`
    d0 d[0-2] d[0-2],d5 d[2-0] d[0-1 d] d[0-1],d1 d[00-02] d[0-1]x[0-1] c[3-4] d0,c1 d[a-b] d-0 d.0 d_0 localhost DEFAULT0
    ALL NONE d[0-3/2] 1 d/0`).map((name) => behind(`NodeName=${name} CPUs=4 RealMemory=1000 State=CLOUD`)),
);

/** The same thing said twice. */
export const duplicates: fc.Arbitrary<Shape> = fc.oneof(
  fc.tuple(
    word("ResumeTimeout KillWait SlurmctldParameters MessageTimeout TreeWidth"),
    fc.integer({ min: 1, max: 8 }),
    fc.integer({ min: 1, max: 8 }),
  ).map(([key, a, b]) => before([`${key}=${a * 100}`, `${key}=${b * 100}`])),
  from(`
    NodeName=c0 CPUs=4
    NodeName=c[3-5] CPUs=4 State=CLOUD
    NodeName=d0 CPUs=2\\nNodeName=d0 CPUs=2
    NodeName=d[0-1],d1 CPUs=2
    NodeName=d0 NodeHostName=d1 CPUs=1\\nNodeName=d1 CPUs=1
    NodeName=d0 NodeAddr=d1 CPUs=1\\nNodeName=d1 CPUs=1
    NodeSet=s Nodes=c0\\nNodeSet=s Nodes=c1
    NodeSet=c0 Nodes=c1
    NodeSet=p Nodes=c0
    NodeSet=ALL Nodes=c0
    NodeSet=DEFAULT Nodes=c0
    NodeSet=s
    NodeSet=s Nodes=c0 Feature=a`).map((text) => behind(...text.split("\n"))),
  fc.tuple(word("p P q"), partitionSettings).map(([name, own]) =>
    behind(spaced(`PartitionName=${name} Nodes=c0`, own.startsWith("Nodes=") ? "" : own))
  ),
  fc.tuple(partitionSettings, partitionSettings).map(([a, b]) =>
    behind(`PartitionName=q Nodes=c0 ${a} ${b}`)
  ),
  fc.tuple(nodeSettings, nodeSettings).map(([a, b]) => behind(`NodeName=d0 ${a} ${b}`)),
  from(`
    SlurmctldHost=rig(127.0.0.1)\\nSlurmctldHost=rig2(127.0.0.1)
    SlurmctldHost=rig\\nSlurmctldHost=rig
    ControlMachine=rig
    ClusterName=a\\nClusterName=b
    ClusterName=A.b
    ClusterName=a b
    ClusterName=UPPER`).map((text) => before(text.split("\n"))),
);
