import { assertEquals, assertThrows } from "@std/assert";
import { ProblemError } from "../../../lib/base/problem.ts";
import { parsePrices } from "../../../lib/config/prices.ts";

Deno.test({
  name: "parsePrices() reads YAML and JSON alike",
  permissions: "none",
  fn() {
    const expected = new Map([["c7i.large", { onDemand: 0.1 }], ["m7i.large", {
      onDemand: 0.2,
      spot: 0.05,
    }]]);
    assertEquals(parsePrices("c7i.large: 0.1\nm7i.large: {on-demand: 0.2, spot: 0.05}\n", "p"), expected);
    assertEquals(
      parsePrices('{"c7i.large": 0.1, "m7i.large": {"on-demand": 0.2, "spot": 0.05}}', "p"),
      expected,
    );
    assertEquals(parsePrices("{}", "p"), new Map());
  },
});

Deno.test({
  name: "parsePrices() tells every bad line with its place",
  permissions: "none",
  fn() {
    const table: [text: string, problems: string[]][] = [
      ["", ["p:1:1: Prices must be a map"]],
      ["- 1\n", ["p:1:1: Prices must be a map"]],
      ["a: 1\nb: -1\nc: free\nd: [1]\n", ["p:2:4: ", "p:3:4: ", "p:4:1: "]],
      ["a: {ondemand: 1}\n", ['p:1:5: Unknown key "ondemand"']],
      ["a: {spot: {x: 1}}\n", ["p:1:1: The spot price must be a number"]],
      ["a: .inf\nb: 0\nc:\n", ["p:1:4: ", "p:2:4: ", "p:3:"]],
      ["a: 1\na: 2\n", ["p:2:1: "]],
      ["{", ["p:1:2: "]],
    ];
    for (const [text, expected] of table) {
      const error = assertThrows(() => parsePrices(text, "p"), ProblemError);
      const lines = error.message.split("\n");
      assertEquals(lines.map((line, i) => line.slice(0, expected[i]?.length)), expected, text);
    }
  },
});
