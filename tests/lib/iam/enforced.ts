import { listOf, type PolicyDocument } from "../../../lib/iam/policy.ts";
import type { InMemoryAws } from "../../../lib/sim/in_memory.ts";
import { statementsOf } from "./evaluate.ts";

/**
 * The same simulated AWS, in which from now on nothing is allowed but what a policy says. Statements that a test has
 * left without an action, which IAM would refuse, allow nothing.
 */
export function enforced(aws: InMemoryAws, policy: PolicyDocument): InMemoryAws {
  const Statement = policy.Statement.filter(({ Action }) => listOf(Action).length > 0);
  aws.simulator.setPolicies(statementsOf({ ...policy, Statement }));
  return aws;
}
