import fc from "fast-check";
import { behind, from, type Shape } from "./shape.ts";

const plainLine = from(`
  KillWait = 31
  KillWait=31 # why
  KillWait=31#why
  KillWait 31
  KillWait==31
  KillWait:31
  killwait=31
  KILLWAIT=31
  KillWait='31'
  KillWait="31"
  KillWait=31;
  KillWait=
  Kill Wait=31
  KillWait=31 WaitTime=10
  KillWait=31,WaitTime=10
  KillWait+=5
  KillWait=3\\\\nMaxStepCount=1
  SlurmctldParameters=a, b
  SlurmctldParameters=a,,b
  SlurmctldParameters=a,
  SlurmctldParameters="a, b"
  SlurmctldParameters=a b
  MailDomain=x y
  Prolog=/a b
  LaunchParameters=x #y
  SlurmctldParameters=a#b,c
  KillWiat=31
  Killwait1=31
  SuspendTimes=3
  Nodes=c0
  State=UP
  Gres=gpu:1
  CPUs=4
  MaxTime=60
  NodeSet Nodes=c0
  SwitchName=s0 Nodes=c0
  Name=gpu Count=1
  Include
  Include /dev/null
  #Include x`);

const recordLine = from(`
  PartitionName=q Nodes=c0 MaxTimes=5
  PartitionName=q Nodes=c0 State = UP
  PartitionName=q,Nodes=c0
  PartitionName=q Nodes=c0, c1
  PartitionName=q Nodes="c0, c1"
  PartitionName=q Nodes=c0 MaxTime=5 # x
  PartitionName=q Nodes=c0 Feature=a
  PartitionName= Nodes=c0
  PartitionName=q
  PartitionName=q r Nodes=c0
  Partition=q Nodes=c0
  PartitionName=q Nodes=c0 MaxTime
  partitionname=q nodes=c0
  PartitionName=q[0-1] Nodes=c0
  PartitionName=a,b Nodes=c0
  PartitionName=a:b Nodes=c0
  PartitionName="a b" Nodes=c0
  NodeName=d0 CPU=4
  NodeName=d0 Cpus=4
  NodeName=d0 Memory=4
  NodeName=d0 CPUs= 4
  NodeName=d0 CPUs=4 State
  NodeName=d0,d1 CPUs=4
  NodeName=d0, d1 CPUs=4
  Nodename=d0 CPUs=4 State=CLOUD SuspendTime=5
  NodeName=d0 CPUs=4 Nodes=c0
  NodeName= CPUs=4
  NodeName
  Node=d0 CPUs=4
  NodeName=d0 CPUs=4 Feature=a Feature=b
  NodeName=d0 CPUs=4 Features=a,b Gres=
  DownNodes=c0 State=down
  DownNodes=c0
  DownNodes=c0 Reason=x
  DownNodes=c0 State=DOWN Reason="a b" Foo=1
  DownNodes=ALL State=DOWN`);

/** How lines are written. */
export const syntax: fc.Arbitrary<Shape> = fc.oneof(
  plainLine.map((line) => behind(line)),
  recordLine.map((line) => behind(line)),
  fc.tuple(plainLine, recordLine).map((lines) => behind(...lines)),
);
