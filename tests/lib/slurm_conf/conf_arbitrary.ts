import fc from "fast-check";
import { keysOf } from "../../../lib/slurm_conf/data/keys.ts";

/** Keys whose values depend on what the machine has: ports and a database. */
const JUDGED: ReadonlySet<string> = new Set([
  "SlurmctldPort",
  "SlurmdPort",
  "AccountingStoragePort",
  "TrackWCKey",
]);

const typed = [...keysOf("slurm.conf").values()].filter(({ name, type }) =>
  type !== undefined && !JUDGED.has(name)
);
const NUMBERS = [
  "1",
  "7",
  "30",
  "0x20",
  "017",
  "65535",
  "65536",
  "4294967295",
  "4294967296",
  "-1",
  "08",
  "5k",
  "5K",
  "x",
  "1.5",
  "infinite",
  "UNLIMITED",
];
const BOOLEANS = ["yes", "NO", "1", "0", "true", "False", "up", "DOWN", "2", "on", "maybe"];

/** A line of a typed key, its value valid more often than not. */
const typedLine = fc.constantFrom(...typed).chain(({ name, type }) => {
  const values = type === "boolean" ? BOOLEANS : NUMBERS;
  return fc.tuple(
    fc.constantFrom(name, name.toLowerCase(), name.toUpperCase()),
    fc.constantFrom("1", ...values),
  )
    .map(([key, value]) => `${key}=${value}`);
});

/** Keys of all releases, by name only: numbers suit every key that is here. */
const versionedLine = fc.constantFrom(
  "CacheGroups=1",
  "SchedulerPort=1",
  "PowerParameters=x",
  "GetEnvTimeout=2",
  "ExtSensorsFreq=1",
  "SuspendExcStates=DOWN",
  "MaxNodeCount=10",
  "HealthCheckTimeout=60",
  "MaxBatchRequeue=3",
  "PrologTimeout=20",
  "EpilogTimeout=20",
  "LicenseParameters=x",
  "Bogus=1",
  "JobCheckpointDir=/x",
  "AccountingStorageLoc=x",
  "SlurmctldParameters=idle_on_node_suspend,power_save_interval=5",
  "TreeWidth=0",
  "DebugFlags=Power",
  "PrivateData=cloud",
  "CommunicationParameters=NoAddrCache",
  "SlurmctldParameters=cloud_reg_addrs",
  "SuspendTime=300",
  "SuspendTime=NONE",
  "SuspendExcParts=p",
  "SuspendExcParts=nowhere",
  "SuspendExcNodes=c0",
  "SuspendProgram=/bin/true",
  "ResumeProgram=/bin/true",
  "ResumeFailProgram=relative",
  "GresTypes=gpu",
  "PrologFlags=Contain",
  "Prolog=/bin/true",
  "PowerAction=x Program=/bin/true",
  "SelectType=select/cons_res",
);

/** Forms of a line, right and wrong, around harmless keys. */
const formLine = fc.constantFrom(
  "  KillWait = 31  # comment",
  "\tKillWait\t=\t31\t",
  "KillWait=31#comment",
  'KillWait="31"',
  'SlurmctldParameters="a, b"',
  "SlurmctldParameters=a, b",
  "SlurmctldParameters=a,\\\nb",
  "SlurmctldParameters=a,\\  \nb",
  "SlurmctldParameters=a,\\\n b",
  "SlurmctldParameters=\\\na",
  "SlurmctldParameters=a\\\nKillWait=31",
  "SlurmctldParameters=a\\#b",
  "SlurmctldParameters=a\\\\",
  'SlurmctldParameters="a"b',
  'SlurmctldParameters="a b',
  'SlurmctldParameters=""',
  "SlurmctldParameters=",
  "SlurmctldParameters= # nothing",
  "SlurmctldParameters+=a",
  "KillWait*=31",
  "KillWait = 31 WaitTime=5",
  "KillWait",
  "= 31",
  "Kill-Wait=31",
  "KillWait=31\r",
  "# KillWait=31 \\",
  "# only a comment",
  "   ",
  " Include missing.conf",
  "IncludeX=1",
);

const nodeName = fc.constantFrom(
  "d[0-3]",
  "d[0-3]",
  "e1,e2",
  "c[2-5]",
  "c0",
  "f[1-2,5]",
  "DEFAULT",
  "g[01-03]",
  "d3",
);
const nodeOption = fc.constantFrom(
  "CPUs=2",
  "CPUs=x",
  "CPUs=70000",
  "RealMemory=500",
  "RealMemory=-5",
  "State=CLOUD",
  "State=UNKNOWN",
  "Weight=5",
  "Weight=5000000000",
  "Feature=a,b",
  "Feature=a, b",
  "TmpDisk=10",
  "Sockets=1",
  "SuspendTime=60",
  "CPUs=4 Sockets=2 CoresPerSocket=2",
  "NodeAddr=127.0.0.1",
  "RestrictedCoresPerGPU=1",
  "Bogus=1",
  "loose",
);
const nodeLine = fc.tuple(nodeName, fc.array(nodeOption, { minLength: 0, maxLength: 3 }))
  .map(([name, options]) => `NodeName=${[name, ...options].join(" ")}`);

const partitionOption = fc.constantFrom(
  "Nodes=ALL",
  "Nodes=c[0-1]",
  "Nodes=c[0-9]",
  "Nodes=nowhere",
  "Default=NO",
  "Default=maybe",
  "MaxTime=60",
  "ResumeTimeout=300",
  "ResumeTimeout=70000",
  "SuspendTime=60",
  "PowerDownOnIdle=YES",
  "ExclusiveTopo=NO",
  "PriorityTier=5",
  "PriorityTier=x",
  "Bogus=1",
);
const partitionLine = fc.tuple(
  fc.constantFrom("q", "r", "s", "p", "DEFAULT", "t"),
  fc.array(partitionOption, { minLength: 0, maxLength: 2 }),
).map(([name, options]) => `PartitionName=${[name, ...options].join(" ")}`);

const nodeSetLine = fc.constantFrom(
  "NodeSet=ns Nodes=c[0-1]",
  "NodeSet=fs Feature=a",
  "NodeSet=c1 Nodes=c0",
  "NodeSet=ns2 Bogus=1",
  "DownNodes=c0 State=DOWN Reason=x",
  "DownNodes=nowhere State=DOWN",
  "DownNodes=c0 Bogus=1",
);

/** Text to put behind a configuration that slurmctld takes: some of it right, some wrong, most of it short. */
export const confArbitrary: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: typedLine },
    { weight: 2, arbitrary: versionedLine },
    { weight: 4, arbitrary: formLine },
    { weight: 2, arbitrary: nodeLine },
    { weight: 2, arbitrary: partitionLine },
    { weight: 1, arbitrary: nodeSetLine },
  ),
  { minLength: 1, maxLength: 4 },
).map((lines) => lines.map((line) => `${line}\n`).join(""));

/** Lines that slurmctld starts on and that `--fix` has something to say to. */
const FIXABLE: readonly string[] = [
  "KillWait=31 # old",
  "KillWait=32",
  "killwait=33",
  "SlurmctldParameters=idle_on_node_suspend,,power_save_interval=5",
  "SlurmctldParameters=\\\nidle_on_node_suspend,\\\n,power_save_interval=5",
  "SlurmctldParameters=cloud_reg_addrs,idle_on_node_suspend",
  "CommunicationParameters=NoAddrCache # from the old days",
  "PrivateData=cloud",
  "PrivateData=jobs,cloud",
  "PowerParameters=x",
  "GetEnvTimeout=2",
  "TreeWidth=65533",
  "NodeName=d0 CPUs=1 CPUs=2 State=CLOUD # twice",
  "PartitionName=q Nodes=c0 MaxTime=5 MaxTime=6",
  "SlurmctldParameters=a,\\ # slurm-ec2: ignore SC012 why\nb",
];

/** Text that slurmctld starts on, with something to fix. */
export const fixableArbitrary: fc.Arbitrary<string> = fc.tuple(
  fc.shuffledSubarray([...FIXABLE], { minLength: 1, maxLength: 6 }),
  fc.constantFrom("\n", "\r\n"),
  fc.constantFrom("", "\\", "# end"),
).map(([lines, end, last]) => lines.join("\n").replaceAll("\n", end) + end + last);
