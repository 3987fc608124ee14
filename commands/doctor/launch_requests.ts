import type { InstanceTypeFacts, RunInstancesInput } from "../../lib/aws/ec2_api.ts";
import { encodeBase64 } from "../../lib/base/base64.ts";
import { groupNodes } from "../../lib/cluster/group.ts";
import { distinctParameterNames, launchSettings } from "../../lib/cluster/ssm_parameters.ts";
import type { Config, NodeGroup } from "../../lib/config/model.ts";
import { testLaunchTags } from "../../lib/identity/tags.ts";
import { formatUserData } from "../../lib/identity/user_data.ts";
import { planFacts } from "../../lib/power_up/launch_facts.ts";
import { planLaunches } from "../../lib/power_up/launch_plan.ts";
import { type Offering, offeringsOf } from "../../lib/capacity/offering.ts";
import { runInstancesInput } from "../../lib/power_up/run_instances_input.ts";
import { foundValue } from "../../lib/preflight/answer.ts";
import type { ParameterFacts } from "../../lib/preflight/parameters/parameter_checks.ts";
import type { GroupLaunch } from "../../lib/preflight/account/probe.ts";
import { expandHostlist, foldHostlist } from "../../lib/slurm/hostlist.ts";

/** What launch requests are made from. */
export interface LaunchFacts {
  readonly parameters: ParameterFacts["parameters"];
  readonly types: ReadonlyMap<string, Pick<InstanceTypeFacts, "defaultCores" | "defaultVCpus" | "memoryMiB">>;
}

/**
 * The requests by which hooks would launch a node of each group: the preferred offering, and one more for every
 * subnet that no other group's request names, since a policy may allow some subnets only.
 */
export function groupLaunches(config: Config, facts: LaunchFacts): GroupLaunch[] {
  const seen = new Set<string>();
  return config.nodeGroups.flatMap((group) => {
    const [first, ...others] = offeringsOf(group).filter(({ subnetId }, nth) => {
      const isNew = nth === 0 || !seen.has(subnetId);
      seen.add(subnetId);
      return isNew;
    }).map((offering) => groupLaunch(config, group, { offering, nodes: firstNode(group), facts }));
    // What keeps one request of a group from being known keeps all.
    return first!.input === undefined ? [first!] : [first!, ...others];
  });
}

function firstNode(group: NodeGroup): readonly string[] {
  return expandHostlist(group.nodes).slice(0, 1);
}

function groupLaunch(
  config: Config,
  group: NodeGroup,
  { offering, nodes, facts }: {
    readonly offering: Offering;
    readonly nodes: readonly string[];
    readonly facts: LaunchFacts;
  },
): GroupLaunch {
  const unread = distinctParameterNames(config, [group]).find((name) => {
    const answer = facts.parameters.get(name);
    return answer === undefined || answer.kind === "refused";
  });
  if (unread !== undefined) {
    return { nodeGroup: group.name, problem: `its launch is not known: parameter "${unread}" can't be read` };
  }
  const values = new Map(
    [...facts.parameters].flatMap(([name, answer]) => {
      const value = foundValue(answer);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const settings = launchSettings(config, group, values);
  if ("kind" in settings) return { nodeGroup: group.name, problem: settings.message };
  const [plan] = planLaunches(config, {
    group,
    nodes,
    offering,
    settings,
    whole: false,
    ...planFacts(group, facts.types.get(offering.instanceType)),
  });
  return { nodeGroup: group.name, input: runInstancesInput(config.cluster, plan!, crypto.randomUUID()) };
}

/** A launch for no node, to see what EC2 does. */
export interface TestLaunch {
  readonly request: RunInstancesInput;
  /** In launch-index order. */
  readonly names: readonly string[];
}

/**
 * A request like the hook's own for a number of instances of the group's smallest type, whose tags, names and user data
 * make them nodes of no cluster.
 * @returns why not, where the group's image, key pair or security groups are not known.
 */
export function planTestLaunch(
  config: Config,
  group: NodeGroup,
  { count, facts }: { readonly count: number; readonly facts: LaunchFacts },
): TestLaunch | string {
  const smallest = smallestType(group, facts);
  const offering = offeringsOf(group).find(({ instanceType }) => instanceType === smallest)!;
  const names = testNames(config, count);
  const { input, problem } = groupLaunch(config, group, { offering, nodes: names, facts });
  if (input === undefined) return problem!;
  const nodes = foldHostlist(names);
  const Tags = testLaunchTags({ cluster: config.cluster, nodeGroup: group.name, nodes });
  return {
    names,
    request: {
      ...input,
      // Whatever goes wrong, an instance that powers itself off is gone.
      InstanceInitiatedShutdownBehavior: "terminate",
      UserData: encodeBase64(testUserData(config, group, nodes)),
      TagSpecifications: input.TagSpecifications!.map((specification) => ({
        ...specification,
        Tags: specification.ResourceType === "instance"
          ? [...Tags, ...specification.Tags.filter(({ Key }) => !Key.startsWith("slurm-ec2:"))]
          : specification.Tags,
      })),
    },
  };
}

/** Names that no node of the configuration has, another each time. */
function testNames(config: Config, count: number): readonly string[] {
  for (;;) {
    const unique = crypto.randomUUID().slice(0, 8);
    const names = Array.from({ length: count }, (_, index) => `slurm-ec2-test-launch-${unique}-${index}`);
    if (groupNodes(config, names).foreign.length === count) return names;
  }
}

/**
 * The boot script finds its name and says it on the console; then there is nothing to start: no slurmd asks
 * slurmctld for a node that it does not know.
 */
function testUserData({ cluster, region, limits }: Config, group: NodeGroup, nodes: string): string {
  return formatUserData({
    cluster,
    nodeGroup: group.name,
    nodes,
    region,
    bootLimit: limits.bootLimit,
    orphanLimit: limits.orphanLimit,
    onNotice: "requeue",
    fileSystems: [],
    hosts: [],
    settings: { SLURMD: "/bin/true", HOSTNAME: "keep", MUNGE: "keep" },
  });
}

function smallestType({ instanceTypes }: NodeGroup, { types }: LaunchFacts): string {
  const size = (name: string) => {
    const { defaultVCpus = Infinity, memoryMiB = Infinity } = types.get(name) ?? {};
    return { defaultVCpus, memoryMiB };
  };
  return instanceTypes.toSorted((a, b) => {
    const [x, y] = [size(a), size(b)];
    return x.defaultVCpus === y.defaultVCpus
      ? (x.memoryMiB === y.memoryMiB ? 0 : x.memoryMiB - y.memoryMiB)
      : x.defaultVCpus - y.defaultVCpus;
  })[0]!;
}
