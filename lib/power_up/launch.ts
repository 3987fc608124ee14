import { AwsError } from "../aws/aws_error.ts";
import type { Ec2Api } from "../aws/ec2_api.ts";
import { errorClass } from "../aws/error_codes.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
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
  if (outcome.kind === "launched" || !isTooLarge(outcome.refusal.code)) return [outcome];
  if (plan.whole || plan.nodes.length === 1 || halvings === HALVINGS_MAX) return [outcome];
  const [first, second] = halvedPlans(config, plan) as [LaunchPlan, LaunchPlan];
  const firstOutcomes = await launchHalving(ports, config, first, halvings + 1);
  const last = firstOutcomes.at(-1)!;
  if (last.kind === "refused") {
    return [...firstOutcomes, { kind: "refused", plan: second, refusal: last.refusal }];
  }
  return [...firstOutcomes, ...await launchHalving(ports, config, second, halvings + 1)];
}

/** One call with one token: throttled or lost, it is sent again unchanged, so it never launches twice. */
async function launchOne(ports: LaunchPorts, config: LaunchConfig, plan: LaunchPlan): Promise<Outcome> {
  const input = runInstancesInput(config.cluster, plan, ports.newToken());
  try {
    const instances = await patiently(ports, () => ports.ec2.runInstances(input));
    return { kind: "launched", plan, instances };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind: "refused", plan, refusal: refusalOf(error) };
  }
}

/** Too large for the subnet, the quota or the API, so a smaller call may still fit. */
function isTooLarge(code: string): boolean {
  const kind = errorClass(code);
  return kind === "subnet" || kind === "quota" || kind === "split";
}

function refusalOf(error: AwsError): Refusal {
  return {
    code: error.code,
    message: error.message,
    ...(error.requestId !== undefined && { requestId: error.requestId }),
  };
}
