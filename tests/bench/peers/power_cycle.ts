import { foldHostlist } from "../../../lib/slurm/hostlist.ts";
import type { Contestant, PowerJob } from "./contestants.ts";
import { type Endpoint, type EndpointOptions, serveEndpoint } from "./endpoint.ts";
import { type Asked, measure, type Rig, type Sample } from "./measure.ts";
import { type Invocation, measuredProcess } from "./measured_process.ts";
import type { Told } from "./results.ts";
import { type NodeUpdate, nodeUpdates, scontrolCalls, toldStates } from "./scontrol_log.ts";
import type { Session } from "./session.ts";
import {
  nodeNames,
  setPoweringDown,
  setPoweringUp,
  setUp,
  showSome,
  type Site,
  writeResumeFile,
} from "./site.ts";

/** What a resume came to. */
export interface Outcome {
  readonly launched: number;
  readonly addressed: number;
  readonly told: readonly Told[];
}

/** Seconds that a daemon's pass would have slept, and its period. */
export interface Pass {
  readonly slept: number;
  readonly loop: number;
}

/** Nodes that are powered up only so that a worker is there. */
const PRIMERS = ["bench-dy-c7i-11001", "bench-dy-c7i-11002"] as const;
/** Milliseconds after which a worker has nothing more to do, once Slurm knows its node. */
const SETTLES = 700;

/** Powers nodes up and down again in a world made for it. */
export async function powerCycle(
  rig: Rig,
  contestant: Contestant,
  what: { readonly nodes: number; readonly latencyMs: number },
): Promise<{ readonly resume: Sample; readonly suspend: Sample; readonly pass?: Pass }> {
  const endpoint = serveEndpoint({ latencyMs: what.latencyMs });
  try {
    const cycle = new Cycle(rig, contestant, endpoint);
    const job = cycle.job(nodeNames(what.nodes));
    const resume = await cycle.resume(job, "one");
    const updates = await cycle.updates(job.names);
    const outcome = outcomeOf(updates, endpoint.alive().length - cycle.primed.size);
    if (outcome.launched !== what.nodes || outcome.addressed !== what.nodes) {
      throw new Error(`${contestant.name} resumed ${JSON.stringify(outcome)} instead of ${what.nodes} nodes`);
    }
    const whole = await cycle.suspend(job, updates);
    const left = endpoint.alive().length - cycle.primed.size;
    if (left > 0) throw new Error(`${contestant.name} left ${left} of ${what.nodes} instances running`);
    if (contestant.worker?.warm) await contestant.forget?.();
    if (contestant.passFigures === undefined) return { resume, suspend: whole };
    const { slept, loop, ...figures } = await readPass(contestant.passFigures);
    const { actions, scontrol, others } = whole;
    return { resume, suspend: { ...figures, actions, scontrol, others }, pass: { slept, loop } };
  } finally {
    await endpoint.close();
  }
}

/** Powers nodes up where something goes wrong. */
export async function troubledResume(
  rig: Rig,
  contestant: Contestant,
  what: EndpointOptions & { readonly nodes: number; readonly jobs: "one" | "each" },
): Promise<Sample & Outcome> {
  // The node that was powered up before has its instance, too.
  const primed = contestant.worker?.warm ? 1 : 0;
  const { available } = what;
  const endpoint = serveEndpoint({
    ...what,
    ...(available !== undefined && { available: available + primed }),
  });
  try {
    const cycle = new Cycle(rig, contestant, endpoint);
    const job = cycle.job(nodeNames(what.nodes));
    // Some say by their exit status that not every node came up.
    const sample = await cycle.resume(job, what.jobs, () => true);
    const outcome = outcomeOf(await cycle.updates(job.names), endpoint.alive().length - cycle.primed.size);
    return { ...sample, ...outcome };
  } finally {
    await endpoint.close();
    await startAnew(rig, contestant);
  }
}

/** Many hooks at once, each for nodes of its own. */
export async function crowd(
  rig: Rig,
  contestant: Contestant,
  what: { readonly hooks: number; readonly nodes: number },
): Promise<Sample> {
  const endpoint = serveEndpoint({ latencyMs: 0 });
  try {
    const cycle = new Cycle(rig, contestant, endpoint);
    const names = nodeNames(what.hooks * what.nodes);
    const jobs = Array.from({ length: what.hooks }, (_, i) => ({
      ...cycle.job(names.slice(i * what.nodes, (i + 1) * what.nodes)),
      resumeFile: `${rig.site.dir}/resume-${i}.json`,
    }));
    for (const job of jobs) await writeResumeFile(job.resumeFile, job.names, "one");
    const showAll = await showSome(rig.site, jobs.map((job) => job.names));
    const sample = await cycle.measureResume(jobs.map((job) => contestant.resume(job)), names, "each")
      .finally(showAll);
    const { addressed } = outcomeOf(await cycle.updates(names), 0);
    if (addressed !== names.length) {
      throw new Error(`${contestant.name} gave ${addressed} of ${names.length} nodes an address`);
    }
    return sample;
  } finally {
    await endpoint.close();
    await startAnew(rig, contestant);
  }
}

/** The world of this run is gone, and so must be what is remembered of it; then a node goes up and down. */
async function startAnew(rig: Rig, contestant: Contestant): Promise<void> {
  if (!contestant.forget) return;
  await contestant.forget();
  if (!contestant.worker?.warm) await powerCycle(rig, contestant, { nodes: 1, latencyMs: 0 });
}

/** Seconds of `config lint` of a file. */
export async function lintSeconds(rig: Rig, lint: Invocation): Promise<number> {
  const { code, wall } = await measuredProcess(rig.python, lint);
  // 3: it has found something to say.
  if (code !== 0 && code !== 3) throw new Error(`config lint ended with ${code}`);
  return wall;
}

/** A program in one world, and the nodes that were powered up there so that a worker is there. */
class Cycle {
  readonly #rig: Rig;
  readonly #site: Site;
  readonly #contestant: Contestant;
  readonly #endpoint: Endpoint;
  readonly primed = new Map<string, NodeUpdate>();
  /** Size of the updates, and the number of the change, that were looked at last. */
  #seen = 0;
  #lastChange = 0;

  constructor(rig: Rig, contestant: Contestant, endpoint: Endpoint) {
    this.#rig = rig;
    this.#site = rig.site;
    this.#contestant = contestant;
    this.#endpoint = endpoint;
  }

  job(names: readonly string[]): PowerJob {
    const { url } = this.#endpoint;
    return { names, hostlist: foldHostlist(names), url, resumeFile: this.#site.files.resume };
  }

  async resume(job: PowerJob, jobs: "one" | "each", allowed?: Asked["allowed"]): Promise<Sample> {
    return await this.measureResume([this.#contestant.resume(job)], job.names, jobs, allowed);
  }

  async measureResume(
    invocations: readonly Invocation[],
    names: readonly string[],
    jobs: "one" | "each",
    allowed?: Asked["allowed"],
  ): Promise<Sample> {
    await this.#contestant.worker?.useEndpoint(this.#endpoint.url);
    return await measure(this.#rig, this.#contestant, {
      invocations,
      endpoint: this.#endpoint,
      doneAt: () => this.#toldAt(names),
      ...(allowed && { allowed }),
      prime: (session) => this.#prime(session, PRIMERS[0]),
      begin: async () => {
        await setPoweringUp(this.#site, names, jobs, this.primed);
        this.#seen = 0;
      },
    });
  }

  async suspend(job: PowerJob, updates: ReadonlyMap<string, NodeUpdate>): Promise<Sample> {
    const begin = this.#contestant.passFigures === undefined ? setPoweringDown : setUp;
    return await measure(this.#rig, this.#contestant, {
      invocations: [this.#contestant.suspend(job)],
      endpoint: this.#endpoint,
      doneAt: () => Promise.resolve(this.#endedAt()),
      prime: (session) => this.#prime(session, PRIMERS[1], updates),
      begin: () => begin(this.#site, updates, this.primed),
    });
  }

  /** Node name → what was last reported of it. */
  async updates(names: readonly string[]): Promise<Map<string, NodeUpdate>> {
    const updates = nodeUpdates(scontrolCalls(await Deno.readTextFile(this.#site.files.updates)));
    const wanted = new Set(names);
    return new Map([...updates].filter(([name]) => wanted.has(name)));
  }

  async #prime(
    session: Session,
    name: string,
    up: ReadonlyMap<string, NodeUpdate> = new Map(),
  ): Promise<void> {
    const job = this.job([name]);
    await setPoweringUp(this.#site, job.names, "one", new Map([...up, ...this.primed]));
    this.#seen = 0;
    await session.run([this.#contestant.resume(job)]);
    while (await this.#toldAt(job.names) === undefined) await sleep(20);
    this.primed.set(name, (await this.updates(job.names)).get(name)!);
    await sleep(SETTLES);
  }

  /** When Slurm last heard of the nodes, once it has heard of all. */
  async #toldAt(names: readonly string[]): Promise<number | undefined> {
    const { size, mtime } = await Deno.stat(this.#site.files.updates);
    if (size === this.#seen) return undefined;
    this.#seen = size;
    return (await this.updates(names)).size === names.length ? mtime!.getTime() / 1_000 : undefined;
  }

  /** When the last instance ended, as its caller hears of it. */
  #endedAt(): number | undefined {
    const { number, at } = this.#endpoint.change();
    if (number === this.#lastChange) return undefined;
    this.#lastChange = number;
    return this.#endpoint.alive().length === this.primed.size ? at / 1_000 : undefined;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function outcomeOf(updates: ReadonlyMap<string, NodeUpdate>, launched: number): Outcome {
  const addressed =
    [...updates.values()].filter(({ state, address }) => state === undefined && address).length;
  return { launched, addressed, told: toldStates(updates) };
}

async function readPass(file: string): Promise<Pass & Pick<Sample, "wall" | "cpu" | "peakMiB">> {
  return JSON.parse(await Deno.readTextFile(file));
}
