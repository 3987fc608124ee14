import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { filterItems } from "../../../lib/sim/filters.ts";

const pure = { permissions: "none" } as const;

function matches(pattern: string, value: string): boolean {
  return filterItems([value], [{ Name: "name", Values: [pattern] }], { name: (text) => [text] }, {
    action: "DescribeThings",
  }).length === 1;
}

Deno.test("filterItems() reads wildcards and escapes as EC2's user guide says", pure, () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ["abc", "abc", true],
    ["abc", "ABC", false],
    ["a*", "abc", true],
    ["*", "", true],
    ["*b*", "abc", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["?", "", false],
    ["a.c", "abc", false],
    ["(a)[b]{1}|$^+", "(a)[b]{1}|$^+", true],
    ["(a)*", "(a)b", true],
    ["\\*amazon\\?\\\\", "*amazon?\\", true],
    ["\\*", "x", false],
    ["a*c", "a\nc", true],
    ["a", "ab", false],
    ["*a", "ab", false],
  ];
  for (const [pattern, value, expected] of table) {
    assertEquals(matches(pattern, value), expected, `${JSON.stringify(pattern)} on ${JSON.stringify(value)}`);
  }
});

Deno.test("filterItems() matches any text by its escaped self", pure, () => {
  fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => {
    assertEquals(matches(text.replace(/[*?\\]/g, "\\$&"), text), true);
  }));
});
