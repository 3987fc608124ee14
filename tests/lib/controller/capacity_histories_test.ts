import { assert, assertEquals } from "@std/assert";
import { type Step, step } from "../../../lib/controller/step.ts";
import { playCapacityHistory } from "./capacity_histories.ts";

const pure = { permissions: "none" } as const;

/** Seeds that CI plays, in four tests; `deno task soak:capacity` plays 100,000 others. */
const SEEDS = 2_000;
const TESTS = 4;

for (let part = 0; part < TESTS; part++) {
  const first = 1 + part * (SEEDS / TESTS);
  const last = first + SEEDS / TESTS - 1;
  Deno.test(
    `step() brings random shortages to rest, within limits and memory: seeds ${first} to ${last}`,
    pure,
    () => {
      let failovers = 0;
      for (let seed = first; seed <= last; seed++) {
        const { problems, trace, world } = playCapacityHistory(seed);
        failovers += world.failovers;
        assertEquals(problems, [], `seed ${seed}:\n${trace.join("\n")}`);
      }
      assert(failovers > last - first, `only ${failovers} launches of another offering`);
    },
  );
}

/** Steps that break a rule, and what the histories must say of it. */
const BROKEN: readonly (readonly [rule: string, play: Step, finds: RegExp])[] = [
  [
    "forgets what is out",
    (state, facts, context) => step({ ...state, exhausted: {} }, facts, context),
    / is asked for .* ms after it was out$/,
  ],
  [
    "knows no ceiling",
    (state, facts, context) => {
      const { maxNodes: _nodes, maxHourlyCost: _cost, ...limits } = context.config.limits;
      return step(state, facts, { ...context, config: { ...context.config, limits } });
    },
    /, limits\.max(Nodes|HourlyCost) is /,
  ],
  [
    "makes the same token again",
    (state, facts, context) => step(state, facts, { ...context, newToken: () => "token" }),
    /^token token is used again with other parameters$/,
  ],
  [
    "ends nothing",
    (state, facts, context) => {
      const done = step(state, facts, context);
      return { ...done, actions: done.actions.filter(({ kind }) => kind !== "end") };
    },
    / is off .* with 1 instances$/,
  ],
];

for (const [rule, play, finds] of BROKEN) {
  Deno.test(`playCapacityHistory() finds out a controller that ${rule}`, pure, () => {
    for (let seed = 1; seed <= 60; seed++) {
      if (playCapacityHistory(seed, play).problems.some((problem) => finds.test(problem))) return;
    }
    throw new Error("60 histories have not found it out");
  });
}
