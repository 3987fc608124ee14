import type { History } from "../../store/history.ts";
import { BootStepSum } from "../report/boots.ts";
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
  const steps = usualSteps(history, nodeGroups);
  const from = `half of the last ${spread.count} boots`;
  return { seconds: Math.round(spread.p50), from: steps === "" ? from : `${from}; in it ${steps}` };
}

/** What half of the boots take for each part that takes a second at least, the longest first: `mounts 40 s, munge 3 s`. */
function usualSteps(history: Pick<History, "read">, nodeGroups: ReadonlySet<string>): string {
  const steps = new BootStepSum();
  for (const { body } of history.read({ event: "booted", limit: EVENTS_MAX })) {
    if (body.kind === "booted" && nodeGroups.has(body.nodeGroup)) steps.add(body.steps);
  }
  return steps.rows().filter(({ seconds }) => seconds.count >= ENOUGH && seconds.p50 >= 1)
    .sort((a, b) => b.seconds.p50 - a.seconds.p50)
    .map(({ name, seconds }) => `${name} ${Math.round(seconds.p50)} s`).join(", ");
}
