import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { centsOf, shareCents } from "../../../../lib/see/cost/cents.ts";

const pure = { permissions: "none" } as const;

for (
  const [cents, weights, expected] of [
    [100, [1, 1, 1], [34, 33, 33]],
    [10, [0, 0], [10, 0]],
    [0, [3, 4], [0, 0]],
    [7, [0.5, 0, 0.5], [4, 0, 3]],
    [1, [0.1, 0.2, 0.7], [0, 0, 1]],
    [5, [], []],
  ] as const
) {
  Deno.test(`shareCents(${cents}, ${JSON.stringify(weights)}) is ${expected}`, pure, () => {
    assertEquals(shareCents(cents, weights), [...expected]);
  });
}

Deno.test("shareCents() gives away every cent once, and nobody more than a cent off", pure, () => {
  const weight = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(fc.nat(100_000_000), fc.array(weight, { minLength: 1, maxLength: 40 }), (cents, weights) => {
      const shares = shareCents(cents, weights);
      assertEquals(shares.reduce((a, b) => a + b, 0), cents);
      const sum = weights.reduce((a, b) => a + b, 0);
      shares.forEach((share, i) => {
        assert(Number.isInteger(share) && share >= 0);
        if (sum > 0) assert(Math.abs(share - cents * (weights[i]! / sum)) < 1 + 1e-6);
      });
    }),
  );
});

Deno.test("centsOf() rounds", pure, () => assertEquals([centsOf(0.125), centsOf(1.004)], [13, 100]));
