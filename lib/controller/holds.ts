import { errorRule } from "../aws/error_codes.ts";
import { compareDemands, type Demand, type Held, refusalOf, sumOf } from "../capacity/limits.ts";
import { nodePrice } from "../capacity/price.ts";
import { plus } from "../capacity/reckoning.ts";
import { reasonClass } from "../cluster/reason.ts";
import type { Draft } from "./draft.ts";
import { pricesOf, reckonAll } from "./reckon.ts";
import type { Hold } from "./state.ts";

/** Milliseconds between two looks at whether there is room again, and for which lifted nodes are expected to be used. */
const LOOK = 60_000;

/** What waits for room, as it was asked for. */
export function demandOf(draft: Draft, { nodes, whole, jobId, priority }: Hold): Demand {
  const prices = pricesOf(draft);
  const wanted = draft.context.config.nodeGroups.flatMap((group) => {
    const price = nodePrice(prices, group);
    const count = nodes[group.name] ?? 0;
    return Array.from({ length: count }, () => ({
      name: "",
      nodeGroup: group.name,
      instances: 1 as const,
      price,
    }));
  });
  return {
    nodes: wanted,
    whole,
    ...(jobId !== undefined && { jobId }),
    ...(priority !== undefined && { priority }),
  };
}

/**
 * Remembers what limits have refused, so that room for it is noticed.
 * @param asked the jobs that were asked for now: what was remembered of them is old
 */
export function addHolds(
  draft: Draft,
  held: readonly Held[],
  asked: ReadonlySet<number | undefined>,
): void {
  const fresh = held.map((one) => holdOf(draft, one));
  const names = new Set(fresh.filter(({ jobId }) => jobId === undefined).flatMap(groupsOf));
  const kept = draft.holds.filter((hold) =>
    hold.jobId === undefined ? !groupsOf(hold).some((name) => names.has(name)) : !asked.has(hold.jobId)
  );
  if (fresh.length > 0 || kept.length < draft.holds.length) draft.holds = [...kept, ...fresh];
}

function holdOf(draft: Draft, { demand, refusal }: Held): Hold {
  const { whole, jobId, priority } = demand;
  const rest = errorRule(refusal.code).rest * draft.context.config.limits.cooldown * 1_000;
  const nodes: Record<string, number> = {};
  // What a job can't start without; of the others one is enough to go on.
  for (const { nodeGroup } of whole ? demand.nodes : demand.nodes.slice(0, 1)) {
    nodes[nodeGroup] = (nodes[nodeGroup] ?? 0) + 1;
  }
  return {
    ...refusal,
    nodes,
    whole,
    until: draft.now.clock + rest,
    ...(jobId !== undefined && { jobId }),
    ...(priority !== undefined && { priority }),
  };
}

function groupsOf({ nodes }: Hold): string[] {
  return Object.keys(nodes);
}

/**
 * Lifts what limits hold back as soon as there is room for the first that waits: as many nodes of its groups as the
 * room is for. Room or not, a node goes back by the `until` of its reason: its job may have gone meanwhile.
 */
export function planHolds(draft: Draft): void {
  if (draft.holds.length === 0) return;
  const { clock } = draft.now;
  const blocked = new Set<string>();
  const left: Hold[] = [];
  for (const hold of [...draft.holds].sort(compareDemands)) {
    const demand = demandOf(draft, hold);
    if (isOver(draft, hold) || demand.nodes.length === 0) continue;
    const groups = groupsOf(hold);
    const isFirst = !groups.some((name) => blocked.has(name));
    for (const name of groups) blocked.add(name);
    const lifts = isFirst && clock >= (hold.liftedAt ?? -Infinity) + LOOK && lift(draft, demand) > 0;
    left.push(lifts ? { ...hold, liftedAt: clock } : hold);
  }
  if (left.length < draft.holds.length || left.some((hold) => !draft.holds.includes(hold))) {
    draft.holds = left;
  }
  if (left.length > 0) draft.wakeAt(Math.min(clock + LOOK, ...left.map(({ until }) => until)));
}

/** Longest time that anything is held, in units of `limits.cooldown`; a time further away was stored by another clock. */
const LONGEST = 2;

function isOver({ now, context }: Draft, { until }: Hold): boolean {
  return until <= now.clock || until > now.clock + LONGEST * context.config.limits.cooldown * 1_000 + 1_000;
}

/** Lifts as many nodes as there is room for, if that is enough for the demand; answers how many. */
function lift(draft: Draft, demand: Demand): number {
  const { limits } = draft.context.config;
  let use = reckonAll(draft);
  if (refusalOf(limits, use, sumOf(demand.nodes)) !== undefined) return 0;
  const one = new Map(demand.nodes.map((node) => [node.nodeGroup, sumOf([node])]));
  endRest(draft, new Set(one.keys()));
  let count = 0;
  for (const name of heldNodes(draft, new Set(one.keys()))) {
    const more = one.get(draft.groups.get(name)!.name)!;
    if (refusalOf(limits, use, more) !== undefined) continue;
    use = plus(use, more);
    draft.lifted.add(name);
    count++;
  }
  return count;
}

/** The groups are not kept out of scheduling any more: what is lifted would go down again. */
function endRest(draft: Draft, groups: ReadonlySet<string>): void {
  for (const { name, verdict } of [...draft.nodes.map.values()]) {
    if (verdict?.group === undefined || !groups.has(draft.groups.get(name)?.name ?? "")) continue;
    if (reasonClass(verdict.reason) !== "limit") continue;
    const { group: _, ...own } = verdict;
    draft.changeNode(name, { verdict: own });
  }
}

/** Nodes of these groups that are down for a reason that may be lifted; first those that slurmctld can use at once. */
function heldNodes(draft: Draft, groups: ReadonlySet<string>): string[] {
  const names = [...draft.views.map].filter(([name, { use, until, reason }]) =>
    use === "down" && until !== undefined && groups.has(draft.groups.get(name)?.name ?? "") &&
    reasonClass(reason) === "limit"
  ).map(([name]) => name);
  const failed = (name: string) => draft.nodes.get(name)?.verdict === undefined ? 0 : 1;
  return names.sort((a, b) => failed(a) - failed(b));
}
