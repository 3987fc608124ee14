import type { InstanceTypeFacts } from "../../../../lib/aws/ec2_api.ts";

/** An instance type for tests: 4 cores of 2 threads and 16 GiB by default. */
export function typeFacts(over: Partial<InstanceTypeFacts> = {}): InstanceTypeFacts {
  return {
    instanceType: "t1.test",
    architectures: ["x86_64"],
    defaultVCpus: 8,
    defaultCores: 4,
    defaultThreadsPerCore: 2,
    memoryMiB: 16_384,
    bareMetal: false,
    currentGeneration: true,
    supportedUsageClasses: ["on-demand", "spot"],
    gpus: [],
    ...over,
  };
}

/** GPUs as EC2 lists them. */
export function gpu(name: string, count: number, manufacturer = "NVIDIA"): InstanceTypeFacts["gpus"][number] {
  return { name, manufacturer, count, memoryMiB: 24_576 };
}
