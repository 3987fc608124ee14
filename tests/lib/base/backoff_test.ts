import { assertEquals } from "@std/assert";
import { backoff } from "../../../lib/base/backoff.ts";

const pure = { permissions: "none" } as const;
const LIMITS = { base: 500, cap: 8_000 };

Deno.test("backoff() doubles its ceiling up to the cap", pure, () => {
  assertEquals([1, 2, 3, 4, 5, 6, 100, 5000].map((attempt) => backoff(attempt, LIMITS, 1)), [
    500,
    1000,
    2000,
    4000,
    8000,
    8000,
    8000,
    8000,
  ]);
});

Deno.test("backoff() spreads callers from nothing to the ceiling", pure, () => {
  assertEquals([0, 0.25, 0.5, 0.999].map((random) => backoff(3, LIMITS, random)), [0, 500, 1000, 1998]);
});
