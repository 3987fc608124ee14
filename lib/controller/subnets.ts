import { subnetFacts } from "../capacity/rank.ts";
import type { NodeGroup } from "../config/model.ts";
import type { Draft } from "./draft.ts";
import type { Fact } from "./fact.ts";

/** Milliseconds for which what EC2 said of a subnet's free addresses counts, and for which it is not asked after a refusal. */
const FRESH = 60_000;

/**
 * Asks EC2 about the subnets of a group where that decides anything: where it has several, or zones are to be avoided.
 * Answers whether the launch has to wait for it: only for the zone of a subnet that may be one to avoid.
 */
export function mustAwaitSubnets(draft: Draft, { subnets }: NodeGroup): boolean {
  const { avoid } = draft.context.config.zones;
  if (subnets.length < 2 && avoid.length === 0) return false;
  const { subnets: known, subnetsRefused } = draft.memory;
  const since = draft.now.clock - FRESH;
  if ((subnetsRefused?.at ?? -Infinity) >= since) return false;
  const old = subnets.filter((id) => (known?.get(id)?.at ?? -Infinity) < since);
  draft.wantSubnets(old);
  return avoid.length > 0 && old.some((id) => known?.get(id) === undefined);
}

/** EC2 has answered. */
export function takeSubnets(draft: Draft, { ids, subnets }: Fact & { kind: "subnets" }): void {
  const known = new Map(draft.memory.subnets);
  for (const id of ids) known.delete(id);
  const zones = { ...draft.zones };
  for (const subnet of subnets) {
    known.set(subnet.subnetId, subnetFacts(subnet, draft.now.clock));
    zones[subnet.subnetId] = subnet.availabilityZone;
  }
  if (Object.keys(zones).some((id) => zones[id] !== draft.zones[id])) draft.zones = zones;
  const { subnetsRefused: _, ...memory } = draft.memory;
  // One that does not exist is not asked for again and again: its launch will say so.
  const isMissing = ids.some((id) => !known.has(id));
  const refusal = { code: "InvalidSubnetID.NotFound", message: "EC2 does not know all of the subnets" };
  draft.memory = {
    ...memory,
    subnets: known,
    ...(isMissing && { subnetsRefused: { at: draft.now.clock, refusal } }),
  };
}

/** EC2 does not answer: what is known goes on counting. */
export function takeSubnetsRefused(draft: Draft, { refusal }: Fact & { kind: "subnets-refused" }): void {
  draft.memory = { ...draft.memory, subnetsRefused: { at: draft.now.clock, refusal } };
}
