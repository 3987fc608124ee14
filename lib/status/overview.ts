import { outNow } from "../capacity/exhausted.ts";
import { listedPrice } from "../capacity/price.ts";
import type { Price } from "../config/model.ts";
import type { InstanceRecord, NodeRecord, State } from "../controller/state.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import { compareNodeNames } from "../slurm/node_name_order.ts";
import type { NodeState } from "../slurm/node_state.ts";

/** What a status is made of. */
export interface StatusFacts {
  readonly state: State;
  /** As slurmctld shows them; undefined: it did not answer. */
  readonly slurm: readonly NodeState[] | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly wall: number;
  /** {@link Now.clock} at the same moment. */
  readonly clock: number;
  /** USD/h by instance type, of those that are known. */
  readonly prices: ReadonlyMap<string, Price>;
}

/** Nodes that are in the same state, on instances of one type in one zone. */
export interface StatusRow {
  /** Hostlist; `-` for instances whose tags name no node. */
  readonly nodes: string;
  readonly count: number;
  /** slurmctld's state, e.g. `IDLE+CLOUD+POWERED_DOWN`; `?` where it did not say. */
  readonly slurm: string;
  /** EC2's state as last seen; `-`: no instance. */
  readonly instance: string;
  readonly instanceType?: string;
  readonly zone?: string;
  readonly capacityType?: string;
  /** Seconds since EC2 launched the youngest and the oldest. */
  readonly age?: { readonly least: number; readonly most: number };
  /** Of all of them; absent: not known. */
  readonly usdPerHour?: number;
  /** What goes on, or why the nodes are down. */
  readonly note?: string;
  /** When they are given back: milliseconds since 1970 UTC. */
  readonly until?: number;
}

/** A RunInstances that is not settled. */
export interface OpenLaunch {
  readonly nodes: string;
  readonly count: number;
  /** Seconds since it was planned. */
  readonly age: number;
  /** Whether it may have been carried out without an answer. */
  readonly doubt: boolean;
  /** EC2's last refusal: its code. */
  readonly refused?: string;
}

/** A request that is not settled. */
export interface OpenRequest {
  readonly kind: string;
  /** The nodes that have no outcome yet. */
  readonly nodes: string;
  readonly count: number;
  /** Seconds since the hook was called. */
  readonly age: number;
}

/** Something that EC2 had no capacity of, so that nothing of it is asked for. */
export interface OutPool {
  /** In words, e.g. `spot c7i.large in us-east-1a`. */
  readonly what: string;
  /** EC2's code of the last refusal. */
  readonly code: string;
  /** Refusals in a row. */
  readonly misses: number;
  /** When it is asked for again: milliseconds since 1970 UTC. */
  readonly until: number;
}

/** Node groups whose launches a person has stopped. */
export interface Paused {
  /** `*`: every one. */
  readonly nodeGroup: string;
  /** Seconds since then. */
  readonly age: number;
}

/** What waits for room within a limit. */
export interface Held {
  readonly nodeGroups: readonly string[];
  /** The job that waits; absent: none does. */
  readonly jobId?: number;
  readonly code: string;
  /** What holds it, e.g. `held by limits.maxNodes: 20 of 20 nodes; …`. */
  readonly message: string;
}

/** Nodes next to instances, and what is under way. */
export interface Overview {
  readonly rows: readonly StatusRow[];
  readonly launches: readonly OpenLaunch[];
  readonly requests: readonly OpenRequest[];
  /** The first to be asked for again first. */
  readonly exhausted: readonly OutPool[];
  readonly paused: readonly Paused[];
  readonly held: readonly Held[];
  /** Instances that cost money for computing: pending or running, and not ending. */
  readonly running: number;
  /** USD/h of those whose price is known. */
  readonly usdPerHour?: number;
  /** Seconds since EC2's instances were last listed; absent: never. */
  readonly listedAgo?: number;
}

const PAID: ReadonlySet<string> = new Set(["pending", "running"]);
const GONE: ReadonlySet<string> = new Set(["terminated"]);

/** Folds what is known into rows; a node without an instance and without anything to say is left out. */
export function overview(facts: StatusFacts): Overview {
  const { state, slurm, clock } = facts;
  const shown = new Map(slurm?.map((node) => [node.name, node]));
  const live = [...state.instances.values()].filter((instance) => !GONE.has(instance.state));
  const byNode = Map.groupBy(live, ({ node }) => node ?? "-");
  const names = new Set([...byNode.keys(), ...state.nodes.keys()]);
  const entries = [...names].sort(compareNodeNames).flatMap((name) =>
    entriesOf(name, facts, byNode.get(name) ?? [], shown.get(name))
  );
  const prices = live.filter(isPaid).map((one) => listedPrice(facts.prices, one));
  const known = prices.filter((price) => price !== undefined);
  return {
    rows: folded(entries),
    launches: [...state.launches.values()].map(({ nodes, at, doubt, refusal }) => ({
      nodes: foldHostlist(nodes),
      count: nodes.length,
      age: seconds(clock - at),
      doubt,
      ...(refusal !== undefined && { refused: refusal.code }),
    })),
    requests: [...state.requests.values()].filter(({ settledAt }) => settledAt === undefined).map(
      ({ kind, nodes, outcomes, at }) => {
        const open = nodes.filter((name) => !Object.hasOwn(outcomes, name));
        return { kind, nodes: foldHostlist(open), count: open.length, age: seconds(clock - at) };
      },
    ),
    exhausted: outNow(state.exhausted, clock).map(({ what, code, misses, until }) => ({
      what,
      code,
      misses,
      until: facts.wall + (until - clock),
    })),
    paused: Object.entries(state.pauses ?? {}).map(([nodeGroup, since]) => ({
      nodeGroup,
      age: seconds(facts.wall - since),
    })),
    held: (state.holds ?? []).map(({ nodes, jobId, code, message }) => ({
      nodeGroups: Object.keys(nodes),
      ...(jobId !== undefined && { jobId }),
      code,
      message,
    })),
    running: prices.length,
    ...(known.length > 0 && { usdPerHour: known.reduce((sum, price) => sum + price, 0) }),
    ...(state.listedAt !== undefined && { listedAgo: seconds(clock - state.listedAt) }),
  };
}

interface Entry extends Omit<StatusRow, "nodes" | "count" | "age" | "usdPerHour"> {
  readonly name: string;
  readonly age?: number;
  readonly price?: number;
}

function entriesOf(
  name: string,
  facts: StatusFacts,
  instances: readonly InstanceRecord[],
  shown: NodeState | undefined,
): Entry[] {
  const node = facts.state.nodes.get(name);
  const slurm = shown === undefined ? "?" : [shown.base, ...shown.flags].join("+");
  if (instances.length === 0) {
    const entry = { name, slurm, instance: "-", ...noteOf(node, undefined, facts) };
    return entry.note === undefined && node?.want !== "up" ? [] : [entry];
  }
  return instances.map((instance) => ({
    name,
    slurm: name === "-" ? "-" : slurm,
    instance: instance.state,
    instanceType: instance.instanceType,
    zone: instance.availabilityZone,
    capacityType: instance.capacityType,
    age: Math.max(0, Math.floor((facts.wall - instance.launchTime) / 1000)),
    price: isPaid(instance) ? listedPrice(facts.prices, instance) : undefined,
    ...noteOf(node, instance, facts),
  }));
}

function noteOf(
  node: NodeRecord | undefined,
  instance: InstanceRecord | undefined,
  { state }: StatusFacts,
): { readonly note?: string; readonly until?: number } {
  if (instance?.end === "due") return { note: "to be ended, EC2 has not accepted it yet" };
  if (instance?.end === "asked" && instance.state !== "stopped") return { note: "ending" };
  const { verdict } = node ?? {};
  if (verdict !== undefined) {
    return { note: verdict.reason, ...(verdict.kind === "down" && { until: verdict.until }) };
  }
  if (node?.want !== "up") return {};
  if (instance === undefined) {
    const isLaunching = [...state.launches.values()].some(({ nodes }) => nodes.includes(node.name));
    return { note: isLaunching ? "launching" : "waits for its launch" };
  }
  return node.reportedInstance === instance.id ? {} : { note: "its address is not with Slurm yet" };
}

/** Whether it is charged for: EC2 charges nothing from the moment it accepts the end. */
function isPaid({ state, end }: InstanceRecord): boolean {
  return PAID.has(state) && end !== "asked";
}

function folded(entries: readonly Entry[]): StatusRow[] {
  const same = Map.groupBy(entries, ({ name: _, age: __, price: ___, ...rest }) => JSON.stringify(rest));
  return [...same.values()].map((some) => {
    const { name: _, age: __, price: ___, ...rest } = some[0]!;
    const ages = some.flatMap(({ age }) => age ?? []);
    const prices = some.flatMap(({ price }) => price ?? []);
    const names = some.map(({ name }) => name);
    return {
      nodes: names[0] === "-" ? "-" : foldHostlist(names),
      count: some.length,
      ...rest,
      ...(ages.length > 0 && { age: { least: Math.min(...ages), most: Math.max(...ages) } }),
      ...(prices.length === some.length && { usdPerHour: prices.reduce((sum, price) => sum + price, 0) }),
    };
  });
}

function seconds(milliseconds: number): number {
  return Math.max(0, Math.floor(milliseconds / 1000));
}
