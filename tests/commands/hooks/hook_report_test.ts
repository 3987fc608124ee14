import { assertEquals } from "@std/assert";
import type { Log } from "../../../lib/base/log.ts";
import { type HookVerdict, logSettled, summaryLines } from "../../../commands/hooks/hook_report.ts";

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

for (
  const [kind, outcome, level] of [
    ["resume", { kind: "assigned", instanceId: "i-0", nodeAddr: "10.0.0.1" }, "info"],
    ["stop", { kind: "terminated", instanceIds: ["i-0"] }, "info"],
    ["resume-fail", { kind: "terminated", instanceIds: ["i-0"] }, "warn"],
    ["resume", { kind: "failed", reason: "CredentialsNotFound: none [slurm-ec2]" }, "error"],
    ["resume", { kind: "failed", reason: "InsufficientInstanceCapacity: none [slurm-ec2]" }, "warn"],
  ] as const
) {
  const reason = "reason" in outcome ? ` (${outcome.reason})` : "";
  Deno.test(
    `logSettled() logs ${kind}: ${outcome.kind}${reason} as ${level}`,
    { permissions: "none" },
    () => {
      const levels: string[] = [];
      const log = Object.fromEntries(
        ["debug", "info", "warn", "error", "close"].map((name) => [name, () => void levels.push(name)]),
      ) as unknown as Log;
      const request = {
        id: "r",
        kind,
        nodes: ["c0"],
        jobs: [],
        at: 0,
        generations: {},
        outcomes: { c0: outcome },
      };
      logSettled(log, request, { instances: new Map() });
      assertEquals(levels, [level]);
    },
  );
}
