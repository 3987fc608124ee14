import { leavesOthers, outOf } from "../capacity/exhausted.ts";
import { callsFor, putLaunch } from "./calls.ts";
import type { Draft } from "./draft.ts";
import { isServed } from "./late_instances.ts";
import { generationIn } from "./launch_table.ts";
import { askedBy, poolMemory, rememberMiss } from "./pool_memory.ts";
import { lastSettingsOf } from "./settings.ts";
import type { LaunchRecord, Refusal } from "./state.ts";

/** The first half of a call that EC2 refused for its size; the other half waits for what this one brings. */
export function planHalf(draft: Draft, launch: LaunchRecord, refusal: Refusal): void {
  const group = draft.context.config.nodeGroups.find(({ name }) => name === launch.nodeGroup);
  const wanted = wantedOf(draft, launch);
  const settings = group === undefined ? undefined : lastSettingsOf(draft, group);
  if (group === undefined || settings?.kind !== "settings" || wanted.length < 2) {
    // What is left of it may still fit elsewhere.
    if (leavesOthers(refusal.code)) return rememberMiss(draft, launch, refusal);
    for (const name of wanted) draft.refuse(name, generationIn(launch, name)!, refusal);
    return;
  }
  // Another call has found it out meanwhile: all of it is due again.
  if (outOf(askedBy(launch), poolMemory(draft)) !== undefined) return;
  const middle = Math.ceil(wanted.length / 2);
  const later = wanted.slice(middle).map((node) => ({ node, generation: generationIn(launch, node)! }));
  const launching = { group, settings: settings.settings, offering: askedBy(launch).offering };
  const plans = callsFor(draft, launching, { nodes: wanted.slice(0, middle), whole: false });
  plans.forEach((plan, i) =>
    putLaunch(draft, plan, {
      halvings: launch.halvings + 1,
      ...(i === 0 && { rest: [...later, ...launch.rest ?? []] }),
    })
  );
}

/** The nodes of a launch that still want what it brings. */
export function wantedOf(draft: Draft, { nodes, generations }: LaunchRecord): string[] {
  return nodes.filter((name, i) => {
    const node = draft.nodes.get(name);
    return node?.want === "up" && node.refusal === undefined && node.generation === generations[i] &&
      !isServed(draft, name);
  });
}
