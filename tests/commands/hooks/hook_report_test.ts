import { assertEquals } from "@std/assert";
import { type HookVerdict, summaryLines } from "../../../commands/hooks/hook_report.ts";

const NODES = new Map<string, HookVerdict>([
  ["c0", { kind: "assigned", instanceId: "i-0" }],
  ["c1", { kind: "assigned", instanceId: "i-1" }],
  ["c2", { kind: "down", reason: "slurm-ec2 until=…" }],
  ["c3", { kind: "powered-down", reason: "later" }],
  ["x", { kind: "not-ours" }],
]);

Deno.test("summaryLines() tells verdicts, counts, nodes and reasons", { permissions: "none" }, () => {
  assertEquals(summaryLines(NODES), [
    "assigned         2  c[0-1]",
    "down             1  c2  slurm-ec2 until=…",
    "powered-down     1  c3  later",
    "not-ours         1  x",
  ]);
});

Deno.test("summaryLines() paints the verdict alone", { permissions: "none" }, () => {
  assertEquals(summaryLines(NODES, (tone, text) => `<${tone}>${text}</>`), [
    "<good>assigned    </>     2  c[0-1]",
    "<bad>down        </>     1  c2  slurm-ec2 until=…",
    "<doubtful>powered-down</>     1  c3  later",
    "<dim>not-ours    </>     1  x",
  ]);
});
