import type { EfaFacts, NetworkInterfaceSpecification } from "../aws/ec2_api.ts";

/** Where a launch's interfaces are. */
export interface Attached {
  readonly subnetId: string;
  /** Empty: the VPC's default group. */
  readonly securityGroupIds: readonly string[];
}

/**
 * The interfaces of an instance with as many EFAs as its type takes, on every network card that takes one; only the
 * primary interface has an address. Of a type with several cards it is an ordinary one, with an EFA next to it where card 0
 * takes both (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html), of a type with one card it is
 * the EFA itself (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html).
 * @param efa Of the instance type; absent: not known, and one EFA is asked for.
 */
export function efaInterfaces(
  efa: EfaFacts | undefined,
  attached: Attached,
): NetworkInterfaceSpecification[] {
  const { interfaces, cards, primaryInterfaces, onPrimary } = efa ?? ONE_CARD;
  const make = (
    NetworkCardIndex: number,
    DeviceIndex: number,
    InterfaceType: NetworkInterfaceSpecification["InterfaceType"],
  ): NetworkInterfaceSpecification => ({
    NetworkCardIndex,
    DeviceIndex,
    InterfaceType,
    SubnetId: attached.subnetId,
    ...(attached.securityGroupIds.length > 0 && { Groups: attached.securityGroupIds }),
    DeleteOnTermination: true,
  });
  const isBoth = onPrimary && (cards === 1 || primaryInterfaces === 1);
  const first = isBoth
    ? [make(0, 0, "efa")]
    : [make(0, 0, "interface"), ...(onPrimary ? [make(0, 1, "efa-only")] : [])];
  const others = Math.max(0, Math.min(cards - 1, interfaces - (onPrimary ? 1 : 0)));
  return [...first, ...Array.from({ length: others }, (_, i) => make(i + 1, 0, "efa-only"))];
}

const ONE_CARD: EfaFacts = { interfaces: 1, cards: 1, primaryInterfaces: 1, onPrimary: true };
