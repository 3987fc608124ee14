import type { Config, NodeGroup } from "../config/model.ts";
import { PARAMETER_FAMILIES } from "../identity/parameter_families.ts";
import { TagKey } from "../identity/tags.ts";
import { chunk } from "../base/chunk.ts";
import { actionsOf } from "./actions.ts";
import { passedToEc2, viaService } from "../aws/partition.ts";
import { type ArnScope, ec2Arn, parameterArn, roleArn } from "./arn.ts";
import { keyStatements } from "./key_statements.ts";
import { type OneOrMore, type PolicyDocument, policyDocument, single, type Statement } from "./policy.ts";

/** What the controller's policy depends on besides the configuration. */
export interface ControllerPolicyOptions {
  /** Partition, Region and account of the ARNs. */
  readonly scope: ArnScope;
  /** Name or ARN of the nodes' role; the instance profile's name unless given. */
  readonly nodeRole?: string;
  /** Whether `ssm put` is to work. */
  readonly withPut?: boolean;
  /** Other prefixes whose parameters `ssm put` and `ssm diff` may read, as they take them over. */
  readonly fromPrefixes?: readonly string[];
  /** Customer keys (id, alias or ARN) that the images' snapshots are encrypted with. */
  readonly kmsKeys?: readonly string[];
}

/** The parts of the configuration that the policy is made from. */
export type PolicyConfig = Pick<Config, "cluster" | "region" | "ssm" | "nodeGroups">;

/**
 * What hooks and people's commands may do with this configuration, and nothing more. Conditions and resources
 * follow the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html).
 */
export function controllerPolicy(config: PolicyConfig, options: ControllerPolicyOptions): PolicyDocument {
  const { scope } = options;
  const groups = config.nodeGroups;
  return policyDocument([
    ...launchTagged(config, scope),
    launchWith(groups, scope),
    tagAtLaunch(config, scope),
    ownInstances(config, scope),
    statement("SeeWhatIsThere", actionsOf("any"), "*"),
    passRole(config, options),
    spotRole(groups, scope),
    ...parameters(config, options),
    ...keyStatements({
      sid: "RootVolume",
      keys: [
        ...groups.flatMap(({ rootVolume, volumes = [] }) =>
          [rootVolume, ...volumes].flatMap((volume) => volume?.kmsKeyId ?? [])
        ),
        ...options.kmsKeys ?? [],
      ],
      scope,
      services: viaService("ec2", config.region),
    }),
  ]);
}

/** The kinds of resource that a launch makes; all of them carry the cluster's tag from the first moment. */
const MADE = ["instance", "volume", "network-interface"] as const;

/**
 * A spot request is not a resource of a launch unless it is tagged, which we do not. The configuration's instance types are
 * the only ones: a holder of the credentials launches no others. Only an instance has a type.
 */
function launchTagged(config: PolicyConfig, scope: ArnScope): Statement[] {
  const tagged = { [`aws:RequestTag/${TagKey.Cluster}`]: config.cluster };
  const launch = (
    Sid: string,
    kinds: readonly string[],
    more: Readonly<Record<string, OneOrMore>> = {},
  ): Statement => ({
    ...statement(Sid, actionsOf("launch"), kinds.map((kind) => ec2Arn(scope, `${kind}/*`))),
    Condition: { StringEquals: { ...tagged, ...more } },
  });
  const types = chunk(
    distinct(config.nodeGroups.flatMap(({ instanceTypes }) => instanceTypes)).sort(),
    TYPES_MAX,
  );
  return [
    ...types.map((some, i) =>
      launch(`LaunchWithTheClustersTag${types.length === 1 ? "" : i + 1}`, ["instance"], {
        "ec2:InstanceType": single(some),
      })
    ),
    launch("LaunchDisksAndNetwork", MADE.filter((kind) => kind !== "instance")),
  ];
}

/** Instance types of one statement: a policy is split between statements, not within a condition. */
const TYPES_MAX = 150;

function launchWith(groups: readonly NodeGroup[], scope: ArnScope): Statement {
  const named = (kind: string, of: (group: NodeGroup) => readonly string[] | undefined) => {
    const ids = groups.map(of);
    // What one group reads from SSM may be anything.
    const all = ids.includes(undefined) ? ["*"] : distinct(ids.flatMap((list) => list ?? []));
    return all.map((id) => ec2Arn(scope, `${kind}/${id}`));
  };
  return statement("LaunchFrom", actionsOf("launch"), [
    ...named("image", ({ imageId }) => imageId === undefined ? undefined : [imageId]),
    ...named("subnet", ({ subnets }) => subnets),
    ...named("security-group", ({ securityGroups }) => securityGroups),
    ...named(
      "key-pair",
      ({ keyPair }) => keyPair === undefined ? undefined : keyPair === "none" ? [] : [keyPair],
    ),
    ...named("placement-group", ({ placementGroup }) => placementGroup === undefined ? [] : [placementGroup]),
    ...named(
      "capacity-reservation",
      ({ capacityReservation }) => capacityReservation ? [capacityReservation] : [],
    ),
  ]);
}

/**
 * Tags only in a launch, and only our keys and the site's: nobody else's instance can be made to look like ours.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
function tagAtLaunch(config: PolicyConfig, scope: ArnScope): Statement {
  const site = distinct(config.nodeGroups.flatMap(({ tags }) => Object.keys(tags))).sort();
  return {
    ...statement("TagAtLaunch", actionsOf("tag"), MADE.map((kind) => ec2Arn(scope, `${kind}/*`))),
    Condition: {
      StringEquals: {
        "ec2:CreateAction": "RunInstances",
        [`aws:RequestTag/${TagKey.Cluster}`]: config.cluster,
      },
      "ForAllValues:StringLike": { "aws:TagKeys": [...Object.values(TagKey), `${TagKey.Nodes}.*`, ...site] },
    },
  };
}

function ownInstances(config: PolicyConfig, scope: ArnScope): Statement {
  return {
    ...statement("ChangeOwnInstances", actionsOf("own"), ec2Arn(scope, "instance/*")),
    Condition: { StringEquals: { [`aws:ResourceTag/${TagKey.Cluster}`]: config.cluster } },
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
function passRole(
  { nodeGroups, region }: PolicyConfig,
  { scope, nodeRole }: ControllerPolicyOptions,
): Statement | undefined {
  const roles = nodeRoles(nodeGroups, nodeRole);
  if (roles.length === 0) return undefined;
  return {
    ...statement("GiveNodesTheirRole", "iam:PassRole", roles.map((role) => roleArn(scope, role))),
    Condition: { StringEquals: { "iam:PassedToService": single(passedToEc2(region)) } },
  };
}

/**
 * Roles of the groups' instance profiles: the one given, else those of the profiles' own names, since the console
 * and most templates name both alike.
 */
export function nodeRoles(groups: readonly NodeGroup[], nodeRole: string | undefined): string[] {
  const profiles = distinct(groups.flatMap(({ instanceProfile }) => instanceProfile ?? []));
  if (profiles.length === 0) return [];
  return nodeRole === undefined
    ? distinct(profiles.map((profile) => profile.replace(/^.*\//, "")))
    : [nodeRole];
}

/**
 * The account's first spot instance makes this role.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html
 */
function spotRole(groups: readonly NodeGroup[], scope: ArnScope): Statement | undefined {
  if (groups.every(({ capacityType }) => capacityType === "on-demand")) return undefined;
  const role = "aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot";
  return {
    ...statement("FirstSpotInstance", "iam:CreateServiceLinkedRole", roleArn(scope, role)),
    Condition: { StringEquals: { "iam:AWSServiceName": "spot.amazonaws.com" } },
  };
}

/**
 * Parameters by name in the four families only. Who may list a path may read all below it, values included: each family
 * is listed by itself, so that a munge key next to them is not read along
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html).
 */
function parameters(
  { cluster, ssm, nodeGroups }: PolicyConfig,
  { scope, withPut, fromPrefixes = [] }: ControllerPolicyOptions,
): Statement[] {
  const needed = nodeGroups.some(({ imageId, keyPair, securityGroups }) =>
    imageId === undefined || keyPair === undefined || securityGroups === undefined
  );
  if (!needed) return [];
  const below = (prefix: string) =>
    PARAMETER_FAMILIES.map((family) => parameterArn(scope, `/${prefix}/${family}/*`));
  const prefixes = distinct([ssm.prefix, cluster, ...fromPrefixes]);
  return [
    statement("ReadParameters", actionsOf("read"), prefixes.flatMap(below)),
    statement(
      "ListParameters",
      actionsOf("list"),
      prefixes.flatMap((prefix) =>
        PARAMETER_FAMILIES.map((family) => parameterArn(scope, `/${prefix}/${family}`))
      ),
    ),
    ...(withPut ? [statement("WriteParameters", actionsOf("write"), below(ssm.prefix))] : []),
  ];
}

function statement(Sid: string, action: OneOrMore, resource: OneOrMore): Statement {
  return { Sid, Effect: "Allow", Action: single(action), Resource: single(resource) };
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
