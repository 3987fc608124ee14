import { CLOUD, type Pair, POWER, WHOLE } from "./pair.ts";

const ON_PREM = `${WHOLE}NodeName=old[1-4]
NodeName=c[0-3] State=CLOUD
PartitionName=onprem Nodes=old[1-4] Default=YES
PartitionName=cloud Nodes=c[0-3]
ResumeProgram=/a/resume
SuspendProgram=/a/suspend
`;

/** Rules on which nodes SuspendTime holds for. */
export const SUSPEND_EXCLUSION_PAIRS: readonly Pair[] = [
  {
    id: "PS024",
    bad: `${ON_PREM}SuspendExcNodes=old1,«Feature{gpu}`,
    says: 'has "Feature{gpu}", a function that Slurm doesn\'t know: slurmctld ignores it',
    good: `${ON_PREM}SuspendExcNodes=old1,blockwith{old2}`,
    fires: ["23.02", "26.05"],
  },
  {
    id: "PS024",
    bad: `${ON_PREM}SuspendExcNodes=«switch{s1}`,
    says: "a switch that no topology has",
    good: `${ON_PREM}SuspendExcNodes=switchwith{old1}`,
    fires: ["24.11", "24.11"],
  },
  {
    id: "PS006",
    bad: `${ON_PREM}SuspendTime=«660`,
    says: 'Slurm powers down "old[1-4]" too',
    good: `${ON_PREM}SuspendTime=660\nSuspendExcParts=onprem`,
  },
  {
    id: "PS006",
    bad: `${ON_PREM}SuspendTime=«660\nSuspendExcParts=cloud`,
    says: "write SuspendTime=INFINITE here",
    good: `${ON_PREM.replace("Nodes=c[0-3]", "Nodes=c[0-3] SuspendTime=660")}SuspendTime=INFINITE`,
    fires: ["21.08", "26.05"],
  },
  {
    id: "PS006",
    bad: `${ON_PREM}SuspendTime=«660`,
    says: "name the other nodes in SuspendExcNodes",
    good: `${ON_PREM}SuspendTime=660\nSuspendExcNodes=old[1-2],old[3-4]:2`,
    fires: ["20.11", "20.11"],
  },
  {
    id: "PS006",
    bad: `${ON_PREM}SuspendTime=«660`,
    says: "too, not State=CLOUD",
    good: `${ON_PREM.replace("Nodes=old[1-4]", "Nodes=old[1-4] SuspendTime=INFINITE")}SuspendTime=660`,
  },
  {
    id: "PS006",
    bad: `${ON_PREM}SuspendTime=«660\nSuspendExcNodes=old[1-3]`,
    says: 'Slurm powers down "old[1-4]" too',
    good: `${ON_PREM}SuspendTime=660\nNodeSet=keep Nodes=old[1-4]\nSuspendExcNodes=keep`,
  },
  {
    id: "PS006",
    bad: "SuspendTime=«660",
    says: "not all nodes are in these files",
    good: "SuspendTime=660\nSuspendExcParts=onprem",
    severity: "warning",
  },
  {
    id: "PS021",
    bad: "SuspendExcStates=DRAIN,«CLOUD",
    says: 'has "CLOUD": no cloud node is ever powered down',
    good: "SuspendExcStates=DRAIN",
    fires: ["23.02", "26.05"],
  },
  {
    id: "PS022",
    bad: `${CLOUD}SuspendExcStates=«down`,
    says: 'SuspendExcStates has "down"',
    good: `${CLOUD}SuspendExcStates=PLANNED`,
    fires: ["23.02", "26.05"],
  },
  {
    id: "PS023",
    bad: "«SuspendExcStates=DOWN",
    says: "SuspendExcStates is unknown to this Slurm",
    good: "SuspendExcNodes=c1",
    fires: ["20.11", "22.05"],
    daemon: "refuses",
  },
  {
    id: "PS023",
    bad: "SuspendExcStates=DOWN,«MAINTAINANCE",
    says: "did you mean MAINTENANCE?",
    good: "SuspendExcStates=DOWN,MAINTENANCE",
    on: "23.02",
    fires: ["23.02", "26.05"],
  },
  {
    id: "PS023",
    bad: "SuspendExcStates=«EXTERNAL",
    says: 'takes no "EXTERNAL"',
    good: "SuspendExcStates=RESERVED",
    fires: ["23.02", "25.11"],
  },
  {
    id: "PS024",
    bad: `${POWER}SuspendExcNodes=c0,«c[1-9]:2`,
    says: 'names "c4", which is not a node',
    good: `${POWER}SuspendExcNodes=c0,c[1-3]:2`,
  },
  {
    id: "PS024",
    bad: `${POWER}NodeSet=keep Nodes=c0\nSuspendExcNodes=«keep`,
    says: 'has "keep", which this Slurm takes for a node\'s name',
    good: `${POWER}NodeSet=keep Nodes=c0\nSuspendExcNodes=c0`,
    fires: ["20.11", "23.11"],
  },
  {
    id: "PS025",
    bad: `${POWER}SuspendExcParts=«clod`,
    says: "did you mean cloud?",
    good: `${POWER}SuspendExcParts=cloud`,
  },
  {
    id: "PS026",
    bad: `${POWER}«SuspendExcNodes=c0`,
    says: "SuspendExcNodes goes back to this line at every reconfigure",
    good: `${POWER}SuspendExcNodes=c0\nReconfigFlags=KeepPowerSaveSettings`,
    fires: ["23.02", "26.05"],
  },
  {
    id: "PS034",
    bad: "«SuspendExcParts=always\nSuspendExcParts=onprem",
    says: 'write "always,onprem" there',
    good: "SuspendExcParts=always,onprem",
  },
  {
    id: "PS034",
    bad: "Include /c/nodes.conf\n«SuspendExcParts=always\nInclude /c/onprem.conf",
    says: "it is set again in /c/onprem.conf line 1 and the last line wins",
    good: "Include /c/onprem.conf",
    files: { "/c/nodes.conf": "", "/c/onprem.conf": "SuspendExcParts=onprem\n" },
  },
];
