import fc from "fast-check";
import { before, from, NODES, PARTITION, type Shape, word } from "./shape.ts";

/** TRES: weights, what is tracked, what a database would be for. */
export const tres: fc.Arbitrary<Shape> = fc.tuple(
  word("- - gres/gpu fs/lustre foo gres/gpu:a100"),
  word("- GresTypes=gpu GresTypes=gpu"),
  fc.array(
    word(
      "CPU=1.0 Mem=0.25G GRES/gpu=2 gres/gpu=1.5 Node=1 foo=1 CPU=x billing=1 energy=0 CPU mem=1 GRES/gpu:a100=3",
    ),
    { minLength: 1, maxLength: 3 },
  ),
  word("partition partition priority"),
).map(([track, types, weights, where]) => {
  const text = `"${weights.join(",")}"`;
  const plain = [
    track === "" ? "" : `AccountingStorageTRES=${track}`,
    types,
    where === "priority" ? `PriorityWeightTRES=${text}` : "",
  ];
  const { rest } = before(plain);
  return {
    rest: where === "partition" ? [...rest, `PartitionName=q Nodes=c0 TRESBillingWeights=${text}`] : rest,
  };
});

function present(lines: readonly string[]): Shape {
  return { rest: lines.filter((line) => line !== "").flatMap((line) => line.split("\n")) };
}

/** What power saving needs, in whole or in part. */
export const powerSaving: fc.Arbitrary<Shape> = fc.tuple(
  word("SuspendProgram=/bin/true SuspendProgram=/bin/true SuspendProgram=true SuspendProgram=NONE"),
  word("ResumeProgram=/bin/true ResumeProgram=/bin/true ResumeProgram=true"),
  word(`
    - - SuspendTime=300 SuspendTime=INFINITE SuspendTime=-1 SuspendTime=0 SuspendTime=NONE SuspendTime=10m`),
  word("ResumeRate=0 ResumeRate=10 ResumeRate=-1 ResumeRate=1.5 SuspendRate=70000"),
  word(`
    ResumeTimeout=900 ResumeTimeout=0 ResumeTimeout=INFINITE SuspendTimeout=0 ResumeTimeout=-1 SuspendTimeout=65535`),
  from(`
    ${NODES}
    ${NODES}
    NodeName=c[0-3] CPUs=4 RealMemory=1000
    NodeName=c[0-1] CPUs=4 State=CLOUD\\nNodeName=c[2-3] CPUs=4`),
  from(`
    ${PARTITION}
    ${PARTITION}
    PartitionName=p Nodes=c[0-3] Default=YES
    PartitionName=p Nodes=c[0-3] Default=YES SuspendTime=10m
    PartitionName=DEFAULT SuspendTime=600\\nPartitionName=p Nodes=c[0-3] Default=YES`),
).map(present);

/** Dynamic nodes, and room for them. */
export const dynamic: fc.Arbitrary<Shape> = fc.tuple(
  word("- MaxNodeCount=100 MaxNodeCount=4 MaxNodeCount=3 MaxNodeCount=0 MaxNodeCount=65536"),
  from(`
    -
    -
    ${NODES}`),
  from(`
    -
    NodeSet=ns Feature=x
    NodeSet=ns Nodes=c0`),
  from(`
    PartitionName=p Nodes=ALL Default=YES
    PartitionName=p Nodes=ns Default=YES
    PartitionName=p Default=YES
    PartitionName=p Nodes=c0 Default=YES
    -`),
  word("- - TreeWidth=65533 SelectType=select/linear TopologyPlugin=topology/tree"),
).map(present);

/** Limits that keys set for each other. */
export const limits: fc.Arbitrary<Shape> = fc.tuple(
  word(`
    FirstJobId MaxJobId MaxJobCount MaxArraySize MinJobAge MessageTimeout UnkillableStepTimeout SlurmctldTimeout
    SlurmdTimeout KillWait TCPTimeout`),
  word(`
    FirstJobId MaxJobId MaxJobCount MaxArraySize SchedulerTimeSlice MaxStepCount HealthCheckInterval TreeWidth
    MaxTasksPerNode BatchStartTimeout GroupUpdateTime`),
  fc.constantFrom(0, 1, 4, 5, 30, 100, 1001, 65533, 65535, 70000, 1_000_000, 67_108_863, 67_108_864),
  fc.constantFrom(0, 1, 4, 5, 30, 100, 1001, 65533, 65535, 70000, 1_000_000, 4_000_000, 4_000_002),
).map(([a, b, x, y]) => before(a === b ? [`${a}=${x}`] : [`${a}=${x}`, `${b}=${y}`]));
