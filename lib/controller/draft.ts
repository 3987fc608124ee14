import type { EventBody } from "../events/event.ts";
import type { NodeGroup } from "../config/model.ts";
import type { FailureVerdict } from "../cluster/verdict.ts";
import type { UpdatedState } from "../slurm/scontrol_api.ts";
import type { Action } from "./action.ts";
import type { StatePurpose } from "./fact.ts";
import { groupOfNode } from "./node_groups.ts";
import type { Now } from "./now.ts";
import type {
  InstanceRecord,
  LaunchRecord,
  Memory,
  NodeOutcome,
  NodeRecord,
  Refusal,
  RequestRecord,
  SlurmView,
  State,
} from "./state.ts";
import type { StepContext } from "./context.ts";
import { Table } from "./table.ts";

/** A worker's memory when it has just started. */
export const NO_MEMORY: Memory = {
  views: new Map(),
  notInSlurm: new Set(),
  looks: new Map(),
  missing: new Map(),
  parametersAt: new Map(),
  parametersRefused: new Map(),
  addressedAt: new Map(),
  unaskedEnds: 0,
};

/** How a generation begins. */
export interface Beginning {
  readonly want: "up" | "down";
  /** When it was asked for ({@link Now.clock}). */
  readonly at: number;
  readonly because: NodeRecord["because"];
  readonly jobs?: readonly number[];
}

/** A resume that is not decided yet: when it was asked for last, and the jobs that wait for the node. */
export interface Held {
  readonly at: number;
  readonly jobs: readonly number[];
}

/** What a held resume means for a node: the generation that it began or joined, or an outcome at once. */
export type Meaning = { readonly generation: number } | NodeOutcome;

/** The state while a step works on it: records are replaced, never changed; the rules write here and nowhere else. */
export class Draft {
  readonly context: StepContext;
  readonly now: Now;
  readonly groups: ReadonlyMap<string, NodeGroup>;
  readonly nodes: Table<string, NodeRecord>;
  readonly instances: Table<string, InstanceRecord>;
  readonly launches: Table<string, LaunchRecord>;
  readonly requests: Table<string, RequestRecord>;
  readonly views: Table<string, SlurmView>;
  readonly looks: Table<string, number>;
  readonly missing: Table<string, number>;
  readonly addressedAt: Table<string, number>;
  parameters: State["parameters"];
  bootFailures: State["bootFailures"];
  lastGeneration: number;
  listedAt: number | undefined;
  /** What of the memory has no table of its own here. */
  memory: Memory;
  readonly events: EventBody[] = [];
  readonly actions: Action[] = [];
  /** Nodes of which a rule has to know what slurmctld makes of them. */
  readonly unsure = new Set<string>();
  /** Verdicts by which nodes were given back in this step: the outcomes of their requests. */
  readonly lastVerdicts = new Map<
    string,
    { readonly generation: number; readonly verdict: FailureVerdict }
  >();
  readonly #look = new Set<string>();
  readonly #parameters = new Set<string>();
  #dueAt = Infinity;
  #byNode: ByNode | undefined;
  #launching: Map<string, LaunchRecord[]> | undefined;
  #held: Map<string, Held> | undefined;
  readonly #states = new Map<
    string,
    Action & { kind: "set-state"; nodes: { name: string; generation: number }[] }
  >();
  #meanings = new Map<string, Meaning>();

  constructor(state: State, context: StepContext) {
    this.context = context;
    this.now = context.now;
    this.groups = groupOfNode(context.config);
    this.nodes = new Table(state.nodes);
    this.instances = new Table(state.instances);
    this.launches = new Table(state.launches);
    this.requests = new Table(state.requests);
    this.parameters = state.parameters;
    this.bootFailures = state.bootFailures;
    this.lastGeneration = state.lastGeneration;
    this.listedAt = state.listedAt;
    this.memory = state.memory ?? NO_MEMORY;
    this.views = new Table(this.memory.views);
    this.looks = new Table(this.memory.looks);
    this.missing = new Table(this.memory.missing);
    this.addressedAt = new Table(this.memory.addressedAt);
  }

  /** Begins a generation of a node, unless a newer one is known; a view from before says nothing of it any more. */
  begin(name: string, { want, at, because, jobs = [] }: Beginning): NodeRecord | undefined {
    const before = this.nodes.get(name);
    if (before !== undefined && at < before.since) return undefined;
    const record: NodeRecord = {
      name,
      want,
      generation: ++this.lastGeneration,
      since: at,
      sinceWall: this.now.wall - (this.now.clock - at),
      jobs,
      because,
    };
    this.nodes.set(name, record);
    const view = this.views.get(name);
    if (view !== undefined && view.began < at) this.views.delete(name);
    return record;
  }

  /** Replaces some fields of a node; a field given as undefined goes. */
  changeNode(name: string, change: { readonly [K in keyof NodeRecord]?: NodeRecord[K] | undefined }): void {
    const before = this.nodes.get(name);
    if (before === undefined) return;
    const record: { [K in keyof NodeRecord]?: NodeRecord[K] | undefined } = { ...before, ...change };
    for (const key of Object.keys(change) as (keyof NodeRecord)[]) {
      if (change[key] === undefined) delete record[key];
    }
    this.nodes.set(name, record as NodeRecord);
  }

  /** This generation of the node gets no instance; what slurmctld makes of the node has to be asked again. */
  refuse(name: string, generation: number, refusal: Refusal): void {
    const node = this.nodes.get(name);
    if (node?.want !== "up" || node.generation !== generation || node.refusal !== undefined) return;
    this.changeNode(name, { refusal, reportedInstance: undefined });
    this.views.delete(name);
  }

  putInstance(instance: InstanceRecord): void {
    const { id, node } = instance;
    const index = this.#index();
    this.instances.set(id, instance);
    if (node === undefined) return;
    const own = index.get(node) ?? [];
    index.set(
      node,
      own.some((known) => known.id === id)
        ? own.map((known) => known.id === id ? instance : known)
        : [...own, instance],
    );
  }

  dropInstance(id: string): void {
    const index = this.#index();
    const node = this.instances.get(id)?.node;
    this.instances.delete(id);
    this.looks.delete(id);
    this.missing.delete(id);
    if (node !== undefined) index.set(node, this.instancesOf(node).filter((known) => known.id !== id));
  }

  /** Everything that is known of a node's instances, those that are being ended too. */
  instancesOf(node: string): readonly InstanceRecord[] {
    return (this.#byNode ?? this.#index()).get(node) ?? NONE;
  }

  /** Of several instances of a node's generation the oldest launch is it, then the lowest id; the others are surplus. */
  currentOf(node: NodeRecord): InstanceRecord | undefined {
    let current: InstanceRecord | undefined;
    for (const instance of this.instancesOf(node.name)) {
      if (instance.end !== "no" || instance.generation !== node.generation) continue;
      if (current === undefined || isOlder(instance, current)) current = instance;
    }
    return current;
  }

  putLaunch(launch: LaunchRecord): void {
    this.launches.set(launch.token, launch);
    this.#launching = undefined;
  }

  dropLaunch(token: string): void {
    this.launches.delete(token);
    this.#launching = undefined;
  }

  /** Launches whose outcome is open and that may bring an instance of the node. */
  launchesOf(node: string): readonly LaunchRecord[] {
    if (this.#launching === undefined) {
      this.#launching = new Map();
      for (const launch of this.launches.map.values()) {
        const names = launch.rest === undefined
          ? launch.nodes
          : [...launch.nodes, ...launch.rest.map((later) => later.node)];
        for (const name of names) {
          const own = this.#launching.get(name);
          if (own === undefined) this.#launching.set(name, [launch]);
          else own.push(launch);
        }
      }
    }
    return this.#launching.get(node) ?? [];
  }

  putRequest(request: RequestRecord): void {
    this.requests.set(request.id, request);
    this.#held = undefined;
  }

  /** Nodes that a resume was asked for, of which slurmctld has to say first what it means. */
  get held(): ReadonlyMap<string, Held> {
    return this.#heldNodes();
  }

  /** It is known now what a held resume means for a node. */
  release(name: string, meaning: Meaning): void {
    this.#heldNodes().delete(name);
    this.#meanings.set(name, meaning);
  }

  /** Writes what held resumes mean into their requests. */
  settleReleased(): void {
    if (this.#meanings.size === 0) return;
    const meanings = this.#meanings;
    this.#meanings = new Map();
    for (const request of this.requests.map.values()) {
      const own = heldBy(request).filter((name) => meanings.has(name));
      if (own.length === 0) continue;
      const outcomes = { ...request.outcomes };
      const generations = { ...request.generations };
      for (const name of own) {
        const meaning = meanings.get(name)!;
        if ("generation" in meaning) generations[name] = meaning.generation;
        else outcomes[name] = meaning;
      }
      this.putRequest({ ...request, outcomes, generations });
    }
  }

  #heldNodes(): Map<string, Held> {
    if (this.#held !== undefined) return this.#held;
    this.#held = new Map();
    for (const request of this.requests.map.values()) {
      const names = new Set(heldBy(request));
      if (names.size === 0) continue;
      const jobs = jobsByNode(request);
      for (const name of names) {
        if (this.#meanings.has(name)) continue;
        const { at, jobs: others } = this.#held.get(name) ?? { at: -Infinity, jobs: [] };
        this.#held.set(name, { at: Math.max(at, request.at), jobs: [...others, ...jobs.get(name) ?? []] });
      }
    }
    return this.#held;
  }

  /** slurmctld is to be given a state; nodes of one purpose, state and reason go together. */
  setState(
    node: Pick<NodeRecord, "name" | "generation">,
    { purpose, state, reason }: {
      readonly purpose: StatePurpose;
      readonly state: UpdatedState;
      readonly reason: string;
    },
  ): void {
    const key = `${purpose} ${state} ${reason}`;
    const given = this.#states.get(key) ?? { kind: "set-state" as const, purpose, state, reason, nodes: [] };
    given.nodes.push({ name: node.name, generation: node.generation });
    this.#states.set(key, given);
  }

  /** The states that slurmctld is to be given. */
  get states(): readonly Action[] {
    return [...this.#states.values()];
  }

  /** An instance is to be looked at now. */
  lookAt(id: string): void {
    this.#look.add(id);
  }

  /** The instances that are to be looked at now. */
  get look(): ReadonlySet<string> {
    return this.#look;
  }

  /** Parameters are to be read before something can be launched. */
  wantParameters(names: readonly string[]): void {
    for (const name of names) this.#parameters.add(name);
  }

  /** The parameters that are to be read. */
  get wantedParameters(): ReadonlySet<string> {
    return this.#parameters;
  }

  /** Something gets due by itself at this time ({@link Now.clock}). */
  wakeAt(at: number): void {
    if (at < this.#dueAt) this.#dueAt = at;
  }

  /** When something next gets due by itself. */
  get dueAt(): number | undefined {
    return this.#dueAt === Infinity ? undefined : this.#dueAt;
  }

  /** Remembers something for the history. */
  note(event: EventBody): void {
    this.events.push(event);
  }

  /** The state that has come of it. */
  finish(): State {
    if (this.#byNode !== undefined) INDEXES.set(this.instances.map, this.#byNode);
    const memory: Memory = {
      ...this.memory,
      views: this.views.map,
      looks: this.looks.map,
      missing: this.missing.map,
      addressedAt: this.addressedAt.map,
    };
    return {
      nodes: this.nodes.map,
      instances: this.instances.map,
      launches: this.launches.map,
      requests: this.requests.map,
      parameters: this.parameters,
      bootFailures: this.bootFailures,
      lastGeneration: this.lastGeneration,
      ...(this.listedAt !== undefined && { listedAt: this.listedAt }),
      memory,
    };
  }

  /** The instances of each node: kept as long as the instances stay the same, changed along with them. */
  #index(): ByNode {
    if (this.#byNode !== undefined) return this.#byNode;
    const known = INDEXES.get(this.instances.map);
    if (known !== undefined) return this.#byNode = new Map(known);
    const byNode: ByNode = new Map();
    for (const instance of this.instances.map.values()) {
      if (instance.node === undefined) continue;
      const own = byNode.get(instance.node);
      byNode.set(instance.node, own === undefined ? [instance] : [...own, instance]);
    }
    return this.#byNode = byNode;
  }
}

/** Instances by the node that they are. */
type ByNode = Map<string, readonly InstanceRecord[]>;

const NONE: readonly InstanceRecord[] = [];

/** The index that belongs to each map of instances: the next step begins with the map that this one ended with. */
const INDEXES = new WeakMap<State["instances"], ByNode>();

/** The order in which everyone, at any time, decides between two instances of one node. */
export function isOlder(a: InstanceRecord, b: InstanceRecord): boolean {
  return a.launchTime === b.launchTime ? a.id < b.id : a.launchTime < b.launchTime;
}

function heldBy(request: RequestRecord): string[] {
  if (request.kind !== "resume" || request.settledAt !== undefined) return [];
  const { generations, outcomes } = request;
  return request.nodes.filter((name) => !Object.hasOwn(generations, name) && !Object.hasOwn(outcomes, name));
}

/** Ids of the jobs that wait for each node. */
export function jobsByNode({ jobs }: Pick<RequestRecord, "jobs">): Map<string, number[]> {
  const byNode = new Map<string, number[]>();
  for (const { jobId, nodes } of jobs) {
    for (const name of nodes) {
      const own = byNode.get(name);
      if (own === undefined) byNode.set(name, [jobId]);
      else own.push(jobId);
    }
  }
  return byNode;
}

/** The generation of a node that a launch was made for. */
export function generationIn(
  { nodes, generations, rest = [] }: Pick<LaunchRecord, "nodes" | "generations" | "rest">,
  name: string,
): number | undefined {
  const index = nodes.indexOf(name);
  return index >= 0 ? generations[index] : rest.find(({ node }) => node === name)?.generation;
}
