import type { InstanceTypeFacts, NetworkInterfaceSpecification } from "../aws/ec2_api.ts";
import { notModelled, Refusal } from "./refusal.ts";
import type { RunInstancesRequest } from "./run_instances_request.ts";

/** Subnet and security groups of a launch, wherever the request has them. */
export type LaunchNetwork = Pick<RunInstancesRequest, "SubnetId" | "SecurityGroupIds" | "SecurityGroups">;

/** What the primary interface says of both where a request has interfaces of its own. */
export function launchNetwork(request: RunInstancesRequest): LaunchNetwork {
  const primary = request.NetworkInterfaces?.find(isPrimary) ?? request.NetworkInterfaces?.[0];
  if (primary === undefined) return request;
  return { SubnetId: primary.SubnetId, SecurityGroupIds: primary.Groups };
}

function isPrimary({ NetworkCardIndex, DeviceIndex }: NetworkInterfaceSpecification): boolean {
  return NetworkCardIndex === 0 && DeviceIndex === 0;
}

/**
 * EC2's rules for the interfaces of a launch: there is a primary one, each has a place of its own, and the type takes them
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-acc-inst-types.html).
 * @throws {Refusal} with EC2's code for the first thing that is wrong.
 */
export function checkInterfaces(request: RunInstancesRequest, type: InstanceTypeFacts): void {
  const { NetworkInterfaces: interfaces } = request;
  if (interfaces === undefined) return;
  for (
    const [given, noun] of [
      [request.SubnetId, "an instance-level subnet ID"],
      [request.SecurityGroupIds ?? request.SecurityGroups, "instance-level security groups"],
    ] as const
  ) {
    if (given === undefined) continue;
    const message = `Network interfaces and ${noun} may not be specified on the same request`;
    throw new Refusal("InvalidParameterCombination", message);
  }
  checkPlaces(interfaces);
  checkEfas(interfaces, type);
}

function checkPlaces(interfaces: readonly NetworkInterfaceSpecification[]): void {
  const places = interfaces.map(({ NetworkCardIndex, DeviceIndex }) => `${NetworkCardIndex} ${DeviceIndex}`);
  if (new Set(places).size < places.length) {
    throw new Refusal("InvalidParameterValue", "Each network interface requires a unique device index.");
  }
  const primary = interfaces.find(isPrimary);
  const further = interfaces.find((one) => !isPrimary(one) && one.InterfaceType !== "efa-only");
  if (further !== undefined) throw notModelled("further network interfaces that have an address");
  if (primary === undefined) {
    throw new Refusal(
      "InvalidParameterValue",
      "The primary network interface must have network card index 0 and device index 0.",
    );
  }
  if (primary.InterfaceType === "efa-only") {
    throw new Refusal(
      "InvalidParameterCombination",
      "An EFA-only network interface can't be the primary network interface.",
    );
  }
}

function checkEfas(interfaces: readonly NetworkInterfaceSpecification[], type: InstanceTypeFacts): void {
  const { efa, instanceType } = type;
  const efas = interfaces.filter(({ InterfaceType }) => InterfaceType !== "interface");
  const onCard0 = interfaces.filter(({ NetworkCardIndex }) => NetworkCardIndex === 0);
  const isUnsupported = efas.length > 0 &&
    (efa === undefined || (!efa.onPrimary && onCard0.some((one) => efas.includes(one))));
  if (isUnsupported) {
    throw new Refusal("UnsupportedOperation", `EFA interfaces are not supported on ${instanceType}`);
  }
  const highest = Math.max(...interfaces.map(({ NetworkCardIndex }) => NetworkCardIndex));
  if (efa !== undefined && highest >= efa.cards) {
    throw new Refusal(
      "InvalidParameterValue",
      `Network card index ${highest} is not valid for ${instanceType}, which has ${efa.cards}.`,
    );
  }
  if (efa !== undefined && (efas.length > efa.interfaces || onCard0.length > efa.primaryInterfaces)) {
    throw new Refusal(
      "AttachmentLimitExceeded",
      `Interface count ${interfaces.length} exceeds the limit for ${instanceType}`,
    );
  }
}
