import type { DescribeInstancesInput, Page } from "../aws/ec2_api.ts";
import { filterItems } from "./filters.ts";
import { instanceFilters } from "./instance_filters.ts";
import type { SimInstance } from "./instances.ts";
import { knownInstances, launchNumber, visibleInstances } from "./life.ts";
import { page } from "./paging.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** DescribeInstances: the instances that a caller can see by now, filtered, a page at a time. */
export function describeInstances(
  world: World,
  input: DescribeInstancesInput,
  now: number,
): Page<SimInstance> {
  const { InstanceIds, MaxResults } = input;
  if (InstanceIds && InstanceIds.length > 0 && MaxResults !== undefined) {
    throw new Refusal(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  const named = InstanceIds && InstanceIds.length > 0;
  const instances = named ? knownInstances(world, InstanceIds, now) : visibleInstances(world, now);
  const kept = filterItems(instances, input.Filters, instanceFilters(world), {
    action: "DescribeInstances",
    tagsOf: (instance) => instance.tags,
  });
  return page(kept, input, { bounds: { min: 5, max: 1000 }, numberOf: launchNumber });
}
