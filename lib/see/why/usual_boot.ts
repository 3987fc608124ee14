import type { History } from "../../store/history.ts";
import type { Lifetime } from "../../store/lifetime.ts";
import { bootSeconds, BootStepSum } from "../report/boots.ts";
import { Durations } from "../report/percentiles.ts";
import type { WhyContext } from "./node.ts";

/** Events that are looked at: the newest. */
const EVENTS_MAX = 500;

/** Boots below which one of them says little. */
const ENOUGH = 5;

/** The latest launch or start of a node that is not up yet, as far as the history knows. */
export function bootingNow(history: Pick<History, "read">, node: string): Lifetime | undefined {
  const subject = { kind: "node", name: node } as const;
  const [last] = history.read({ subject, event: "lifetime", limit: 1 });
  if (last?.body.kind !== "lifetime") return undefined;
  return last.body.up === undefined && last.body.ended === undefined ? last.body : undefined;
}

/**
 * How long boots have taken lately, half of them: those of the same instance type and image as what boots now, or, where
 * that is not known or too few, of its node groups; undefined: too few of these, too.
 */
export function usualBoot(
  history: Pick<History, "read">,
  nodeGroups: ReadonlySet<string>,
  booting: readonly Lifetime[] = [],
): WhyContext["usualBoot"] {
  const boots = new Map<string, Lifetime & { readonly up: number }>();
  for (const { body } of history.read({ event: "lifetime", limit: EVENTS_MAX })) {
    if (body.kind !== "lifetime" || body.up === undefined || !nodeGroups.has(body.nodeGroup)) continue;
    boots.set(`${body.instanceId} ${body.began}`, { ...body, up: body.up });
  }
  const kinds = new Set(booting.map(kindOf));
  const alike = kinds.size === 1 ? [...boots.values()].filter((boot) => kinds.has(kindOf(boot))) : [];
  const isEnough = alike.length >= ENOUGH;
  const judged = isEnough ? alike : [...boots.values()];
  const durations = new Durations();
  for (const boot of judged) durations.add(bootSeconds(boot));
  const spread = durations.spread();
  if (spread === undefined || spread.count < ENOUGH) return undefined;
  const steps = usualSteps(history, new Set(judged.map(({ instanceId }) => instanceId)));
  const what = isEnough ? ` of ${[...kinds][0]}` : "";
  const from = `half of the last ${spread.count} boots${what}`;
  return { seconds: Math.round(spread.p50), from: steps === "" ? from : `${from}; in it ${steps}` };
}

function kindOf({ instanceType, imageId }: Lifetime): string {
  return `${instanceType} with ${imageId}`;
}

/** What half of the boots take for each part that takes a second at least, the longest first: `mounts 40 s, munge 3 s`. */
function usualSteps(history: Pick<History, "read">, instanceIds: ReadonlySet<string>): string {
  const steps = new BootStepSum();
  for (const { body } of history.read({ event: "booted", limit: EVENTS_MAX })) {
    if (body.kind === "booted" && instanceIds.has(body.instanceId)) steps.add(body.steps);
  }
  return steps.rows().filter(({ seconds }) => seconds.count >= ENOUGH && seconds.p50 >= 1)
    .sort((a, b) => b.seconds.p50 - a.seconds.p50)
    .map(({ name, seconds }) => `${name} ${Math.round(seconds.p50)} s`).join(", ");
}
