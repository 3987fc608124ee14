import { assertEquals } from "@std/assert";
import { troubleLines } from "../../../lib/cluster/troubles.ts";

const pure = { permissions: "none" } as const;
const sentence = (names: string, error: string) => `Nodes ${names}: ${error}`;

Deno.test("troubleLines() says each distinct error once, with all its names", pure, () => {
  const troubles = [
    { name: "c0", error: new Error("refused") },
    { name: "d7", error: "no answer" },
    { name: "c1", error: new Error("refused") },
    { name: "c2", error: new Error("refused") },
  ];
  assertEquals(troubleLines(troubles, sentence), ["Nodes c[0-2]: refused", "Nodes d7: no answer"]);
});

Deno.test("troubleLines() of instance ids names each of them", pure, () => {
  const troubles = ["i-0a1", "i-0a2", "i-0b1"].map((name) => ({ name, error: "x" }));
  assertEquals(troubleLines(troubles, (names) => names), ["i-0a[1-2],i-0b1"]);
});

Deno.test("troubleLines() of no trouble are none", pure, () => assertEquals(troubleLines([], sentence), []));
