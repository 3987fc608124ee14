import type { NodeGroup } from "../config/model.ts";

/** What EC2 may be asked for: an instance type in a subnet (so in a zone), bought one way. */
export interface Offering {
  /** EC2 instance type. */
  readonly instanceType: string;
  /** Subnet, and with it the zone. */
  readonly subnetId: string;
  /** How it is bought. */
  readonly capacityType: "on-demand" | "spot";
  /** Id of the capacity reservation that it is launched into. */
  readonly reservation?: string;
}

/** The parts of a node group that say what may be asked for. */
export type OfferingGroup = Pick<
  NodeGroup,
  "instanceTypes" | "subnets" | "capacityType" | "capacityReservation"
>;

/**
 * A group's offerings, the preferred first: what is reserved, then by capacity type, instance type and subnet. A
 * reservation is of one instance type in one zone, on demand
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/capacity-reservations-concepts.html): taken to be the group's
 * first type and first subnet.
 */
export function offeringsOf(group: OfferingGroup): Offering[] {
  const { instanceTypes, subnets, capacityReservation } = group;
  const capacityTypes = group.capacityType === "spot-then-on-demand"
    ? ["spot", "on-demand"] as const
    : [group.capacityType];
  const open = capacityTypes.flatMap((capacityType) =>
    instanceTypes.flatMap((instanceType) =>
      subnets.map((subnetId): Offering => ({ instanceType, subnetId, capacityType }))
    )
  );
  if (capacityReservation === undefined) return open;
  const reserved: Offering = {
    instanceType: instanceTypes[0]!,
    subnetId: subnets[0]!,
    capacityType: "on-demand",
    reservation: capacityReservation,
  };
  return [reserved, ...open];
}
