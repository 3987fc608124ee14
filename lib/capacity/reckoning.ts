import type { InstanceState } from "../aws/instance.ts";
import { type DayCost, leastCost } from "./day_cost.ts";
import { type Prices, usdPerHour } from "./price.ts";

/** What is reckoned of an instance. */
export interface CountedInstance {
  readonly instanceType: string;
  readonly capacityType: "on-demand" | "spot";
  readonly state: InstanceState;
  /** Whether it is to be ended; `asked`: EC2 has accepted it. */
  readonly end: "no" | "due" | "asked";
  readonly endAction: "terminate" | "stop";
  /** Token of the launch that made it. */
  readonly clientToken?: string;
}

/** What is reckoned of a launch whose outcome is open. */
export interface CountedLaunch {
  readonly token: string;
  readonly instanceType: string;
  readonly capacityType: "on-demand" | "spot";
  /** Nodes that it may bring, those included that wait for its first half. */
  readonly count: number;
}

/** What counts against the limits of a cluster. */
export interface Reckoning {
  /** Instances that run, are pending, stopped or in doubt, and those that are asked for. */
  readonly nodes: number;
  /** USD/h of those among them that are billed by the hour. */
  readonly usdPerHour: number;
  /** Instance types that are billed, and whose price is not known. */
  readonly unpriced: ReadonlySet<string>;
  /** What the day has cost so far; of what is asked for, the least that it will cost. */
  readonly today: DayCost;
}

/** Nothing. */
export const NOTHING: Reckoning = {
  nodes: 0,
  usdPerHour: 0,
  unpriced: new Set(),
  today: { usd: 0, unpriced: new Set() },
};

/** One more of these, or as many. */
export function plus(a: Reckoning, b: Reckoning): Reckoning {
  return {
    nodes: a.nodes + b.nodes,
    usdPerHour: a.usdPerHour + b.usdPerHour,
    unpriced: union(a.unpriced, b.unpriced),
    today: { usd: a.today.usd + b.today.usd, unpriced: union(a.today.unpriced, b.today.unpriced) },
  };
}

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  return b.size === 0 ? a : new Set([...a, ...b]);
}

/** What some nodes come to that are asked for: as many instances, at USD/h in all, of types some of which have no price. */
export function asked(nodes: number, usdPerHour: number, unpriced: Iterable<string>): Reckoning {
  const types = new Set(unpriced);
  return { nodes, usdPerHour, unpriced: types, today: { usd: leastCost(usdPerHour), unpriced: types } };
}

/** What the instances and open launches of a cluster come to. An instance that a launch is known to have brought counts once. */
export function reckon(
  instances: Iterable<CountedInstance>,
  launches: Iterable<CountedLaunch>,
  prices: Prices,
  today: DayCost = NOTHING.today,
): Reckoning {
  const bills = new Map<string, number>();
  const brought = new Map<string, number>();
  let nodes = 0;
  let all = NOTHING;
  for (const instance of instances) {
    const { instanceType, capacityType, clientToken } = instance;
    if (clientToken !== undefined) brought.set(clientToken, (brought.get(clientToken) ?? 0) + 1);
    if (isHeld(instance)) nodes++;
    if (isBilled(instance)) add(bills, instanceType, capacityType, 1);
  }
  for (const { token, instanceType, capacityType, count } of launches) {
    const open = Math.max(0, count - (brought.get(token) ?? 0));
    if (open === 0) continue;
    const price = usdPerHour(prices, instanceType, capacityType);
    all = plus(all, asked(open, open * (price ?? 0), price === undefined ? [instanceType] : []));
  }
  return plus({ nodes, ...costOf(bills, prices), today }, all);
}

/** Whether EC2 has the instance, running or stopped: it is over from the moment that EC2 accepts its termination. */
function isHeld({ state, end, endAction }: CountedInstance): boolean {
  if (state === "shutting-down" || state === "terminated") return false;
  return !(end === "asked" && endAction === "terminate");
}

/**
 * Whether EC2 charges for its hours: pending and running, until it accepts the end; a stopped one that is to be started
 * is asked for. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html
 */
export function isBilled({ state, end }: CountedInstance): boolean {
  if (state === "stopped") return end === "no";
  return (state === "pending" || state === "running") && end !== "asked";
}

function add(bills: Map<string, number>, type: string, capacityType: string, count: number): void {
  if (count === 0) return;
  const key = `${type} ${capacityType}`;
  bills.set(key, (bills.get(key) ?? 0) + count);
}

function costOf(
  bills: ReadonlyMap<string, number>,
  prices: Prices,
): Pick<Reckoning, "usdPerHour" | "unpriced"> {
  let sum = 0;
  const unpriced = new Set<string>();
  for (const [key, count] of bills) {
    const [type, capacityType] = key.split(" ") as [string, "on-demand" | "spot"];
    const price = usdPerHour(prices, type, capacityType);
    if (price === undefined) unpriced.add(type);
    else sum += count * price;
  }
  return { usdPerHour: sum, unpriced };
}
