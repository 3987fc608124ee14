import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { compareNodeNames } from "../../../lib/slurm/node_name_order.ts";

const ORDERS: readonly string[] = [
  "n1 n2 n10",
  "a1 a10 b1 b2",
  "n n1",
  "c7i-2 c7i-10 c7i-100",
  "r1n2 r1n10 r2n1 r10n1",
  "n01 n1 n02 n2",
  "n1 n1x n2",
  "A1 a1",
  "1 2 10 a",
];

for (const order of ORDERS) {
  Deno.test(`compareNodeNames() sorts ${order}`, { permissions: "none" }, () => {
    assertEquals(order.split(" ").toReversed().sort(compareNodeNames).join(" "), order);
  });
}

Deno.test("compareNodeNames() is a total order", { permissions: "none" }, () => {
  const name = fc.stringMatching(/^[ab01-]{0,4}$/);
  fc.assert(
    fc.property(name, name, name, (a, b, c) => {
      assertEquals(Math.sign(compareNodeNames(a, b)) + Math.sign(compareNodeNames(b, a)), 0);
      assertEquals(compareNodeNames(a, b) === 0, a === b);
      if (compareNodeNames(a, b) <= 0 && compareNodeNames(b, c) <= 0) {
        assertEquals(compareNodeNames(a, c) <= 0, true);
      }
    }),
    { seed: 6, numRuns: 2000 },
  );
});
