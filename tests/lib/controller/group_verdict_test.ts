import { assertEquals } from "@std/assert";
import { readReason } from "../../../lib/cluster/reason.ts";
import { isGroupWide } from "../../../lib/controller/group_verdict.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { NodeState } from "../../../lib/slurm/node_state.ts";
import { Scene, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const AWAITED = "ALLOCATED+POWERING_UP";
const OFF = "IDLE+POWERED_DOWN";
const CODE = "InsufficientInstanceCapacity";
/** Seconds after which a pool that was refused may be asked again. */
const COOLDOWN = 180;

for (
  const [code, expected] of [
    [CODE, true],
    ["InsufficientFreeAddressesInSubnet", true],
    ["VcpuLimitExceeded", true],
    ["UnauthorizedOperation", true],
    ["ExpiredToken", true],
    ["InvalidParameterValue", true],
    ["EndpointUnreachable", true],
    ["BootFailureBreaker", true],
    ["RequestLimitExceeded", false],
    ["InternalError", false],
    ["LaunchDeadline", false],
    ["InstanceGone", false],
    ["IncorrectInstanceState", false],
    // An instance that ended speaks for its node only, whatever a call of the same name would say.
    ["Server.InsufficientInstanceCapacity", false],
    ["Server.SpotInstanceTermination", false],
    ["Client.InternalError", false],
  ] as const
) {
  Deno.test(`isGroupWide() is ${expected} for ${code}`, pure, () => {
    assertEquals(isGroupWide({ code }), expected);
  });
}

/** The launch of c0 was refused, and slurmctld has answered what the nodes of its group are. */
function refused(
  { code = CODE, version = "24.11", others = {} }: {
    readonly code?: string;
    readonly version?: string;
    readonly others?: Readonly<Record<string, Partial<NodeState> & { readonly is: string }>>;
  } = {},
): Scene {
  const scene = new Scene();
  scene.version = version;
  scene.ask("resume", ["c0"], [{ jobId: 7, nodes: ["c0"] }]);
  const [token] = [...scene.state.launches.keys()];
  scene.feed({ kind: "launch-refused", token: token!, refusal: { code, message: "no" }, unanswered: false });
  scene.clock += 100;
  scene.slurm(
    slurmNode("c0", AWAITED),
    ...Array.from({ length: 9 }, (_, i) => {
      const { is = OFF, ...changes } = others[`c${i + 1}`] ?? {};
      return slurmNode(`c${i + 1}`, is, changes);
    }),
  );
  return scene;
}

const HELD = Array.from({ length: 9 }, (_, i) => `c${i + 1} hold down`);

/** slurmctld still shows what it was told last. */
function same(scene: Scene, names: readonly string[] = HELD.map((line) => line.slice(0, 2))): void {
  const { views } = scene.state.memory!;
  scene.slurm(...names.map((name) => {
    const { reason, resumeAfter } = views.get(name)!;
    return slurmNode(name, "DOWN+POWERED_DOWN", {
      reason,
      ...(resumeAfter !== undefined && { resumeAfter }),
    });
  }));
}

/** slurmctld has set the group's other nodes DOWN, as it was told to. */
function held(scene: Scene): void {
  for (const { nodes, reason, resumeAfter } of scene.actions("set-state")) {
    const after = resumeAfter === undefined ? {} : { resumeAfter: scene.wall + resumeAfter * 1_000 };
    const shown = nodes.map(({ name }) =>
      slurmNode(name, "DOWN+POWERED_DOWN", { reason: reason!, ...after })
    );
    scene.feed({ kind: "slurm", began: scene.clock, asked: nodes.map(({ name }) => name), nodes: shown });
  }
}

Deno.test("planGroupVerdicts() asks about the whole group before anything is set", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"]);
  const [token] = [...scene.state.launches.keys()];
  const refusal = { code: CODE, message: "no" };
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  assertEquals(scene.states, []);
  assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes?.length), [10]);
});

for (const [version, resumeAfter] of [["22.05", undefined], ["24.11", COOLDOWN]] as const) {
  Deno.test(
    `planGroupVerdicts() sets the idle nodes of the group DOWN first, then the failed one, on ${version}`,
    pure,
    () => {
      const scene = refused({ version });
      assertEquals(scene.states, HELD);
      const [first, ...more] = scene.actions("set-state");
      assertEquals([more, first?.resumeAfter], [[], resumeAfter]);
      held(scene);
      assertEquals(scene.states, ["c0 verdict down"]);
      assertEquals(scene.actions("set-state")[0]?.resumeAfter, undefined);
      scene.shown();
      assertEquals([scene.states, scene.node("c0").verdict?.reported], [[], true]);
    },
  );
}

Deno.test(
  "planGroupVerdicts() says for each node until when, the failed one's not before ResumeTimeout",
  pure,
  () => {
    const scene = refused();
    const since = scene.wall - 100;
    const others = readReason(scene.actions("set-state")[0]!.reason!)!;
    assertEquals([others.code, others.message.split(";")[0]], [CODE, "node group c is refused: no"]);
    assertEquals(Math.abs(others.until! - since - COOLDOWN * 1_000) <= 1_000, true);
    held(scene);
    const own = readReason(scene.actions("set-state")[0]!.reason!)!;
    assertEquals([own.code, own.message.split(";")[0]], [CODE, "no"]);
    assertEquals(Math.abs(own.until! - since - 605_000) <= 1_000, true);
  },
);

Deno.test("planGroupVerdicts() counts no pool of a zone that is avoided as open", pure, () => {
  const [a, b] = WORLD.subnetIds;
  const config = sceneConfig({ zones: { avoid: [`${WORLD.region}b`] } });
  const [c, s] = config.nodeGroups;
  const scene = new Scene({ ...config, nodeGroups: [{ ...c!, subnets: [a, b] }, s!] });
  scene.version = "24.11";
  scene.ask("resume", ["c0"], [{ jobId: 7, nodes: ["c0"] }]);
  const subnets = ([[a, "a"], [b, "b"]] as const).map(([subnetId, letter]) => ({
    subnetId,
    vpcId: "vpc-1",
    availabilityZone: `${WORLD.region}${letter}`,
    availabilityZoneId: `use1-${letter}`,
    cidrBlock: "10.0.0.0/24",
    availableIpAddressCount: 200,
  }));
  scene.feed({ kind: "subnets", ids: [a, b], subnets });
  const [token] = [...scene.state.launches.keys()];
  const refusal = { code: CODE, message: "no" };
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  scene.clock += 100;
  scene.slurm(
    slurmNode("c0", AWAITED),
    ...HELD.map((line) => slurmNode(line.slice(0, 2), OFF)),
  );
  assertEquals(scene.states, HELD);
  // Of the one pool that is left: were another open, the cooldown of 300 s would count.
  assertEquals(scene.actions("set-state")[0]?.resumeAfter, COOLDOWN);
});

for (
  const [what, node] of [
    ["a person has drained", { is: "IDLE+POWERED_DOWN+DRAIN", reason: "fan" }],
    ["a person has set DOWN", { is: "DOWN+POWERED_DOWN", reason: "fan" }],
    ["a person has set FAIL", { is: "IDLE+POWERED_DOWN+FAIL", reason: "fan" }],
    ["is under maintenance", { is: "IDLE+POWERED_DOWN+MAINTENANCE" }],
    ["is reserved", { is: "IDLE+POWERED_DOWN+RESERVED" }],
    ["has jobs", { is: "ALLOCATED" }],
    ["is up and idle", { is: "IDLE" }],
    ["is given to a job this moment", { is: "MIXED+POWERED_DOWN" }],
    ["powers up", { is: AWAITED }],
    ["powers down", { is: "IDLE+POWERING_DOWN" }],
    ["is in its own cooldown", {
      is: "DOWN+POWERED_DOWN",
      reason: "X: y [slurm-ec2 until=2026-01-01T03:10:00Z]",
    }],
  ] as const
) {
  Deno.test(`planGroupVerdicts() leaves a node alone that ${what}`, pure, () => {
    const scene = refused({ others: { c5: node } });
    assertEquals(scene.states, HELD.filter((line) => !line.startsWith("c5")));
    held(scene);
    assertEquals(scene.states, ["c0 verdict down"]);
  });
}

Deno.test("planGroupVerdicts() takes a node whose old reason slurmctld has kept", pure, () => {
  const scene = refused({ others: { c5: { is: OFF, reason: "fan, replaced" } } });
  assertEquals(scene.states, HELD);
});

for (const code of ["RequestLimitExceeded", "Server.SpotInstanceTermination"]) {
  Deno.test(`planGroupVerdicts() keeps no other node out for ${code}`, pure, () => {
    const scene = new Scene();
    scene.up("c0");
    scene.ask("resume", ["c1"]);
    const { generation } = scene.node("c1");
    const [token] = [...scene.state.launches.keys()];
    scene.launched("c1");
    scene.feed({
      kind: "described",
      began: scene.clock,
      ids: ["i-c1"],
      instances: [{ ...scene.instance("c1"), state: "terminated", stateReasonCode: code }],
    });
    scene.clock += 10;
    scene.slurm(slurmNode("c1", AWAITED), slurmNode("c2", OFF));
    assertEquals([generation > 0, token !== undefined, scene.states.some((s) => s.startsWith("c2"))], [
      true,
      true,
      false,
    ]);
  });
}

Deno.test(
  "planGroupVerdicts() lets the failed nodes go on when slurmctld refuses a node of the group",
  pure,
  () => {
    const scene = refused();
    scene.feed(
      ...scene.actions("set-state").flatMap(({ nodes, purpose }) =>
        nodes.map(({ name, generation }) =>
          ({ kind: "state-refused", node: name, generation, purpose, message: "no" }) as const
        )
      ),
    );
    assertEquals(scene.states.includes("c0 verdict down"), false);
    scene.wait(11);
    scene.slurm(slurmNode("c0", AWAITED));
    assertEquals(scene.states.includes("c0 verdict down"), true);
  },
);

Deno.test(
  "planGroupVerdicts() keeps a node out that powers down later, for the rest of the time",
  pure,
  () => {
    const scene = refused({ others: { c5: { is: "IDLE+POWERING_DOWN" } } });
    held(scene);
    scene.shown();
    scene.clock += 100_000;
    scene.slurm(slurmNode("c5", OFF));
    assertEquals(scene.states, ["c5 hold down"]);
    assertEquals(scene.actions("set-state")[0]?.resumeAfter, COOLDOWN - 100);
    scene.clock += 201_000;
    scene.slurm(slurmNode("c5", OFF));
    assertEquals(scene.states, []);
  },
);

Deno.test("planGiveBack() leaves it to slurmctld to end the DOWN of nodes that were not tried", pure, () => {
  const scene = refused();
  held(scene);
  scene.shown();
  scene.wait(COOLDOWN + 20);
  same(scene);
  assertEquals(scene.states, []);
  // It looks every 30 s; what it has not ended long after is ended here.
  scene.wait(60);
  same(scene);
  assertEquals(scene.states.includes("c1 give-back idle"), true);
});

Deno.test("planGiveBack() ends the DOWN of nodes that were not tried where slurmctld can't", pure, () => {
  const scene = refused({ version: "22.05" });
  held(scene);
  scene.shown();
  scene.wait(COOLDOWN - 2);
  assertEquals(scene.states, []);
  scene.wait(3);
  same(scene);
  assertEquals(scene.states, HELD.map((line) => line.replace("hold down", "give-back idle")));
  assertEquals(scene.actions("set-state").length, 1);
});

Deno.test(
  "planGiveBack() lets slurmctld end a failed node's cooldown once its power-up is given up",
  pure,
  () => {
    const config = sceneConfig();
    const scene = new Scene({ ...config, limits: { ...config.limits, cooldown: 450 } });
    scene.version = "24.11";
    scene.ask("resume", ["c0"]);
    const [token] = [...scene.state.launches.keys()];
    // Twice as long, for a person has to act.
    const refusal = { code: "UnauthorizedOperation", message: "no" };
    scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
    scene.slurm(slurmNode("c0", AWAITED));
    scene.shown();
    scene.clock += 600_000;
    scene.ask("resume-fail", ["c0"]);
    const { reason } = scene.node("c0").verdict!;
    scene.clock += 1_000;
    scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", { reason: `${reason} : ResumeTimeout reached` }));
    assertEquals(scene.states, ["c0 resume-after down"]);
    assertEquals(scene.actions("set-state").map((action) => [action.reason, action.resumeAfter]), [[
      reason,
      299,
    ]]);
    scene.shown();
    const shown = { reason, resumeAfter: scene.wall + 299_000 };
    scene.slurm(slurmNode("c0", "DOWN+POWERED_DOWN", shown));
    assertEquals([scene.states, scene.node("c0").giveBack], [[], undefined]);
    scene.wait(320);
    assertEquals(scene.states, []);
  },
);

Deno.test(
  "planGroupVerdicts() keeps slurmctld from ending a person's DOWN with the end of ours",
  pure,
  () => {
    const scene = refused();
    const ends = scene.wall + COOLDOWN * 1_000;
    held(scene);
    scene.shown();
    scene.clock += 50_000;
    scene.slurm(
      slurmNode("c3", "DOWN+POWERED_DOWN", { reason: "fan", resumeAfter: ends }),
      // The person's own end is the person's.
      slurmNode("c4", "DOWN+POWERED_DOWN", { reason: "fan", resumeAfter: ends + 3_600_000 }),
      slurmNode("c6", "DOWN+POWERED_DOWN", { reason: "fan" }),
    );
    assertEquals(scene.states, ["c3 keep-down down"]);
    assertEquals(scene.actions("set-state").map(({ reason, resumeAfter }) => [reason, resumeAfter]), [[
      "fan",
      -1,
    ]]);
  },
);

Deno.test("planVerdicts() takes the end by slurmctld from a node that powers up", pure, () => {
  const scene = refused();
  held(scene);
  // c1 was given to a job between the look and the DOWN.
  scene.shown();
  const [view] = [scene.state.memory!.views.get("c1")!];
  scene.ask("resume", ["c1"], [{ jobId: 8, nodes: ["c1"] }]);
  const [token] = [...scene.state.launches.keys()];
  const refusal = { code: CODE, message: "no" };
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  scene.clock += 100;
  scene.slurm(slurmNode("c1", "DOWN+POWERING_UP", { reason: view.reason, resumeAfter: view.resumeAfter! }));
  assertEquals(scene.actions("set-state").map(({ purpose, resumeAfter }) => [purpose, resumeAfter]), [
    ["verdict", -1],
  ]);
});

Deno.test("planQuestions() asks about all nodes at once where a large group is refused", pure, () => {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const scene = new Scene({ ...config, nodeGroups: [{ ...c!, nodes: "c[0-9999]" }, s!] });
  scene.version = "24.11";
  scene.ask("resume", ["c0"]);
  const [token] = [...scene.state.launches.keys()];
  const refusal = { code: CODE, message: "no" };
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes), [undefined]);
  scene.clock += 100;
  const nodes = Array.from({ length: 10_000 }, (_, i) => slurmNode(`c${i}`, i === 0 ? AWAITED : OFF));
  scene.feed({ kind: "slurm", began: scene.clock, nodes });
  assertEquals(scene.actions("set-state").map(({ nodes, purpose }) => [purpose, nodes.length]), [[
    "hold",
    9_999,
  ]]);
});

Deno.test("planGroupVerdicts() does not wait for nodes that slurmctld does not know", pure, () => {
  const config = sceneConfig();
  const [c, s] = config.nodeGroups;
  const scene = new Scene({ ...config, nodeGroups: [{ ...c!, nodes: "c[0-99]" }, s!] });
  scene.ask("resume", ["c0"]);
  const [token] = [...scene.state.launches.keys()];
  const refusal = { code: CODE, message: "no" };
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  assertEquals(scene.actions("ask-slurm").map(({ nodes }) => nodes), [undefined]);
  scene.clock += 100;
  scene.feed({ kind: "slurm", began: scene.clock, nodes: [slurmNode("c0", AWAITED), slurmNode("c1", OFF)] });
  assertEquals(scene.states, ["c1 hold down"]);
});

Deno.test(
  "planVerdicts() informs the jobs before the verdict ends them, all of one reason together",
  pure,
  () => {
    const nodes = ["c0", "c1"];
    const scene = new Scene();
    scene.ask("resume", nodes, [{ jobId: 8, nodes: ["c1"] }, { jobId: 7, nodes: ["c0"] }]);
    const [token] = [...scene.state.launches.keys()];
    const refusal = { code: CODE, message: "no" };
    scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
    assertEquals(scene.actions("comment").map(({ jobIds, text }) => [jobIds, text.slice(0, 30)]), [
      [[7, 8], "CAPACITY: nodes c[0-1]: Insuff"],
    ]);
    scene.clock += 100;
    const seen = {
      kind: "slurm",
      began: scene.clock,
      nodes: nodes.map((name) => slurmNode(name, AWAITED)),
    } as const;
    scene.feed(seen);
    assertEquals(scene.states, []);
    scene.feed({ kind: "jobs-informed", jobIds: [7] });
    assertEquals(scene.states, ["c0 verdict down"]);
    // A job that can't be informed does not keep its node from its verdict.
    scene.wait(11);
    assertEquals(scene.states, ["c0 verdict down", "c1 verdict down"]);
  },
);

Deno.test("planComments() names a hundred jobs a call", pure, () => {
  const scene = new Scene();
  scene.ask("resume", ["c0"], Array.from({ length: 250 }, (_, i) => ({ jobId: i + 1, nodes: ["c0"] })));
  const [token] = [...scene.state.launches.keys()];
  const refusal = { code: CODE, message: "no" };
  scene.feed({ kind: "launch-refused", token: token!, refusal, unanswered: false });
  assertEquals(scene.actions("comment").map(({ jobIds }) => jobIds.length), [100, 100, 50]);
});
