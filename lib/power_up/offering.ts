import type { NodeGroup } from "../config/model.ts";

/** What we may ask EC2 for: an instance type in a subnet (so in a zone), bought one way. */
export interface Offering {
  /** EC2 instance type. */
  readonly instanceType: string;
  /** Subnet, and with it the zone. */
  readonly subnetId: string;
  /** How it is bought. */
  readonly capacityType: "on-demand" | "spot";
}

/** A group's offerings, the preferred first: by capacity type, then instance type, then subnet. */
export function offeringsOf(group: NodeGroup): Offering[] {
  const capacityTypes = group.capacityType === "spot-then-on-demand"
    ? ["spot", "on-demand"] as const
    : [group.capacityType];
  return capacityTypes.flatMap((capacityType) =>
    group.instanceTypes.flatMap((instanceType) =>
      group.subnets.map((subnetId) => ({ instanceType, subnetId, capacityType }))
    )
  );
}
