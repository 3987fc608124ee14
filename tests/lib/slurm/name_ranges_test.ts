import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import { nameAt, nameRanges, rangeOf, rangeSize } from "../../../lib/slurm/name_ranges.ts";

/** All names of a hostlist, by way of its ranges. */
function namesOf(text: string): string[] {
  return nameRanges(text).flatMap((range) =>
    Array.from({ length: rangeSize(range) }, (_, i) => nameAt(range, range.lo + i))
  );
}

const numbers = fc.nat({ max: 130 });
const range = fc.tuple(numbers, fc.nat({ max: 12 }), fc.integer({ min: 1, max: 4 })).map(
  ([lo, more, width]) => {
    const pad = (n: number) => `${n}`.padStart(width, "0");
    return more === 0 ? pad(lo) : `${pad(lo)}-${lo + more}`;
  },
);
const bracket = fc.array(range, { minLength: 1, maxLength: 2 }).map((ranges) => `[${ranges.join(",")}]`);
const literal = fc.constantFrom("n", "n1", "r0", "x", "", "9", "00", "a-b", "c12d");
const element = fc.tuple(literal, bracket, literal, fc.option(bracket, { nil: "" })).map((parts) =>
  parts.join("")
);
const hostlist = fc.array(fc.oneof(element, fc.constantFrom("n1", "n01", "plain", "c7", "123")), {
  maxLength: 3,
})
  .map((elements) => elements.join(","));

Deno.test("nameRanges() stands for the names that expandHostlist() gives", { permissions: "none" }, () => {
  fc.assert(fc.property(hostlist, (text) => {
    assertEquals(namesOf(text).sort(), expandHostlist(text).sort());
  }));
});

Deno.test(
  "nameRanges() gives equal names equal heads, tails, lengths and numbers",
  { permissions: "none" },
  () => {
    fc.assert(fc.property(hostlist, (text) => {
      for (const range of nameRanges(text)) {
        for (const number of [range.lo, range.hi]) {
          assertEquals(rangeOf(nameAt(range, number)), { ...range, lo: number, hi: number });
        }
      }
    }));
    assertEquals(nameRanges("n1[0-3]"), nameRanges("n[10-13]"));
  },
);

Deno.test("nameRanges() folds names of any size into a few ranges", { permissions: "none" }, () => {
  assertEquals(nameRanges("n[0-65535]").length, 5, "one for each number of digits");
  assertEquals(nameRanges("n[00000-65535]").length, 1);
  assertEquals(nameRanges("r[1-300]n[100-199]").length, 300);
});

Deno.test("nameRanges() takes digits beyond the 15th for letters", { permissions: "none" }, () => {
  const [range] = nameRanges("n1234567890123456[7-8]");
  assertEquals(range, { head: "n12", tail: "", length: 15, lo: 345678901234567, hi: 345678901234568 });
  assert(Number.isSafeInteger(range!.hi));
});

Deno.test("nameRanges() refuses what expandHostlist() refuses", { permissions: "none" }, () => {
  assertThrows(() => nameRanges("n[1"), SyntaxError);
  assertThrows(() => nameRanges("n[0-65536]"), RangeError, "at most 65536");
});
