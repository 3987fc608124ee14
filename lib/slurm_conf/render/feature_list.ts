import type { NodeGroup } from "../../config/model.ts";
import { only } from "./group_shape.ts";

/**
 * The Feature list of a group: what is true of every node it may launch, so that a job's `--constraint` never
 * meets a node that breaks it. `zones` is subnet id → availability zone, as far as they are known.
 */
export function featureList(group: NodeGroup, zones: ReadonlyMap<string, string>): string[] {
  const { distribution, version } = group.os;
  const families = group.instanceTypes.map((type) => type.split(".")[0]!);
  const candidates = [
    group.architecture,
    distribution,
    `${distribution}_${version}`,
    only(families),
    only(group.instanceTypes),
    only(group.subnets.map((subnet) => zones.get(subnet))),
    group.capacityType,
    ...group.features,
  ];
  return [...new Set(candidates.filter((feature) => feature !== undefined))];
}
