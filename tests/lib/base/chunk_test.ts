import { assertEquals, assertThrows } from "@std/assert";
import { chunk } from "../../../lib/base/chunk.ts";

Deno.test("chunk() keeps the order and leaves the rest to the last group", { permissions: "none" }, () => {
  assertEquals(chunk([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assertEquals(chunk([1, 2], 2), [[1, 2]]);
  assertEquals(chunk([], 2), []);
});

Deno.test("chunk() refuses a size that would never end", { permissions: "none" }, () => {
  for (const size of [0, -1, NaN]) assertThrows(() => chunk([1], size), RangeError, "at least 1");
});
