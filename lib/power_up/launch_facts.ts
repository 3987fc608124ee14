import type { InstanceTypeFacts } from "../aws/ec2_api.ts";
import type { NodeGroup } from "../config/model.ts";

/** What a launch has to know of its instance type. */
export type LaunchFacts = Pick<InstanceTypeFacts, "defaultCores" | "efa">;

/** Whether a launch of the group has to know anything of its instance type. */
export function needsFacts({ threadsPerCore, efa }: Pick<NodeGroup, "threadsPerCore" | "efa">): boolean {
  return threadsPerCore !== undefined || efa;
}

/** What a plan takes over of its instance type's facts, as far as its group asks for it. */
export function planFacts(
  { threadsPerCore, efa }: Pick<NodeGroup, "threadsPerCore" | "efa">,
  facts: LaunchFacts | undefined,
): { readonly cores?: number; readonly efa?: NonNullable<LaunchFacts["efa"]> } {
  return {
    ...(threadsPerCore !== undefined && facts !== undefined && { cores: facts.defaultCores }),
    ...(efa && facts?.efa !== undefined && { efa: facts.efa }),
  };
}
