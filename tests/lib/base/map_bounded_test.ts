import { assertEquals, assertRejects } from "@std/assert";
import { mapBounded } from "../../../lib/base/map_bounded.ts";

const pure = { permissions: "none" } as const;

Deno.test("mapBounded() keeps the items' order whichever ends first", pure, async () => {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const results = mapBounded([0, 1, 2], 3, async (item) => {
    await gates[item]!.promise;
    return item * 10;
  });
  for (const gate of gates.toReversed()) gate.resolve();
  assertEquals(await results, [0, 10, 20]);
});

Deno.test("mapBounded() never runs more than its limit at once, and uses all of it", pure, async () => {
  let [running, most] = [0, 0];
  await mapBounded(Array.from({ length: 20 }, (_, i) => i), 3, async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  });
  assertEquals(most, 3);
});

Deno.test("mapBounded() with nothing to do does nothing", pure, async () => {
  assertEquals(await mapBounded([], 5, () => Promise.reject(new Error("called"))), []);
});

Deno.test("mapBounded() passes on what one item throws", pure, async () => {
  const work = (item: number) =>
    item === 1 ? Promise.reject(new RangeError("bad item")) : Promise.resolve(item);
  await assertRejects(() => mapBounded([0, 1, 2, 3], 2, work), RangeError, "bad item");
});
