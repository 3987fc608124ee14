import { assertEquals } from "@std/assert";
import type { NodeGroup } from "../../../lib/config/model.ts";
import { type Exhausted, noteMiss } from "../../../lib/capacity/exhausted.ts";
import { groupUntil } from "../../../lib/capacity/group_until.ts";
import { noneLeft } from "../../../lib/capacity/none_left.ts";
import { rank, type RankFacts, type SubnetFacts } from "../../../lib/capacity/rank.ts";
import { testGroup } from "../../fixtures/test_group.ts";

const pure = { permissions: "none" } as const;
const ZONES = { "subnet-a": "us-east-1a", "subnet-b": "us-east-1b" };
const GROUP = testGroup({ instanceTypes: ["c7i.large"], subnets: ["subnet-a", "subnet-b"] });
const SPOT = testGroup({
  instanceTypes: ["c7i.large"],
  subnets: ["subnet-a"],
  capacityType: "spot-then-on-demand",
});

function facts(
  changes: Partial<RankFacts> & { readonly exhausted?: Exhausted; readonly now?: number } = {},
): RankFacts {
  const { exhausted = {}, now = 1_000, ...rest } = changes;
  return { memory: { exhausted, zones: ZONES, cooldown: 300_000, now }, ...rest };
}

function kept(group: NodeGroup, given: RankFacts): string[] {
  return rank(group, given).kept.map(({ capacityType, subnetId, reservation }) =>
    [capacityType, subnetId, ...(reservation ? [reservation] : [])].join(" ")
  );
}

const subnets = (free: Readonly<Record<string, number>>): ReadonlyMap<string, SubnetFacts> =>
  new Map(
    Object.entries(free).map((
      [id, count],
    ) => [id, {
      zone: ZONES[id as keyof typeof ZONES],
      zoneId: id === "subnet-a" ? "use1-az4" : "use1-az6",
      free: count,
      at: 0,
    }]),
  );

for (
  const [name, avoid, known, left] of [
    ["a zone by its name", ["us-east-1a"], true, ["on-demand subnet-b"]],
    ["a zone by its id", ["use1-az4"], true, ["on-demand subnet-b"]],
    ["a zone by its name that an instance was seen in", ["us-east-1a"], false, ["on-demand subnet-b"]],
    ["whatever may be the zone that an id names", ["use1-az4"], false, []],
    ["nothing for a zone that it is not in", ["us-east-1c"], true, [
      "on-demand subnet-a",
      "on-demand subnet-b",
    ]],
  ] as const
) {
  Deno.test(`rank() avoids ${name}`, pure, () => {
    const given = facts({ avoid, ...(known && { subnets: subnets({ "subnet-a": 9, "subnet-b": 9 }) }) });
    assertEquals(kept(GROUP, given), [...left]);
  });
}

Deno.test("noneLeft() says which subnets zones.avoid leaves out", pure, () => {
  const { rejected } = rank(GROUP, facts({ avoid: ["us-east-1a", "us-east-1b"] }));
  assertEquals(noneLeft(rejected, { clock: 0, wall: 0 }), {
    code: "ZonesAvoided",
    message:
      "subnet-a is in us-east-1a, which zones.avoid names; subnet-b is in us-east-1b, which zones.avoid names",
  });
  assertEquals(groupUntil(GROUP, facts().memory, { avoid: ["us-east-1a", "us-east-1b"] }), undefined);
});

Deno.test("rank() puts a subnet with too few free addresses last, and keeps it", pure, () => {
  const known = subnets({ "subnet-a": 3, "subnet-b": 200 });
  assertEquals(kept(GROUP, facts({ subnets: known, wanted: 3 })), [
    "on-demand subnet-a",
    "on-demand subnet-b",
  ]);
  assertEquals(kept(GROUP, facts({ subnets: known, wanted: 4 })), [
    "on-demand subnet-b",
    "on-demand subnet-a",
  ]);
  const types = testGroup({ instanceTypes: ["c7i.large", "c6i.large"], subnets: ["subnet-a", "subnet-b"] });
  const order = rank(types, facts({ subnets: known, wanted: 4 })).kept;
  assertEquals(order.map(({ instanceType }) => instanceType), [
    "c7i.large",
    "c7i.large",
    "c6i.large",
    "c6i.large",
  ]);
});

Deno.test(
  "rank() asks for what is reserved first, and for the rest once the reservation is full",
  pure,
  () => {
    const group = testGroup({
      instanceTypes: ["c7i.large"],
      subnets: ["subnet-a"],
      capacityReservation: "cr-1",
    });
    assertEquals(kept(group, facts()), ["on-demand subnet-a cr-1", "on-demand subnet-a"]);
    const [reserved] = rank(group, facts()).kept;
    const full = (code: string) =>
      noteMiss(facts().memory, { offering: reserved! }, { code, message: "no", sentAt: 1_000 });
    assertEquals(kept(group, facts({ exhausted: full("ReservationCapacityExceeded") })), [
      "on-demand subnet-a",
    ]);
    assertEquals(kept(group, facts({ exhausted: full("RequestLimitExceeded") })).length, 2);
  },
);

/** Spot was refused at 1 s, and again as soon as it was open. */
function spotOut(misses: number): Exhausted {
  let exhausted: Exhausted = {};
  let now = 1_000;
  for (let i = 0; i < misses; i++) {
    const [offering] = rank({ ...SPOT, capacityType: "spot" }, facts({ exhausted, now })).kept;
    const miss = { code: "InsufficientInstanceCapacity", message: "no", sentAt: now };
    exhausted = noteMiss(facts({ exhausted, now }).memory, { offering: offering! }, miss);
    now = Object.values(exhausted)[0]!.until;
  }
  return exhausted;
}

Deno.test("rank() asks for on-demand as soon as spot is out", pure, () => {
  assertEquals(kept(SPOT, facts()), ["spot subnet-a", "on-demand subnet-a"]);
  assertEquals(kept(SPOT, facts({ exhausted: spotOut(1) })), ["on-demand subnet-a"]);
});

Deno.test(
  "rank() asks for on-demand once spot has been out for spotTimeLimit, however often it was asked",
  pure,
  () => {
    const group = { ...SPOT, spotTimeLimit: 300 };
    assertEquals(kept(group, facts()), ["spot subnet-a"]);
    const once = spotOut(1);
    assertEquals(kept(group, facts({ exhausted: once, now: 100_000 })), []);
    assertEquals(groupUntil(group, facts({ exhausted: once, now: 100_000 }).memory)?.until, 181_000);
    assertEquals(kept(group, facts({ exhausted: once, now: 181_000 })), ["spot subnet-a"]);
    const twice = spotOut(2);
    assertEquals(kept(group, facts({ exhausted: twice, now: 200_000 })), []);
    assertEquals(groupUntil(group, facts({ exhausted: twice, now: 200_000 }).memory)?.until, 301_000);
    assertEquals(kept(group, facts({ exhausted: twice, now: 301_000 })), ["on-demand subnet-a"]);
  },
);
