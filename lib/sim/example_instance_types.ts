import type { InstanceTypeFacts } from "../aws/ec2_api.ts";

function type(
  instanceType: string,
  facts: {
    readonly arm?: boolean;
    readonly vcpus: number;
    readonly threads?: number;
    readonly memoryMiB: number;
    readonly previous?: boolean;
    readonly onDemandOnly?: boolean;
    readonly efa?: InstanceTypeFacts["efa"];
    readonly gpus?: InstanceTypeFacts["gpus"];
  },
): InstanceTypeFacts {
  const threads = facts.threads ?? (facts.arm ? 1 : 2);
  return {
    instanceType,
    architectures: [facts.arm ? "arm64" : "x86_64"],
    defaultVCpus: facts.vcpus,
    defaultCores: facts.vcpus / threads,
    defaultThreadsPerCore: threads,
    memoryMiB: facts.memoryMiB,
    bareMetal: instanceType.includes("metal"),
    currentGeneration: !facts.previous,
    supportedUsageClasses: facts.onDemandOnly ? ["on-demand"] : ["on-demand", "spot"],
    supportedBootModes: facts.arm ? ["uefi"] : ["legacy-bios", "uefi"],
    ...(facts.efa && { efa: facts.efa }),
    gpus: facts.gpus ?? [],
  };
}

/**
 * A handful of real instance types (https://aws.amazon.com/ec2/instance-types/), enough for unit tests without
 * reading the whole snapshot.
 */
export const EXAMPLE_INSTANCE_TYPES: ReadonlyMap<string, InstanceTypeFacts> = new Map(
  [
    type("t3.micro", { vcpus: 2, memoryMiB: 1024 }),
    type("t4g.micro", { arm: true, vcpus: 2, memoryMiB: 1024 }),
    type("m5.large", { previous: true, vcpus: 2, memoryMiB: 8192 }),
    type("c5.large", { previous: true, vcpus: 2, memoryMiB: 4096 }),
    type("c6i.large", { vcpus: 2, memoryMiB: 4096 }),
    type("c6g.large", { arm: true, vcpus: 2, memoryMiB: 4096 }),
    type("c7i.large", { vcpus: 2, memoryMiB: 4096 }),
    type("c7i.xlarge", { vcpus: 4, memoryMiB: 8192 }),
    type("c7i.24xlarge", { vcpus: 96, memoryMiB: 196_608 }),
    type("c6in.32xlarge", {
      vcpus: 128,
      memoryMiB: 262_144,
      efa: { interfaces: 2, cards: 2, primaryInterfaces: 8, onPrimary: true },
    }),
    type("c7g.large", { arm: true, vcpus: 2, memoryMiB: 4096 }),
    type("c7g.xlarge", { arm: true, vcpus: 4, memoryMiB: 8192 }),
    type("c7a.large", { vcpus: 2, threads: 1, memoryMiB: 4096 }),
    type("g5.xlarge", {
      previous: true,
      vcpus: 4,
      memoryMiB: 16_384,
      gpus: [{ name: "A10G", manufacturer: "NVIDIA", count: 1, memoryMiB: 22_888 }],
    }),
    type("hpc7g.16xlarge", {
      arm: true,
      onDemandOnly: true,
      vcpus: 64,
      memoryMiB: 131_072,
      efa: { interfaces: 1, cards: 1, primaryInterfaces: 4, onPrimary: true },
    }),
  ].map((facts) => [facts.instanceType, facts]),
);
