import { LAUNCH_DEADLINE } from "../aws/error_codes.ts";
import { compareDemands } from "../capacity/limits.ts";
import { type Offering, offeringsOf } from "../capacity/offering.ts";
import { bucketWords, launchableUntil, launchBudget, tokensHeld } from "../capacity/tokens.ts";
import type { LaunchSettings } from "../cluster/ssm_parameters.ts";
import type { NodeGroup } from "../config/model.ts";
import { type LaunchUnit, launchUnits } from "../power_up/launch_units.ts";
import { callsFor, putLaunch } from "./calls.ts";
import type { Draft } from "./draft.ts";
import type { NodeRecord } from "./state.ts";
import { jobsOf } from "./whole_jobs.ts";

/** A node group that can be launched, and its nodes that are due. */
export interface OpenGroup {
  readonly group: NodeGroup;
  readonly settings: LaunchSettings;
  /** The best first; at least one. */
  readonly offerings: readonly Offering[];
  readonly due: readonly NodeRecord[];
}

/** Nodes of a group that are launched together. */
interface Unit extends LaunchUnit {
  readonly of: OpenGroup;
}

/**
 * Launches what RunInstances' buckets hold now, in the order of groups and jobs; the rest stays due until they hold
 * more.
 * @param window milliseconds after its request until which a node may be launched
 */
export function launchDue(draft: Draft, open: readonly OpenGroup[], window: number): void {
  const { clock: now } = draft.now;
  const batch = draft.context.config.limits.launchBatch;
  let units = possible(draft, unitsOf(draft, open), window);
  for (;;) {
    const left = units.reduce((sum, { nodes }) => sum + nodes.length, 0);
    if (left === 0) return;
    const deadline = deadlineOf(draft, units, window);
    const hasOthers = units.some(({ of: { group } }) => offeringsOf(group).length > 1);
    const budget = launchBudget(draft.tokens, { left, batch, deadline, window, now, hasOthers });
    if (budget.wakeAt !== undefined) draft.wakeAt(budget.wakeAt);
    if (budget.calls === 0) return;
    units = launchSome(draft, units, budget);
  }
}

/** The latest time at which one of the nodes may still be launched. */
function deadlineOf(draft: Draft, units: readonly Unit[], window: number): number {
  let last = -Infinity;
  for (const { nodes } of units) {
    for (const name of nodes) last = Math.max(last, draft.nodes.get(name)!.since);
  }
  return last + window;
}

/** Splits what is due by jobs, the most urgent first, as far as there are request tokens for a call each: all of a group together otherwise. */
function unitsOf(draft: Draft, open: readonly OpenGroup[]): readonly Unit[] {
  const units = open.flatMap((of) => {
    const jobs = [...jobsOf(draft, of.due).values()].sort(compareDemands);
    const names = of.due.map(({ name }) => name);
    return launchUnits(names, of.group.strategy, jobs).map((unit): Unit => ({
      ...unit,
      // What the last offering can't give whole is of no use; of the others some is a part of it.
      whole: unit.whole && of.offerings.length === 1,
      of,
    }));
  });
  const { requests } = tokensHeld(draft.tokens, draft.now.clock);
  if (units.length <= Math.max(1, Math.floor(requests))) return units;
  return open.filter(({ due }) => due.length > 0).map((of) => ({
    nodes: of.due.map(({ name }) => name),
    whole: units.length === 1,
    of,
  }));
}

/** Without the jobs that the buckets can't serve whole in time, which are given back at once. */
function possible(draft: Draft, units: readonly Unit[], window: number): readonly Unit[] {
  const { clock: now } = draft.now;
  return units.filter(({ nodes, whole }) => {
    if (!whole) return true;
    const most = launchableUntil(draft.tokens, draft.nodes.get(nodes[0]!)!.since + window, now);
    if (nodes.length <= most) return true;
    for (const name of nodes) {
      draft.refuse(name, draft.nodes.get(name)!.generation, {
        code: LAUNCH_DEADLINE,
        message: `${nodes.length} nodes are wanted together, and ${most} can be launched in time: ${
          bucketWords(draft.tokens)
        }`,
      });
    }
    return false;
  });
}

/** Makes the calls of a budget; answers what is left. */
function launchSome(
  draft: Draft,
  units: readonly Unit[],
  budget: { readonly instances: number; readonly calls: number },
): readonly Unit[] {
  const size = Math.ceil(budget.instances / budget.calls);
  let { instances, calls } = budget;
  const left: Unit[] = [];
  for (const unit of units) {
    let { nodes } = unit;
    const { whole, of: { group, settings, offerings } } = unit;
    const launching = { group, settings, offering: offerings[0]! };
    while (nodes.length > 0 && instances > 0 && calls > 0) {
      const isWhole = whole && nodes.length <= instances;
      const count = isWhole ? nodes.length : Math.min(nodes.length, size, instances);
      const part = { nodes: nodes.slice(0, count), whole: isWhole };
      const plans = callsFor(draft, launching, part);
      for (const plan of plans) putLaunch(draft, plan);
      nodes = nodes.slice(count);
      instances -= count;
      calls -= plans.length;
    }
    if (nodes.length > 0) left.push({ ...unit, nodes });
  }
  return left;
}
