import { withQuota } from "../capacity/tokens.ts";
import type { EventBody } from "../events/event.ts";
import type { NodeGroup } from "../config/model.ts";
import type { FailureVerdict } from "../cluster/verdict.ts";
import type { UpdatedState } from "../slurm/scontrol_api.ts";
import type { Action } from "./action.ts";
import type { StatePurpose } from "./fact.ts";
import { groupOfNode } from "./node_groups.ts";
import { InstanceTable, isOlder } from "./instance_table.ts";
import { LaunchTable } from "./launch_table.ts";
import type { Now } from "./now.ts";
import type {
  EndedInstance,
  InstanceRecord,
  Memory,
  NodeRecord,
  Refusal,
  SlurmView,
  State,
} from "./state.ts";
import type { StepContext } from "./context.ts";
import { RequestTable } from "./request_table.ts";
import { Table } from "./table.ts";

/** A worker's memory when it has just started. */
const NO_MEMORY: Memory = {
  views: new Map(),
  viewsFrom: new Map(),
  notInSlurm: new Set(),
  looks: new Map(),
  missing: new Map(),
  ended: new Map(),
  parametersAt: new Map(),
  parametersRefused: new Map(),
  addressedAt: new Map(),
  offeredAt: new Map(),
  unaskedEnds: 0,
};

const NO_PAUSES: NonNullable<State["pauses"]> = {};
const NO_HOLDS: NonNullable<State["holds"]> = [];

/** How a generation begins. */
export interface Beginning {
  readonly want: "up" | "down";
  /** When it was asked for ({@link Now.clock}). */
  readonly at: number;
  readonly because: NodeRecord["because"];
  readonly jobs?: readonly number[];
}

/** The state while a step works on it: records are replaced, never changed; the rules write here and nowhere else. */
export class Draft {
  readonly context: StepContext;
  readonly now: Now;
  readonly groups: ReadonlyMap<string, NodeGroup>;
  readonly nodes: Table<string, NodeRecord>;
  readonly instances: InstanceTable;
  readonly launches: LaunchTable;
  readonly requests: RequestTable;
  readonly views: Table<string, SlurmView>;
  readonly viewsFrom: Table<string, number>;
  readonly looks: Table<string, number>;
  readonly missing: Table<string, number>;
  readonly ended: Table<string, EndedInstance>;
  readonly addressedAt: Table<string, number>;
  readonly offeredAt: Table<string, number>;
  parameters: State["parameters"];
  /** Instances whose end was asked for and that this step has found gone: the request's outcome names them. */
  readonly endedNow: InstanceRecord[] = [];
  bootFailures: State["bootFailures"];
  exhausted: State["exhausted"];
  zones: State["zones"];
  tokens: State["tokens"];
  lastGeneration: number;
  pauses: NonNullable<State["pauses"]>;
  holds: NonNullable<State["holds"]>;
  /** Nodes that are down with a reason of ours whose cause is gone: given back before their time. */
  readonly lifted = new Set<string>();
  /** Nodes that are down with a reason of ours whose cause lasts, whatever time it says. */
  readonly kept = new Set<string>();
  listedAt: number | undefined;
  /** What of the memory has no table of its own here. */
  memory: Memory;
  readonly events: EventBody[] = [];
  readonly actions: Action[] = [];
  /** Nodes of which a rule has to know what slurmctld makes of them. */
  readonly unsure = new Set<string>();
  /** Of which nodes an older answer of slurmctld than this does not do ({@link Now.clock}). */
  readonly freshFrom = new Map<string, number>();
  /** Nodes of which slurmctld has just said what it makes of them. */
  readonly answered = new Set<string>();
  /** Verdicts by which nodes were given back in this step: the outcomes of their requests. */
  readonly lastVerdicts = new Map<
    string,
    { readonly generation: number; readonly verdict: FailureVerdict }
  >();
  readonly #look = new Set<string>();
  readonly #parameters = new Set<string>();
  readonly #subnets = new Set<string>();
  #dueAt = Infinity;
  #listAt = Infinity;
  readonly #states = new Map<
    string,
    Action & { kind: "set-state"; nodes: { name: string; generation: number }[] }
  >();

  constructor(state: State, context: StepContext) {
    this.context = context;
    this.now = context.now;
    this.groups = groupOfNode(context.config);
    this.nodes = new Table(state.nodes);
    this.instances = new InstanceTable(state.instances);
    this.launches = new LaunchTable(state.launches);
    this.requests = new RequestTable(state.requests);
    this.parameters = state.parameters;
    this.bootFailures = state.bootFailures;
    this.exhausted = state.exhausted;
    this.zones = state.zones;
    this.tokens = withQuota(state.tokens, context.config.limits.apiQuota);
    this.lastGeneration = state.lastGeneration;
    this.pauses = state.pauses ?? NO_PAUSES;
    this.holds = state.holds ?? NO_HOLDS;
    this.listedAt = state.listedAt;
    this.memory = state.memory ?? NO_MEMORY;
    this.views = new Table(this.memory.views);
    this.viewsFrom = new Table(this.memory.viewsFrom);
    this.looks = new Table(this.memory.looks);
    this.missing = new Table(this.memory.missing);
    this.ended = new Table(this.memory.ended);
    this.addressedAt = new Table(this.memory.addressedAt);
    this.offeredAt = new Table(this.memory.offeredAt);
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
    this.dropView(name);
  }

  /** What slurmctld made of a node counts no more; nor does an answer that is on its way. */
  dropView(name: string): void {
    this.views.delete(name);
    this.viewsFrom.set(name, this.now.clock);
  }

  /** Forgets an instance, and when it was looked at. */
  dropInstance(id: string): void {
    const instance = this.instances.get(id);
    if (instance !== undefined && instance.end !== "no") this.endedNow.push(instance);
    this.instances.drop(id);
    this.looks.delete(id);
    this.missing.delete(id);
  }

  /** Of several instances of a node's generation the oldest launch is it, then the lowest id; the others are surplus. */
  currentOf(node: NodeRecord): InstanceRecord | undefined {
    let current: InstanceRecord | undefined;
    for (const instance of this.instances.of(node.name)) {
      if (instance.end !== "no" || instance.generation !== node.generation) continue;
      if (current === undefined || isOlder(instance, current)) current = instance;
    }
    return current;
  }

  /** slurmctld is to be given a state; nodes of one purpose, state and reason go together. */
  setState(
    node: Pick<NodeRecord, "name" | "generation">,
    { purpose, state, reason, resumeAfter }: {
      readonly purpose: StatePurpose;
      readonly state: UpdatedState;
      /** Absent: what slurmctld has stays. */
      readonly reason?: string;
      /** Seconds. */
      readonly resumeAfter?: number;
    },
  ): void {
    const key = `${purpose} ${state} ${resumeAfter} ${reason}`;
    const given = this.#states.get(key) ?? {
      kind: "set-state" as const,
      purpose,
      state,
      ...(reason !== undefined && { reason }),
      ...(resumeAfter !== undefined && { resumeAfter }),
      nodes: [],
    };
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

  /** Another complete listing is needed, not before this time ({@link Now.clock}). */
  listAgainAt(at: number): void {
    if (at < this.#listAt) this.#listAt = at;
    this.wakeAt(at);
  }

  /** When another complete listing is needed; undefined: none is. */
  get nextListing(): number | undefined {
    return this.#listAt === Infinity ? undefined : this.#listAt;
  }

  /** Parameters are to be read before something can be launched. */
  wantParameters(names: readonly string[]): void {
    for (const name of names) this.#parameters.add(name);
  }

  /** The parameters that are to be read. */
  get wantedParameters(): ReadonlySet<string> {
    return this.#parameters;
  }

  /** EC2 is to be asked about subnets; nothing waits for the answer that can do without. */
  wantSubnets(ids: readonly string[]): void {
    for (const id of ids) this.#subnets.add(id);
  }

  /** The subnets that EC2 is to be asked about. */
  get wantedSubnets(): ReadonlySet<string> {
    return this.#subnets;
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
    const memory: Memory = {
      ...this.memory,
      views: this.views.map,
      viewsFrom: this.viewsFrom.map,
      looks: this.looks.map,
      missing: this.missing.map,
      ended: this.ended.map,
      addressedAt: this.addressedAt.map,
      offeredAt: this.offeredAt.map,
    };
    return {
      nodes: this.nodes.map,
      instances: this.instances.finish(),
      launches: this.launches.map,
      requests: this.requests.map,
      parameters: this.parameters,
      bootFailures: this.bootFailures,
      exhausted: this.exhausted,
      zones: this.zones,
      tokens: this.tokens,
      lastGeneration: this.lastGeneration,
      ...(Object.keys(this.pauses).length > 0 && { pauses: this.pauses }),
      ...(this.holds.length > 0 && { holds: this.holds }),
      ...(this.listedAt !== undefined && { listedAt: this.listedAt }),
      memory,
    };
  }
}
