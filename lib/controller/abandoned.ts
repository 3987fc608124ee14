import type { Draft } from "./draft.ts";
import type { EndedInstance, NodeRecord, SlurmView } from "./state.ts";

/** Milliseconds for which a request counts for more than a view. */
const SETTLING = 5_000;

/**
 * A node that slurmctld still has up, whose slurmd does not answer and whose instance EC2 shows ended, although nothing
 * is known of it: the state was lost, or its stop or resume-fail came while it had jobs again. Its jobs hang in
 * COMPLETING until SlurmdTimeout otherwise (seen on 22.05). It is a death like any other.
 */
export function planAbandoned(draft: Draft): void {
  if (draft.listedAt === undefined) return;
  for (const [name, view] of [...draft.views.map]) {
    const node = draft.nodes.get(name);
    if (!isSilent(view) || !draft.groups.has(name) || draft.requests.held.has(name)) continue;
    if (node?.want === "up" || isNewer(node, view) || hasInstance(draft, name)) continue;
    const ended = endOf(draft, name);
    if (ended === undefined) continue;
    // A complete listing from after the last request for the node has to show that nothing runs for it.
    if (draft.listedAt < (node?.since ?? -Infinity)) {
      draft.listAgainAt(draft.now.clock);
      continue;
    }
    if (ended.began < draft.listedAt) continue;
    draft.begin(name, { want: "up", at: view.began, because: "slurm" });
    draft.views.set(name, view);
    draft.changeNode(name, { refusal: ended.refusal, died: "noticed" });
  }
}

/** How EC2 shows the end of what the node stood on: its instance has ended, or was stopped for a later start. */
function endOf(draft: Draft, name: string): Pick<EndedInstance, "refusal" | "began"> | undefined {
  const stopped = draft.instances.of(name).find(({ state }) => state === "stopped");
  if (stopped === undefined) return draft.ended.get(name);
  // EC2's word for one that a call has stopped
  // (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html).
  const code = "Client.UserInitiatedShutdown";
  return { refusal: { code, message: `instance ${stopped.id} is stopped` }, began: Infinity };
}

/** Whether a node stands on nothing that is known, so that ended instances have to be looked for. */
export function hasAbandoned(draft: Draft): boolean {
  for (const [name, view] of draft.views.map) {
    if (isSilent(view) && draft.groups.has(name) && !hasInstance(draft, name)) return true;
  }
  return false;
}

function isSilent({ use, silent }: SlurmView): boolean {
  return use === "up" && silent;
}

function isNewer(node: NodeRecord | undefined, view: SlurmView): boolean {
  return node !== undefined && view.began <= node.since + SETTLING;
}

function hasInstance(draft: Draft, name: string): boolean {
  return draft.launches.of(name).length > 0 || draft.instances.of(name).some(({ end }) => end !== "asked");
}
