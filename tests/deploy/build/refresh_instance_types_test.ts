import { assertEquals } from "@std/assert";
import { type InstanceTypeInfo, snapshotText } from "../../../deploy/build/refresh_instance_types.ts";

const PLAIN: InstanceTypeInfo = {
  InstanceType: "c7i.large",
  CurrentGeneration: true,
  SupportedUsageClasses: ["on-demand", "spot"],
  SupportedBootModes: ["legacy-bios", "uefi"],
  ProcessorInfo: { SupportedArchitectures: ["x86_64"] },
  VCpuInfo: { DefaultVCpus: 2, DefaultCores: 1, DefaultThreadsPerCore: 2 },
  MemoryInfo: { SizeInMiB: 4096 },
};

Deno.test("snapshotText() keeps what we use, a sorted row for each type", { permissions: "none" }, () => {
  const fractional: InstanceTypeInfo = {
    ...PLAIN,
    InstanceType: "a1.fraction",
    BareMetal: true,
    GpuInfo: {
      Gpus: [{
        Name: "L4",
        Manufacturer: "NVIDIA",
        Count: 0,
        LogicalGpuCount: 1,
        MemoryInfo: { SizeInMiB: 2861 },
      }],
    },
  };
  const text = snapshotText([PLAIN, fractional], "2026-01-31", "a test");
  const { date, source, rows } = JSON.parse(text);
  assertEquals([date, source], ["2026-01-31", "a test"]);
  assertEquals(rows, [
    ["a1.fraction", "x86_64", 2, 1, 2, 4096, 1, 1, "on-demand spot", "legacy-bios uefi", [[
      "L4",
      "NVIDIA",
      1,
      2861,
    ]]],
    ["c7i.large", "x86_64", 2, 1, 2, 4096, 0, 1, "on-demand spot", "legacy-bios uefi"],
  ]);
  assertEquals(text.split("\n").filter((line) => line.startsWith('["')).length, 2);
});
