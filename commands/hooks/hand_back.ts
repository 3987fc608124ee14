import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import { VERDICT_SEQUENCE } from "../../lib/cluster/verdict_sequence.ts";
import type { Config } from "../../lib/config/model.ts";
import type { Fact } from "../../lib/controller/fact.ts";
import {
  type HandBack,
  type LateRequest,
  type NodesWithReason,
  planHandBack,
  planLate,
} from "../../lib/controller/hand_back.ts";
import type { State } from "../../lib/controller/state.ts";
import { runLoop } from "../../lib/controller_run/loop.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";
import type { ScontrolApi, UpdatedState } from "../../lib/slurm/scontrol_api.ts";
import { writeFormerFiles } from "../../lib/store/former_files.ts";
import { Queue } from "../../lib/store/queue.ts";
import { STATE_FILE } from "../../lib/store/schema.ts";
import { setAside } from "../../lib/store/sqlite_file.ts";
import type { Host } from "../base/host.ts";
import type { WhyNotInCharge } from "./charge.ts";
import type { Controller } from "./controller.ts";
import { namesOf } from "./hostlist_argument.ts";

/**
 * Milliseconds for which launches, ends and requests are seen to before they are left to the release before: a launch in
 * doubt is certain after two minutes.
 */
const PATIENCE = 150_000;

/** What a worker hands back with. */
export interface HandBackSite {
  readonly host: Host;
  readonly config: Config;
  readonly stateDir: string;
  readonly log: Log;
  readonly scontrol: ScontrolApi;
  readonly facts: readonly Fact[];
  /** Absent where slurm.conf names one host only. */
  readonly why: WhyNotInCharge | undefined;
}

/**
 * Ends this release's work: settles what is open, gives its nodes back, and leaves what is still to be done in files that
 * a release without a worker reads. Where another host is in charge, that one has all of this.
 */
export async function handBack(
  { ports, store, queue, clock }: Controller,
  { config, stateDir, log, scontrol, facts, why: whyNotInCharge }: HandBackSite,
): Promise<void> {
  const why = await whyNotInCharge?.();
  if (why !== undefined) return log.warn(`Nothing is handed back from here: ${why}`);
  await runLoop({ ...ports, ...(whyNotInCharge && { whyNotInCharge }) }, {
    facts,
    limit: PATIENCE,
    reached: ({ settled, state }) => queue.isEmpty() && (settled || isAllThatCanBe(state)),
  });
  const nodes = await scontrol.showNodes();
  const plan = planHandBack(store.load(), { cluster: config.cluster, nodes, now: clock.now() });
  // First: what a node's reason stands for must be there when a hook reads it.
  writeFormerFiles(stateDir, plan);
  await set(scontrol, "down", plan.stay);
  await set(scontrol, VERDICT_SEQUENCE["given-back"].state, [...plan.giveBack, ...plan.powerDown]);
  for (const line of handBackLines(plan)) log.info(line);
}

/** Whether what is left is refused by EC2: waiting would not change that. */
function isAllThatCanBe({ requests, launches, instances }: State): boolean {
  return launches.size === 0 &&
    [...requests.values()].every(({ settledAt }) => settledAt !== undefined) &&
    [...instances.values()].every(({ end, endRefusal }) => end !== "due" || endRefusal !== undefined);
}

async function set(
  scontrol: ScontrolApi,
  state: UpdatedState,
  some: readonly NodesWithReason[],
): Promise<void> {
  for (const { nodes, reason } of some) await scontrol.updateState(nodes, state, reason);
}

/** What was handed back, a line each. */
function handBackLines({ giveBack, powerDown, stay, intents, forPerson }: HandBack): string[] {
  const names = (some: readonly NodesWithReason[]) => foldHostlist(some.flatMap(({ nodes }) => nodes));
  return [
    ...(giveBack.length > 0 ? [`Handed back: ${names(giveBack)} may be scheduled again`] : []),
    ...(powerDown.length > 0 ? [`Handed back: ${names(powerDown)} powered down, without an instance`] : []),
    ...(stay.length > 0 ? [`Handed back: ${names(stay)} stay down until their instances are ended`] : []),
    ...(intents.length > 0 ? [`Handed back: ${intents.length} launches of unknown outcome`] : []),
    ...(forPerson.length > 0
      ? [`Not handed back, end them: aws ec2 terminate-instances --instance-ids ${forPerson.join(" ")}`]
      : []),
  ];
}

/** What `install --rollback` waits for on standard output before it switches to the release before. */
export const HANDED_BACK = "handed back";

/**
 * Once the store is closed: says so, waits until the hooks are the release before's, and leaves that one what has been
 * asked for in between. Its own requests and this state are never read by it.
 */
export async function finishHandBack({ host, stateDir, log, scontrol }: HandBackSite): Promise<void> {
  try {
    setAside(`${stateDir}/${STATE_FILE}`, host.now());
  } catch (error) {
    log.warn(`Can't set ${stateDir}/${STATE_FILE} aside: ${errorText(error)}`);
  }
  host.stdout.write(`${HANDED_BACK}\n`);
  await host.readStdin();
  // A hook that was under way at the switch has written its request by now.
  await host.sleep(500);
  const queue = new Queue(stateDir);
  const { requests } = queue.take();
  const late: LateRequest[] = requests.flatMap(({ kind, hostlist }) =>
    kind === "resume" || kind === "stop" || kind === "resume-fail" ? [{ kind, nodes: namesOf(hostlist) }] : []
  );
  const { unended, awaited } = planLate(late, { wall: host.now() });
  writeFormerFiles(stateDir, { unended });
  if (awaited.length > 0) {
    const shown = await scontrol.showNodes(awaited);
    const waiting = shown.filter(({ flags }) => flags.has("POWERING_UP")).map(({ name }) => name);
    const { state } = VERDICT_SEQUENCE["powered-down"];
    if (waiting.length > 0) {
      await scontrol.updateState(waiting, state, "slurm-ec2 asked for during install --rollback");
    }
  }
  queue.forget(requests.map(({ id }) => id));
}
