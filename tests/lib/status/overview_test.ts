import { assertEquals } from "@std/assert";
import {
  EMPTY_STATE,
  type InstanceRecord,
  type NodeRecord,
  type State,
} from "../../../lib/controller/state.ts";
import { overview, type StatusFacts } from "../../../lib/status/overview.ts";
import type { NodeState } from "../../../lib/slurm/node_state.ts";

const pure = { permissions: "none" } as const;

function instance(
  id: string,
  node: string | undefined,
  changes: Partial<InstanceRecord> = {},
): InstanceRecord {
  return {
    id,
    node,
    nodeGroup: "c",
    generation: 1,
    knownSince: 0,
    launchTime: 0,
    state: "running",
    seen: true,
    end: "no",
    endAction: "terminate",
    instanceType: "c7i.large",
    subnetId: "subnet-1",
    availabilityZone: "us-east-1a",
    capacityType: "on-demand",
    imageId: "ami-1",
    ...changes,
  };
}

function node(name: string, changes: Partial<NodeRecord> = {}): NodeRecord {
  return { name, want: "up", generation: 1, since: 0, sinceWall: 0, jobs: [], because: "resume", ...changes };
}

function slurmNode(name: string, base: string, ...flags: readonly string[]): NodeState {
  return {
    name,
    base,
    flags: new Set(flags),
    nodeAddr: name,
    nodeHostname: name,
    reason: "",
    partitions: [],
  };
}

function facts(
  parts: Partial<Pick<State, "requests" | "launches" | "listedAt" | "exhausted">> & {
    readonly nodes?: readonly NodeRecord[];
    readonly instances?: readonly InstanceRecord[];
  },
  changes: Partial<StatusFacts> = {},
): StatusFacts {
  const { nodes = [], instances = [], ...rest } = parts;
  const state: State = {
    ...EMPTY_STATE,
    ...rest,
    nodes: new Map(nodes.map((one) => [one.name, one])),
    instances: new Map(instances.map((one) => [one.id, one])),
  };
  return { state, slurm: [], wall: 100_000, clock: 50_000, prices: new Map(), ...changes };
}

Deno.test("overview() folds nodes that are alike, with their ages and prices", pure, () => {
  const up = (name: string, id: string) => node(name, { reportedInstance: id });
  const { rows, running, usdPerHour } = overview(facts({
    nodes: [up("c0", "i-0"), up("c1", "i-1"), up("c10", "i-2")],
    instances: [
      instance("i-0", "c0", { launchTime: 40_000 }),
      instance("i-1", "c1", { launchTime: 90_000 }),
      instance("i-2", "c10", { availabilityZone: "us-east-1b" }),
    ],
  }, {
    slurm: ["c0", "c1", "c10"].map((name) => slurmNode(name, "IDLE", "CLOUD")),
    prices: new Map([["c7i.large", { onDemand: 0.1 }]]),
  }));
  assertEquals(
    rows.map(({ nodes, count, slurm, age, usdPerHour }) => [nodes, count, slurm, age, usdPerHour]),
    [
      ["c[0-1]", 2, "IDLE+CLOUD", { least: 10, most: 60 }, 0.2],
      ["c10", 1, "IDLE+CLOUD", { least: 100, most: 100 }, 0.1],
    ],
  );
  assertEquals([running, usdPerHour?.toFixed(2)], [3, "0.30"]);
});

Deno.test("overview() leaves out nodes that have nothing and want nothing", pure, () => {
  assertEquals(overview(facts({ nodes: [node("c0", { want: "down" })] })).rows, []);
});

const NOTES:
  readonly (readonly [what: string, parts: Parameters<typeof facts>[0], note: string | undefined])[] = [
    [
      "an instance that is not reported",
      { nodes: [node("c0")], instances: [instance("i-0", "c0")] },
      "its address is not with Slurm yet",
    ],
    [
      "an end that is due",
      { instances: [instance("i-0", "c0", { end: "due" })] },
      "to be ended, EC2 has not accepted it yet",
    ],
    ["an end that is accepted", { instances: [instance("i-0", "c0", { end: "asked" })] }, "ending"],
    ["a stopped instance", {
      instances: [instance("i-0", "c0", { end: "asked", state: "stopped", endAction: "stop" })],
    }, undefined],
    ["a node that waits", { nodes: [node("c0")] }, "waits for its launch"],
  ];

for (const [what, parts, note] of NOTES) {
  Deno.test(`overview() says of ${what}: ${note ?? "nothing"}`, pure, () => {
    assertEquals(overview(facts(parts)).rows.map((row) => row.note), [note]);
  });
}

Deno.test("overview() says why a node is down and until when", pure, () => {
  const verdict = {
    kind: "down",
    reason: "InsufficientInstanceCapacity: none",
    until: 123_000,
    reported: true,
  } as const;
  const { rows } = overview(facts({ nodes: [node("c0", { verdict })] }));
  assertEquals(rows.map(({ note, until }) => [note, until]), [[
    "InsufficientInstanceCapacity: none",
    123_000,
  ]]);
});

Deno.test("overview() shows instances whose tags name no node", pure, () => {
  const { rows } = overview(facts({ instances: [instance("i-0", undefined), instance("i-1", undefined)] }));
  assertEquals(rows.map(({ nodes, count, slurm }) => [nodes, count, slurm]), [["-", 2, "-"]]);
});

Deno.test("overview() does not know a price in part", pure, () => {
  const { rows, usdPerHour } = overview(facts({
    instances: [instance("i-0", "c0"), instance("i-1", "c1", { instanceType: "m7i.large" })],
  }, { prices: new Map([["c7i.large", { onDemand: 0.1 }]]) }));
  assertEquals(rows.map(({ usdPerHour }) => usdPerHour), [0.1, undefined]);
  assertEquals(usdPerHour, 0.1);
});

Deno.test("overview() lists open launches and requests with what is left of them", pure, () => {
  const requests: State["requests"] = new Map([["stop.1", {
    id: "stop.1",
    kind: "stop",
    nodes: ["c0", "c1"],
    jobs: [],
    at: 20_000,
    generations: {},
    outcomes: { c0: { kind: "no-instance" } },
  }]]);
  const seen = overview(facts({ requests, listedAt: 45_000 }));
  assertEquals(seen.requests, [{ kind: "stop", nodes: "c1", count: 1, age: 30 }]);
  assertEquals(seen.listedAgo, 5);
});

Deno.test("overview() lists what is out of capacity, by the wall clock", pure, () => {
  const out = { what: "spot c7i.large in us-east-1a", code: "InsufficientInstanceCapacity", message: "no" };
  const at = { first: 0, at: 0, misses: 2 };
  const seen = overview(facts({
    exhausted: {
      later: { ...out, ...at, until: 300_000 },
      sooner: { ...out, ...at, what: "addresses of subnet-1", until: 60_000 },
      over: { ...out, ...at, until: 49_999 },
    },
  }));
  const wall = facts({}).wall;
  assertEquals(seen.exhausted.map(({ what, until, misses }) => [what, until - wall, misses]), [
    ["addresses of subnet-1", 10_000, 2],
    ["spot c7i.large in us-east-1a", 250_000, 2],
  ]);
});
