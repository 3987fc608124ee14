import type { InstanceTypeOffering, Subnet } from "../../aws/ec2_api.ts";
import type { Config, NodeGroup } from "../../config/model.ts";
import { countHostlist } from "../../slurm/hostlist.ts";
import { type Answer, foundValue } from "../answer.ts";
import { parseCidr } from "../parameters/cidr.ts";
import type { CheckResult } from "../check_result.ts";
import { checkSubnets } from "../parameters/network_checks.ts";

/** A live instance of the cluster, of what counting needs. */
export interface CountedInstance {
  readonly nodeGroup: string;
  readonly subnetId: string;
}

/** What subnets are judged by. */
export interface SubnetFacts {
  readonly subnets: ReadonlyMap<string, Answer<Subnet>>;
  /** The cluster's live instances: stopped ones hold their address, too; undefined: not known. */
  readonly instances: readonly CountedInstance[] | undefined;
  /** Which zones have which instance types; undefined: not known. */
  readonly offerings: readonly InstanceTypeOffering[] | undefined;
}

/** The parts of the configuration that decide how many addresses are needed. */
export type SubnetConfig = Pick<Config, "region" | "nodeGroups" | "partitions" | "limits">;

const CHECK = "subnets";

/**
 * Do the subnets exist, in one VPC for each node group, with addresses for the largest partition?
 * @param launched The configuration as launches obey it: its subnets and limits decide how many addresses are needed.
 */
export function checkAddresses(
  config: SubnetConfig,
  facts: SubnetFacts,
  launched: SubnetConfig = config,
): CheckResult[] {
  const { region, nodeGroups } = config;
  const missing = checkSubnets(nodeGroups, { subnets: facts.subnets, securityGroups: new Map() }, region);
  return [
    ...missing.map((finding) => ({ ...finding, check: CHECK })),
    ...subnetIds(nodeGroups).flatMap((id) => subnetFinding(id, facts)),
    ...nodeGroups.flatMap((group) => vpcFinding(group, facts)),
    ...nodeGroups.flatMap((group) => offeringFinding(group, facts)),
    ...launched.partitions.map(({ name, nodeGroups: names }) =>
      demandFinding(
        launched,
        facts,
        `partition ${name}`,
        launched.nodeGroups.filter((group) => names.includes(group.name)),
      )
    ),
    ...launched.nodeGroups.filter((group) => isOwnDemand(launched, group)).map((group) =>
      demandFinding(launched, facts, `node group ${group.name}`, [group])
    ),
  ].filter((finding) => finding !== undefined);
}

/** A group's own demand is reported where no partition has just its subnets: it may lack what the partition has elsewhere. */
function isOwnDemand({ partitions, nodeGroups }: SubnetConfig, group: NodeGroup): boolean {
  const own = group.subnets.toSorted().join();
  return !partitions.some(({ nodeGroups: names }) =>
    names.includes(group.name) &&
    subnetIds(nodeGroups.filter(({ name }) => names.includes(name))).toSorted().join() === own
  );
}

function subnetIds(groups: readonly NodeGroup[]): string[] {
  return [...new Set(groups.flatMap(({ subnets }) => subnets))];
}

function subnetFinding(id: string, { subnets, instances }: SubnetFacts): CheckResult[] {
  const subnet = foundValue(subnets.get(id));
  if (subnet === undefined) return [];
  const { availableIpAddressCount: free, cidrBlock, availabilityZone, vpcId } = subnet;
  const own = instances?.filter(({ subnetId }) => subnetId === id).length;
  const size = usable(cidrBlock);
  return [{
    check: CHECK,
    status: "info",
    what: id,
    evidence: `${free}${
      size === undefined ? "" : ` of ${size}`
    } addresses free in ${cidrBlock}, ${availabilityZone}, ${vpcId}${
      own === undefined ? "" : `; ${own} are this cluster's instances, running or stopped`
    }`,
  }];
}

/** AWS keeps five addresses of every subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
function usable(cidrBlock: string): number | undefined {
  const cidr = parseCidr(cidrBlock);
  return cidr === undefined ? undefined : 2 ** (32 - cidr.bits) - 5;
}

function vpcFinding({ name, subnets: ids }: NodeGroup, { subnets }: SubnetFacts): CheckResult[] {
  const found = ids.flatMap((id) => foundValue(subnets.get(id)) ?? []);
  if (new Set(found.map(({ vpcId }) => vpcId)).size < 2) return [];
  return [{
    check: CHECK,
    status: "fail",
    what: `nodeGroups ${name}: subnets`,
    evidence: `are of several VPCs: ${
      found.map(({ subnetId, vpcId }) => `${subnetId} of ${vpcId}`).join(", ")
    }`,
    fix: "Name subnets of one VPC only: a launch's security groups are of one",
  }];
}

/**
 * A zone without an instance type refuses its launches as Unsupported, and the next offering is tried.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-discovery.html
 */
function offeringFinding(
  { name, instanceTypes, subnets: ids }: NodeGroup,
  facts: SubnetFacts,
): CheckResult[] {
  const { subnets, offerings } = facts;
  if (offerings === undefined) return [];
  const known = new Set(offerings.map(({ instanceType, location }) => `${instanceType} ${location}`));
  const pairs = ids.flatMap((id) => foundValue(subnets.get(id)) ?? []).flatMap((subnet) =>
    instanceTypes.map((instanceType) => ({ ...subnet, instanceType }))
  );
  const absent = pairs.filter(({ instanceType, availabilityZone }) =>
    !known.has(`${instanceType} ${availabilityZone}`)
  );
  const base = { check: CHECK, what: `nodeGroups ${name}: instanceTypes` };
  if (absent.length === 0) {
    const evidence = "are offered in the zones of the group's subnets";
    return pairs.length === 0 ? [] : [{ ...base, status: "pass", evidence }];
  }
  return [{
    ...base,
    status: absent.length === pairs.length ? "fail" : "warn",
    evidence: absent.map(({ instanceType, subnetId, availabilityZone }) =>
      `${instanceType} is not offered in ${availabilityZone} (${subnetId})`
    ).join(", "),
    fix: "Take out the instance type, or name a subnet in a zone that has it: aws ec2 " +
      "describe-instance-type-offerings --location-type availability-zone --filters " +
      `Name=instance-type,Values=${[...new Set(absent.map(({ instanceType }) => instanceType))].join(",")}`,
  }];
}

/**
 * Whether all nodes of some groups could be up at once. Nodes that are up have their address already; EC2 fills
 * the subnets in the order of the configuration, so their free addresses add up.
 */
function demandFinding(
  { nodeGroups, limits }: SubnetConfig,
  { subnets, instances }: SubnetFacts,
  what: string,
  groups: readonly NodeGroup[],
): CheckResult | undefined {
  const ids = subnetIds(groups);
  const found = ids.flatMap((id) => foundValue(subnets.get(id)) ?? []);
  if (groups.length === 0 || found.length < ids.length) return undefined;
  const names = new Set(groups.map(({ name }) => name));
  const nodes = groups.reduce((sum, group) => sum + countHostlist(group.nodes), 0);
  const all = nodeGroups.reduce((sum, group) => sum + countHostlist(group.nodes), 0);
  const wanted = Math.min(nodes, limits.maxNodes ?? all);
  const have = instances?.filter(({ nodeGroup }) => names.has(nodeGroup)).length ?? 0;
  const more = Math.max(0, wanted - have);
  const free = found.reduce((sum, { availableIpAddressCount }) => sum + availableIpAddressCount, 0);
  const evidence = `${wanted} nodes${
    limits.maxNodes !== undefined && limits.maxNodes < nodes ? " (limits.maxNodes)" : ""
  }, ${
    instances === undefined ? "how many have an address is not known" : `${have} have an address`
  }, ${more} more are wanted, ${free} are free in ${ids.join(", ")}`;
  const base = { check: CHECK, what, evidence };
  if (free >= more) return { ...base, status: "pass" };
  return {
    ...base,
    status: free === 0 ? "fail" : "warn",
    fix: `Name a subnet of the same VPC with more free addresses in ${
      [...names].join(", ")
    }, or give fewer nodes to the node group: beyond ${
      have + free
    } nodes, launches get InsufficientFreeAddressesInSubnet`,
  };
}
