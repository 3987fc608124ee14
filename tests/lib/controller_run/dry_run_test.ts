import { assert, assertEquals } from "@std/assert";
import { EMPTY_STATE } from "../../../lib/controller/state.ts";
import { step } from "../../../lib/controller/step.ts";
import { dryRun } from "../../../lib/controller_run/dry_run.ts";
import { planLines } from "../../../lib/controller_run/plan_lines.ts";
import type { RequestFact } from "../../../lib/controller_run/ports.ts";
import { loopRig } from "../../fixtures/loop_rig.ts";

const pure = { permissions: "none" } as const;

function request(kind: RequestFact["request"], nodes: readonly string[], at: number): RequestFact {
  return { kind: "request", id: `${kind}.1`, request: kind, nodes, jobs: [], at };
}

Deno.test("dryRun() finds out which launches a resume takes, and changes nothing", pure, async () => {
  const rig = loopRig();
  rig.scontrol.requestPowerUp(["c0", "c1"]);
  const ports = rig.ports(step);
  const { actions, state, refusals } = await dryRun(ports, EMPTY_STATE, [
    { kind: "timeouts", timeouts: { resume: 600, hook: 600 } },
    request("resume", ["c0", "c1"], rig.clock.now),
  ]);
  assertEquals(refusals, []);
  const [line, ...rest] = planLines(actions, state);
  assertEquals(rest, []);
  assert(line?.startsWith("launch 2 c7i.large (ami-") && line.endsWith(" for c[0-1]"), line);
  assertEquals([rig.calls.RunInstances, rig.commits.length], [undefined, 0]);
  assertEquals(rig.scontrol.calls.filter((call) => call.startsWith("update")), []);
});

Deno.test("dryRun() says what it could not find out", pure, async () => {
  const rig = loopRig();
  rig.aws.simulator.addFault({
    kind: "error",
    action: "DescribeInstances",
    code: "UnauthorizedOperation",
    times: 99,
  });
  const { refusals } = await dryRun(rig.ports(step), EMPTY_STATE, [request("stop", ["c0"], rig.clock.now)]);
  assertEquals(refusals.length, 1);
  assert(refusals[0]!.startsWith("Listing the cluster's instances"), refusals[0]);
});
