import { assertEquals } from "@std/assert";
import { groupShape, only } from "../../../../lib/slurm_conf/render/group_shape.ts";
import { gpu, typeFacts } from "./facts.ts";

const small = typeFacts({ instanceType: "a.small", defaultVCpus: 4, defaultCores: 2, memoryMiB: 32_768 });
const flat = typeFacts({
  instanceType: "a.flat",
  defaultCores: 8,
  defaultThreadsPerCore: 1,
  memoryMiB: 8192,
});

Deno.test({
  name: "groupShape() takes cores and threads of the only type",
  permissions: "none",
  fn() {
    const { cpus, coresPerSocket, threadsPerCore, smallestType } = groupShape({}, [typeFacts()]);
    assertEquals({ cpus, coresPerSocket, threadsPerCore, smallestType }, {
      cpus: 8,
      coresPerSocket: 4,
      threadsPerCore: 2,
      smallestType: "t1.test",
    });
  },
});

Deno.test({
  name: "groupShape() counts cores when multithreading is off",
  permissions: "none",
  fn() {
    const { cpus, coresPerSocket, threadsPerCore } = groupShape({ threadsPerCore: 1 }, [typeFacts()]);
    assertEquals([cpus, coresPerSocket, threadsPerCore], [4, 4, 1]);
  },
});

Deno.test({
  name: "groupShape() takes CPUs and memory each of the type that has least, in any order",
  permissions: "none",
  fn() {
    for (const types of [[small, flat, typeFacts()], [typeFacts(), flat, small]]) {
      const { cpus, coresPerSocket, threadsPerCore, smallestType, memoryMiB } = groupShape({}, types);
      assertEquals([cpus, coresPerSocket, threadsPerCore, smallestType, memoryMiB], [
        4,
        2,
        2,
        "a.small",
        8192,
      ]);
    }
  },
});

Deno.test({
  name: "groupShape() takes the fewer cores where CPUs are equal, so that every type has them",
  permissions: "none",
  fn() {
    assertEquals(groupShape({}, [flat, typeFacts()]).coresPerSocket, 4);
  },
});

Deno.test({
  name: "groupShape() counts only GPUs that every type has, and names them only where all are alike",
  permissions: "none",
  fn() {
    const a10g = typeFacts({ gpus: [gpu("A10G", 4)] });
    const l4 = typeFacts({ gpus: [gpu("L4", 2)] });
    const amd = typeFacts({ gpus: [gpu("Radeon Pro V520", 1, "AMD")] });
    assertEquals(groupShape({}, [a10g]).gpus, { count: 4, type: "a10g", manufacturer: "NVIDIA" });
    assertEquals(groupShape({}, [a10g, l4]).gpus, { count: 2, type: undefined, manufacturer: "NVIDIA" });
    assertEquals(groupShape({}, [amd]).gpus, { count: 1, type: "radeon_pro_v520", manufacturer: "AMD" });
    assertEquals(groupShape({}, [a10g, amd]).gpus, { count: 1, type: undefined, manufacturer: undefined });
    assertEquals(groupShape({}, [a10g, typeFacts()]).gpus, undefined);
  },
});

Deno.test({
  name: "only() is the one value that all are",
  permissions: "none",
  fn() {
    assertEquals(only([1, 1]), 1);
    assertEquals(only([1, 2]), undefined);
    assertEquals(only([]), undefined);
  },
});
