import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { InstanceState } from "../../../lib/aws/instance.ts";
import type { Fault } from "../../../lib/sim/faults.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { holdsCapacity } from "../../../lib/sim/instances.ts";
import { freeCapacity, poolKey } from "../../../lib/sim/pools.ts";
import { idsOf, launchRequest, Story } from "./worlds.ts";

/** Where EC2 lets an instance go from each state (EC2 user guide, "Instance state changes"). */
const NEXT_STATES: Readonly<Record<InstanceState, readonly InstanceState[]>> = {
  "pending": ["running", "shutting-down", "terminated"],
  "running": ["stopping", "shutting-down"],
  "stopping": ["stopped", "shutting-down"],
  "stopped": ["pending", "terminated"],
  "shutting-down": ["terminated"],
  "terminated": [],
};

const pure = { permissions: "none" } as const;
const POOL = {
  instanceType: "c7i.large",
  availabilityZone: "us-east-1a",
  capacityType: "on-demand",
} as const;

/** What may happen to a world: a call, or time that passes. */
type Happening =
  | { readonly kind: "run"; readonly min: number; readonly more: number; readonly token: string | undefined }
  | { readonly kind: "start" | "stop" | "terminate"; readonly which: number }
  | { readonly kind: "wait"; readonly ms: number };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant("run" as const),
    min: fc.integer({ min: 1, max: 4 }),
    more: fc.integer({ min: 0, max: 4 }),
    token: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constantFrom("start" as const, "stop" as const, "terminate" as const),
    which: fc.nat(20),
  }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 400 }) }),
);

const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("throttle" as const),
      action: fc.constantFrom("RunInstances", "TerminateInstances"),
      times: fc.integer({ min: 1, max: 2 }),
    }),
    fc.record({
      kind: fc.constant("death" as const),
      times: fc.integer({ min: 1, max: 3 }),
      afterMs: fc.integer({ min: 0, max: 150 }),
      code: fc.constant("Server.InternalError"),
    }),
  ),
  { maxLength: 3 },
);

function happen(story: Story, event: Happening): void {
  if (event.kind === "wait") {
    story.now += event.ms;
    return;
  }
  if (event.kind === "run") return run(story, event);
  const ids = [...story.world.instances.keys()];
  const id = ids[event.which % Math.max(1, ids.length)];
  if (id === undefined) return;
  const action =
    ({ start: "StartInstances", stop: "StopInstances", terminate: "TerminateInstances" } as const)[
      event.kind
    ];
  story.step(action, { InstanceIds: [id] });
}

function run(story: Story, { min, more, token }: Extract<Happening, { kind: "run" }>): void {
  const earlier = token === undefined ? undefined : story.world.launches.get(`${token} us-east-1a`);
  const free = freeCapacity(story.world, POOL);
  const before = story.world.instances.size;
  const request = launchRequest({ MinCount: min, MaxCount: min + more, ClientToken: token });
  const done = story.step("RunInstances", request);
  const born = story.world.instances.size - before;
  if (done.kind === "refusal") {
    assert(born <= 0, "a refused call launched something");
    return;
  }
  const { instances } = done.answer;
  if (earlier !== undefined) {
    assert(
      instances.every(({ instanceId }) => earlier.instanceIds.includes(instanceId)),
      "a replay launched another instance",
    );
    return;
  }
  assert(
    instances.length >= min && instances.length <= min + more,
    `${instances.length} of ${min} to ${min + more}`,
  );
  // Capacity may have come free by itself between the two looks, never less.
  assert(instances.length >= Math.min(min + more, free), "less than the pool had");
  assertEquals(instances.map((i) => i.amiLaunchIndex), instances.map((_, index) => index));
}

Deno.test("whatever happens, counts, indices, capacity, tokens and states keep EC2's rules", pure, () => {
  const scenario = fc.record({
    capacity: fc.integer({ min: 0, max: 8 }),
    faults,
    events: fc.array(happening, { maxLength: 40 }),
  });
  fc.assert(
    fc.property(scenario, ({ capacity, faults, events }) => {
      const story = new Story({
        pendingMs: 100,
        stoppingMs: 50,
        shuttingDownMs: 50,
        terminatedMs: 300,
        capacity: { [poolKey(POOL)]: capacity },
        faults,
      });
      for (const event of events) {
        const before = new Map([...story.world.instances].map(([id, { state }]) => [id, state]));
        happen(story, event);
        checkMoves(before, story);
        checkCapacity(story, capacity);
        checkAddresses(story);
      }
    }),
    { numRuns: 150 },
  );
});

/** Every state now must be within reach of the state before; time may have led through several. */
function checkMoves(before: ReadonlyMap<string, InstanceState>, story: Story): void {
  for (const [id, { state }] of story.world.instances) {
    const from = before.get(id);
    if (from === undefined || from === state) continue;
    assert(reachable(from).has(state), `${id} went from ${from} to ${state}`);
  }
}

function reachable(from: InstanceState): ReadonlySet<InstanceState> {
  const seen = new Set<InstanceState>();
  const visit = (state: InstanceState) => {
    for (const next of NEXT_STATES[state]) {
      if (seen.has(next)) continue;
      seen.add(next);
      visit(next);
    }
  };
  visit(from);
  return seen;
}

function checkCapacity(story: Story, capacity: number): void {
  const held = [...story.world.instances.values()].filter(({ state }) => holdsCapacity(state)).length;
  assert(held <= capacity, `${held} instances in a pool of ${capacity}`);
  assert(freeCapacity(story.world, POOL) === capacity - held);
}

function checkAddresses(story: Story): void {
  const held = [...story.world.instances.values()].flatMap(({ network }) => network?.privateIpAddress ?? []);
  assertEquals(new Set(held).size, held.length, "an address is held twice");
}

Deno.test("a single change of state moves along EC2's diagram", pure, () => {
  const story = new Story({ pendingMs: 100, stoppingMs: 100, shuttingDownMs: 100 });
  const [id] = idsOf(story.launch());
  const seen: InstanceState[] = ["pending"];
  const look = () => {
    const state = story.answer("DescribeInstances", { InstanceIds: [id!] }).items[0]!.state;
    if (state !== seen.at(-1)) seen.push(state);
  };
  for (const action of ["StopInstances", "StartInstances", "StopInstances", "TerminateInstances"] as const) {
    for (let i = 0; i < 3; i++, story.now += 100) look();
    story.answer(action, { InstanceIds: [id!] });
    look();
  }
  for (let i = 1; i < seen.length; i++) {
    assert(NEXT_STATES[seen[i - 1]!].includes(seen[i]!), `${seen[i - 1]} to ${seen[i]}`);
  }
  assertEquals(seen, [
    "pending",
    "running",
    "stopping",
    "stopped",
    "pending",
    "running",
    "stopping",
    "stopped",
    "terminated",
  ]);
});

Deno.test("instance ids never repeat, whatever the seed", pure, () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const story = new Story({ seed });
      const ids = [
        ...idsOf(story.launch({ MaxCount: 50 })),
        ...idsOf(story.launch({ SubnetId: WORLD.subnetIds[1], MaxCount: 50 })),
      ];
      assertEquals(new Set(ids).size, 100);
      assert(ids.every((id) => /^i-[0-9a-f]{17}$/.test(id)));
    }),
    { numRuns: 30 },
  );
});
