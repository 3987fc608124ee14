import type { Action } from "../actions.ts";
import { noSpotRole, Refusal } from "../refusal.ts";
import type { World } from "../world.ts";
import { principalArn } from "./arns.ts";
import { policiesOf } from "./policies_of.ts";
import { evaluate, type Verdict } from "./evaluate.ts";
import { SPOT_ROLE_ACTION } from "./launch_questions.ts";
import { type AskedCall, questions } from "./questions.ts";
import type { Question } from "./statement.ts";

/**
 * Why the world's policies refuse a call, if they do. AWS asks them before it looks whether what the call names
 * exists or is a dry run (https://docs.aws.amazon.com/IAM/latest/UserGuide/intro-structure.html: a request is
 * authenticated, then authorized, then carried out; DryRun of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html).
 * Who one is, one may always ask (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
 */
export function unauthorized<A extends Action>(world: World, call: AskedCall<A>): Refusal | undefined {
  const policies = policiesOf(world);
  if (policies === undefined || call.action === "GetCallerIdentity") return undefined;
  for (const question of questions(world, call)) {
    const verdict = evaluate(policies, question);
    if (verdict !== "allowed") return refusal(world, call, { question, verdict });
  }
  return undefined;
}

/**
 * Codes and words as AWS has them
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html); EC2's encoded message is left out.
 */
function refusal<A extends Action>(
  world: World,
  { service }: AskedCall<A>,
  { question, verdict }: { readonly question: Question; readonly verdict: Exclude<Verdict, "allowed"> },
): Refusal {
  if (question.action === SPOT_ROLE_ACTION) return noSpotRole();
  const { action, resource } = question;
  const why = verdict === "explicitly denied"
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`;
  // Actions that know no resources are judged without one.
  const on = resource === "*" ? "" : ` on resource: ${resource}`;
  const message = `User: ${principalArn(world)} is not authorized to perform: ${action}${on} ${why}`;
  return service === "ec2"
    ? new Refusal("UnauthorizedOperation", `You are not authorized to perform this operation. ${message}`)
    : new Refusal("AccessDeniedException", message);
}
