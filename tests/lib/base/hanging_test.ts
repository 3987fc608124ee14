import { assertEquals } from "@std/assert";
import { hanging } from "../../../lib/base/hanging.ts";

const CASES: readonly (readonly [text: string, columns: number | undefined, lines: readonly string[]])[] = [
  ["", 10, [" "]],
  ["one two three", undefined, [" one two three"]],
  ["one two three", 9, [" one two", "   three"]],
  ["one two three", 8, [" one two", "   three"]],
  ["one two three", 7, [" one", "   two", "   three"]],
  ["one incomprehensibilities two", 10, [" one", "   incomprehensibilities", "   two"]],
  ["\u001b[32mone\u001b[39m two three", 8, [" \u001b[32mone\u001b[39m two", "   three"]],
];

for (const [text, columns, lines] of CASES) {
  Deno.test(`hanging() of ${JSON.stringify(text)} in ${columns} columns`, { permissions: "none" }, () => {
    assertEquals(hanging(text, { first: 1, rest: 3, columns }), lines.join("\n"));
  });
}
