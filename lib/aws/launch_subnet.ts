import type { RunInstancesInput } from "./ec2_api.ts";

/** The subnet of a launch: its own, or that of its primary interface where it says what interfaces it wants. */
export function launchSubnet(
  { SubnetId, NetworkInterfaces }: Pick<RunInstancesInput, "SubnetId" | "NetworkInterfaces">,
): string | undefined {
  return SubnetId ?? NetworkInterfaces?.[0]?.SubnetId;
}
