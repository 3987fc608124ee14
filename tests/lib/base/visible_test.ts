import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { visible } from "../../../lib/base/visible.ts";

const CASES: readonly (readonly [text: string, shown: string])[] = [
  ["plain ASCII\tand a tab", "plain ASCII\tand a tab"],
  ["Ångström 日本 🙂", "Ångström 日本 🙂"],
  ["\u001b[2J", "\u241b[2J"],
  ["a\r\nb\u0000", "a\u240d\u240ab\u2400"],
  ["\u007f", "\u2421"],
  ["\u009b2J", "\uFFFD2J"],
  ["x\u202Egnp.exe", "x\uFFFDgnp.exe"],
  ["\u2066a\u2069\u200f\u061c", "\uFFFDa\uFFFD\uFFFD\uFFFD"],
];

for (const [text, shown] of CASES) {
  Deno.test(`visible() shows ${JSON.stringify(text)} as it is safe`, { permissions: "none" }, () => {
    assertEquals(visible(text), shown);
  });
}

Deno.test("visible() leaves no character that steers a terminal, and as many as there were", {
  permissions: "none",
}, () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = visible(text);
    assertEquals(/(?!\t)\p{Cc}|\p{Bidi_Control}/u.test(shown), false);
    assertEquals([...shown].length, [...text].length);
    assertEquals(visible(shown), shown);
  }));
});
