import { assert, assertEquals } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { Summary } from "../../../lib/power_down/summary.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";

const pure = { permissions: "none" } as const;
const CLOCK = { now: Date.UTC(2026, 0, 1), cooldown: 300 };
const own = (nodeName: string, instanceId: string) => ({ nodeName, instance: makeInstance({ instanceId }) });
const refusal = (code: string) => new AwsError({ code, message: "no", operation: "TerminateInstances" });

Deno.test("Summary.ended() gives a node its verdict with all of its instances", pure, () => {
  const summary = new Summary([]);
  summary.ended("terminated", [own("c0", "i-0"), own("c1", "i-1"), own("c0", "i-2")], []);
  assertEquals(Object.fromEntries(summary.nodes), {
    c0: { kind: "terminated", instanceIds: ["i-0", "i-2"] },
    c1: { kind: "terminated", instanceIds: ["i-1"] },
  });
  assertEquals(summary.named("terminated"), ["c0", "c1"]);
  assertEquals([summary.troubles, summary.failures(CLOCK).size], [[], 0]);
});

Deno.test("Summary.ended() fails a node of which one instance could not be ended", pure, () => {
  const summary = new Summary([]);
  summary.ended("terminated", [own("c0", "i-0"), own("c0", "i-1"), own("c1", "i-2")], [
    { item: "i-1", error: refusal("OperationNotPermitted") },
  ]);
  assertEquals(summary.named("failed"), ["c0"]);
  assertEquals(summary.named("terminated"), ["c1"]);
  assertEquals(summary.troubles, ["Nodes c0 may still have running instances: OperationNotPermitted: no"]);
});

Deno.test("Summary.ended() keeps a failure though another instance of the node ended well", pure, () => {
  const summary = new Summary([]);
  summary.ended("terminated", [own("s0", "i-0")], [{ item: "i-0", error: refusal("OperationNotPermitted") }]);
  summary.ended("stopped", [own("s0", "i-1")], []);
  assertEquals(summary.nodes.get("s0"), { kind: "failed", reason: "OperationNotPermitted: no" });
  assertEquals([...summary.failures(CLOCK).keys()], ["s0"]);
});

Deno.test(
  "Summary says a trouble once for all the nodes that it hit, and other troubles behind",
  pure,
  () => {
    const summary = new Summary(["onprem1"]);
    summary.trouble("something else");
    for (const node of ["c0", "c1", "c2"]) summary.failed(node, refusal("ExpiredToken"));
    summary.failed("c9", new TypeError("a defect"));
    assertEquals(summary.troubles, [
      "Nodes c[0-2] may still have running instances: ExpiredToken: no",
      "Nodes c9 may still have running instances: TypeError: a defect",
      "something else",
    ]);
    assertEquals(summary.nodes.get("onprem1"), { kind: "not-ours" });
  },
);

for (
  const code of ["ExpiredToken", "UnauthorizedOperation", "RequestLimitExceeded", "InternalError", "Whatever"]
) {
  Deno.test(`Summary.failures() keeps a node down whose instance ${code} kept from ending`, pure, () => {
    const summary = new Summary([]);
    summary.failed("c0", refusal(code));
    const verdict = summary.failures(CLOCK).get("c0")!;
    assert(verdict.kind === "down" && verdict.until > CLOCK.now);
    assert(verdict.reason.startsWith(`${code}: `));
  });
}
