import {
  admit,
  compareDemands,
  type Demand,
  hasCeiling,
  type LimitRefusal,
  refusalOf,
  type WantedNode,
} from "../capacity/limits.ts";
import { nodePrice, usdPerHour } from "../capacity/price.ts";
import { asked, plus, type Reckoning } from "../capacity/reckoning.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import type { Draft } from "./draft.ts";
import { refuseUnserved } from "./late_instances.ts";
import { addHolds, demandOf } from "./holds.ts";
import { pauseOf } from "./pauses.ts";
import { counted, pricesOf, reckonAll } from "./reckon.ts";
import type { InstanceRecord, LaunchRecord, NodeRecord } from "./state.ts";
import { jobsOf } from "./whole_jobs.ts";

/**
 * Gives the limit as their refusal to the nodes among those that are due for which there is no room. A job is asked
 * for as a whole, its nodes that are not due yet included.
 */
export function refuseBeyondLimits(draft: Draft, due: readonly NodeRecord[]): void {
  const { limits } = draft.context.config;
  const open = due.filter(({ name }) => draft.nodes.get(name)?.refusal === undefined);
  if (open.length === 0 || !hasCeiling(limits)) return;
  const demands = demandsOf(draft, open, [...jobsOf(draft, open).values()]);
  const jobs = new Set(demands.map(({ jobId }) => jobId));
  const waiting = draft.holds.filter(({ jobId }) => jobId !== undefined && !jobs.has(jobId));
  const { held } = admit(limits, reckonAll(draft), [
    ...waiting.map((hold) => demandOf(draft, hold)),
    ...demands,
  ]);
  const own = held.filter(({ demand }) => demands.includes(demand));
  for (const { nodes, refusal } of own) {
    for (const { name } of nodes) draft.refuse(name, draft.nodes.get(name)!.generation, refusal);
  }
  addHolds(draft, own.filter((one) => !one.behind), jobs);
}

/** What is asked for, a node once: by the first of its jobs, else by itself. */
function demandsOf(draft: Draft, due: readonly NodeRecord[], jobs: readonly ResumeJob[]): Demand[] {
  const free = new Map(due.map((node) => [node.name, node]));
  const ordered = [...jobs].sort(compareDemands);
  const demands: Demand[] = [];
  for (const { jobId, priority, nodes: names } of ordered) {
    if (!names.some((name) => free.has(name))) continue;
    const own = [...new Set(names)].filter((name) => free.delete(name) || isOpen(draft, name));
    const nodes = own.map((name) => wanted(draft, name));
    const whole = nodes.length > 1 &&
      own.some((name) => draft.groups.get(name)!.strategy === "all-or-nothing");
    demands.push({ nodes, whole, jobId, ...(priority !== undefined && { priority }) });
  }
  for (const name of free.keys()) demands.push({ nodes: [wanted(draft, name)], whole: false });
  return demands;
}

/** Whether a node of a job is wanted and still has to be launched, though not now. */
function isOpen(draft: Draft, name: string): boolean {
  const node = draft.nodes.get(name);
  return node?.want === "up" && node.refusal === undefined && draft.groups.has(name) &&
    draft.currentOf(node) === undefined && draft.launches.of(name).length === 0 &&
    !draft.requests.held.has(name);
}

function wanted(draft: Draft, name: string): WantedNode {
  const group = draft.groups.get(name)!;
  const hasStopped = draft.instances.of(name).some(({ state, endAction }) =>
    endAction === "stop" && (state === "stopped" || state === "stopping")
  );
  return {
    name,
    nodeGroup: group.name,
    instances: hasStopped ? 0 : 1,
    price: nodePrice(pricesOf(draft), group),
  };
}

/**
 * Holds back what is open and paused, or finds no room any more: a limit was lowered, a price has risen, or instances
 * turned up that nobody knew of. What EC2 has refused for now is not asked for again; what may be on its way is awaited.
 * Answers the tokens of launches that are not to be sent now.
 */
export function heldLaunches(draft: Draft): ReadonlySet<string> {
  const { limits } = draft.context.config;
  const launches = [...draft.launches.map.values()];
  const open = launches.filter(({ over }) => over !== true);
  const held = new Set<string>();
  if (open.length === 0) return held;
  const brought = countBrought(draft);
  let use = reckonAll(draft, launches.filter(({ over }) => over === true));
  for (const launch of open.sort((a, b) => a.at - b.at)) {
    const more = stillToCome(draft, launch, brought.get(launch.token) ?? 0);
    const refusal = pauseOf(draft, launch.nodeGroup) ?? refusalOf(limits, use, more);
    if (refusal !== undefined) {
      held.add(launch.token);
      giveUp(draft, launch, refusal);
    }
    use = plus(use, more);
  }
  return held;
}

/** How many instances each launch is known to have brought. */
function countBrought(draft: Draft): Map<string, number> {
  const brought = new Map<string, number>();
  for (const { clientToken } of draft.instances.map.values()) {
    if (clientToken !== undefined) brought.set(clientToken, (brought.get(clientToken) ?? 0) + 1);
  }
  return brought;
}

/** What a launch adds to the instances that are known. */
function stillToCome(draft: Draft, launch: LaunchRecord, brought: number): Reckoning {
  const { instanceType, capacityType, count } = counted(launch);
  return sumOfPriced(draft, instanceType, capacityType, Math.max(0, count - brought));
}

function sumOfPriced(
  draft: Draft,
  instanceType: string,
  capacityType: "on-demand" | "spot",
  nodes: number,
): Reckoning {
  const price = usdPerHour(pricesOf(draft), instanceType, capacityType);
  return asked(nodes, nodes * (price ?? 0), nodes > 0 && price === undefined ? [instanceType] : []);
}

/** Milliseconds after which a call that was sent has been answered, one way or the other. */
const ANSWERED = 70_000;

function giveUp(draft: Draft, launch: LaunchRecord, refusal: LimitRefusal): void {
  const { clock } = draft.now;
  if (launch.refusal === undefined && clock < launch.at + ANSWERED) {
    return draft.wakeAt(launch.at + ANSWERED);
  }
  const { rest = [], ...one } = launch;
  refuseUnserved(draft, launch, refusal);
  for (const { node, generation } of rest) draft.refuse(node, generation, refusal);
  draft.launches.put({ ...one, over: true, triedAt: launch.triedAt ?? clock });
}

/** The stopped instances among these that may be started now; the node of another one gets its limit, or pause, as its refusal. */
export function startable(draft: Draft, stopped: readonly InstanceRecord[]): readonly InstanceRecord[] {
  const { limits } = draft.context.config;
  if (stopped.length === 0) return stopped;
  let use = reckonAll(draft);
  const kept: InstanceRecord[] = [];
  for (const instance of [...stopped].reverse()) {
    const { node, nodeGroup, generation, instanceType, capacityType } = instance;
    const more = { ...sumOfPriced(draft, instanceType, capacityType, 1), nodes: 0 };
    const without = { ...use, usdPerHour: use.usdPerHour - more.usdPerHour };
    const refusal = pauseOf(draft, nodeGroup) ?? refusalOf(limits, without, more);
    if (refusal === undefined) {
      kept.push(instance);
      continue;
    }
    use = without;
    draft.refuse(node!, generation, refusal);
  }
  return kept.reverse();
}
