import { foldHostlist } from "../../../lib/slurm/hostlist.ts";
import type { Contestant, PowerJob } from "./contestants.ts";
import { type Endpoint, type EndpointOptions, serveEndpoint } from "./endpoint.ts";
import { type Invocation, type MeasuredProcess, measuredProcess } from "./measured_process.ts";
import type { Told } from "./results.ts";
import { type NodeUpdate, nodeUpdates, scontrolCalls, toldStates } from "./scontrol_log.ts";
import { nodeNames, setPoweringUp, setUp, type Site } from "./site.ts";

/** Figures of one run: seconds and MiB. */
export interface Sample {
  readonly wall: number;
  /** Absent where the process lived before what is measured. */
  readonly first?: number;
  readonly cpu: number;
  readonly peakMiB: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly scontrol: number;
}

/** What a resume came to. */
export interface Outcome {
  readonly launched: number;
  readonly addressed: number;
  readonly told: readonly Told[];
}

/** Where and with what it is measured. */
export interface Rig {
  readonly site: Site;
  /** Path of the Python that measures. */
  readonly python: string;
}

/** Powers nodes up and down again in a world made for it. */
export async function powerCycle(
  rig: Rig,
  contestant: Contestant,
  what: { readonly nodes: number; readonly latencyMs: number },
): Promise<{ readonly resume: Sample; readonly suspend: Sample; readonly pass?: Pass }> {
  const endpoint = serveEndpoint({ latencyMs: what.latencyMs });
  try {
    const job = await makeJob(rig, endpoint, what.nodes, "one");
    const resume = await measure(rig, contestant.resume(job), endpoint);
    const updates = await lastUpdates(rig.site);
    const outcome = outcomeOf(endpoint, updates);
    if (outcome.launched !== what.nodes || outcome.addressed !== what.nodes) {
      throw new Error(`${contestant.name} resumed ${JSON.stringify(outcome)} instead of ${what.nodes} nodes`);
    }
    await setUp(rig.site, updates);
    endpoint.reset();
    const whole = await measure(rig, contestant.suspend(job), endpoint);
    const left = endpoint.alive().length;
    if (left > 0) throw new Error(`${contestant.name} left ${left} of ${what.nodes} instances running`);
    if (contestant.passFigures === undefined) return { resume, suspend: whole };
    const { slept, loop, ...figures } = await readPass(contestant.passFigures);
    const { actions, scontrol } = whole;
    return { resume, suspend: { ...figures, actions, scontrol }, pass: { slept, loop } };
  } finally {
    await endpoint.close();
  }
}

/** Seconds that a daemon's pass would have slept, and its period. */
export interface Pass {
  readonly slept: number;
  readonly loop: number;
}

/** Powers nodes up where something goes wrong. */
export async function troubledResume(
  rig: Rig,
  contestant: Contestant,
  what: EndpointOptions & { readonly nodes: number; readonly jobs: "one" | "each" },
): Promise<Sample & Outcome> {
  const endpoint = serveEndpoint(what);
  try {
    const job = await makeJob(rig, endpoint, what.nodes, what.jobs);
    // Some say by their exit status that not every node came up.
    const sample = await measure(rig, contestant.resume(job), endpoint, anyCode);
    return { ...sample, ...outcomeOf(endpoint, await lastUpdates(rig.site)) };
  } finally {
    await endpoint.close();
    await startAnew(rig, contestant);
  }
}

/** The world of this run is gone, and so must be what is remembered of it; then a node goes up and down. */
async function startAnew(rig: Rig, contestant: Contestant): Promise<void> {
  if (!contestant.forget) return;
  await contestant.forget();
  await powerCycle(rig, contestant, { nodes: 1, latencyMs: 0 });
}

/** Seconds of `config lint` of a file. */
export async function lintSeconds(rig: Rig, lint: Invocation): Promise<number> {
  const { code, wall } = await measuredProcess(rig.python, lint);
  // 3: it has found something to say.
  if (code !== 0 && code !== 3) throw new Error(`config lint ended with ${code}`);
  return wall;
}

async function makeJob(
  { site }: Rig,
  { url }: Endpoint,
  nodes: number,
  jobs: "one" | "each",
): Promise<PowerJob> {
  const names = nodeNames(nodes);
  await setPoweringUp(site, names, jobs);
  return { names, hostlist: foldHostlist(names), url };
}

const anyCode = () => true;
const success = (code: number) => code === 0;

async function measure(
  { python, site }: Rig,
  invocation: Invocation,
  endpoint: Endpoint,
  allowed: (code: number) => boolean = success,
): Promise<Sample> {
  const taken: MeasuredProcess = await measuredProcess(python, invocation);
  if (!allowed(taken.code)) {
    throw new Error(`${invocation.argv.slice(0, 2).join(" ")} ended with ${taken.code}`);
  }
  const first = endpoint.first();
  const { wall, cpu, peakMiB, started } = taken;
  return {
    wall,
    ...(first !== undefined && { first: first / 1000 - started }),
    cpu,
    peakMiB,
    actions: endpoint.actions(),
    scontrol: scontrolCalls(await Deno.readTextFile(site.files.scontrolLog)).length,
  };
}

async function lastUpdates(site: Site): Promise<Map<string, NodeUpdate>> {
  return nodeUpdates(scontrolCalls(await Deno.readTextFile(site.files.scontrolLog)));
}

function outcomeOf(endpoint: Endpoint, updates: ReadonlyMap<string, NodeUpdate>): Outcome {
  const addressed =
    [...updates.values()].filter(({ state, address }) => state === undefined && address).length;
  return { launched: endpoint.alive().length, addressed, told: toldStates(updates) };
}

async function readPass(file: string): Promise<Pass & Pick<Sample, "wall" | "cpu" | "peakMiB">> {
  return JSON.parse(await Deno.readTextFile(file));
}
