import { assertEquals } from "@std/assert";
import type { EventBody } from "../../../lib/events/event.ts";
import { subjectsOf } from "../../../lib/store/subjects.ts";

const CASES: readonly (readonly [body: EventBody, subjects: string])[] = [
  [
    { kind: "asked", hook: "resume", nodes: "c-[0-1],d", jobs: [7, 7, 8] },
    "node c-0, node c-1, node d, job 7, job 8",
  ],
  [{ kind: "console", node: "c-0", instanceId: "i-0a", tail: "" }, "node c-0, instance i-0a"],
  [
    { kind: "ended", action: "stop", instanceIds: ["i-0a", "i-0b"], why: "x" },
    "instance i-0a, instance i-0b",
  ],
  [{ kind: "verdict", verdict: "down", nodes: "c-[0", reason: "no hostlist" }, ""],
  [{ kind: "trouble", message: "c-0 i-0a" }, ""],
  [
    { kind: "refused", clientToken: "t-1", code: "X", message: "no", milliseconds: 1 },
    "launch t-1",
  ],
];

for (const [body, subjects] of CASES) {
  Deno.test(`subjectsOf() finds "${subjects}" in ${JSON.stringify(body)}`, { permissions: "none" }, () => {
    assertEquals(subjectsOf(body).map(({ kind, name }) => `${kind} ${name}`).join(", "), subjects);
  });
}

Deno.test("subjectsOf() finds nodes and instances of events to come by the names of their fields", {
  permissions: "none",
}, () => {
  const body = {
    kind: "launched",
    instances: { "c-0": "i-0a" },
    jobId: 9,
    nodes: ["c-1"],
  } as unknown as EventBody;
  assertEquals(
    subjectsOf(body).map(({ kind, name }) => `${kind} ${name}`),
    ["node c-0", "instance i-0a", "job 9", "node c-1"],
  );
});
