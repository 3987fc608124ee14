import { formatReason } from "../cluster/reason.ts";
import type { Draft } from "./draft.ts";
import type { Refusal } from "./state.ts";

/**
 * A node whose instance has died under it: DOWN first, which requeues its jobs at once, then POWER_DOWN_FORCE, which
 * frees the name. In any other order the job hangs in COMPLETING until SlurmdTimeout (tried on 22.05, 24.11, 26.05);
 * and only once EC2 itself shows the instance ended, for DOWN on a living node starts its job a second time.
 */
export function planDeaths(draft: Draft): void {
  for (const node of draft.nodes.map.values()) {
    const { refusal } = node;
    // One without a reason was taken on by another instance: what slurmctld shows of it decides.
    if (node.died === undefined || refusal === undefined || node.want !== "up") continue;
    if (draft.requests.held.has(node.name)) continue;
    const view = draft.views.get(node.name);
    if (view === undefined) {
      draft.unsure.add(node.name);
      continue;
    }
    // A node that has not registered gets a verdict, one that is off is not wanted any more: other rules.
    if (view.use !== "up" && view.use !== "down") continue;
    // A person's DOWN stays a person's, and so does a drain.
    if (view.use === "down" && node.died === "noticed" && !/^Not responding/.test(view.reason)) continue;
    const reason = view.drained ? view.reason : reasonOf(draft, refusal);
    if (view.use === "up" && node.died === "noticed" && (view.busy || !view.drained)) {
      draft.setState(node, { purpose: "down-after-death", state: "down", reason });
    } else draft.setState(node, { purpose: "power-down-after-death", state: "power_down_force", reason });
  }
}

/** The time is over already: where POWER_DOWN_FORCE leaves the node DOWN, it is given back like any other. */
function reasonOf({ now }: Draft, { code, message }: Refusal): string {
  return formatReason({ code, message, until: now.wall });
}
