import type { NodeGroup } from "../config/model.ts";
import { admit, type Ceilings, type Demand, type Held } from "./limits.ts";
import type { Offering } from "./offering.ts";
import { nodePrice, type Prices, usdPerHour } from "./price.ts";
import { rank, type RankFacts, type Rejected } from "./rank.ts";
import type { Reckoning } from "./reckoning.ts";
import { launchBudget, type LaunchTokens, spendTokens, tokensAnswered } from "./tokens.ts";

/** Nodes of one group that are wanted. */
export interface WantedGroup {
  readonly group: NodeGroup;
  /** Their names. */
  readonly nodes: readonly string[];
  /** Why nothing of the group is launched at all; absent: it is. */
  readonly refusal?: { readonly code: string; readonly message: string };
}

/** What a forecast is made from. */
export interface ForecastFacts {
  readonly pools: RankFacts;
  readonly prices: Prices;
  readonly ceilings: Ceilings;
  /** What counts against them now. */
  readonly use: Reckoning;
  readonly tokens: LaunchTokens;
  /** The nodes are one job's; absent: each is asked for by itself. */
  readonly isJob?: boolean;
  /** Largest MaxCount of one call. */
  readonly batch: number;
  /** Milliseconds in which a node may be launched so that it can still register. */
  readonly window: number;
  /** Milliseconds, of the clock of tokens and pools. */
  readonly now: number;
}

/** An offering, and what it costs. */
export interface PricedOffering extends Offering {
  /** Absent: not known. */
  readonly usdPerHour?: number;
}

/** What is to be expected of one group. */
export interface GroupForecast {
  readonly nodeGroup: string;
  readonly nodes: readonly string[];
  /** In the order in which they are asked for. */
  readonly pools: readonly PricedOffering[];
  readonly out: readonly Rejected[];
  /** Why nothing of it is launched; absent: something is. */
  readonly refusal?: { readonly code: string; readonly message: string };
}

/** What launching some nodes now would come to. */
export interface Forecast {
  readonly groups: readonly GroupForecast[];
  /** Nodes that are launched, limits and pauses held against. */
  readonly launched: number;
  readonly held: readonly Held[];
  /** RunInstances, where each first pool has enough. */
  readonly calls: number;
  /** Seconds until the last of them is made; an answer is taken to come at once. */
  readonly seconds: number;
  /** Nodes that the buckets don't give in time. */
  readonly tooLate: number;
  /** USD/h of what is launched: by the first pools, and by the dearest that may follow them; absent: a price is not known. */
  readonly usdPerHour?: { readonly first: number; readonly most: number };
  /** Instance types that have no price. */
  readonly unpriced: readonly string[];
}

/** Says what would be launched, from where, when and at what price, by the rules that launches go by. */
export function forecast(wanted: readonly WantedGroup[], facts: ForecastFacts): Forecast {
  const groups = wanted.map((one) => groupForecast(one, facts));
  const open = wanted.filter((_, i) => groups[i]!.refusal === undefined);
  const { admitted, held } = admit(facts.ceilings, facts.use, demandsOf(open, facts));
  const counts = new Map(open.map(({ group, nodes }) => [
    group.name,
    nodes.filter((name) => admitted.has(name)).length,
  ]));
  const launching = groups.filter(({ nodeGroup }) => (counts.get(nodeGroup) ?? 0) > 0);
  const hasOthers = launching.some(({ pools, out }) => pools.length + out.length > 1);
  const launches = launchTimes(admitted.size, hasOthers, facts);
  const types = launching.flatMap(({ pools }) => pools.filter((pool) => pool.usdPerHour === undefined));
  const unpriced = [...new Set(types.map(({ instanceType }) => instanceType))].sort();
  const sum = (price: (pools: readonly PricedOffering[]) => number) =>
    launching.reduce((all, { nodeGroup, pools }) => all + counts.get(nodeGroup)! * price(pools), 0);
  return {
    groups,
    launched: admitted.size - launches.tooLate,
    held,
    ...launches,
    ...(unpriced.length === 0 && launching.length > 0 && {
      usdPerHour: {
        first: sum(([pool]) => pool!.usdPerHour!),
        most: sum((pools) => Math.max(...pools.map((pool) => pool.usdPerHour!))),
      },
    }),
    unpriced,
  };
}

function groupForecast(
  { group, nodes, refusal }: WantedGroup,
  { pools, prices }: ForecastFacts,
): GroupForecast {
  const { kept, rejected } = rank(group, { ...pools, wanted: nodes.length });
  const none = kept.length > 0 ? undefined : noneLeft(rejected);
  const why = refusal ?? none;
  return {
    nodeGroup: group.name,
    nodes,
    pools: kept.map((offering): PricedOffering => {
      const price = usdPerHour(prices, offering.instanceType, offering.capacityType);
      return { ...offering, ...(price !== undefined && { usdPerHour: price }) };
    }),
    out: rejected,
    ...(why !== undefined && { refusal: why }),
  };
}

/** Why no pool is left, by the most preferred of them. */
function noneLeft(rejected: readonly Rejected[]): { readonly code: string; readonly message: string } {
  const [first] = rejected;
  return {
    code: first?.out?.code ?? "NoPool",
    message: `no pool is left: ${first?.reason ?? "none is configured"}`,
  };
}

/** Nodes that one job asks for, over all of its groups, come together where one of them says so. */
function demandsOf(wanted: readonly WantedGroup[], { prices, isJob = false }: ForecastFacts): Demand[] {
  const nodes = wanted.flatMap(({ group, nodes: names }) => {
    const price = nodePrice(prices, group);
    return names.map((name) => ({ name, nodeGroup: group.name, instances: 1 as const, price }));
  });
  if (nodes.length === 0) return [];
  const whole = isJob && nodes.length > 1 && wanted.some(({ group }) => group.strategy === "all-or-nothing");
  return [{ nodes, whole }];
}

/** More calls than any launch needs: a forecast that finds no end stops there. */
const CALLS_MAX = 10_000;

/** How many calls the buckets allow, and when, each answered at once with all that it asked for. */
function launchTimes(
  count: number,
  hasOthers: boolean,
  { tokens: before, batch, window, now: began }: ForecastFacts,
): Pick<Forecast, "calls" | "seconds" | "tooLate"> {
  let [tokens, now, left, calls, last] = [before, began, count, 0, began];
  const deadline = began + window;
  while (left > 0 && calls < CALLS_MAX) {
    const budget = launchBudget(tokens, { left, batch, deadline, window, now, hasOthers });
    if (budget.calls === 0) {
      if (budget.wakeAt === undefined || budget.wakeAt > deadline) break;
      now = budget.wakeAt;
      continue;
    }
    const size = Math.ceil(budget.instances / budget.calls);
    for (let rest = budget.instances; rest > 0; rest -= size) {
      const one = Math.min(size, rest);
      tokens = tokensAnswered(spendTokens(tokens, one, now), {
        size: one,
        got: one,
        batch,
        sentAt: now,
        now,
      });
      calls++;
    }
    left -= budget.instances;
    last = now;
  }
  return { calls, seconds: (last - began) / 1_000, tooLate: left };
}
