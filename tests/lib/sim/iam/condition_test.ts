import { assertEquals } from "@std/assert";
import { holds } from "../../../../lib/sim/iam/condition.ts";
import type { Condition, Context } from "../../../../lib/sim/iam/statement.ts";

const KEY = "aws:RequestTag/Project";
const condition = (changes: Partial<Condition>): Condition => ({
  operator: "StringEquals",
  ifExists: false,
  key: KEY,
  values: ["chip"],
  ...changes,
});
const given = (value: string | readonly string[] | undefined): Context => ({ [KEY]: value });

/** By operator: what is wanted, a value that holds and one that doesn't. */
const SINGLE: readonly (readonly [Condition["operator"], string, yes: string, no: string])[] = [
  ["StringEquals", "chip", "chip", "Chip"],
  ["StringNotEquals", "chip", "other", "chip"],
  ["StringEqualsIgnoreCase", "chip", "CHIP", "chips"],
  ["StringNotEqualsIgnoreCase", "chip", "chips", "CHIP"],
  ["StringLike", "ch?p*", "chips", "chi"],
  ["StringNotLike", "ch?p*", "chi", "chips"],
  ["ArnLike", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/a/b", "arn:aws:iam:x:1:user/role/a"],
  ["ArnEquals", "arn:aws:iam::1:role/N*", "arn:aws:iam::1:role/Node", "arn:aws:iam::2:role/Node"],
  ["ArnNotLike", "arn:aws:iam::*:role/*", "arn:aws:iam::1:user/u", "arn:aws:iam::1:role/r"],
  ["ArnNotEquals", "arn:aws:iam::1:role/r", "arn:aws:iam::1:role/s", "arn:aws:iam::1:role/r"],
  ["Bool", "true", "True", "false"],
];

for (const [operator, wanted, yes, no] of SINGLE) {
  Deno.test(`holds() knows ${operator}`, { permissions: "none" }, () => {
    const one = condition({ operator, values: [wanted] });
    assertEquals([holds(one, given(yes)), holds(one, given(no))], [true, false]);
    const negated = operator.includes("Not");
    assertEquals(holds(one, {}), negated, "without the key");
    assertEquals(holds({ ...one, ifExists: true }, {}), true, "IfExists without the key");
    assertEquals(holds({ ...one, ifExists: true }, given(no)), false, "IfExists with the key");
  });
}

Deno.test("holds() takes any of several values, and none of those that a negation names", {
  permissions: "none",
}, () => {
  const values = ["a", "b"];
  assertEquals(["a", "b", "c"].map((value) => holds(condition({ values }), given(value))), [
    true,
    true,
    false,
  ]);
  const not = condition({ operator: "StringNotEquals", values });
  assertEquals(["a", "b", "c"].map((value) => holds(not, given(value))), [false, false, true]);
});

Deno.test("holds() knows Null", { permissions: "none" }, () => {
  const absent = condition({ operator: "Null", values: ["true"] });
  assertEquals([holds(absent, {}), holds(absent, given("x"))], [true, false]);
  const present = condition({ operator: "Null", values: ["false"] });
  assertEquals([holds(present, {}), holds(present, given("x"))], [false, true]);
});

Deno.test(
  "holds() looks at every value with ForAllValues, at any with ForAnyValue",
  { permissions: "none" },
  () => {
    const all = condition({ quantifier: "ForAllValues", operator: "StringLike", values: ["a*", "b"] });
    assertEquals([["a1", "b"], ["a1", "c"], []].map((value) => holds(all, given(value))), [
      true,
      false,
      true,
    ]);
    assertEquals(holds(all, {}), true);
    const any = condition({ quantifier: "ForAnyValue", values: ["a", "b"] });
    assertEquals([["c", "b"], ["c"], []].map((value) => holds(any, given(value))), [true, false, false]);
    assertEquals(holds(any, {}), false);
    const anyOther = condition({ quantifier: "ForAnyValue", operator: "StringNotEquals", values: ["a"] });
    assertEquals([["a", "c"], ["a"]].map((value) => holds(anyOther, given(value))), [true, false]);
    assertEquals(holds(anyOther, {}), false);
  },
);

Deno.test("holds() ignores the case of a key's name", { permissions: "none" }, () => {
  assertEquals(holds(condition({ key: "AWS:requesttag/project" }), given("chip")), true);
});
