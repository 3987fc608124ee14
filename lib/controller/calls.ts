import type { LaunchSettings } from "../cluster/ssm_parameters.ts";
import { spendTokens } from "../capacity/tokens.ts";
import type { Offering } from "../capacity/offering.ts";
import type { NodeGroup } from "../config/model.ts";
import { planFacts } from "../power_up/launch_facts.ts";
import { type LaunchPlan, planLaunches as planCalls } from "../power_up/launch_plan.ts";
import type { LaunchUnit } from "../power_up/launch_units.ts";
import { runInstancesInput } from "../power_up/run_instances_input.ts";
import type { Draft } from "./draft.ts";
import type { LaunchRecord } from "./state.ts";

/** What the calls of a node group are made of. */
export interface Launching {
  readonly group: NodeGroup;
  readonly settings: LaunchSettings;
  readonly offering: Offering;
}

/** The calls that launch some nodes of one offering. */
export function callsFor(
  { context: { config, types } }: Draft,
  { group, settings, offering }: Launching,
  unit: LaunchUnit,
): LaunchPlan[] {
  const facts = planFacts(group, types.get(offering.instanceType));
  return planCalls(config, { group, offering, settings, ...unit, ...facts });
}

/** Puts a launch into the state: it is on the disk before it is sent. */
export function putLaunch(
  draft: Draft,
  plan: LaunchPlan,
  { halvings = 0, rest }: Partial<Pick<LaunchRecord, "halvings" | "rest">> = {},
): void {
  const token = draft.context.newToken();
  draft.tokens = spendTokens(draft.tokens, plan.nodes.length, draft.now.clock);
  const { hostlist, group, offering, settings, nodes, whole } = plan;
  draft.launches.put({
    token,
    nodeGroup: group.name,
    nodes,
    generations: nodes.map((name) => draft.nodes.get(name)!.generation),
    input: runInstancesInput(draft.context.config.cluster, plan, token),
    at: draft.now.clock,
    doubt: false,
    halvings,
    whole,
    ...(rest !== undefined && rest.length > 0 && { rest }),
  });
  draft.note({
    kind: "launch",
    nodes: hostlist,
    nodeGroup: group.name,
    instanceType: offering.instanceType,
    subnetId: offering.subnetId,
    capacityType: offering.capacityType,
    imageId: settings.imageId,
    clientToken: token,
  });
}
