import { checkEfaRules } from "./efa_checks.ts";
import type { SecurityGroup, Subnet } from "../../aws/ec2_api.ts";
import type { NodeGroup } from "../../config/model.ts";
import { type Answer, foundValue, MISSING } from "../answer.ts";
import type { CheckResult } from "../check_result.ts";
import { refusedFinding } from "./parameter_checks.ts";
import { checkPorts, type Controller, type SlurmPorts } from "./port_checks.ts";
import { valueFix } from "./value_checks.ts";
import type { WantedValue } from "./wanted_value.ts";

/** What EC2 said of the network. */
export interface NetworkFacts {
  readonly securityGroups: ReadonlyMap<string, Answer<SecurityGroup>>;
  readonly subnets: ReadonlyMap<string, Answer<Subnet>>;
}

/** What security groups are judged against. */
export interface NetworkNeeds {
  readonly wanted: WantedValue;
  /** Ids as the value has them. */
  readonly ids: readonly string[];
  readonly region: string;
  readonly controller: Controller | undefined;
  readonly ports: SlurmPorts;
}

/** Do the security groups exist, in the VPC of the subnets, and do they let Slurm through? */
export function checkSecurityGroups(needs: NetworkNeeds, facts: NetworkFacts): CheckResult[] {
  const { wanted, ids, region } = needs;
  const missing = ids.flatMap((id): CheckResult[] => {
    const answer = facts.securityGroups.get(id) ?? MISSING;
    if (answer.kind === "found") return [];
    if (answer.kind === "refused") return [refusedFinding("security-group", wanted.what, answer)];
    return [{
      check: "security-group",
      status: "fail",
      what: wanted.what,
      evidence: `${id} does not exist in ${region}`,
      fix: valueFix(wanted),
    }];
  });
  const groups = ids.flatMap((id) => foundValue(facts.securityGroups.get(id)) ?? []);
  if (groups.length === 0) return missing;
  const subnets = foundSubnets(wanted.groups, facts);
  const vpcs = subnets.length === 0 ? [unknownVpc(wanted, facts)] : checkVpc(needs, groups, subnets);
  // Rules are the sum of all groups: without one of them nothing is known of the sum.
  const ports = missing.length > 0 ? [] : checkPorts({
    what: wanted.what,
    region: wanted.region,
    groups,
    subnets,
    controller: needs.controller,
    ports: needs.ports,
  });
  const efa = missing.length === 0 && wanted.groups.some((group) => group.efa)
    ? [checkEfaRules({ what: wanted.what, region, groups })]
    : [];
  return [...missing, ...vpcs, ...ports, ...efa];
}

function foundSubnets(groups: readonly NodeGroup[], facts: NetworkFacts): Subnet[] {
  const ids = new Set(groups.flatMap(({ subnets }) => subnets));
  return [...ids].flatMap((id) => foundValue(facts.subnets.get(id)) ?? []);
}

/** Whether EC2 knows none of the subnets, or would not say. */
function unknownVpc({ what, groups }: WantedValue, facts: NetworkFacts): CheckResult {
  const answers = groups.flatMap(({ subnets }) => subnets.flatMap((id) => facts.subnets.get(id) ?? []));
  const refused = answers.find(({ kind }) => kind === "refused");
  if (refused?.kind === "refused") return refusedFinding("security-group", what, refused);
  return {
    check: "security-group",
    what,
    status: "can't tell",
    evidence: "None of the node groups' subnets is known, so neither is their VPC",
  };
}

/** Security groups are of use only in their own VPC: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html */
function checkVpc(
  { wanted }: NetworkNeeds,
  groups: readonly SecurityGroup[],
  subnets: readonly Subnet[],
): CheckResult[] {
  const base = { check: "security-group", what: wanted.what } as const;
  const strangers = groups.flatMap(({ groupId, vpcId }) => {
    const other = subnets.find((subnet) => subnet.vpcId !== vpcId);
    return other === undefined
      ? []
      : [`${groupId} is of ${vpcId}, subnet ${other.subnetId} of ${other.vpcId}`];
  });
  if (strangers.length === 0) {
    const ids = groups.map(({ groupId, groupName }) => `${groupId} (${groupName})`).join(", ");
    return [{ ...base, status: "pass", evidence: `${ids}: in ${groups[0]!.vpcId}, as the subnets are` }];
  }
  return [{
    ...base,
    status: "fail",
    evidence: strangers.join("; "),
    fix: `${valueFix(wanted)} # with a group of ${subnets[0]!.vpcId}`,
  }];
}

/** Do the configuration's subnets exist? */
export function checkSubnets(
  groups: readonly NodeGroup[],
  { subnets }: NetworkFacts,
  region: string,
): CheckResult[] {
  const users = Map.groupBy(
    groups.flatMap((group) => group.subnets.map((id) => ({ id, name: group.name }))),
    ({ id }) => id,
  );
  return [...users].flatMap(([id, of]): CheckResult[] => {
    const what = `nodeGroups ${[...new Set(of.map(({ name }) => name))].join(", ")}: subnets`;
    const answer = subnets.get(id) ?? MISSING;
    if (answer.kind === "refused") return [refusedFinding("subnet", what, answer)];
    if (answer.kind === "found") return [];
    return [{
      check: "subnet",
      status: "fail",
      what,
      evidence: `${id} does not exist in ${region}`,
      fix:
        `aws ec2 describe-subnets --region ${region} --query 'Subnets[].[SubnetId,AvailabilityZone,VpcId]' --output table`,
    }];
  });
}
