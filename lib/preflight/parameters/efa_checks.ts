import type { SecurityGroup, SecurityGroupRule } from "../../aws/ec2_api.ts";
import type { CheckResult } from "../check_result.ts";

/** What the security groups of nodes with EFAs are judged against. */
export interface EfaNeeds {
  /** How findings call them. */
  readonly what: string;
  readonly region: string;
  readonly groups: readonly SecurityGroup[];
}

/**
 * An EFA talks to those of a security group that lets all traffic in from itself and out to itself; a rule for addresses
 * does not open the way out (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/efa-start.html, "Prepare an EFA-enabled
 * security group").
 */
export function checkEfaRules({ what, region, groups }: EfaNeeds): CheckResult {
  const base = { check: "ports", what: `${what}: EFA → EFA` } as const;
  const open = groups.find(({ groupId, ingress, egress }) =>
    admitsItself(groupId, ingress) && admitsItself(groupId, egress)
  );
  if (open !== undefined) {
    return {
      ...base,
      status: "pass",
      evidence: `${open.groupId} lets all traffic in from and out to itself`,
    };
  }
  const { groupId, ingress } = groups[0]!;
  const way = admitsItself(groupId, ingress) ? "egress" : "ingress";
  return {
    ...base,
    status: "fail",
    evidence:
      `No group lets all traffic in from itself and out to itself: EFAs of nodes can't talk to each other`,
    fix:
      `aws ec2 authorize-security-group-${way} --region ${region} --group-id ${groupId} --protocol -1 --source-group ${groupId}`,
  };
}

function admitsItself(groupId: string, rules: readonly SecurityGroupRule[]): boolean {
  return rules.some(({ ipProtocol, groupIds }) => ipProtocol === "-1" && groupIds.includes(groupId));
}
