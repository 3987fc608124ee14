import { AwsError } from "../aws/aws_error.ts";
import type { Ec2Api } from "../aws/ec2_api.ts";
import { errorRule, LAUNCH_DEADLINE } from "../aws/error_codes.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
import type { Intent } from "../cluster/intent.ts";
import type { EventBody, EventSink } from "../events/event.ts";
import { mapBounded } from "../base/map_bounded.ts";
import { halvedPlans, type LaunchConfig, type LaunchPlan } from "./launch_plan.ts";
import type { Outcome, Refusal } from "./outcome.ts";
import { runInstancesInput } from "./run_instances_input.ts";

/**
 * Launch calls in flight at once: the RunInstances request bucket holds 5 tokens, more would be throttled.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
 */
const CALLS_IN_FLIGHT = 5;

/** How often a call that EC2 refused for its size is halved before its nodes are given up. */
const HALVINGS_MAX = 4;

/** What launching needs of the outside. */
export interface LaunchPorts extends Patience {
  readonly ec2: Pick<Ec2Api, "runInstances">;
  /** Writes a launch down, on the disk, before it is sent. */
  readonly saveIntent: (intent: Omit<Intent, "version" | "hook" | "cluster">) => Promise<void>;
  readonly events: EventSink;
  /** A fresh client token, at most 64 ASCII characters. */
  readonly newToken: () => string;
}

/** Sends every plan and answers what came of each; a refused plan is data, never an exception. */
export async function launchAll(
  ports: LaunchPorts,
  config: LaunchConfig,
  plans: readonly LaunchPlan[],
): Promise<Outcome[]> {
  const outcomes = await mapBounded(plans, CALLS_IN_FLIGHT, (plan) => launchHalving(ports, config, plan, 0));
  return outcomes.flat();
}

/** Sends a plan; where EC2 refuses it for its size, sends its halves, the second only if the first brought any. */
async function launchHalving(
  ports: LaunchPorts,
  config: LaunchConfig,
  plan: LaunchPlan,
  halvings: number,
): Promise<Outcome[]> {
  const outcome = await launchOne(ports, config, plan);
  if (outcome.kind === "launched" || !errorRule(outcome.refusal.code).smallerHelps) return [outcome];
  if (plan.whole || plan.nodes.length === 1 || halvings === HALVINGS_MAX) return [outcome];
  const [first, second] = halvedPlans(config, plan) as [LaunchPlan, LaunchPlan];
  const firstOutcomes = await launchHalving(ports, config, first, halvings + 1);
  const last = firstOutcomes.at(-1)!;
  if (last.kind === "refused") {
    return [...firstOutcomes, { ...last, plan: second }];
  }
  return [...firstOutcomes, ...await launchHalving(ports, config, second, halvings + 1)];
}

/** One call with one token: throttled or lost, it is sent again unchanged, so it never launches twice. */
async function launchOne(ports: LaunchPorts, config: LaunchConfig, plan: LaunchPlan): Promise<Outcome> {
  const clientToken = ports.newToken();
  const input = runInstancesInput(config.cluster, plan, clientToken);
  const started = ports.now();
  if (started > ports.deadline) return { kind: "refused", plan, clientToken, refusal: TOO_LATE };
  await ports.saveIntent({ nodeGroup: plan.group.name, nodes: plan.nodes, createdAt: started, input });
  ports.events(launchEvent(plan, clientToken));
  try {
    const instances = await patiently(ports, () => ports.ec2.runInstances(input));
    const milliseconds = ports.now() - started;
    ports.events({
      kind: "launched",
      clientToken,
      asked: plan.nodes.length,
      got: instances.length,
      milliseconds,
    });
    return { kind: "launched", plan, clientToken, instances };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const refusal = refusalOf(error);
    ports.events({ kind: "refused", clientToken, ...refusal, milliseconds: ports.now() - started });
    return { kind: "refused", plan, clientToken, refusal };
  }
}

/** An instance launched now could not register before ResumeTimeout: it would only cost money. */
const TOO_LATE: Refusal = {
  code: LAUNCH_DEADLINE,
  message: "Too late to launch: a node launched now would not register before ResumeTimeout",
};

function launchEvent({ hostlist, group, offering, settings }: LaunchPlan, clientToken: string): EventBody {
  return {
    kind: "launch",
    nodes: hostlist,
    nodeGroup: group.name,
    instanceType: offering.instanceType,
    subnetId: offering.subnetId,
    capacityType: offering.capacityType,
    imageId: settings.imageId,
    clientToken,
  };
}

function refusalOf(error: AwsError): Refusal {
  return {
    code: error.code,
    message: error.message,
    ...(error.requestId !== undefined && { requestId: error.requestId }),
  };
}
