import type { Action } from "../../../lib/controller/action.ts";
import { type Step, step } from "../../../lib/controller/step.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { ResumeJob } from "../../../lib/slurm/resume_file.ts";
import { capacityCase, inventory, pick, type Random, whole } from "./capacity_case.ts";
import { WatchedWorld } from "./capacity_watch.ts";
import { problemsOf, randomOf } from "./histories.ts";

/** Things that happen in one history. */
const STEPS = 18;
/** Milliseconds that everything has to come to rest: the longest rest of a pool, and what comes after it. */
const REST = { longest: 1_500_000, look: 20_000 };

const CODES = [
  "InsufficientInstanceCapacity",
  "Unsupported",
  "ExpiredToken",
  "InternalError",
  "VcpuLimitExceeded",
];

/** Actions at slurmctld. */
const OF_SLURM: ReadonlySet<Action["kind"]> = new Set<Action["kind"]>([
  "ask-slurm",
  "comment",
  "report-addresses",
  "set-state",
]);

/** What came of a history. */
export interface CapacityHistory {
  readonly problems: readonly string[];
  readonly trace: readonly string[];
  readonly world: WatchedWorld;
}

/**
 * Plays a random cluster among random shortages, refusals, lost answers and kills, then gives EC2 room for all of it:
 * each node has to be up with one instance or off with none, no limit was ever exceeded, nothing asked for while it was
 * out, and no token used with other parameters.
 * @param play the controller's step, or one that breaks a rule
 */
export function playCapacityHistory(seed: number, play: Step = step): CapacityHistory {
  const random = randomOf(seed);
  const { names, config, prices, aws } = capacityCase(random, seed);
  const world = new WatchedWorld(names, {
    config,
    prices,
    aws,
    slurmctld: { appendsReason: seed % 2 === 0 },
  });
  world.step = play;
  world.hold = (action) => {
    world.sent(action);
    // EC2 is slow at times; a slurmctld that is slow is what histories.ts plays.
    return OF_SLURM.has(action.kind) || random() >= 0.1 ? undefined : 200 + random() * 5_000;
  };
  world.start();
  world.run(2_500);
  const trace: string[] = [JSON.stringify(config.nodeGroups.map(briefly)), JSON.stringify(aws)];
  const say = (text: string) =>
    trace.push(`${((world.now - Date.UTC(2026, 0, 1)) / 1_000).toFixed(1)} ${text}`);
  for (let i = 0; i < STEPS; i++) {
    world.run(500 + random() * 6_000);
    act(world, random, say);
    if (!world.alive && random() < 0.5) world.start();
  }
  giveRoom(world);
  const end = world.now + REST.longest;
  do world.run(REST.look); while (world.now < end && restless(world).length > 0);
  return { problems: restless(world), trace, world };
}

/** What is not as it should be; a type that its zone does not offer is left out for a day, which no history lasts. */
function restless(world: WatchedWorld): readonly string[] {
  const isLeftOut = (name: string) => {
    const { base, reason } = world.slurmctld.nodes.get(name)!;
    const runs = world.machinesOf(name).some(({ state }) => state !== "stopped" && state !== "stopping");
    return base === "DOWN" && reason.startsWith("Unsupported: ") && !runs;
  };
  const leftOut = world.names.filter(isLeftOut);
  return problemsOf(world).filter((problem) =>
    !leftOut.some((name) => problem.startsWith(`${name} is down `))
  );
}

function briefly(group: WatchedWorld["config"]["nodeGroups"][number]) {
  const { nodes, instanceTypes, subnets, capacityType, strategy, placementGroup, capacityReservation } =
    group;
  return { nodes, instanceTypes, subnets, capacityType, strategy, placementGroup, capacityReservation };
}

type Say = (text: string) => void;

function act(world: WatchedWorld, random: Random, say: Say): void {
  const chance = random();
  const { simulator } = world.aws;
  const of = (...views: string[]) => world.names.filter((name) => views.includes(world.slurmctld.view(name)));
  if (chance < 0.4) {
    const nodes = of("off").filter(() => random() < 0.6);
    if (nodes.length === 0) return;
    const jobs = jobsOf(random, nodes);
    say(`up ${nodes} for ${jobs.map((job) => `${job.jobId}: ${job.nodes}`).join("; ")}`);
    world.powerUp(nodes, jobs);
  } else if (chance < 0.52) {
    const nodes = of("up", "awaited").filter(() => random() < 0.4);
    if (nodes.length === 0) return;
    say(`down ${nodes}`);
    world.powerDown(nodes);
  } else if (chance < 0.66) {
    say("another inventory");
    for (const pool of Object.keys(simulator.world.capacity)) simulator.setCapacity(pool, undefined);
    for (const [pool, count] of Object.entries(inventory(random))) simulator.setCapacity(pool, count);
  } else if (chance < 0.74) {
    const code = pick(random, CODES);
    say(`fault ${code}`);
    simulator.addFault({ kind: "error", action: "RunInstances", times: 1 + whole(random, 3), code });
  } else if (chance < 0.8) {
    say("throttles");
    simulator.addFault({ kind: "throttle", action: "RunInstances", times: 1 + whole(random, 8) });
  } else if (chance < 0.87) {
    say("lost answer");
    simulator.addFault({ kind: "lost-answer", action: "RunInstances", times: 1 });
  } else if (chance < 0.92) {
    const spot = simulator.instances().filter(({ capacityType, state }) =>
      capacityType === "spot" && state === "running"
    );
    if (spot.length === 0) return;
    const { instanceId } = pick(random, spot);
    say(`${instanceId} is interrupted`);
    simulator.interruptSpot(instanceId);
  } else {
    say("kill -9");
    world.kill();
  }
}

/** Jobs that share out nodes: each node is one job's, or no job's. */
function jobsOf(random: Random, nodes: readonly string[]): ResumeJob[] {
  const jobs = Map.groupBy(nodes, () => whole(random, 3));
  return [...jobs].filter(([number]) => number > 0).map(([number, own]) => ({
    jobId: 100 + number + whole(random, 1000) * 10,
    nodes: own,
    ...(random() < 0.5 && { priority: whole(random, 1000) }),
  }));
}

/** EC2 has room for everything, answers, and the worker runs. */
function giveRoom(world: WatchedWorld): void {
  const { simulator } = world.aws;
  for (const pool of Object.keys(simulator.world.capacity)) simulator.setCapacity(pool, undefined);
  for (const subnet of WORLD.subnetIds) simulator.setAddresses(subnet, undefined);
  simulator.setSettings({ quotas: {}, lacksSpotRole: false, requestTokens: false, resourceTokens: false });
  simulator.clearFaults();
  world.hold = (action) => {
    world.sent(action);
    return undefined;
  };
  world.start();
}
