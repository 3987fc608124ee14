import { formatReason, readReason } from "../cluster/reason.ts";
import type { FailureVerdict } from "../cluster/verdict.ts";
import { VERDICT_SEQUENCE } from "../cluster/verdict_sequence.ts";
import { countFailedBoot } from "./boots.ts";
import type { Draft } from "./draft.ts";
import { endsByItself, resumeAfter } from "./group_verdict.ts";
import { isFresh, isPersons, leaveToPerson } from "./fresh.ts";
import { isResumeTimeout, isSlurmsOwn } from "./slurm_view.ts";
import type { NodeRecord, SlurmView } from "./state.ts";

/** Milliseconds for which a request counts for more than a view. */
const SETTLING = 5_000;

/**
 * What a DOWN node is down for decides whether it is given back, and slurmctld's own words are the memory of it: a
 * cooldown that is over, a resume-fail that was lost, a node whose instance has gone. A person's DOWN is a person's
 * to undo.
 */
export function takeReason(draft: Draft, name: string, view: SlurmView): void {
  if (view.use !== "down" || draft.requests.held.has(name) || !draft.groups.has(name)) return;
  const node = draft.nodes.get(name);
  if (node !== undefined && view.began < node.since) return;
  if (view.until !== undefined) return;
  if (isResumeTimeout(view.reason)) takeTimeout(draft, name, view);
  else if (isSlurmsOwn(view.reason) && node?.died === undefined && isWithout(draft, name)) {
    if (node?.want !== "down") draft.begin(name, { want: "down", at: view.began, because: "slurm" });
    draft.views.set(name, view);
    draft.changeNode(name, { giveBack: view.reason });
  }
}

/** EC2 has no instance of the node, as far as a complete listing shows. */
function isWithout(draft: Draft, name: string): boolean {
  return draft.listedAt !== undefined && draft.launches.of(name).length === 0 &&
    draft.instances.of(name).every(({ end }) => end === "asked");
}

/** slurmctld gave up the node: 22.05 has overwritten the reason of a cooldown, or resume-fail was lost. */
function takeTimeout(draft: Draft, name: string, view: SlurmView): void {
  const node = draft.nodes.get(name);
  const { verdict } = node ?? {};
  if (verdict?.kind === "down" && verdict.until > draft.now.wall) {
    draft.changeNode(name, { verdict: { ...verdict, reported: false } });
  } else if (node?.giveBack === undefined && view.began > (node?.since ?? -Infinity) + SETTLING) {
    countFailedBoot(draft, node);
    draft.begin(name, { want: "down", at: view.began, because: "resume-fail" });
    draft.views.set(name, view);
    const { refusal } = node ?? {};
    draft.changeNode(name, { refusal, verdict, giveBack: "" });
  }
}

/** Gives nodes back to the scheduler: not before their time, and not before what they stood on is ended. */
export function planGiveBack(draft: Draft): void {
  for (const [name, view] of draft.views.map) {
    if (view.until === undefined || view.use !== "down") continue;
    const node = draft.nodes.get(name);
    if (node?.giveBack !== undefined || !draft.groups.has(name) || isNewer(node, view)) continue;
    if (endsByItself(draft, view)) continue;
    if (!isOver(draft, name, view.until)) draft.wakeAt(draft.now.clock + view.until - draft.now.wall);
    else if (isFresh(draft, name, view)) remember(draft, name, view);
  }
  for (const node of draft.nodes.map.values()) {
    if (node.giveBack !== undefined && node.want === "down") planOne(draft, node, node.giveBack);
    else if (node.want === "up" && node.verdict?.kind === "down" && node.verdict.reported) {
      awaitEnd(draft, node, node.verdict.until);
    }
  }
}

/** A cooldown ends by what slurmctld shows of it. */
function awaitEnd(draft: Draft, { name }: NodeRecord, until: number): void {
  if (!isOver(draft, name, until)) draft.wakeAt(draft.now.clock + until - draft.now.wall);
  else if (draft.views.get(name) === undefined) draft.unsure.add(name);
}

/** Whether something was begun for the node since slurmctld was asked, or is still to be reported to it. */
function isNewer(node: NodeRecord | undefined, view: SlurmView): boolean {
  if (node === undefined) return false;
  if (view.began < node.since) return true;
  return node.want === "up" && node.verdict?.reported === false;
}

/** Longest time that a cooldown lasts, in units of `limits.cooldown`. */
const LONGEST = 2;

/** Milliseconds beyond the longest cooldown after which a time makes no sense. */
const MARGIN = 3_600_000;

/** A time further away than any cooldown was written by a clock that has been set back since. */
function isOver({ now, context, lifted, kept }: Draft, name: string, until: number): boolean {
  if (kept.has(name)) return false;
  const longest = Math.max(LONGEST * context.config.limits.cooldown, context.timeouts.resume);
  return lifted.has(name) || until <= now.wall || until > now.wall + longest * 1_000 + MARGIN;
}

function remember(draft: Draft, name: string, view: SlurmView): void {
  const node = draft.nodes.get(name);
  if (node?.want !== "down") draft.begin(name, { want: "down", at: view.began, because: "slurm" });
  draft.views.set(name, view);
  const said = readReason(view.reason) ?? { code: "", message: view.reason };
  const reason = formatReason({ code: said.code, message: said.message });
  draft.changeNode(name, { giveBack: reason, verdict: undefined });
}

function planOne(draft: Draft, node: NodeRecord, text: string): void {
  const { name, verdict } = node;
  if (verdict?.kind === "down" && !isOver(draft, name, verdict.until)) {
    draft.wakeAt(draft.now.clock + verdict.until - draft.now.wall);
    return planOwnEnd(draft, node, verdict);
  }
  if (draft.instances.of(name).some(({ end }) => end !== "asked") || draft.launches.of(name).length > 0) {
    return;
  }
  const view = draft.views.get(name);
  if (view === undefined || view.use === "unclear") return void draft.unsure.add(name);
  // Whatever else has become of it meanwhile: it is not down any more.
  if (view.use !== "down" && view.use !== "awaited") return draft.changeNode(name, { giveBack: undefined });
  if (!isFresh(draft, name, view)) return;
  if (isPersons(view)) return leaveToPerson(draft, name);
  // Powered down it has nothing to power down: IDLE calls no SuspendProgram (tried on 22.05, 24.11, 26.05).
  const state = isOffAndDown(view) ? "idle" : VERDICT_SEQUENCE["given-back"].state;
  draft.setState(node, { purpose: "give-back", state, reason: reasonOf(node, text) });
}

function isOffAndDown({ use, poweredDown }: SlurmView): boolean {
  return use === "down" && poweredDown === true;
}

/** slurmctld has given the power-up up, and the cooldown lasts: from here on slurmctld can end it by itself. */
function planOwnEnd(draft: Draft, node: NodeRecord, verdict: FailureVerdict & { kind: "down" }): void {
  if (node.verdict?.reported !== true || draft.context.timeouts.resumesAfter !== true) return;
  const view = draft.views.get(node.name);
  if (view === undefined) return void draft.unsure.add(node.name);
  if (!isOffAndDown(view) || isPersons(view) || endsByItself(draft, view)) return;
  if (!isFresh(draft, node.name, view)) return;
  const { reason, until } = verdict;
  const ends = resumeAfter(draft, readReason(reason)?.code ?? "", until);
  if (ends.resumeAfter !== undefined) {
    draft.setState(node, { purpose: "resume-after", state: "down", reason, ...ends });
  }
}

/** slurmctld ends the node's cooldown: nothing is left to do for it. */
export function takeOwnEnd(draft: Draft, name: string): void {
  draft.changeNode(name, { giveBack: undefined, refusal: undefined });
  draft.dropView(name);
}

/** A reason is never replaced by less: what was refused stays readable, without the time that is over. */
function reasonOf({ verdict, lastWords }: NodeRecord, text: string): string {
  const said = readReason(verdict?.reason ?? text);
  if (said !== undefined) return formatReason({ code: said.code, message: said.message });
  if (text !== "") return formatReason({ code: "", message: text });
  const words = lastWords === undefined ? "" : `: ${lastWords}`;
  return formatReason({ code: "ResumeTimeout", message: `the node did not register in time${words}` });
}

/** The node is given back. */
export function takeGivenBack(draft: Draft, name: string): void {
  draft.changeNode(name, { giveBack: undefined, refusal: undefined, verdict: undefined });
  draft.dropView(name);
}
