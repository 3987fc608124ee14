import { assertEquals } from "@std/assert";
import {
  BREAKER_LIMIT,
  clearBootFailures,
  countBootFailures,
  openBreaker,
  resetGroup,
} from "../../../lib/cluster/boot_failures.ts";

const pure = { permissions: "none" } as const;
const A = { nodeGroup: "c", imageId: "ami-a" };
const B = { nodeGroup: "c", imageId: "ami-b" };
const OTHER = { nodeGroup: "c2", imageId: "ami-a" };

Deno.test("openBreaker() opens at the fifth failure in a row, and says how many there were", pure, () => {
  const four = countBootFailures({}, A, BREAKER_LIMIT - 1);
  assertEquals(openBreaker(four, "c", "ami-a"), undefined);
  assertEquals(openBreaker(countBootFailures(four, A, 1), "c", "ami-a"), 5);
  assertEquals(openBreaker(countBootFailures(four, A, 3), "c", "ami-a"), 7);
});

Deno.test("openBreaker() counts each image and each group by itself", pure, () => {
  const broken = countBootFailures({}, A, 9);
  assertEquals(openBreaker(broken, "c", "ami-b"), undefined);
  assertEquals(openBreaker(broken, "c2", "ami-a"), undefined);
  assertEquals(openBreaker({}, "c", "ami-a"), undefined);
});

Deno.test("clearBootFailures() breaks the row of one image only", pure, () => {
  const counts = countBootFailures(countBootFailures(countBootFailures({}, A, 4), B, 3), OTHER, 2);
  assertEquals(clearBootFailures(counts, A), countBootFailures(countBootFailures({}, B, 3), OTHER, 2));
  assertEquals(clearBootFailures({}, A), {});
});

Deno.test(
  "resetGroup() forgets every image of the group, and not of one whose name begins alike",
  pure,
  () => {
    const counts = countBootFailures(countBootFailures(countBootFailures({}, A, 5), B, 5), OTHER, 5);
    assertEquals(resetGroup(counts, "c"), countBootFailures({}, OTHER, 5));
  },
);

Deno.test("countBootFailures() changes nothing in what it is given", pure, () => {
  const before = Object.freeze(countBootFailures({}, A, 1));
  countBootFailures(before, A, 1);
  clearBootFailures(before, A);
  assertEquals(before, countBootFailures({}, A, 1));
});
