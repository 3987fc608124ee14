import type { Contestant } from "./contestants.ts";
import { Measurements } from "./measurements.ts";
import { lintSeconds, powerCycle, type Rig, troubledResume } from "./power_cycle.ts";
import type { FaultName, Plan } from "./results.ts";

/** Everything that is asked for by default. */
export const FULL: Plan = {
  warmUps: 2,
  rounds: 7,
  faultRounds: 3,
  sizes: [1, 10, 100, 1000],
  latencies: [0, 150],
  wanted: 100,
  available: 50,
  throttles: 8,
  birthCheck: true,
};

/** Just enough to see that everything works. */
export const QUICK: Plan = {
  warmUps: 0,
  rounds: 1,
  faultRounds: 1,
  sizes: [1, 10],
  latencies: [0],
  wanted: 10,
  available: 5,
  throttles: 1,
  birthCheck: false,
};

const FAULTS: readonly FaultName[] = ["half capacity, one job", "half capacity, a job a node", "throttled"];

/** Milliseconds a call where something goes wrong. */
const FAULT_LATENCY = 0;

/** How many steps a plan has. */
export function stepsOf(plan: Plan, contestants: readonly Contestant[]): number {
  const cycles = plan.rounds * plan.sizes.length * plan.latencies.length;
  return contestants.length * (cycles + plan.faultRounds * FAULTS.length) + plan.rounds +
    (plan.birthCheck ? 1 : 0);
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
    say(`Round ${round + 1} of ${plan.rounds}`);
    for (const latencyMs of plan.latencies) {
      for (const nodes of plan.sizes) {
        for (const contestant of rotated(contestants, round)) {
          await measureCycle(rig, contestant, { found, nodes, latencyMs });
          step();
        }
      }
    }
    for (const contestant of rotated(contestants, round)) {
      if (contestant.lint) found.addLint(contestant, await lintSeconds(rig, contestant.lint(slurmConf)));
    }
    step();
    if (round < plan.faultRounds) {
      await measureFaults(rig, rotated(contestants, round), { plan, found, step });
    }
  }
  if (plan.birthCheck) {
    await measureBirthCheck(rig, contestants, { plan, found });
    step();
  }
  return found;
}

async function measureBirthCheck(
  rig: Rig,
  contestants: readonly Contestant[],
  { plan, found }: { readonly plan: Plan; readonly found: Measurements },
): Promise<void> {
  const ours = contestants.findLast(({ resumeAsShipped }) => resumeAsShipped);
  if (!ours?.resumeAsShipped) return;
  const what = { nodes: Math.max(...plan.sizes), latencyMs: Math.max(...plan.latencies) };
  const { resume } = await powerCycle(rig, { ...ours, resume: ours.resumeAsShipped }, what);
  found.addBirthCheck({ program: ours.id, ...what, wall: resume.wall, actions: resume.actions });
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
