import { assertEquals } from "@std/assert";
import { ERROR_CLASSES, type FailureLevel, KNOWN_ERROR_CODES } from "../../../lib/aws/error_codes.ts";
import { failureLevel, failureLine, logFailures } from "../../../lib/controller_run/failure_log.ts";
import type { EventBody } from "../../../lib/events/event.ts";
import type { NodeOutcome } from "../../../lib/controller/state.ts";

const pure = { permissions: "none" } as const;

for (
  const [code, level] of [
    ["CredentialsNotFound", "error"],
    ["BootFailureBreaker", "error"],
    ["UnauthorizedOperation", "error"],
    ["VcpuLimitExceeded", "error"],
    ["InvalidAMIID.NotFound", "error"],
    ["EndpointUnreachable", "error"],
    ["SomethingNew", "error"],
    ["InsufficientInstanceCapacity", "warn"],
    ["RequestLimitExceeded", "warn"],
    ["Server.SpotInstanceTermination", "warn"],
  ] as const
) {
  Deno.test(`failureLevel() of ${code} is ${level}`, pure, () => {
    assertEquals(failureLevel(`${code}: c-0 has no instance [slurm-ec2]`), level);
    const refused = { kind: "refused", clientToken: "t", code, message: "why", milliseconds: 1 } as const;
    assertEquals(failureLine(refused), { level, text: `launch refused: ${code}: why` });
  });
}

Deno.test("failureLevel() is that of the code's class, and an error without a code", pure, () => {
  for (const [code, errorClass] of KNOWN_ERROR_CODES) {
    assertEquals(failureLevel(`${code}: text`), ERROR_CLASSES[errorClass].level, code);
  }
  assertEquals(failureLevel("boot failed"), "error");
  assertEquals(failureLevel(""), "error");
});

/** What is logged of these events while this outcome, or none yet, stands in the only request. */
function logged(
  events: readonly EventBody[],
  outcomes: Readonly<Record<string, NodeOutcome>>,
  settledAt?: number,
) {
  const lines: string[] = [];
  const at = (level: FailureLevel) => (text: string) => void lines.push(`${level} ${text}`);
  const request = { nodes: ["c-0"], outcomes, ...(settledAt !== undefined && { settledAt }) };
  logFailures({ warn: at("warn"), error: at("error") }, events, new Map([["resume.1", request]]));
  return lines;
}

const REASON = "InstanceEnded: Kernel panic [slurm-ec2]";
const VERDICT: EventBody = { kind: "verdict", verdict: "down", nodes: "c-0", reason: REASON };
const ASSIGNED: NodeOutcome = { kind: "assigned", instanceId: "i-0", nodeAddr: "10.0.0.1" };

Deno.test("logFailures() leaves a verdict to the request that reports it", pure, () => {
  assertEquals(logged([VERDICT], {}), []);
  assertEquals(logged([VERDICT], { "c-0": { kind: "failed", reason: REASON } }, 5), []);
});

Deno.test("logFailures() logs a verdict that no request reports", pure, () => {
  const line = [`error c-0 down: ${REASON}`];
  assertEquals(logged([VERDICT], {}, 5), line);
  assertEquals(logged([VERDICT], { "c-0": ASSIGNED }), line);
  assertEquals(logged([{ ...VERDICT, nodes: "c-[0-1]" }], {}), [`error c-[0-1] down: ${REASON}`]);
});

Deno.test("logFailures() logs consoles and troubles as warnings, and nothing of what was done", pure, () => {
  assertEquals(
    logged([
      { kind: "console", node: "c-0", instanceId: "i-0", tail: "Kernel panic\n" },
      { kind: "trouble", message: "SSM does not answer" },
      { kind: "asked", hook: "resume", nodes: "c-0", jobs: [] },
      { kind: "ended", action: "terminate", instanceIds: ["i-0"], why: "asked" },
    ], {}),
    ["warn console of c-0 (i-0) ends with:\nKernel panic", "warn SSM does not answer"],
  );
});
