import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  bucketWords,
  isLaunchTokens,
  launchableUntil,
  launchBudget,
  type LaunchTokens,
  spendTokens,
  tokensAnswered,
  tokensHeld,
  tokensThrottled,
  tokensUnanswered,
  withQuota,
} from "../../../lib/capacity/tokens.ts";
import { spread, type SpreadOptions } from "./spread.ts";

const pure = { permissions: "none" } as const;
const DEMAND = { batch: 500, deadline: 420_000, window: 420_000, now: 0 };

for (
  const [left, requests, calls, instances] of [
    [1, 5, 1, 1],
    [100, 5, 1, 100],
    [101, 5, 2, 101],
    [1_000, 5, 5, 1_000],
    [1_000, 2, 2, 1_000],
    [1_000, 1, 1, 500],
    [2_000, 5, 5, 1_000],
  ] as const
) {
  Deno.test(
    `launchBudget() puts ${left} nodes into ${calls} calls with ${requests} request tokens`,
    pure,
    () => {
      const tokens: LaunchTokens = { requests: { tokens: requests, at: 0 } };
      assertEquals(launchBudget(tokens, { ...DEMAND, left }), { instances, calls });
    },
  );
}

for (
  const [left, requests, calls] of [[1_000, 5, 2], [300, 5, 2], [1_000, 1, 1], [100, 5, 1], [
    1_000,
    4,
    2,
  ]] as const
) {
  Deno.test(
    `launchBudget() puts ${left} nodes into ${calls} calls with ${requests} request tokens and other pools`,
    pure,
    () => {
      const tokens: LaunchTokens = { requests: { tokens: requests, at: 0 } };
      assertEquals(launchBudget(tokens, { ...DEMAND, left, hasOthers: true }).calls, calls);
    },
  );
}

Deno.test("launchBudget() asks for no call larger than the batch", pure, () => {
  const { instances, calls } = launchBudget({}, { ...DEMAND, left: 1_000, batch: 150 });
  assertEquals([instances, calls], [750, 5]);
});

Deno.test("launchBudget() waits for a request token, and not longer", pure, () => {
  const tokens: LaunchTokens = { requests: { tokens: 0, at: 0 } };
  assertEquals(launchBudget(tokens, { ...DEMAND, left: 5 }), { instances: 0, calls: 0, wakeAt: 500 });
  assertEquals(launchBudget(tokens, { ...DEMAND, left: 5, now: 500 }), { instances: 5, calls: 1 });
});

Deno.test(
  "launchBudget() waits for an equal part of the refill, and takes the last just before the deadline",
  pure,
  () => {
    const tokens: LaunchTokens = { resources: { tokens: 0, at: 0 } };
    assertEquals(launchBudget(tokens, { ...DEMAND, left: 900 }), { instances: 0, calls: 0, wakeAt: 30_000 });
    assertEquals(launchBudget(tokens, { ...DEMAND, left: 900, now: 30_000 }), { instances: 60, calls: 1 });
    const late: LaunchTokens = { resources: { tokens: 0, at: 410_000 } };
    const last = launchBudget(late, { ...DEMAND, left: 900, now: 410_000 });
    assertEquals(last, { instances: 0, calls: 0, wakeAt: 419_000 });
    assertEquals(launchBudget(late, { ...DEMAND, left: 900, now: 419_000 }).instances, 18);
    const made = spendTokens(late, 18, 419_000);
    assertEquals(launchBudget(made, { ...DEMAND, left: 882, now: 419_900 }), { instances: 0, calls: 0 });
  },
);

Deno.test("launchBudget() uses at most as many parts as the largest call allows", pure, () => {
  const tokens: LaunchTokens = { resources: { tokens: 0, at: 0 } };
  const demand = { ...DEMAND, left: 9_000, window: 4_500_000, deadline: 4_500_000 };
  assertEquals(launchBudget(tokens, demand).wakeAt, 250_000);
});

Deno.test("a bucket from the future is taken for full", pure, () => {
  const tokens: LaunchTokens = {
    requests: { tokens: 0, at: 9_000 },
    resources: { tokens: 0, at: 9_000 },
    throttle: { at: 9_000, until: 9_700, code: "RequestLimitExceeded", message: "no" },
  };
  assertEquals(tokensHeld(tokens, 8_000), { requests: 5, resources: 1_000 });
  assertEquals(launchBudget(tokens, { ...DEMAND, left: 10, now: 8_000 }), { instances: 10, calls: 1 });
});

const THROTTLED = { code: "RequestLimitExceeded", message: "no", random: 0 };

Deno.test("tokensThrottled() waits half a second, then as much more by chance", pure, () => {
  for (const [random, until] of [[0, 500], [1, 1_000]] as const) {
    const sent = spendTokens({}, 10, 0);
    const tokens = tokensThrottled(sent, { ...THROTTLED, random, size: 10, sentAt: 0, now: 0 });
    assertEquals(launchBudget(tokens, { ...DEMAND, left: 10 }), { instances: 0, calls: 0, wakeAt: until });
  }
});

Deno.test("tokensThrottled() tries half the size, one call at a time", pure, () => {
  let tokens = spendTokens({}, 400, 0);
  tokens = tokensThrottled(tokens, { ...THROTTLED, size: 400, sentAt: 0, now: 100 });
  const demand = { ...DEMAND, left: 400, now: 1_000 };
  assertEquals(launchBudget(tokens, demand), { instances: 200, calls: 1 });
  tokens = spendTokens(tokens, 200, 1_000);
  assertEquals(launchBudget(tokens, { ...demand, now: 2_000 }), { instances: 0, calls: 0 });
  tokens = tokensAnswered(tokens, { size: 200, got: 200, batch: 500, sentAt: 1_000, now: 2_000 });
  assertEquals(launchBudget(tokens, { ...demand, left: 600, now: 2_000 }), { instances: 400, calls: 1 });
  tokens = spendTokens(tokens, 400, 2_000);
  tokens = tokensAnswered(tokens, { size: 400, got: 400, batch: 500, sentAt: 2_000, now: 3_000 });
  assertEquals(tokens.probe, undefined);
});

Deno.test("tokensThrottled() tries no call of less than 25 where more are wanted", pure, () => {
  for (const [size, next] of [[10, 10], [25, 25], [30, 25], [60, 30]] as const) {
    const tokens = tokensThrottled(spendTokens({}, size, 0), { ...THROTTLED, size, sentAt: 0, now: 100 });
    assertEquals(tokens.probe?.size, next);
  }
});

Deno.test("tokensThrottled() takes calls that were under way together as throttled once", pure, () => {
  let tokens = spendTokens(spendTokens({}, 200, 0), 200, 0);
  tokens = tokensThrottled(tokens, { ...THROTTLED, size: 200, sentAt: 0, now: 100 });
  const once = tokens.probe;
  tokens = tokensThrottled(tokens, { ...THROTTLED, size: 200, sentAt: 0, now: 120 });
  assertEquals([tokens.probe, tokens.throttle?.at, tokens.underWay], [once, 100, undefined]);
  assertEquals(Math.floor(tokensHeld(tokens, 120).resources), 1_000);
});

Deno.test(
  "tokensThrottled() takes the resource bucket for empty where our own calls have used it up",
  pure,
  () => {
    const little: LaunchTokens = { resources: { tokens: 60, at: 0 } };
    const tokens = tokensThrottled(spendTokens(little, 60, 0), { ...THROTTLED, size: 60, sentAt: 0, now: 0 });
    assertEquals([tokensHeld(tokens, 0).resources, tokens.probe], [0, undefined]);
  },
);

Deno.test(
  "tokensAnswered() counts nothing as come back before EC2 may have taken the first of a full bucket",
  pure,
  () => {
    const sent = spendTokens(spendTokens({}, 500, 0), 500, 0);
    const answer = { size: 500, got: 500, batch: 500, sentAt: 0, now: 3_000 };
    const tokens = tokensAnswered(tokensAnswered(sent, answer), answer);
    assertEquals(tokensHeld(tokens, 3_000).resources, 0);
    const later = spendTokens(tokens, 4, 5_000);
    const held = tokensHeld(
      tokensAnswered(later, { ...answer, size: 4, got: 4, sentAt: 5_000, now: 6_000 }),
      6_000,
    );
    assertEquals(held.resources, 2);
  },
);

Deno.test("tokensUnanswered() lets the next call go on after an answer that was lost", pure, () => {
  let tokens = tokensThrottled(spendTokens({}, 400, 0), { ...THROTTLED, size: 400, sentAt: 0, now: 0 });
  tokens = spendTokens(tokens, 200, 1_000);
  const demand = { ...DEMAND, left: 100, now: 2_000 };
  assertEquals(launchBudget(tokens, demand).calls, 0);
  assertEquals(launchBudget(tokensUnanswered(tokens, 200), demand).calls, 1);
  assertEquals(launchBudget(tokensUnanswered(tokens), demand).calls, 1);
});

Deno.test("launchableUntil() is what the bucket holds and what comes back", pure, () => {
  assertEquals(launchableUntil({}, 420_000, 0), 1_840);
  assertEquals(launchableUntil({ resources: { tokens: 10, at: 0 } }, 1_000, 0), 12);
});

Deno.test(
  "withQuota() takes the account's own figures, AWS's where it has none, and keeps what is known",
  pure,
  () => {
    const known: LaunchTokens = { requests: { tokens: 0, at: 0 } };
    const own = withQuota(known, { instances: { size: 3_000, refill: 10 } });
    assertEquals(tokensHeld(own, 500), { requests: 1, resources: 3_000 });
    assertEquals(launchableUntil(own, 60_500, 500), 3_600);
    assertEquals(
      launchBudget(withQuota({}, { requests: { size: 8, refill: 4 } }), { ...DEMAND, left: 900 }).calls,
      8,
    );
    assertMatch(bucketWords(own), /3000 instances at once and 10 more a second/);
    assertEquals(withQuota(own, { instances: { size: 3_000, refill: 10 } }), own);
    assertEquals(withQuota(own, undefined), known);
    assert(withQuota(known, undefined) === known);
    assert(isLaunchTokens(JSON.parse(JSON.stringify(own))));
    assert(!isLaunchTokens({ quota: { requests: { size: 1 } } }));
  },
);

Deno.test("isLaunchTokens() refuses what this program did not write", pure, () => {
  const right = [{}, spendTokens({}, 5, 1), {
    throttle: { at: 1, until: 2, code: "a", message: "b" },
    probe: { size: 3, rising: false, pending: true },
  }];
  assertEquals(right.map(isLaunchTokens), right.map(() => true));
  const wrong = [null, [], 5, { requests: {} }, { resources: { tokens: "x", at: 1 } }, { underWay: "x" }];
  assertEquals(wrong.map(isLaunchTokens), wrong.map(() => false));
});

/** Spreads by what must come of them: the share of what the buckets give at least, calls and throttled calls at most. */
const SPREADS: readonly (readonly [name: string, options: SpreadOptions, bound: number, most: {
  readonly share: number;
  readonly calls?: number;
  readonly throttled?: number;
  readonly seconds?: number;
}])[] = [
  ["2,000 nodes", { nodes: 2_000 }, 1_840, { share: 0.97, calls: 20, throttled: 0 }],
  ["3,000 nodes", { nodes: 3_000 }, 1_840, { share: 0.97, calls: 20, throttled: 0 }],
  ["1,000 nodes", { nodes: 1_000 }, 1_000, { share: 1, calls: 5, throttled: 0, seconds: 1 }],
  ["2,000 nodes and a bucket found empty", { nodes: 2_000, gone: 1_000 }, 840, { share: 0.85 }],
  ["2,000 nodes and 900 tokens gone", { nodes: 2_000, gone: 900 }, 940, { share: 0.85 }],
  ["2,000 nodes next to another caller", { nodes: 2_000, others: 10 }, 1_630, { share: 0.95, calls: 25 }],
  ["10,000 nodes and time enough", { nodes: 10_000, window: 5_400 }, 10_000, {
    share: 1,
    throttled: 0,
    seconds: 1.05 * (10_000 - 1_000) / 2,
  }],
  ...[1, 10, 100, 1_000].map((nodes) =>
    [`${nodes} nodes and eight throttles in a row`, { nodes, throttles: 8 }, nodes, {
      share: 1,
      seconds: 9.5,
    }] as const
  ),
];

for (const [name, options, bound, most] of SPREADS) {
  Deno.test(`launchBudget() launches ${name} as fast as the buckets allow`, pure, () => {
    const { launched, calls, throttled, last } = spread(options);
    const seen = JSON.stringify({ launched, calls, throttled, last });
    assert(launched >= most.share * bound && launched <= bound, seen);
    assert(calls <= (most.calls ?? Infinity), seen);
    assert(throttled <= (most.throttled ?? Infinity), seen);
    assert(last <= (most.seconds ?? Infinity) * 1_000, seen);
  });
}

Deno.test("launchBudget() never launches more than the buckets give, and all that fit in", pure, () => {
  const options = fc.record({
    nodes: fc.integer({ min: 1, max: 3_000 }),
    window: fc.integer({ min: 10, max: 1_500 }),
    batch: fc.integer({ min: 20, max: 1_000 }),
    gone: fc.integer({ min: 0, max: 1_000 }),
    throttles: fc.integer({ min: 0, max: 12 }),
    seed: fc.integer({ min: 0, max: 99 }),
  });
  fc.assert(
    fc.property(options, ({ seed, ...rest }) => {
      const { launched, last } = spread({ ...rest, random: () => (seed % 10) / 10 });
      assert(launched <= rest.nodes && last <= (rest.window + 1) * 1_000);
      // A throttle may cost what a short window has left.
      const sure = rest.window >= 60
        ? 0.5 * Math.min(rest.nodes, 1_000 - rest.gone + 2 * (rest.window - 30))
        : 0;
      assert(launched >= Math.min(rest.nodes, Math.floor(sure)), JSON.stringify({ launched, ...rest }));
    }),
    {
      numRuns: 300,
      // What was left behind a call four times as large as the one before it was more than half.
      examples: [
        [{ nodes: 2_567, window: 63, batch: 541, gone: 535, throttles: 9, seed: 97 }],
        [{ nodes: 1_545, window: 137, batch: 909, gone: 119, throttles: 6, seed: 35 }],
      ],
    },
  );
});
