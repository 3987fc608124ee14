import type { History } from "../../store/history.ts";
import { Durations } from "../report/percentiles.ts";
import type { WhyContext } from "./node.ts";

/** Events that are looked at: the newest. */
const EVENTS_MAX = 500;

/** Boots below which one of them says little. */
const ENOUGH = 5;

/** How long boots of some node groups have taken lately, half of them; undefined: too few are known. */
export function usualBoot(
  history: Pick<History, "read">,
  nodeGroups: ReadonlySet<string>,
): WhyContext["usualBoot"] {
  const boots = new Map<string, number>();
  for (const { body } of history.read({ event: "lifetime", limit: EVENTS_MAX })) {
    if (body.kind !== "lifetime" || body.up === undefined || !nodeGroups.has(body.nodeGroup)) continue;
    boots.set(`${body.instanceId} ${body.began}`, (body.up - body.began) / 1000);
  }
  const durations = new Durations();
  for (const seconds of boots.values()) durations.add(seconds);
  const spread = durations.spread();
  if (spread === undefined || spread.count < ENOUGH) return undefined;
  return { seconds: Math.round(spread.p50), from: `half of the last ${spread.count} boots` };
}
