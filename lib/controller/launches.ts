import { LAUNCH_DEADLINE } from "../aws/error_codes.ts";
import { deadlines } from "../cluster/deadlines.ts";
import type { LaunchSettings } from "../cluster/ssm_parameters.ts";
import type { NodeGroup } from "../config/model.ts";
import { breakerRefusal } from "../power_up/breaker.ts";
import { type LaunchPlan, planLaunches as planCalls } from "../power_up/launch_plan.ts";
import { launchUnits } from "../power_up/launch_units.ts";
import { offeringsOf } from "../power_up/offering.ts";
import { runInstancesInput } from "../power_up/run_instances_input.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import type { Halved } from "./doubt.ts";
import type { Draft } from "./draft.ts";
import { generationIn } from "./launch_table.ts";
import { mayPass } from "./refused.ts";
import { lastSettingsOf, settingsOf } from "./settings.ts";
import type { LaunchRecord, NodeRecord, Refusal } from "./state.ts";
import { reuseStopped } from "./stopped.ts";

/** An instance launched now could not register before ResumeTimeout: it would only cost money. */
const TOO_LATE: Refusal = {
  code: LAUNCH_DEADLINE,
  message: "Too late to launch: a node launched now would not register before ResumeTimeout",
};

/** Milliseconds after its request until which a node may be launched. */
function launchWindow({ context }: Draft): number {
  return deadlines(context.timeouts, context.config.limits.expectedBootSeconds).launch * 1_000;
}

/**
 * Launches what is wanted and has nothing: all nodes of a group that are due now in as few calls as possible. A node
 * waits until the ends of what it had are accepted, so that no two of one name run at a time.
 */
export function planLaunches(draft: Draft, halved: readonly Halved[]): void {
  endLate(draft);
  for (const { launch, refusal } of halved) planHalf(draft, launch, refusal);
  const due = Map.groupBy(dueNodes(draft), ({ name }) => draft.groups.get(name));
  for (const [group, nodes] of due) {
    if (group !== undefined) planGroup(draft, group, nodes);
  }
  for (const launch of draft.launches.map.values()) send(draft, launch);
}

function dueNodes(draft: Draft): NodeRecord[] {
  const window = launchWindow(draft);
  const due: NodeRecord[] = [];
  for (const node of draft.nodes.map.values()) {
    if (node.want !== "up" || node.refusal !== undefined || draft.requests.held.has(node.name)) continue;
    if (draft.currentOf(node) !== undefined || draft.launches.of(node.name).length > 0) continue;
    if (!draft.groups.has(node.name)) continue;
    const unended = draft.instances.of(node.name).filter(({ end }) => end !== "asked");
    if (draft.now.clock - node.since > window) {
      draft.refuse(node.name, node.generation, unended.find((own) => own.endRefusal)?.endRefusal ?? TOO_LATE);
      continue;
    }
    draft.wakeAt(node.since + window + 1);
    if (unended.length === 0 && isTrusted(draft, node)) due.push(node);
  }
  return due;
}

/** Without a complete listing a node may have an instance that is not known: none is launched next to it. */
function isTrusted(draft: Draft, node: NodeRecord): boolean {
  if (draft.listedAt !== undefined) return true;
  const { readingRefused } = draft.memory;
  if (readingRefused !== undefined && !mayPass(readingRefused.refusal.code, readingRefused.tries)) {
    draft.refuse(node.name, node.generation, readingRefused.refusal);
  }
  return false;
}

function planGroup(draft: Draft, group: NodeGroup, due: readonly NodeRecord[]): void {
  const settings = settingsOf(draft, group);
  if (settings.kind === "wait") return;
  const refusal = settings.kind === "refused"
    ? settings.refusal
    : breakerRefusal(draft.bootFailures, group.name, settings.settings.imageId);
  if (refusal !== undefined || settings.kind === "refused") {
    for (const { name, generation } of due) draft.refuse(name, generation, refusal!);
    return;
  }
  const fresh = reuseStopped(draft, group, settings.settings, due);
  const units = launchUnits(
    fresh.map(({ name }) => name),
    group.strategy,
    jobsOf(draft, fresh),
  );
  for (const unit of units) {
    for (const plan of callsFor(draft, group, settings.settings, unit)) put(draft, plan, 0);
  }
}

function callsFor(
  draft: Draft,
  group: NodeGroup,
  settings: LaunchSettings,
  unit: { readonly nodes: readonly string[]; readonly whole: boolean },
): LaunchPlan[] {
  const { config, cores: known } = draft.context;
  // Which of a group's offerings is asked is one decision, made here.
  const offering = offeringsOf(group)[0]!;
  const cores = group.threadsPerCore === undefined ? undefined : known.get(offering.instanceType);
  return planCalls(config, { group, offering, settings, ...unit, ...(cores !== undefined && { cores }) });
}

/** The jobs that wait for these nodes, as the requests that are known name them. */
function jobsOf(draft: Draft, nodes: readonly NodeRecord[]): ResumeJob[] {
  const wanted = new Set(nodes.flatMap(({ jobs }) => jobs));
  const jobs = new Map<number, ResumeJob>();
  if (wanted.size === 0) return [];
  for (const request of draft.requests.map.values()) {
    for (const job of request.jobs) if (wanted.has(job.jobId)) jobs.set(job.jobId, job);
  }
  return [...jobs.values()];
}

function put(
  draft: Draft,
  plan: LaunchPlan,
  halvings: number,
  rest?: LaunchRecord["rest"],
): void {
  const token = draft.context.newToken();
  const { hostlist, group, offering, settings, nodes, whole } = plan;
  draft.launches.put({
    token,
    nodeGroup: group.name,
    nodes,
    generations: nodes.map((name) => draft.nodes.get(name)!.generation),
    input: runInstancesInput(draft.context.config.cluster, plan, token),
    at: draft.now.clock,
    doubt: false,
    halvings,
    whole,
    ...(rest !== undefined && rest.length > 0 && { rest }),
  });
  draft.note({
    kind: "launch",
    nodes: hostlist,
    nodeGroup: group.name,
    instanceType: offering.instanceType,
    subnetId: offering.subnetId,
    capacityType: offering.capacityType,
    imageId: settings.imageId,
    clientToken: token,
  });
}

/** The first half of a call that EC2 refused for its size; the other half waits for what this one brings. */
function planHalf(draft: Draft, launch: LaunchRecord, refusal: Refusal): void {
  const group = draft.context.config.nodeGroups.find(({ name }) => name === launch.nodeGroup);
  const wanted = wantedOf(draft, launch);
  const settings = group === undefined ? undefined : lastSettingsOf(draft, group);
  if (group === undefined || settings?.kind !== "settings" || wanted.length < 2) {
    for (const name of wanted) draft.refuse(name, generationIn(launch, name)!, refusal);
    return;
  }
  const middle = Math.ceil(wanted.length / 2);
  const later = wanted.slice(middle).map((node) => ({ node, generation: generationIn(launch, node)! }));
  const plans = callsFor(draft, group, settings.settings, { nodes: wanted.slice(0, middle), whole: false });
  plans.forEach((plan, i) =>
    put(draft, plan, launch.halvings + 1, i === 0 ? [...later, ...launch.rest ?? []] : undefined)
  );
}

/** The nodes of a launch that still want what it brings. */
function wantedOf(draft: Draft, { nodes, generations }: LaunchRecord): string[] {
  return nodes.filter((name, i) => {
    const node = draft.nodes.get(name);
    return node?.want === "up" && node.refusal === undefined && node.generation === generations[i];
  });
}

/** A launch that is too late, or wanted by no node any more, is not sent again; its outcome is still looked for. */
function endLate(draft: Draft): void {
  const window = launchWindow(draft);
  for (const launch of [...draft.launches.map.values()]) {
    const wanted = launch.over ? [] : wantedOf(draft, launch);
    const last = Math.max(...wanted.map((name) => draft.nodes.get(name)!.since + window));
    if (!launch.over && wanted.length > 0 && draft.now.clock <= last) {
      draft.wakeAt(last + 1);
      continue;
    }
    for (const name of wanted) {
      draft.refuse(name, draft.nodes.get(name)!.generation, launch.refusal ?? TOO_LATE);
    }
    for (const { node, generation } of launch.over ? [] : launch.rest ?? []) {
      draft.refuse(node, generation, launch.refusal ?? TOO_LATE);
    }
    if (!launch.over) {
      const { rest: _, ...over } = launch;
      draft.launches.put({ ...over, over: true, triedAt: launch.triedAt ?? draft.now.clock });
    }
  }
}

/** Milliseconds between look-ups by token: growing with the launch's age. */
const LOOK_UP = { least: 5_000, most: 30_000 };

function send(draft: Draft, launch: LaunchRecord): void {
  const { token } = launch;
  if (!launch.over) return void draft.actions.push({ kind: "run-instances", token });
  const { clock } = draft.now;
  const pause = Math.min(Math.max((clock - launch.at) / 4, LOOK_UP.least), LOOK_UP.most);
  const last = draft.looks.get(token);
  if (last === undefined || clock - last >= pause) draft.actions.push({ kind: "look-up-token", token });
  else draft.wakeAt(last + pause);
}
