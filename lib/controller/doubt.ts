import { errorRule, isAboutCredentials } from "../aws/error_codes.ts";
import { leavesOthers } from "../capacity/exhausted.ts";
import { tokensUnanswered } from "../capacity/tokens.ts";
import type { Instance } from "../aws/instance.ts";
import { ownedInstances } from "../identity/node_of_instance.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import { assignInstances, FEWER } from "../power_up/assign.ts";
import type { Draft } from "./draft.ts";
import type { Fact } from "./fact.ts";
import { recordOf } from "./instance_record.ts";
import { refuseUnserved, serveAfterAll } from "./late_instances.ts";
import { rememberLaunch, rememberMiss, rememberZone } from "./pool_memory.ts";
import { isThrottle, rememberAnswer, rememberThrottle } from "./launch_tokens.ts";
import { mayPass, triesOf } from "./refused.ts";
import type { LaunchRecord, Refusal } from "./state.ts";

/**
 * Milliseconds after which DescribeInstances certainly shows what was launched: EC2 gives no figure and advises to
 * ask again with growing pauses (https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html).
 */
export const GRACE = 120_000;

/** The worker has started: what is open may have been sent, and its answer lost with the one before. */
export function doubtAll(draft: Draft): void {
  for (const launch of [...draft.launches.map.values()]) {
    draft.launches.put({ ...launch, doubt: true, triedAt: draft.now.clock });
  }
  draft.tokens = tokensUnanswered(draft.tokens);
}

/** RunInstances has answered: its instances belong to the generations that the launch was made for. */
export function takeLaunched(draft: Draft, { token, instances }: Fact & { kind: "launched" }): void {
  const launch = draft.launches.get(token);
  if (launch === undefined) return takeUnexpected(draft, instances);
  draft.launches.drop(token);
  const { short, assigned } = takeInstances(draft, launch, instances);
  if (!launch.doubt) rememberAnswer(draft, launch, instances.length);
  takeShort(draft, launch, short, instances.length);
  const got = launch.nodes.length - short.length;
  draft.note({
    kind: "launched",
    clientToken: token,
    asked: launch.nodes.length,
    got,
    instances: assigned,
    milliseconds: draft.now.clock - launch.at,
  });
}

/**
 * Nodes of a launch that got no instance: of what EC2 had too few of, another offering is asked next; a node whose
 * instance is of no use is refused, for the next would be no better.
 */
function takeShort(draft: Draft, launch: LaunchRecord, short: readonly Short[], came: number): void {
  const isFewer = came < launch.nodes.length;
  if (isFewer) rememberMiss(draft, launch, FEWER);
  else if (short.length === 0) rememberLaunch(draft, launch);
  for (const { node, generation, refusal } of short) {
    if (isFewer && refusal === FEWER) continue;
    if (refusal !== FEWER) rememberMiss(draft, launch, refusal);
    draft.refuse(node, generation, refusal);
  }
  if (short.length === launch.nodes.length && !isFewer) refuseRest(draft, launch, short[0]!.refusal);
}

/** A launch that was given up, whose answer comes all the same: its instances are of no generation. */
function takeUnexpected(draft: Draft, instances: readonly Instance[]): void {
  for (const owned of ownedInstances(instances, draft.context.config.cluster)) {
    if (isDead(owned.instance) || draft.instances.get(owned.instance.instanceId) !== undefined) continue;
    draft.instances.put(recordOf(owned, { generation: 0, knownSince: draft.now.clock, seen: false }));
  }
}

interface Short {
  readonly node: string;
  readonly generation: number;
  readonly refusal: Refusal;
}

/** What came of a launch: the nodes that got none, and the instance id of each other node. */
interface Taken {
  readonly short: readonly Short[];
  readonly assigned: Readonly<Record<string, string>>;
}

/** Records a launch's instances. */
function takeInstances(draft: Draft, launch: LaunchRecord, instances: readonly Instance[]): Taken {
  const { cluster } = draft.context.config;
  const alive = instances.filter((instance) => !isDead(instance));
  const { assignments, shortfall, surplus } = assignInstances(launch.nodes, alive);
  const { nodeGroup } = launch;
  const known = { knownSince: draft.now.clock, seen: false };
  const generations = new Map(launch.nodes.map((name, i) => [name, launch.generations[i]!]));
  for (const { nodeName, instance } of assignments) {
    rememberZone(draft, instance);
    const generation = generations.get(nodeName)!;
    if (draft.instances.get(instance.instanceId) !== undefined) continue;
    draft.instances.put(recordOf({ instance, nodeGroup, nodeName }, { ...known, generation }));
    serveAfterAll(draft, nodeName, generation);
  }
  for (const instance of surplus) {
    if (draft.instances.get(instance.instanceId) !== undefined) continue;
    draft.instances.put({
      ...recordOf({ instance, nodeGroup, nodeName: undefined }, { ...known, generation: 0 }),
      end: "due",
      endReason: "it is not a node of its launch",
      endAt: draft.now.clock,
    });
  }
  const dead = new Map(
    ownedInstances(instances.filter(isDead), cluster).map(({ nodeName, instance }) => [nodeName, instance]),
  );
  const short = shortfall.map(({ nodeName, refusal }) => {
    const died = dead.get(nodeName);
    return {
      node: nodeName,
      generation: generations.get(nodeName)!,
      refusal: died === undefined ? refusal : deathOf(died),
    };
  });
  const assigned = Object.fromEntries(
    assignments.map(({ nodeName, instance }) => [nodeName, instance.instanceId]),
  );
  return { short, assigned };
}

/** Whether an instance is over: nothing brings it back. */
export function isDead({ state }: Pick<Instance, "state">): boolean {
  return state === "shutting-down" || state === "terminated";
}

/**
 * EC2's word for an instance that powered itself off: no call of anybody, so that CloudTrail has nothing of it
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html).
 */
export const ENDED_ITSELF = "Client.InstanceInitiatedShutdown";

/** The refusal of a node whose instance powered itself off, and what its console says of it. */
export function endedItself(id: string, why?: string): Refusal {
  const says = why ?? `see aws ec2 get-console-output --latest --instance-id ${id}`;
  return { code: ENDED_ITSELF, message: `instance ${id} powered itself off: ${says}` };
}

/** Why an instance died, as the refusal of its node. */
export function deathOf({ instanceId, stateReasonCode }: Instance): Refusal {
  if (stateReasonCode === ENDED_ITSELF) return endedItself(instanceId);
  return {
    code: stateReasonCode ?? "Server.Unknown",
    message: `instance ${instanceId} has ended: ` +
      `see aws ec2 describe-instances --instance-ids ${instanceId} (StateReason)`,
  };
}

/** A call for fewer instances may still go through. */
function isTooLarge(code: string): boolean {
  return errorRule(code).smallerHelps;
}

/** How often a call that EC2 refused for its size is halved before its nodes are given up. */
const HALVINGS_MAX = 4;

/** EC2 has refused a try, or none came back: only an answered refusal of a launch without doubt is the end of it. */
export function takeRefused(draft: Draft, fact: Fact & { kind: "launch-refused" }): readonly Halved[] {
  const launch = draft.launches.get(fact.token);
  if (launch === undefined) return [];
  const { refusal } = fact;
  const doubt = launch.doubt || fact.unanswered || errorRule(refusal.code).outcomeUnknown;
  const tries = triesOf(triedBefore(launch), refusal.code);
  const isFinal = !mayPass(refusal.code, tries);
  if (isFinal || launch.refusal?.code !== refusal.code) {
    draft.note({
      kind: "refused",
      clientToken: launch.token,
      ...refusal,
      milliseconds: draft.now.clock - launch.at,
    });
  }
  if (!doubt && isThrottle(refusal.code)) {
    // It was not carried out, and the bucket may not hold as much: its nodes are due again, in a call of another size.
    rememberThrottle(draft, launch, refusal);
    draft.launches.drop(launch.token);
    return [];
  }
  if (!doubt) rememberAnswer(draft, launch, 0);
  else if (!launch.doubt) draft.tokens = tokensUnanswered(draft.tokens, launch.nodes.length);
  if (doubt || !isFinal) {
    draft.launches.put({
      ...launch,
      doubt,
      refusal,
      tries,
      triedAt: draft.now.clock,
      ...(isFinal && { over: true }),
    });
    // Nobody answers: what the launch may have brought is looked for, but its nodes do not wait for that.
    if (isFinal && errorRule(refusal.code).outcomeUnknown) refuseAll(draft, launch, refusal);
    return [];
  }
  draft.launches.drop(launch.token);
  if (
    isTooLarge(refusal.code) && !launch.whole && launch.nodes.length > 1 && launch.halvings < HALVINGS_MAX
  ) {
    return [{ launch, refusal }];
  }
  if (leavesOthers(refusal.code)) rememberMiss(draft, launch, refusal);
  else {
    if (isAboutCredentials(refusal.code)) {
      draft.memory = { ...draft.memory, credentialsRefused: { at: draft.now.clock, refusal } };
    }
    refuseAll(draft, launch, refusal);
  }
  return [];
}

function triedBefore({ refusal, tries = 0 }: LaunchRecord) {
  return refusal === undefined ? undefined : { refusal, tries };
}

/** A launch that is to be tried in halves. */
export interface Halved {
  readonly launch: LaunchRecord;
  readonly refusal: Refusal;
}

/** No node of a launch gets an instance by it, nor those that were to follow. */
function refuseAll(draft: Draft, launch: LaunchRecord, refusal: Refusal): void {
  refuseUnserved(draft, launch, refusal);
  refuseRest(draft, launch, refusal);
}

function refuseRest(draft: Draft, { rest = [] }: LaunchRecord, refusal: Refusal): void {
  for (const { node, generation } of rest) draft.refuse(node, generation, refusal);
}

/** A look-up by token finds what a launch in doubt has brought; nothing of it is known to be missing before the grace is over. */
export function takeLookUp(draft: Draft, fact: Fact & { kind: "token-looked-up" }): void {
  const launch = draft.launches.get(fact.token);
  if (launch === undefined) return;
  const { short } = takeInstances(draft, launch, fact.instances);
  const isCertain = fact.began - (launch.triedAt ?? launch.at) > GRACE;
  if (short.length > 0 && !isCertain) return;
  draft.launches.drop(launch.token);
  draft.note({
    kind: "replayed",
    clientToken: launch.token,
    nodes: foldHostlist(launch.nodes),
    outcome: `${launch.nodes.length - short.length} instances`,
  });
  if (short.length > 0 && launch.refusal !== undefined && leavesOthers(launch.refusal.code)) {
    rememberMiss(draft, launch, launch.refusal);
    return;
  }
  for (const { node, generation, refusal } of short) {
    draft.refuse(node, generation, launch.refusal ?? refusal);
  }
  if (short.length > 0) refuseRest(draft, launch, launch.refusal ?? short[0]!.refusal);
}
