import { assert, assertEquals } from "@std/assert";
import { forecast, type ForecastFacts } from "../../../lib/capacity/forecast.ts";
import { NOTHING } from "../../../lib/capacity/reckoning.ts";
import { noteMiss } from "../../../lib/capacity/exhausted.ts";
import { testConfig } from "../../fixtures/test_config.ts";

const pure = { permissions: "none" } as const;
const [C, , W] = testConfig().nodeGroups;
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function facts(changes: Partial<ForecastFacts> = {}): ForecastFacts {
  return {
    pools: { memory: { exhausted: {}, zones: {}, cooldown: 300_000, now: 0 } },
    prices: new Map([["c7i.large", { onDemand: 0.1 }], ["m7i.large", { onDemand: 0.2 }]]),
    ceilings: {},
    use: NOTHING,
    tokens: {},
    batch: 500,
    window: 420_000,
    now: 0,
    ...changes,
  };
}

Deno.test("forecast() gives pools in order, calls, seconds and cost", pure, () => {
  const group = { ...C!, instanceTypes: ["c7i.large", "m7i.large"] };
  const { groups, launched, calls, seconds, usdPerHour, held, tooLate } = forecast(
    [{ group, nodes: names("c", 4) }],
    facts(),
  );
  assertEquals(groups[0]!.pools.map(({ instanceType, usdPerHour }) => [instanceType, usdPerHour]), [
    ["c7i.large", 0.1],
    ["m7i.large", 0.2],
  ]);
  assertEquals([launched, calls, seconds, held, tooLate], [4, 1, 0, [], 0]);
  assertEquals([usdPerHour!.first.toFixed(3), usdPerHour!.most.toFixed(3)], ["0.400", "0.800"]);
});

Deno.test("forecast() says when the buckets give more than they hold, and what comes too late", pure, () => {
  const few = forecast([{ group: C!, nodes: names("c", 1000) }], facts());
  assertEquals([few.calls, few.seconds, few.tooLate], [5, 0, 0]);
  const { calls, seconds, tooLate, launched } = forecast([{ group: C!, nodes: names("c", 2000) }], facts());
  assert(seconds > 300 && seconds <= 420, String(seconds));
  assert(calls <= 20 && launched + tooLate === 2000, `${calls} ${launched} ${tooLate}`);
  assert(launched <= 1840 && launched > 1780, String(launched));
});

Deno.test("forecast() says what limits hold back, and counts the others only", pure, () => {
  const { held, launched, usdPerHour } = forecast(
    [{ group: C!, nodes: names("c", 4) }],
    facts({ ceilings: { maxNodes: 3 }, use: { ...NOTHING, nodes: 1 } }),
  );
  assertEquals([launched, held.map(({ nodes, refusal }) => [nodes.length, refusal.code])], [2, [[
    2,
    "LimitMaxNodes",
  ]]]);
  assertEquals(usdPerHour!.first.toFixed(3), "0.200");
});

Deno.test("forecast() launches all of a job's nodes or none, over its node groups", pure, () => {
  const { held, launched } = forecast(
    [{ group: C!, nodes: names("c", 2) }, { group: W!, nodes: names("w", 2) }],
    facts({ ceilings: { maxNodes: 3 }, isJob: true }),
  );
  assertEquals([launched, held.length], [0, 1]);
});

Deno.test("forecast() has no cost where a price is missing, and names the type", pure, () => {
  const { usdPerHour, unpriced, launched } = forecast(
    [{ group: C!, nodes: names("c", 2) }],
    facts({ prices: new Map() }),
  );
  assertEquals([usdPerHour, unpriced, launched], [undefined, ["c7i.large"], 2]);
});

Deno.test("forecast() says why a pool, and a whole group, is out", pure, () => {
  const memory = { exhausted: {}, zones: {}, cooldown: 300_000, now: 0 };
  const group = { ...C!, instanceTypes: ["c7i.large", "m7i.large"] };
  const offering = {
    instanceType: "c7i.large",
    subnetId: C!.subnets[0]!,
    capacityType: "on-demand",
  } as const;
  const miss = { code: "InsufficientInstanceCapacity", message: "none", sentAt: 0 };
  const exhausted = noteMiss(memory, { offering }, miss);
  const pools = { memory: { ...memory, exhausted } };
  const one = forecast([{ group, nodes: ["c0"] }], facts({ pools })).groups[0]!;
  assertEquals([one.pools.length, one.out.length, one.refusal], [1, 1, undefined]);
  const none = forecast([{ group: C!, nodes: ["c0"] }], facts({ pools }));
  assertEquals([none.groups[0]!.refusal?.code, none.launched, none.calls], [
    "InsufficientInstanceCapacity",
    0,
    0,
  ]);
  const refusal = { code: "LaunchingPaused", message: "paused" };
  assertEquals(forecast([{ group, nodes: ["c0"], refusal }], facts()).launched, 0);
});
