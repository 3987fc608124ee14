import { assertEquals } from "@std/assert";
import type { Parameter } from "../../../../lib/aws/ssm_api.ts";
import type { Answer } from "../../../../lib/preflight/answer.ts";
import { compareValues } from "../../../../lib/preflight/parameters/difference.ts";
import { planWrites, unreadNames } from "../../../../lib/preflight/parameters/put_plan.ts";
import { wantedValues } from "../../../../lib/preflight/parameters/wanted_value.ts";
import { testConfig } from "../../../fixtures/test_config.ts";

const found = (name: string, value: string): [string, Answer<Parameter>] => [
  name,
  { kind: "found", value: { name, value, type: "String", version: 1 } },
];
const THERE = new Map([
  found("/a", "1"),
  found("/b", "2"),
  ["/c", { kind: "missing" } as const],
  ["/d", { kind: "refused", code: "AccessDeniedException", message: "" } as const],
]);
const VALUES = new Map([["/a", "1"], ["/b", "3"], ["/c", "4"], ["/d", "5"], ["/e", "6"]]);

Deno.test("planWrites() never overwrites unasked", { permissions: "none" }, () => {
  const actions = (overwrite: boolean) =>
    planWrites(VALUES, THERE, { overwrite }).map(({ action }) => action);
  assertEquals(actions(false), ["same", "keep", "create", "create", "create"]);
  assertEquals(actions(true), ["same", "change", "create", "change", "create"]);
});

Deno.test("compareValues() compares both ways", { permissions: "none" }, () => {
  const kinds = compareValues(new Map([...VALUES].filter(([name]) => name !== "/a")), THERE);
  assertEquals(kinds.map(({ name, kind }) => [name, kind]), [
    ["/a", "extra"],
    ["/b", "different"],
    ["/c", "missing"],
    ["/d", "can't tell"],
    ["/e", "missing"],
  ]);
  const lists = compareValues(new Map([["/x", "sg-1,sg-2"]]), new Map([found("/x", " sg-1, sg-2\n")]));
  assertEquals(lists[0]!.kind, "same");
});

Deno.test("unreadNames() tells names that no hook reads", { permissions: "none" }, () => {
  const config = testConfig();
  const wanted = wantedValues(config);
  assertEquals(unreadNames(new Map([[wanted[0]!.name!, ""], ["/x", ""]]), wanted), ["/x"]);
});
