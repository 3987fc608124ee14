import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Refusal } from "../../../../lib/sim/refusal.ts";
import { query } from "../../../../lib/sim/wire/query.ts";
import { escapeXml } from "../../../../lib/sim/wire/xml.ts";

const pure = { permissions: "none" } as const;

Deno.test("query() reads texts, lists, structures and lists of structures", pure, () => {
  const q = query(Object.entries({
    "A": "x",
    "N": "-3",
    "B": "TRUE",
    "L.10": "ten",
    "L.2": "two",
    "S.T": "y",
    "F.1.Name": "n",
    "F.1.Value.1": "v",
    "F.2.Name": "m",
  }));
  assertEquals([q.text("A"), q.integer("N"), q.boolean("B"), q.texts("L")], ["x", -3, true, ["two", "ten"]]);
  assertEquals(
    [q.text("Z"), q.integer("Z"), q.boolean("Z"), q.texts("Z"), q.list("Z")],
    Array(5).fill(undefined),
  );
  assertEquals(q.structure("S")?.text("T"), "y");
  assertEquals(q.list("F")?.map((f) => [f.text("Name"), f.texts("Value")]), [["n", ["v"]], ["m", undefined]]);
  assertEquals(q.unread(), undefined);
});

Deno.test("query() names the first parameter that nobody read", pure, () => {
  const q = query(Object.entries({ Action: "X", "F.1.Name": "n", "F.1.Nome": "m" }), ["Action"]);
  q.list("F")?.forEach((f) => f.text("Name"));
  assertEquals(q.unread(), "F.1.Nome");
});

Deno.test("query() refuses what is not an integer or boolean", pure, () => {
  const q = query(Object.entries({ N: "1.5", B: "yes" }));
  assertThrows(() => q.integer("N"), Refusal, "Invalid value '1.5' for N");
  assertThrows(() => q.boolean("B"), Refusal, "Invalid value 'yes' for B");
});

Deno.test("escapeXml() leaves nothing that would end a text, and loses nothing", pure, () => {
  const back = (text: string) =>
    text.replace(
      /&(amp|lt|gt|quot|apos);/g,
      (_, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" })[name]!,
    );
  fc.assert(fc.property(fc.string(), (text) => {
    const escaped = escapeXml(text);
    assertEquals(/[<>"']/.test(escaped), false);
    // deno-lint-ignore no-control-regex -- control characters have no form in XML
    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) assertEquals(back(escaped), text);
  }));
});
