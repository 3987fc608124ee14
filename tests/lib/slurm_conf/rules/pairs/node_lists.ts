import { CLOUD, type Pair, POWER, WHOLE } from "./pair.ts";

const PROGRAMS = "ResumeProgram=/a/resume\nSuspendProgram=/a/suspend\n";
const MIXED = `${WHOLE}${PROGRAMS}NodeName=c[0-3] State=CLOUD Features=gpu,a100\nNodeName=old[1-2]\n`;

/** Rules on lists of nodes, and on what a line hands on: each case seen on slurmctld 22.05.8, 24.11.5 and 26.05.5. */
export const NODE_LIST_PAIRS: readonly Pair[] = [
  {
    id: "CL020",
    bad: `${WHOLE}NodeName=«n[0-65536] State=CLOUD`,
    says: "stands for more than the 65536 nodes that Slurm holds",
    good: `${WHOLE}NodeName=n[0-65535] State=CLOUD`,
  },
  {
    id: "CL022",
    bad: `${WHOLE}NodeName=«n[0-1],n0 State=CLOUD`,
    says: 'Node "n0" is defined in slurm.conf line 3 already',
    good: `${WHOLE}NodeName=n[0-1],n00 State=CLOUD`,
  },
  {
    id: "CL022",
    bad: `${WHOLE}NodeName=r[1-2]n[01-10]\nNodeName=«r1n0[3-4]`,
    says: 'Node "r1n03" is defined',
    good: `${WHOLE}NodeName=r[1-2]n[01-10]\nNodeName=r1n[3-4]`,
  },
  {
    id: "CL023",
    bad: `${CLOUD}PartitionName=q Nodes=«ALL,c1`,
    says: "ALL must stand alone",
    good: `${CLOUD}PartitionName=q Nodes=all`,
  },
  {
    id: "CL023",
    bad: `${CLOUD}PartitionName=q Nodes=«ALL,-c3`,
    says: 'names "ALL", "-c3"',
    good: `${CLOUD}PartitionName=q Nodes=c0,c0`,
  },
  {
    id: "CL023",
    bad: `${CLOUD}NodeSet=s Nodes=c1\nNodeSet=t Nodes=«s,c2\nPartitionName=q Nodes=t`,
    says: 'Nodes of NodeSet "t" names "s"',
    good: `${CLOUD}NodeSet=s Nodes=c1\nNodeSet=t Nodes=c2,zz\nPartitionName=q Nodes=s`,
  },
  {
    id: "CL023",
    bad: `${CLOUD}NodeSet=s Nodes=«ALL\nPartitionName=q Nodes=s`,
    says: 'Nodes of NodeSet "s" names "ALL"',
    good: `${CLOUD}NodeSet=s Nodes=ALL`,
    fires: ["20.11", "22.05"],
  },
  {
    id: "CL023",
    bad: `${MIXED}PartitionName=q Nodes=«feature{gpu}`,
    says: 'has "feature{gpu}", which this Slurm takes for a node\'s name: slurmctld does not start',
    good: `${MIXED}NodeSet=g Feature=gpu\nPartitionName=q Nodes=g`,
    fires: ["20.11", "22.05"],
  },
  {
    id: "CL023",
    bad: `${MIXED}PartitionName=q Nodes=«zz,feature{gpu}`,
    says: 'names "zz", which no NodeName line defines',
    good: `${MIXED}PartitionName=q Nodes=old1,feature{gpu},switch{s1},blockwith{c1}`,
  },
  {
    id: "CL023",
    bad: `${MIXED}PartitionName=q Nodes=«fture{gpu}`,
    says: "a function that Slurm doesn't know",
    good: `${MIXED}PartitionName=q Nodes=block{b1},ring{r1}`,
    severity: "warning",
    daemon: "logs",
    fires: ["23.02", "26.05"],
  },
  {
    id: "CL035",
    bad: `«${WHOLE}PartitionName=a`,
    says: "No NodeName line in these files",
    good: `${WHOLE}MaxNodeCount=1024\nNodeSet=ns1 Feature=ns1\nPartitionName=ns1 Nodes=ns1 Default=YES`,
    fires: ["20.11", "22.05"],
    on: "22.05",
  },
  {
    id: "PS004",
    bad: `${CLOUD}PartitionName=DEFAULT SuspendTime=600\nPartitionName=p Nodes=c1\n«${PROGRAMS}`,
    says: "ResumeProgram is set, but SuspendTime is not",
    good: `${CLOUD}${PROGRAMS}SuspendTime=abc`,
  },
  {
    id: "PS004",
    bad: `${CLOUD}${PROGRAMS}PartitionName=p Nodes=c1 «SuspendTime=none`,
    says: 'SuspendTime is "none" and nowhere a number',
    good: `${CLOUD}${PROGRAMS}PartitionName=p Nodes=c1 SuspendTime=-5`,
    // Where slurmctld knows the key on that line; before, PS028 says so.
    fires: ["26.05", "26.05"],
  },
  {
    id: "PS005",
    bad: `${CLOUD}SuspendTime=«abc`,
    says: "SuspendTime is 0 s",
    good: `${CLOUD}SuspendTime=-5`,
  },
  {
    id: "PS005",
    bad: `${CLOUD}PartitionName=p Nodes=c1 SuspendTime=«UNLIMITED`,
    says: "SuspendTime is 0 s",
    good: `${CLOUD}PartitionName=p Nodes=c1 SuspendTime=INFINITE`,
  },
  {
    id: "PS035",
    bad: "PartitionName=a SuspendTime=«0x100",
    says: "slurmctld takes it for 0 s",
    good: "PartitionName=a SuspendTime=0256",
  },
  {
    id: "PS035",
    bad: "SuspendTime=«999999999999",
    says: "slurmctld does not start",
    good: "SuspendTime=4294967295",
    daemon: "refuses",
    fires: ["24.11", "26.05"],
  },
  {
    id: "PS036",
    bad: "PartitionName=DEFAULT «SuspendTime=600 MaxTime=60\nPartitionName=p Nodes=c1",
    says: "SuspendTime on PartitionName=DEFAULT reaches no partition",
    good: "PartitionName=DEFAULT ResumeTimeout=600 SuspendTimeout=120\nPartitionName=p SuspendTime=600",
    severity: "error",
  },
  {
    id: "PS036",
    bad: "PartitionName=DEFAULT «ExclusiveUser=YES",
    says: "ExclusiveUser on PartitionName=DEFAULT reaches no partition",
    good: "PartitionName=DEFAULT RootOnly=YES Hidden=YES LLN=YES OverSubscribe=FORCE:2 DefMemPerCPU=9",
  },
  {
    id: "PS006",
    bad: `${MIXED}PartitionName=p Nodes=c[0-3],old1 Default=YES SuspendTime=«600`,
    says: 'SuspendTime of partition "p" holds for all of its nodes, so Slurm powers down "old[1-2]" too',
    good: `${MIXED}PartitionName=p Nodes=c[0-3],old[1-2] SuspendTime=600\nSuspendExcNodes=old[1-2]`,
    fires: ["21.08", "26.05"],
  },
  {
    id: "PS006",
    bad: `${MIXED}NodeSet=s Nodes=old2 Feature=gpu\nPartitionName=p Nodes=s SuspendTime=«600`,
    says: "powers down",
    // Power saving for nodes of the site's own.
    good:
      `${MIXED}PartitionName=p Nodes=c[0-3] SuspendTime=600\nPartitionName=q Nodes=old[1-2] SuspendTime=900`,
    fires: ["21.08", "26.05"],
  },
  {
    id: "PS006",
    bad: "SuspendTime=«660",
    says: "not all nodes are in these files",
    severity: "warning",
    good:
      `${WHOLE}${PROGRAMS}MaxNodeCount=64\nNodeSet=ns1 Feature=ns1\nPartitionName=p Nodes=ns1\nSuspendTime=600`,
  },
  {
    id: "PS024",
    bad: `${POWER}SuspendExcNodes=c0,«zz`,
    says: 'names "zz", which is not a node: slurmctld ignores it',
    good: `${POWER}SuspendExcNodes=c0,c1:1`,
  },
  {
    id: "PS024",
    bad: `${POWER}SuspendExcNodes=c0:1,«zz`,
    says: "slurmctld ignores the whole list",
    good: `${POWER}SuspendExcNodes=ALL`,
    fires: ["20.11", "22.05"],
  },
  {
    id: "PS024",
    bad: `${MIXED}SuspendExcNodes=old1,«feature{cpu}`,
    says: 'has "feature{cpu}", but no node has that feature',
    good: `${MIXED}SuspendExcNodes=old1,feature{gpu}:2,switch{s1}`,
    fires: ["23.02", "26.05"],
  },
  {
    id: "PS024",
    bad: `${POWER}SuspendExcNodes=«ALL,c1`,
    says: 'names "ALL", which is not a node',
    good: `${POWER}SuspendExcNodes=c[0-3]`,
  },
];
