import { BREAKER_LIMIT } from "../../cluster/boot_failures.ts";
import { readReason } from "../../cluster/reason.ts";
import { waitClassOf } from "../../cluster/wait_class.ts";
import { reckon } from "../../capacity/reckoning.ts";
import type { Config, Price } from "../../config/model.ts";
import type { LaunchRecord, State } from "../../controller/state.ts";
import { groupOfNode } from "../../controller/node_groups.ts";
import { countHostlist } from "../../slurm/hostlist.ts";
import type { NodeState } from "../../slurm/node_state.ts";
import type { History } from "../../store/history.ts";
import { useOf } from "../why/node.ts";
import type { Sample } from "./prometheus.ts";

/** What metrics are made of. */
export interface MetricsFacts {
  readonly config: Config;
  /** Undefined: it can't be read. */
  readonly state: State | undefined;
  readonly history: Pick<History, "scan"> | undefined;
  /** Undefined: slurmctld did not answer. */
  readonly nodes: readonly NodeState[] | undefined;
  /** When the worker last gave a sign of life: milliseconds since 1970 UTC. */
  readonly beat: number | undefined;
  readonly prices: ReadonlyMap<string, Price>;
  /** Milliseconds since 1970 UTC, and {@link Now.clock} at the same moment. */
  readonly now: number;
  readonly clock: number;
}

/** Milliseconds that "recent" means: what happened is counted over this time, since a history can't be a counter. */
const RECENT = 3_600_000;

const GAUGES = {
  state_readable: "Whether the controller's state could be read",
  slurmctld_answers: "Whether slurmctld gave the nodes' states",
  heartbeat_age_seconds:
    "Seconds since the worker's last sign of life; a worker ends when nothing is left to do",
  written_timestamp_seconds: "When these figures were made, seconds since 1970 UTC",
  nodes: "Nodes by group and what slurmctld makes of them",
  instances: "Instances by group and EC2's state",
  ends_due: "Instances that are to be ended and that EC2 has not accepted yet",
  open_requests: "Requests of hooks that have no outcome yet",
  open_request_age_seconds: "Age of the oldest of them",
  open_launches: "RunInstances whose outcome is open",
  recent_launched: "Instances launched within the last hour",
  recent_refused: "Launches that EC2 refused within the last hour, by class and code",
  recent_verdicts: "Nodes that got a verdict instead of an instance within the last hour, by class",
  usd_per_hour: "USD/h of what is launched, as limits reckon it",
  unpriced_types: "Instance types among it without a price",
  limit: "Limits of the configuration",
  limit_used: "What counts against each limit",
  held: "Jobs and nodes that a limit holds back",
  paused: "1 for each node group whose launches are paused; * for all",
  exhausted_pools: "Capacity pools, subnets and quotas that are not asked for the time being",
  breaker_open: "1 for each image of a group that is not launched any more after failed boots",
} as const;

type Name = keyof typeof GAUGES;

/** What each metric means. */
export function metricHelp(name: string): string {
  return GAUGES[name as Name];
}

/** The state of a cluster as figures. */
export function metricsOf(facts: MetricsFacts): Sample[] {
  const { state, nodes, beat, now } = facts;
  const samples: Sample[] = [];
  const add: Add = (name, value, labels = {}) => void samples.push({ name, value, labels });
  add("written_timestamp_seconds", Math.floor(now / 1000));
  add("state_readable", Number(state !== undefined));
  add("slurmctld_answers", Number(nodes !== undefined));
  if (beat !== undefined) add("heartbeat_age_seconds", Math.max(0, Math.round((now - beat) / 1000)));
  if (nodes !== undefined) addNodes(add, nodes, facts.config);
  if (state !== undefined) {
    addInstances(add, state);
    addOpen(add, state, facts.clock);
    addLimits(add, state, facts);
  }
  addRecent(add, facts);
  return samples;
}

type Add = (name: Name, value: number, labels?: Readonly<Record<string, string>>) => void;

function addNodes(add: Add, nodes: readonly NodeState[], config: Config): void {
  const groups = groupOfNode(config);
  const ours = nodes.filter(({ name }) => groups.has(name));
  const counts = Map.groupBy(ours, (node) => `${groups.get(node.name)!.name}\n${useOf(node)}`);
  for (const [key, some] of counts) {
    const [group = "", use = ""] = key.split("\n");
    add("nodes", some.length, { group, use });
  }
  const refused = ours.flatMap(({ base, reason }) => base === "DOWN" ? readReason(reason) ?? [] : []);
  const classes = Map.groupBy(refused, ({ code }) => waitClassOf(code));
  for (const [wait, some] of classes) add("nodes", some.length, { group: "*", use: "refused", class: wait });
}

function addInstances(add: Add, { instances }: State): void {
  for (
    const [key, some] of Map.groupBy(instances.values(), ({ nodeGroup, state }) => `${nodeGroup}\n${state}`)
  ) {
    const [group = "", state = ""] = key.split("\n");
    add("instances", some.length, { group, state });
  }
  add("ends_due", [...instances.values()].filter(({ end }) => end === "due").length);
}

function addOpen(add: Add, { requests, launches }: State, clock: number): void {
  const open = [...requests.values()].filter(({ settledAt }) => settledAt === undefined);
  add("open_requests", open.length);
  const oldest = Math.max(0, ...open.map(({ at }) => clock - at));
  add("open_request_age_seconds", Math.round(oldest / 1000));
  add("open_launches", launches.size);
}

function addLimits(add: Add, state: State, { config, prices, clock }: MetricsFacts): void {
  const used = reckon(state.instances.values(), [...state.launches.values()].map(counted), prices);
  add("usd_per_hour", used.usdPerHour);
  add("unpriced_types", used.unpriced.size);
  const { maxNodes, maxHourlyCost } = config.limits;
  for (
    const [limit, most, part] of [
      ["maxNodes", maxNodes, used.nodes],
      ["maxHourlyCost", maxHourlyCost, used.usdPerHour],
    ] as const
  ) {
    if (most === undefined) continue;
    add("limit", most, { limit });
    add("limit_used", part, { limit });
  }
  add("held", state.holds?.length ?? 0);
  for (const group of Object.keys(state.pauses ?? {})) add("paused", 1, { group });
  add("exhausted_pools", Object.values(state.exhausted).filter(({ until }) => until > clock).length);
  for (const [key, failures] of Object.entries(state.bootFailures)) {
    const [group = "", image = ""] = key.split(" ");
    if (failures >= BREAKER_LIMIT) add("breaker_open", 1, { group, image });
  }
}

function counted({ token, input, nodes, rest = [] }: LaunchRecord) {
  return {
    token,
    instanceType: input.InstanceType,
    capacityType: input.InstanceMarketOptions === undefined ? "on-demand" : "spot",
    count: nodes.length + rest.length,
  } as const;
}

function addRecent(add: Add, { history, now }: MetricsFacts): void {
  if (history === undefined) return;
  let launched = 0;
  const refused = new Map<string, number>();
  const verdicts = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string, more = 1) =>
    counts.set(key, (counts.get(key) ?? 0) + more);
  const kinds = ["launched", "refused", "verdict"] as const;
  // Milliseconds are whole: what happened just now is in it.
  history.scan({ from: now - RECENT, to: now + 1, kinds }, (_, body) => {
    if (body.kind === "launched") launched += body.got;
    else if (body.kind === "refused") count(refused, body.code);
    else if (body.kind === "verdict") {
      count(verdicts, waitClassOf(readReason(body.reason ?? "")?.code ?? ""), countNodes(body.nodes));
    }
  });
  add("recent_launched", launched);
  for (const [code, times] of refused) add("recent_refused", times, { class: waitClassOf(code), code });
  for (const [wait, some] of verdicts) add("recent_verdicts", some, { class: wait });
}

/** A hostlist that can't be read counts for one. */
function countNodes(hostlist: string): number {
  try {
    return countHostlist(hostlist);
  } catch {
    return 1;
  }
}
