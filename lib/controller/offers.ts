import type { Draft } from "./draft.ts";
import { isFree, isFresh } from "./fresh.ts";

/** Milliseconds until the same worker offers a node again: the flag that it goes by stays until the node's next boot. */
const AGAIN = 600_000;

/**
 * Nodes that are off and that slurmctld gives no job to, since it got no answer of them: a message reached them after
 * their instance had died, or a person took them out of DOWN by RESUME. Only State=IDLE makes them available again;
 * slurmctld refuses it for a node that it has meanwhile given to a job, and it calls no program (tried on 22.05.8,
 * 24.11.5 and 26.05.5).
 */
export function planOffers(draft: Draft): void {
  for (const [name, view] of draft.views.map) {
    if (!isFree(view) || !view.silent || !draft.groups.has(name) || draft.requests.held.has(name)) continue;
    const node = draft.nodes.get(name);
    if (node !== undefined && (node.want === "up" || view.began < node.since)) continue;
    if (draft.now.clock - (draft.offeredAt.get(name) ?? -Infinity) < AGAIN) continue;
    if (!isFresh(draft, name, view)) continue;
    draft.setState({ name, generation: node?.generation ?? 0 }, { purpose: "offer", state: "idle" });
  }
}

/** slurmctld has accepted it. */
export function takeOffered(draft: Draft, name: string): void {
  draft.offeredAt.set(name, draft.now.clock);
}
