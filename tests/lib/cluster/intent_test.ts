import { assertEquals } from "@std/assert";
import { type Intent, parseIntent } from "../../../lib/cluster/intent.ts";
import { CASES, requestOf } from "../power_up/run_instances_cases.ts";

const pure = { permissions: "none" } as const;
const INTENT: Intent = {
  version: 1,
  hook: "11111111-2222-4333-8444-666666666666",
  cluster: "test",
  nodeGroup: "c",
  nodes: ["c0", "c1"],
  createdAt: 1_767_225_600_000,
  input: requestOf(CASES.plain!),
};

for (const name of Object.keys(CASES)) {
  Deno.test(`parseIntent() replays the request ${name} byte for byte`, pure, () => {
    const intent = { ...INTENT, input: requestOf(CASES[name]!) };
    const stored = JSON.stringify(intent);
    const read = parseIntent(JSON.parse(stored))!;
    assertEquals(read, intent);
    assertEquals(JSON.stringify(read.input), JSON.stringify(intent.input));
  });
}

for (
  const [what, value] of [
    ["nothing", undefined],
    ["null", null],
    ["a list", [INTENT]],
    ["text", "intent"],
    ["an intent of a version to come", { ...INTENT, version: 2 }],
    ["one without a token", { ...INTENT, input: { ...INTENT.input, ClientToken: undefined } }],
    ["one without its nodes", { ...INTENT, nodes: "c[0-1]" }],
    ["one without its request", { ...INTENT, input: undefined }],
    ["one of a time that is text", { ...INTENT, createdAt: "2026" }],
  ] as const
) {
  Deno.test(`parseIntent() takes ${what} for none`, pure, () => assertEquals(parseIntent(value), undefined));
}
