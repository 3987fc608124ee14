import fc from "fast-check";
import { NODES, PARTITION, type Shape, spaced, word } from "./shape.ts";

const record = fc.tuple(
  word("- NodeName=g0 NodeName=g0 NodeName=g[0-1] NodeName=g1 NodeName=zz NodeName=c0"),
  word("Name=gpu Name=gpu Name=gpu Name=nic Name=mps Name=shard"),
  word("- - Type=a100 Type=t4"),
  word("- - Count=1 Count=2 Count=4 Count=0"),
  word("- - File=/dev/null File=/dev/nvidia0 File=/dev/nvidia[0-1] File=/dev/nvidia[0-3] File=/dev/nvidia1"),
  word(`
    - - - Cores=0-1 Cores=0-7 Flags=CountOnly Flags=nvidia_gpu_env AutoDetect=off AutoDetect=nvml Links=-1
    File=/dev/nvidia2`),
).map((parts) => spaced(...parts));

const spec = fc.tuple(
  word("gpu gpu gpu nic mps shard"),
  word("- - :a100 :t4"),
  fc.integer({ min: 0, max: 4 }),
)
  .map(([name, type, count]) => `${name}${type}:${count}`);

/** gres.conf against itself and against Gres. */
export const gres: fc.Arbitrary<Shape> = fc.tuple(
  word(
    "GresTypes=gpu GresTypes=gpu GresTypes=gpu GresTypes=gpu,nic GresTypes=gpu,mps GresTypes=gpu,shard GresTypes=gpu,nic,mps -",
  ),
  fc.array(spec, { minLength: 1, maxLength: 2 }),
  word("CLOUD CLOUD UNKNOWN"),
  fc.array(record, { minLength: 0, maxLength: 3 }),
  word("- - - - AutoDetect=off AutoDetect=nvml"),
).map(([types, specs, state, records, auto]) => ({
  rest: [
    ...(types === "" ? [] : [types]),
    NODES,
    `NodeName=g[0-1] CPUs=4 RealMemory=1000 Gres=${specs.join(",")} State=${state}`,
    PARTITION,
    "PartitionName=g Nodes=g[0-1] SuspendTime=600",
  ],
  others: { "gres.conf": [...(auto === "" ? [] : [auto]), ...records, ""].join("\n") },
}));
