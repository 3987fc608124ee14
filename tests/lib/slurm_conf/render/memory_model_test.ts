import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { realMemory } from "../../../../lib/slurm_conf/render/memory_model.ts";

Deno.test({
  name: "realMemory() is the stated share of what EC2 lists",
  permissions: "none",
  fn() {
    const table: [memoryMiB: number, expected: number][] = [
      [512, 235],
      [1024, 727],
      [8192, 7608],
      [16_384, 15_472],
      [524_288, 503_060],
      [1_048_576, 1_006_376],
    ];
    for (const [memoryMiB, expected] of table) assertEquals(realMemory(memoryMiB), expected);
  },
});

Deno.test({
  name: "realMemory() stays below what was measured on running instances",
  permissions: "none",
  fn() {
    // github.com/pytorch/ci-infra/pull/910: headroom of 512 and 768 GiB types, from which their real overhead follows;
    // github.com/aws/karpenter-provider-aws/issues/6611: i4i.32xlarge, after Kubernetes' own reservation.
    const measured: [type: string, memoryMiB: number, usableMiB: number][] = [
      ["m6i.32xlarge", 512 * 1024, 512 * 1024 * 0.94 + 13.5 * 1024],
      ["g5.48xlarge", 768 * 1024, 768 * 1024 * 0.94 + 26 * 1024],
      ["i4i.32xlarge", 1024 * 1024, 1_007_423],
    ];
    for (const [type, memoryMiB, usableMiB] of measured) {
      assert(realMemory(memoryMiB) <= usableMiB, type);
      assert(realMemory(memoryMiB) > usableMiB * 0.95, `${type}: too much is given away`);
    }
  },
});

Deno.test({
  name: "realMemory() grows with the instance and never reaches its size",
  permissions: "none",
  fn() {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1 << 26 }), (memoryMiB) => {
      const memory = realMemory(memoryMiB);
      assert(Number.isInteger(memory) && memory >= 1);
      assert(memory < memoryMiB || memoryMiB === 1);
      assert(realMemory(memoryMiB + 1024) >= memory);
    }));
  },
});
