import type { Contestant } from "./contestants.ts";
import { Measurements } from "./measurements.ts";
import { lintSeconds, powerCycle, type Rig, troubledResume } from "./power_cycle.ts";
import type { FaultName, Plan } from "./results.ts";

/** Everything that is asked for by default. */
export const FULL: Plan = {
  rounds: 7,
  faultRounds: 3,
  sizes: [1, 10, 100, 1000],
  latencies: [0, 150],
  wanted: 100,
  available: 50,
  throttles: 8,
};

/** Just enough to see that everything works. */
export const QUICK: Plan = {
  rounds: 1,
  faultRounds: 1,
  sizes: [1, 10],
  latencies: [0],
  wanted: 10,
  available: 5,
  throttles: 1,
};

const FAULTS: readonly FaultName[] = ["half capacity, one job", "half capacity, a job a node", "throttled"];

/** Milliseconds a call where something goes wrong. */
const FAULT_LATENCY = 0;

/** How many steps a plan has. */
export function stepsOf(plan: Plan, contestants: readonly Contestant[]): number {
  const cycles = plan.rounds * plan.sizes.length * plan.latencies.length;
  return contestants.length * (cycles + plan.faultRounds * FAULTS.length) + plan.rounds;
}

/**
 * Measures everything: in every round each program takes its turn at each size and latency, another one first each
 * time, so that whatever else the machine does meets them all.
 */
export async function measureAll(
  rig: Rig,
  contestants: readonly Contestant[],
  options: { readonly plan: Plan; readonly step: (label: string) => void },
): Promise<Measurements> {
  const { plan, step } = options;
  const { slurmConf } = rig.site.files;
  const found = new Measurements();
  for (const contestant of contestants) await warmUp(rig, contestant);
  for (let round = 0; round < plan.rounds; round++) {
    for (const latencyMs of plan.latencies) {
      for (const nodes of plan.sizes) {
        for (const contestant of rotated(contestants, round)) {
          await measureCycle(rig, contestant, { found, nodes, latencyMs });
          step(`${contestant.name}, ${nodes} nodes, ${latencyMs} ms a call`);
        }
      }
    }
    for (const contestant of rotated(contestants, round)) {
      if (contestant.lint) found.addLint(contestant, await lintSeconds(rig, contestant.lint(slurmConf)));
    }
    step("config lint");
    if (round < plan.faultRounds) {
      await measureFaults(rig, rotated(contestants, round), { plan, found, step });
    }
  }
  return found;
}

/** Fills the caches of the system, of Deno and of Python. */
async function warmUp(rig: Rig, contestant: Contestant): Promise<void> {
  for (let run = 0; run < 2; run++) {
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
  options: { readonly plan: Plan; readonly found: Measurements; readonly step: (label: string) => void },
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
      step(`${contestant.name}, ${fault}`);
    }
  }
}

function rotated<T>(values: readonly T[], by: number): T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}
