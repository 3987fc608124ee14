import { assert, assertEquals } from "@std/assert";
import { SNAPSHOT_DATE, snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";
import file from "../../../lib/aws/instance_types_snapshot.json" with { type: "json" };

Deno.test("snapshotInstanceTypes() knows a compute-optimized type", async () => {
  const types = await snapshotInstanceTypes();
  assertEquals(types.get("c7i.2xlarge"), {
    instanceType: "c7i.2xlarge",
    architectures: ["x86_64"],
    defaultVCpus: 8,
    defaultCores: 4,
    defaultThreadsPerCore: 2,
    memoryMiB: 16384,
    bareMetal: false,
    currentGeneration: true,
    supportedUsageClasses: ["on-demand", "spot"],
    supportedBootModes: ["legacy-bios", "uefi"],
    gpus: [],
  });
});

Deno.test("snapshotInstanceTypes() knows GPUs, bare metal and old generations", async () => {
  const types = await snapshotInstanceTypes();
  assertEquals(types.get("p4d.24xlarge")?.gpus, [
    { name: "A100", manufacturer: "NVIDIA", count: 8, memoryMiB: 40960 },
  ]);
  assertEquals(types.get("c7g.metal")?.bareMetal, true);
  assertEquals(types.get("c7g.metal")?.architectures, ["arm64"]);
  assertEquals(types.get("c7g.metal")?.supportedBootModes, ["uefi"]);
  assertEquals(types.get("m1.small")?.supportedBootModes, ["legacy-bios"]);
  assertEquals(types.get("m1.small")?.currentGeneration, false);
  assertEquals(types.get("m1.small")?.architectures, ["i386", "x86_64"]);
});

Deno.test("snapshotInstanceTypes() holds only rows of the right shape", async () => {
  const types = await snapshotInstanceTypes();
  assertEquals(types.size, file.rows.length);
  for (const type of types.values()) {
    const positive = [type.defaultVCpus, type.defaultCores, type.defaultThreadsPerCore, type.memoryMiB];
    assert(positive.every((value) => Number.isInteger(value) && value > 0), type.instanceType);
    assert(type.architectures.length > 0 && type.supportedUsageClasses.length > 0, type.instanceType);
    assert(type.gpus.every((gpu) => gpu.count >= 1 && gpu.memoryMiB >= 0), type.instanceType);
  }
});

Deno.test("SNAPSHOT_DATE is the file's own date", () => {
  assertEquals(file.date, SNAPSHOT_DATE);
});
