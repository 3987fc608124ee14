import { assertEquals } from "@std/assert";
import { lint } from "../../../../lib/slurm_conf/lint.ts";
import { parseDocument } from "../../../../lib/slurm_conf/parse.ts";
import type { LintFinding } from "../../../../lib/slurm_conf/rule.ts";
import { RULES } from "../../../../lib/slurm_conf/rules/mod.ts";
import type { SlurmVersion } from "../../../../lib/slurm_conf/versions.ts";

/** The slurm.conf lines that the legacy plugin's set-up guide tells people to add (aws-eda-slurm-cluster v1.1.2). */
const GUIDE = Deno.readTextFileSync(new URL("./legacy_guide.conf", import.meta.url));
const GUIDE_NODES = "/opt/slurm/slurmaws/etc/slurm_nodes.conf";
const GUIDE_ON_PREM = "/opt/slurm/slurmaws/etc/slurm_nodes_on_prem.conf";

Deno.test("RULES find the traps of the legacy guide's block on 24.05", { permissions: "none" }, () => {
  const found = check({ "slurm.conf": GUIDE, [GUIDE_NODES]: "" }, "24.05");
  assertEquals(found.map(({ rule, severity, line }) => `${rule} ${severity} ${line}`), [
    "CL001 warning 3",
    "CL005 warning 10",
    "CL026 info 10",
    "SC026 info 15",
    "SC025 warning 17",
    "CL027 info 17",
    "CL003 info 20",
    "PS006 warning 35",
  ]);
});

Deno.test("RULES find fewer in the legacy guide's block on 22.05, for which it was written", {
  permissions: "none",
}, () => {
  const found = check({ "slurm.conf": GUIDE, [GUIDE_NODES]: "" }, "22.05");
  assertEquals(ids(found), ["CL026", "CL027", "PS006", "SC025", "SC026"]);
});

Deno.test("RULES find what the guide does to an existing cluster", { permissions: "none" }, () => {
  const found = check({
    "slurm.conf": `ClusterName=site
SlurmctldHost=ctl
NodeName=old[1-40] CPUs=8
PartitionName=main Nodes=old[1-40] Default=YES
${GUIDE}Include ${GUIDE_ON_PREM}
`,
    [GUIDE_NODES]: `NodeName=Default State=CLOUD
NodeName=use1-az4-m8-x86-c7i-l-ondemand-[0-9] CPUs=1 RealMemory=3690 Weight=714
PartitionName=all Nodes=ALL
SuspendExcParts=always_on
PartitionName=always_on Nodes=use1-az4-m8-x86-c7i-l-ondemand-[0-1]
`,
    [GUIDE_ON_PREM]: `NodeName=lab[1-2] NodeAddr=lab[1-2].example.com CPUs=4 Weight=1
PartitionName=onprem Nodes=lab[1-2]
SuspendExcParts=onprem
`,
  }, "24.05");
  const errors = found.filter((finding) => finding.severity === "error");
  assertEquals(errors.map(({ rule, file, line }) => `${rule} ${file}:${line}`), [
    "PS006 slurm.conf:39",
    `CL029 ${GUIDE_NODES}:1`,
    `PS034 ${GUIDE_NODES}:4`,
  ]);
});

/** Values of peers' shipped slurm.conf, and findings that they must draw on a current release. */
const PEERS: readonly { name: string; conf: string; version: SlurmVersion; draws: readonly string[] }[] = [
  {
    name: "AWS ParallelCluster without DNS",
    version: "24.05",
    draws: ["CL001", "CL003", "CL005", "SC005"],
    conf: `SuspendTimeout=120
ResumeTimeout=1800
SuspendTime=600
ResumeRate=0
SuspendRate=0
SlurmctldParameters=idle_on_node_suspend,power_save_min_interval=30,node_reg_mem_percent=75
TreeWidth=65533
CommunicationParameters=NoAddrCache
PrivateData=cloud
BatchStartTimeout=180
MessageTimeout=60
SlurmdTimeout=180
UnkillableStepTimeout=180
ReturnToService=1
ReconfigFlags=KeepPartState
DebugFlags=Power`,
  },
  {
    name: "AWS ParallelCluster without DNS",
    version: "23.11",
    draws: ["CL001", "CL003", "CL005"],
    conf:
      "TreeWidth=65533\nCommunicationParameters=NoAddrCache\nPrivateData=cloud\nMessageTimeout=60\nUnkillableStepTimeout=180",
  },
  {
    name: "Azure CycleCloud",
    version: "25.05",
    draws: ["CL003", "PS012", "PS013", "PS014"],
    conf: `ResumeTimeout=1800
SuspendTimeout=600
SuspendTime=300
TreeWidth=16
SlurmctldTimeout=30
ReconfigFlags=KeepPowerSaveSettings
ReturnToService=2
SlurmctldParameters=idle_on_node_suspend
PrivateData=cloud`,
  },
  {
    name: "slurm-gcp with dynamic nodes",
    version: "25.05",
    draws: ["CL002", "CL003", "CL005"],
    conf: `ResumeTimeout=300
SuspendTimeout=300
SuspendTime=300
ResumeRate=0
SuspendRate=0
SlurmctldParameters=idle_on_node_suspend,cloud_reg_addrs
SchedulerParameters=salloc_wait_nodes
TreeWidth=65533
MessageTimeout=60
PrivateData=cloud`,
  },
  {
    name: "aws-plugin-for-slurm",
    version: "23.11",
    draws: ["CL005", "PS005", "PS018"],
    conf: `SuspendTime=60
ResumeTimeout=300
TreeWidth=60000`,
  },
];

for (const { name, conf, version, draws } of PEERS) {
  Deno.test(`RULES find what ${name} ships when Slurm is ${version}`, { permissions: "none" }, () => {
    const whole = `ClusterName=x
SlurmctldHost=ctl
NodeName=c[1-400] State=CLOUD
PartitionName=cloud Nodes=c[1-400] Default=YES
ResumeProgram=/a/resume
SuspendProgram=/a/suspend
${name.startsWith("aws-plugin") ? "" : "ResumeFailProgram=/a/suspend"}
${conf}
`;
    const drawn = ids(check({ "slurm.conf": whole }, version));
    assertEquals(draws.filter((id) => !drawn.includes(id)), []);
  });
}

Deno.test("RULES are content with a configuration that follows their advice", { permissions: "none" }, () => {
  const found = check({
    "slurm.conf": `ClusterName=x
SlurmctldHost=ctl
StateSaveLocation=/var/spool/slurmctld
ResumeProgram=/opt/slurm-ec2/resume
SuspendProgram=/opt/slurm-ec2/stop
ResumeFailProgram=/opt/slurm-ec2/resume-fail
PrologSlurmctld=/opt/slurm-ec2/bin/ready
SuspendTime=INFINITE
SuspendTimeout=120
ResumeTimeout=900
ResumeRate=0
SuspendRate=0
ReturnToService=2
BatchStartTimeout=180
MessageTimeout=60
AuthInfo=cred_expire=70
DebugFlags=Power
ReconfigFlags=KeepPartState,KeepPowerSaveSettings
SlurmctldParameters=idle_on_node_suspend,enable_configless,power_save_min_interval=30
SchedulerParameters=salloc_wait_nodes,sbatch_wait_nodes
NodeName=old[1-4] CPUs=8 Weight=1
NodeName=c[1-400] CPUs=4 RealMemory=7000 State=CLOUD Weight=100
PartitionName=onprem Nodes=old[1-4] Default=YES
PartitionName=cloud Nodes=c[1-400] SuspendTime=600
`,
  }, "24.11");
  assertEquals(found.map((finding) => `${finding.rule}: ${finding.message}`), []);
});

function check(files: Readonly<Record<string, string>>, version: SlurmVersion): LintFinding[] {
  const document = parseDocument("slurm.conf", (path) => {
    const text = files[path];
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return new TextEncoder().encode(text);
  });
  return lint({ document, rules: RULES, versions: [version] });
}

function ids(findings: readonly LintFinding[]): string[] {
  return [...new Set(findings.map((finding) => finding.rule))].sort();
}
