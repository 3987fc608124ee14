import { assertEquals } from "@std/assert";
import type { Action } from "../../../lib/controller/action.ts";
import { narrowed, subjectsOf } from "../../../lib/controller_run/subjects.ts";

const pure = { permissions: "none" } as const;
const END: Action = { kind: "end", action: "terminate", ids: ["i-1", "i-2", "i-3"], why: "stop" };

Deno.test("subjectsOf() gives an end and a start of one instance the same subject", pure, () => {
  assertEquals(subjectsOf(END).slice(0, 1), subjectsOf({ kind: "start", ids: ["i-1"] }));
});

Deno.test("narrowed() leaves out what is busy, for each kind that has many subjects", pure, () => {
  const busy = (name: string) => (subject: string) => !subject.endsWith(name);
  assertEquals(narrowed(END, busy("i-2")), { ...END, ids: ["i-1", "i-3"] });
  assertEquals(narrowed({ kind: "start", ids: ["i-1", "i-2"] }, busy("i-1")), {
    kind: "start",
    ids: ["i-2"],
  });
  const address = (nodeName: string) => ({ nodeName, nodeAddr: "10.0.0.1", nodeHostname: nodeName });
  assertEquals(
    narrowed({ kind: "report-addresses", addresses: [address("c0"), address("c1")] }, busy("c1")),
    { kind: "report-addresses", addresses: [address("c0")] },
  );
  const state: Action = {
    kind: "set-state",
    purpose: "verdict",
    state: "down",
    reason: "x",
    nodes: [{ name: "c0", generation: 1 }, { name: "c1", generation: 2 }],
  };
  assertEquals(narrowed(state, busy("c0")), { ...state, nodes: [{ name: "c1", generation: 2 }] });
});

Deno.test("narrowed() answers undefined when nothing of an action is free", pure, () => {
  assertEquals(narrowed(END, () => false), undefined);
  assertEquals(narrowed({ kind: "list" }, () => false), undefined);
  assertEquals(narrowed({ kind: "list" }, () => true), { kind: "list" });
});
