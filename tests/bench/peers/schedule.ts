import type { Contestant } from "./contestants.ts";
import { Measurements } from "./measurements.ts";
import type { Rig } from "./measure.ts";
import { crowd, lintSeconds, powerCycle, troubledResume } from "./power_cycle.ts";
import type { Cell, FaultName, Plan } from "./results.ts";

/** Everything that is asked for by default: what is compared closely often, what takes others minutes seldom. */
export const FULL: Plan = {
  warmUps: 1,
  rounds: 15,
  faultRounds: 3,
  sizes: [1, 10, 100, 1_000, 10_000],
  latencies: [0, 150],
  cells: [
    { nodes: 1, latencyMs: 0, rounds: { ours: 15, former: 15, peer: 15, floor: 15 } },
    { nodes: 10, latencyMs: 0, rounds: { ours: 5, former: 5, peer: 5, floor: 5 } },
    { nodes: 100, latencyMs: 0, rounds: { ours: 5, former: 5, peer: 5, floor: 5 } },
    { nodes: 1_000, latencyMs: 0, rounds: { ours: 15, former: 15, peer: 15, floor: 15 } },
    { nodes: 10_000, latencyMs: 0, rounds: { ours: 15, former: 15, peer: 2, floor: 2 } },
    { nodes: 1, latencyMs: 150, rounds: { ours: 15, former: 15, peer: 5, floor: 15 } },
    { nodes: 1_000, latencyMs: 150, rounds: { ours: 15, former: 15, peer: 2, floor: 15 } },
    { nodes: 10_000, latencyMs: 150, rounds: { ours: 15, former: 15, peer: 1, floor: 2 } },
  ],
  wanted: 100,
  available: 50,
  throttles: 8,
  crowd: { hooks: 20, nodes: 10, rounds: 5 },
};

/** Just enough to see that everything works. */
export const QUICK: Plan = {
  warmUps: 0,
  rounds: 1,
  faultRounds: 1,
  sizes: [10],
  latencies: [0],
  wanted: 10,
  available: 5,
  throttles: 1,
  crowd: { hooks: 3, nodes: 2, rounds: 1 },
};

/** The same with no more than a number of rounds. */
export function limited(plan: Plan, rounds: number): Plan {
  const least = (most: number) => Math.min(most, rounds);
  return {
    ...plan,
    rounds: least(plan.rounds),
    faultRounds: least(plan.faultRounds),
    ...(plan.cells && {
      cells: plan.cells.map((cell) => ({
        ...cell,
        rounds: {
          ours: least(cell.rounds.ours),
          former: least(cell.rounds.former),
          peer: least(cell.rounds.peer),
          floor: least(cell.rounds.floor),
        },
      })),
    }),
    ...(plan.crowd && { crowd: { ...plan.crowd, rounds: least(plan.crowd.rounds) } }),
  };
}

/** The cells of a plan: without any, all sizes at all latencies, in each round. */
function cellsOf({ cells, sizes, latencies, rounds }: Plan): readonly Cell[] {
  const all = { ours: rounds, former: rounds, peer: rounds, floor: rounds };
  return cells ??
    latencies.flatMap((latencyMs) => sizes.map((nodes) => ({ nodes, latencyMs, rounds: all })));
}

const FAULTS: readonly FaultName[] = ["half capacity, one job", "half capacity, a job a node", "throttled"];

/** Milliseconds a call where something goes wrong. */
const FAULT_LATENCY = 0;

/** How many steps a plan has. */
export function stepsOf(plan: Plan, contestants: readonly Contestant[]): number {
  const cycles = contestants.flatMap(({ kind }) => cellsOf(plan).map(({ rounds }) => rounds[kind]))
    .reduce((sum, rounds) => sum + rounds, 0);
  const more = plan.faultRounds * FAULTS.length + (plan.crowd?.rounds ?? 0);
  return cycles + contestants.length * more + plan.rounds;
}

/**
 * Measures everything: in every round each program takes its turn at each size and latency, another one first each
 * time, so that whatever else the machine does meets them all.
 */
export async function measureAll(
  rig: Rig,
  contestants: readonly Contestant[],
  options: { readonly plan: Plan; readonly step: () => void; readonly say: (line: string) => void },
): Promise<Measurements> {
  const { plan, step, say } = options;
  const { slurmConf } = rig.site.files;
  const found = new Measurements();
  for (const contestant of contestants) await warmUp(rig, contestant, plan.warmUps);
  for (let round = 0; round < plan.rounds; round++) {
    say(`Round ${round + 1} of ${plan.rounds}, ${new Date().toISOString().slice(11, 19)}`);
    const turns = rotated(contestants, round);
    for (const { nodes, latencyMs, rounds } of cellsOf(plan)) {
      for (const contestant of turns.filter(({ kind }) => round < rounds[kind])) {
        await measureCycle(rig, contestant, { found, nodes, latencyMs });
        step();
      }
    }
    for (const contestant of turns) {
      if (contestant.lint) found.addLint(contestant, await lintSeconds(rig, contestant.lint(slurmConf)));
    }
    step();
    if (round < plan.faultRounds) await measureFaults(rig, turns, { plan, found, step });
    if (!plan.crowd || round >= plan.crowd.rounds) continue;
    for (const contestant of turns) {
      found.addCrowd(contestant, await crowd(rig, contestant, plan.crowd));
      step();
    }
  }
  return found;
}

/** Fills the caches of the system, of Deno and of Python. */
async function warmUp(rig: Rig, contestant: Contestant, runs: number): Promise<void> {
  for (let run = 0; run < runs; run++) {
    await powerCycle(rig, contestant, { nodes: 1, latencyMs: 0 });
    if (contestant.lint) await lintSeconds(rig, contestant.lint(rig.site.files.slurmConf));
  }
}

async function measureCycle(
  rig: Rig,
  contestant: Contestant,
  what: { readonly found: Measurements; readonly nodes: number; readonly latencyMs: number },
): Promise<void> {
  const { found, nodes, latencyMs } = what;
  const { resume, suspend, pass } = await powerCycle(rig, contestant, { nodes, latencyMs });
  const common = { program: contestant.id, nodes, latencyMs };
  found.addPower({ ...common, operation: "resume" }, resume);
  found.addPower({ ...common, operation: "suspend" }, suspend);
  if (pass) found.addPass(pass);
}

async function measureFaults(
  rig: Rig,
  contestants: readonly Contestant[],
  options: { readonly plan: Plan; readonly found: Measurements; readonly step: () => void },
): Promise<void> {
  const { plan: { wanted: nodes, available, throttles }, found, step } = options;
  const worlds = {
    "half capacity, one job": { available, jobs: "one" },
    "half capacity, a job a node": { available, jobs: "each" },
    "throttled": { throttles, jobs: "one" },
  } as const;
  for (const fault of FAULTS) {
    for (const contestant of contestants) {
      const world = { latencyMs: FAULT_LATENCY, nodes, ...worlds[fault] };
      found.addFault(contestant, fault, await troubledResume(rig, contestant, world));
      step();
    }
  }
}

function rotated<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}
