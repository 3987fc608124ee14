import { assert, assertEquals } from "@std/assert";
import { EMPTY_STATE, type State } from "../../../lib/controller/state.ts";
import type { Action } from "../../../lib/controller/action.ts";
import { performer } from "../../../lib/controller_run/perform.ts";
import { subjectsOf } from "../../../lib/controller_run/subjects.ts";
import { instanceTags } from "../../../lib/identity/tags.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { loopRig } from "../../fixtures/loop_rig.ts";

const pure = { permissions: "none" } as const;

function launchState(token: string, nodes: readonly string[]): State {
  const tags = instanceTags({ cluster: "test", nodeGroup: "c", nodes: nodes.join(",") });
  const input = {
    ImageId: WORLD.imageIds.x86_64,
    InstanceType: "c7i.large",
    MinCount: 1,
    MaxCount: nodes.length,
    ClientToken: token,
    SubnetId: WORLD.subnetIds[0],
    TagSpecifications: [{ ResourceType: "instance" as const, Tags: tags }],
  };
  const launch = {
    token,
    nodeGroup: "c",
    nodes,
    generations: nodes.map((_, index) => index + 1),
    input,
    at: 0,
    doubt: false,
    halvings: 0,
    whole: false,
  };
  return { ...EMPTY_STATE, launches: new Map([[token, launch]]) };
}

function edge(rig = loopRig()) {
  const { perform } = rig.ports(() => {
    throw new Error("There is no step here");
  });
  return { rig, perform };
}

Deno.test(
  "perform() launches the stored request, and answers the same instances when it is sent again",
  pure,
  async () => {
    const { rig, perform } = edge();
    const state = launchState("t1", ["c0", "c1"]);
    const first = await perform({ kind: "run-instances", token: "t1" }, state);
    const again = await perform({ kind: "run-instances", token: "t1" }, state);
    assertEquals(rig.aws.simulator.instances().length, 2);
    assert(first.facts[0]?.kind === "launched" && again.facts[0]?.kind === "launched");
    const ids = (fact: typeof first.facts[0]) =>
      fact?.kind === "launched" ? fact.instances.map(({ instanceId }) => instanceId) : [];
    assertEquals(ids(first.facts[0]), ids(again.facts[0]));
  },
);

Deno.test("perform() sends nothing for a launch that is closed", pure, async () => {
  const { rig, perform } = edge();
  assertEquals(await perform({ kind: "run-instances", token: "t1" }, EMPTY_STATE), {
    facts: [],
    refusals: [],
  });
  assertEquals(rig.calls, {});
});

const LAUNCH_FAULTS = [
  [{ kind: "throttle", action: "RunInstances", times: 1 }, "RequestLimitExceeded", false, "throttle"],
  [{ kind: "lost-answer", action: "RunInstances", times: 1 }, "EndpointUnreachable", true, "network"],
  [
    { kind: "error", action: "RunInstances", times: 1, code: "InternalError" },
    "InternalError",
    true,
    "transient",
  ],
  [
    { kind: "error", action: "RunInstances", times: 1, code: "InsufficientInstanceCapacity" },
    "InsufficientInstanceCapacity",
    false,
    "pool",
  ],
] as const;

for (const [fault, code, unanswered, why] of LAUNCH_FAULTS) {
  Deno.test(
    `perform() makes a fact of ${code} to a launch, ${unanswered ? "in doubt" : "answered"}`,
    pure,
    async () => {
      const { rig, perform } = edge();
      rig.aws.simulator.addFault(fault);
      const { facts, refusals } = await perform(
        { kind: "run-instances", token: "t1" },
        launchState("t1", ["c0"]),
      );
      assert(facts.length === 1 && facts[0]?.kind === "launch-refused");
      assertEquals([facts[0].refusal.code, facts[0].unanswered], [code, unanswered]);
      assertEquals(refusals.map((refusal) => [refusal.subjects, refusal.why]), [[["run-instances t1"], why]]);
    },
  );
}

Deno.test("perform() finds a launch by its token, dead instances too, and by tag and id", pure, async () => {
  const { rig, perform } = edge();
  const state = launchState("t1", ["c0", "c1"]);
  const launched = await perform({ kind: "run-instances", token: "t1" }, state);
  assert(launched.facts[0]?.kind === "launched");
  const [first] = launched.facts[0].instances;
  await perform({ kind: "end", action: "terminate", ids: [first!.instanceId], why: "x" }, state);
  const shown = async (action: Action) => {
    const { facts: [fact] } = await perform(action, state);
    assert(fact !== undefined && "instances" in fact && "began" in fact);
    assertEquals(fact.began, rig.clock.now);
    return fact.instances.map(({ state }) => state).sort();
  };
  assertEquals(await shown({ kind: "look-up-token", token: "t1" }), ["running", "terminated"]);
  assertEquals(await shown({ kind: "list" }), ["running", "terminated"]);
  assertEquals(await shown({ kind: "list-ended", states: ["shutting-down", "terminated"] }), ["terminated"]);
  // An id that EC2 does not know is not in the answer, and spoils nothing.
  assertEquals(await shown({ kind: "describe", ids: [first!.instanceId, "i-0123456789abcdef0"] }), [
    "terminated",
  ]);
});

Deno.test("perform() ends all but the id that EC2 refuses", pure, async () => {
  const { perform } = edge();
  const state = launchState("t1", ["c0", "c1", "c2"]);
  const launched = await perform({ kind: "run-instances", token: "t1" }, state);
  assert(launched.facts[0]?.kind === "launched");
  const good = launched.facts[0].instances.map(({ instanceId }) => instanceId);
  const ids = [good[0]!, "i-0123456789abcdef0", good[1]!, good[2]!];
  const { facts, refusals } = await perform({ kind: "end", action: "terminate", ids, why: "stop" }, state);
  assertEquals(facts.map((fact) => fact.kind), ["end-accepted", "end-refused"]);
  assert(facts[0]?.kind === "end-accepted" && facts[1]?.kind === "end-refused");
  assertEquals([...facts[0].ids].sort(), good.sort());
  assertEquals([facts[1].id, facts[1].refusal.code], ["i-0123456789abcdef0", "InvalidInstanceID.NotFound"]);
  assertEquals(refusals.map(({ subjects, why }) => [subjects, why]), [[
    ["instance i-0123456789abcdef0"],
    "not-found",
  ]]);
});

Deno.test(
  "perform() makes one refusal of a throttled end, so that its instances share the next call",
  pure,
  async () => {
    const { rig, perform } = edge();
    rig.aws.simulator.addFault({ kind: "throttle", action: "TerminateInstances", times: 1 });
    const ids = ["i-00000000000000001", "i-00000000000000002"];
    const { refusals } = await perform({ kind: "end", action: "terminate", ids, why: "stop" }, EMPTY_STATE);
    assertEquals(rig.calls, { TerminateInstances: 1 });
    assertEquals(refusals.map(({ subjects, why }) => [subjects.length, why]), [[2, "throttle"]]);
  },
);

const ADDRESSES = ["c0", "c1", "c2"].map((nodeName) => ({
  nodeName,
  nodeAddr: "10.0.0.1",
  nodeHostname: nodeName,
  instanceId: `i-${nodeName}`,
}));

Deno.test("perform() reports all addresses but that of the node that slurmctld refuses", pure, async () => {
  const { rig, perform } = edge();
  rig.scontrol.unknown.add("c1");
  const { facts, refusals } = await perform({ kind: "report-addresses", addresses: ADDRESSES }, EMPTY_STATE);
  assertEquals(
    facts.map((fact) => "node" in fact && [fact.kind, fact.node]),
    [["address-reported", "c0"], ["address-reported", "c2"], ["address-refused", "c1"]],
  );
  assertEquals(refusals.map(({ subjects, why }) => [subjects, why]), [[["address c1"], "slurmctld-refused"]]);
});

Deno.test("perform() sets no state that slurmctld does not show afterwards", pure, async () => {
  const { rig, perform } = edge();
  const update = rig.scontrol.updateState.bind(rig.scontrol);
  rig.scontrol.updateState = (names, ...rest) => update(names.filter((name) => name !== "c1"), ...rest);
  rig.scontrol.requestPowerUp(["c0", "c1"]);
  const nodes = [{ name: "c0", generation: 1 }, { name: "c1", generation: 2 }];
  const { facts } = await perform({
    kind: "set-state",
    purpose: "verdict",
    state: "down",
    reason: "x",
    nodes,
  }, EMPTY_STATE);
  assertEquals(facts.map((fact) => "node" in fact && [fact.kind, fact.node]), [["state-set", "c0"], [
    "state-refused",
    "c1",
  ]]);
});

Deno.test("perform() asks Slurm of many nodes although it does not know one of them", pure, async () => {
  const { rig, perform } = edge();
  rig.scontrol.unknown.add("c2");
  const { facts } = await perform({ kind: "ask-slurm", nodes: ["c0", "c1", "c2", "c3"] }, EMPTY_STATE);
  assert(facts[0]?.kind === "slurm" && facts[1]?.kind === "unknown-to-slurm");
  assertEquals(facts[0].asked, ["c0", "c1", "c3"]);
  assertEquals([...facts[0].nodes].map(({ name }) => name).sort(), ["c0", "c1", "c3"]);
  assertEquals(facts[1].nodes, ["c2"]);
});

Deno.test("perform() takes an answer of scontrol that is cut short for none", pure, async () => {
  const { rig, perform } = edge();
  const show = rig.scontrol.showNodes.bind(rig.scontrol);
  rig.scontrol.showNodes = async (names) => (await show(names)).slice(0, 1);
  const { facts, refusals } = await perform({ kind: "ask-slurm", nodes: ["c0", "c1"] }, EMPTY_STATE);
  assertEquals(facts, []);
  assertEquals(refusals.map(({ why, message }) => [why, message.includes("cut short")]), [["fault", true]]);
});

const EVERY_ACTION: readonly Action[] = [
  { kind: "run-instances", token: "t1" },
  { kind: "look-up-token", token: "t1" },
  { kind: "describe", ids: ["i-1"] },
  { kind: "list" },
  { kind: "list-ended", states: ["shutting-down", "terminated"] },
  { kind: "ask-slurm" },
  { kind: "ask-slurm", nodes: ["c0"] },
  { kind: "read-timeouts" },
  { kind: "read-parameters", names: ["/a"] },
  { kind: "start", ids: ["i-1"] },
  { kind: "end", action: "stop", ids: ["i-1"], why: "x" },
  { kind: "keep-console", node: "c0", id: "i-1" },
  { kind: "report-addresses", addresses: ADDRESSES },
  {
    kind: "set-state",
    purpose: "verdict",
    state: "down",
    reason: "x",
    nodes: [{ name: "c0", generation: 1 }],
  },
  { kind: "comment", jobIds: [1], text: "x" },
];

for (
  const [what, error] of [
    ["a defect", new TypeError("Not a function")],
    ["a slurmctld that is away", new ScontrolError("unreachable", "No slurmctld answers")],
  ] as const
) {
  Deno.test(`perform() never throws: every action meets ${what}`, pure, async () => {
    const { config } = loopRig();
    const broken = new Proxy({}, {
      get: () => () => {
        throw error;
      },
    });
    const ports = { ec2: broken, ssm: broken, scontrol: broken, config, clock: () => 0 } as never;
    for (const action of EVERY_ACTION) {
      const { refusals } = await performer(ports)(action, launchState("t1", ["c0"]));
      assertEquals(refusals.flatMap(({ subjects }) => subjects), [...subjectsOf(action)], action.kind);
    }
  });
}
