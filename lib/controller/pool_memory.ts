import { launchSubnet } from "../aws/launch_subnet.ts";
import type { Asked, PoolMemory } from "../capacity/exhausted.ts";
import { noteLaunch, noteMiss } from "../capacity/exhausted.ts";
import { refusalScope } from "../aws/refusal_scope.ts";
import type { Draft } from "./draft.ts";
import type { InstanceRecord, LaunchRecord, Refusal } from "./state.ts";

/** What is remembered of pools, as the draft has it now. */
export function poolMemory(
  { exhausted, zones, now, context }: Pick<Draft, "exhausted" | "zones"> & {
    readonly now: Pick<Draft["now"], "clock">;
    readonly context: Pick<Draft["context"], "config">;
  },
): PoolMemory {
  return { exhausted, zones, cooldown: context.config.limits.cooldown * 1_000, now: now.clock };
}

/** What a launch asks EC2 for, by its request. */
export function askedBy({ input }: Pick<LaunchRecord, "input">): Asked {
  const { Placement, CapacityReservationSpecification } = input;
  const reservation = CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationId;
  const placementGroup = Placement?.GroupName;
  return {
    offering: {
      instanceType: input.InstanceType,
      subnetId: launchSubnet(input) ?? "",
      capacityType: input.InstanceMarketOptions === undefined ? "on-demand" : "spot",
      ...(reservation !== undefined && { reservation }),
    },
    ...(placementGroup !== undefined && { placementGroup }),
  };
}

/** A launch got fewer instances than it asked for, or none: its pool is left alone for a while. */
export function rememberMiss(draft: Draft, launch: LaunchRecord, refusal: Refusal): void {
  const { code, message } = refusal;
  draft.exhausted = noteMiss(poolMemory(draft), askedBy(launch), { code, message, sentAt: launch.at });
}

/** A launch got all that it asked for. */
export function rememberLaunch(draft: Draft, launch: LaunchRecord): void {
  draft.exhausted = noteLaunch(poolMemory(draft), askedBy(launch), { sentAt: launch.at });
}

/** An instance has died for lack of capacity, as an interrupted spot instance does: its pool has no more for a while. */
export function rememberDeath(draft: Draft, instance: InstanceRecord, { code, message }: Refusal): void {
  if (refusalScope(code) !== "pool") return;
  const { instanceType, subnetId, capacityType, nodeGroup } = instance;
  const group = draft.context.config.nodeGroups.find(({ name }) => name === nodeGroup);
  const placementGroup = group?.placementGroup;
  const asked = {
    offering: { instanceType, subnetId, capacityType },
    ...(placementGroup !== undefined && { placementGroup }),
  };
  draft.exhausted = noteMiss(poolMemory(draft), asked, { code, message, sentAt: draft.now.clock });
}

/** The zone that an instance was seen in is the zone of its subnet. */
export function rememberZone(
  draft: Draft,
  { subnetId, availabilityZone }: { readonly subnetId: string; readonly availabilityZone: string },
): void {
  if (subnetId === "" || availabilityZone === "" || draft.zones[subnetId] === availabilityZone) return;
  draft.zones = { ...draft.zones, [subnetId]: availabilityZone };
}
