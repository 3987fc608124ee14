import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { NodeGroup, Strategy } from "../../../lib/config/model.ts";
import type { ResumeJob } from "../../../lib/slurm/resume_file.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { World } from "./world.ts";

const pure = { permissions: "none" } as const;
const TYPES = ["c7i.large", "c6i.large"];
const NAMES = [
  ...Array.from({ length: 6 }, (_, i) => `c${i}`),
  ...Array.from({ length: 4 }, (_, i) => `w${i}`),
];

/** Groups `c` and `w` share their pools: two types in two zones. */
function groups(capacityType: NodeGroup["capacityType"], strategy: Strategy): readonly NodeGroup[] {
  const shared = { instanceTypes: TYPES, subnets: WORLD.subnetIds.slice(0, 2), capacityType, strategy };
  return testConfig().nodeGroups.map((group) => group.name === "s" ? group : { ...group, ...shared });
}

const POOLS = TYPES.flatMap((type) =>
  ["a", "b"].flatMap((zone) => ["", ":spot"].map((way) => `${type}:${WORLD.region}${zone}${way}`))
);

const CASE = fc.record({
  capacityType: fc.constantFrom("on-demand", "spot", "spot-then-on-demand"),
  strategy: fc.constantFrom("all-or-nothing", "best-effort"),
  /** Of each pool. */
  capacity: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: POOLS.length, maxLength: POOLS.length }),
  /** The job of each node; 0: none waits for it. */
  jobs: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: NAMES.length, maxLength: NAMES.length }),
  throttles: fc.integer({ min: 0, max: 3 }),
  lost: fc.boolean(),
});

/** An instance whose answer was lost turns up when its job has failed for lack of others: the job does not get it alone. */
const LATE = {
  capacityType: "spot" as const,
  strategy: "all-or-nothing" as const,
  capacity: [0, 1, 0, 1, 0, 0, 0, 0],
  jobs: [0, 0, 0, 3, 0, 3, 0, 0, 3, 0],
  throttles: 0,
  lost: true,
};

Deno.test(
  "step() serves jobs from several pools: whole ones or what there is, each node with one outcome",
  pure,
  () => {
    fc.assert(
      fc.property(CASE, ({ capacityType, strategy, capacity, jobs, throttles, lost }) => {
        const world = new World(NAMES, { config: { nodeGroups: groups(capacityType, strategy) } });
        const { simulator } = world.aws;
        POOLS.forEach((pool, i) => simulator.setCapacity(pool, capacity[i]));
        world.start();
        world.run(2_500);
        if (throttles > 0) simulator.addFault({ kind: "throttle", action: "RunInstances", times: throttles });
        if (lost) simulator.addFault({ kind: "lost-answer", action: "RunInstances", times: 1 });
        const waiting = [1, 2, 3].map((jobId): ResumeJob => ({
          jobId,
          nodes: NAMES.filter((_, i) => jobs[i] === jobId),
        })).filter(({ nodes }) => nodes.length > 0);
        world.powerUp(NAMES, waiting);
        world.run(45_000);
        const isUp = (name: string) => world.machinesOf(name).length === 1;
        assertEquals(world.wrong, []);
        const [request] = [...world.state.requests.values()];
        assertEquals(Object.keys(request!.outcomes).sort(), [...NAMES].sort());
        if (strategy === "all-or-nothing") {
          for (const { jobId, nodes } of waiting) {
            const up = nodes.filter(isUp);
            assertEquals(up.length % nodes.length, 0, `job ${jobId} has ${up.join()} of ${nodes.join()}`);
          }
          return;
        }
        // Whatever there is of what the group may have is used.
        const ways = capacityType === "spot-then-on-demand" ? ["on-demand", "spot"] : [capacityType];
        const room = POOLS.reduce(
          (sum, pool, i) =>
            sum + (ways.includes(pool.endsWith(":spot") ? "spot" : "on-demand") ? capacity[i]! : 0),
          0,
        );
        assertEquals(NAMES.filter(isUp).length, Math.min(NAMES.length, room));
      }),
      { numRuns: 100, examples: [[LATE]] },
    );
  },
);
