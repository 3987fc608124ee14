import { launchNetwork } from "../launch_interfaces.ts";
import { partitionOf } from "../../aws/partition.ts";
import type { RunInstancesRequest } from "../run_instances_request.ts";
import type { World } from "../world.ts";
import { ec2Arn, iamArn } from "./arns.ts";
import type { Context, Resource } from "./statement.ts";
import { requestTags, type Tags, tagsByKey } from "./tag_context.ts";

/**
 * What a launch is asked for: RunInstances on what it makes and on what it uses, CreateTags on what it tags
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html), PassRole on the role that
 * it hands over, and the service-linked role that an account's first spot instance makes.
 */
export function launchQuestions(world: World, request: RunInstancesRequest): Resource[] {
  const made = MADE.map((kind) => ({
    kind,
    resource: ec2Arn(world, `${kind}/*`),
    tags: tagsOf(request, kind),
  }));
  const tagged = [...made, ...spotRequest(world, request)].filter(({ tags }) => Object.keys(tags).length > 0);
  return [
    ...made.map(({ kind, resource, tags }) => ({
      resource,
      context: { ...requestTags(tags), ...(kind === "instance" && instanceContext(world, request)) },
    })),
    ...used(world, request).map((id) => ({ resource: ec2Arn(world, id) })),
    ...tagged.map(({ resource, tags }) => ({
      action: "ec2:CreateTags",
      resource,
      context: { ...requestTags(tags), "ec2:CreateAction": "RunInstances" },
    })),
    ...passedRole(world, request),
    ...spotRole(world, request),
  ];
}

/** The kinds of resource that every launch makes. */
const MADE = ["instance", "volume", "network-interface"] as const;

function tagsOf({ TagSpecifications = [] }: RunInstancesRequest, kind: string): Tags {
  return tagsByKey(TagSpecifications.find(({ ResourceType }) => ResourceType === kind)?.Tags ?? []);
}

/** A spot request is asked for only where the launch tags it. */
function spotRequest(world: World, request: RunInstancesRequest): { resource: string; tags: Tags }[] {
  const kind = "spot-instances-request";
  return [{ resource: ec2Arn(world, `${kind}/*`), tags: tagsOf(request, kind) }];
}

function instanceContext(world: World, request: RunInstancesRequest): Context {
  const profile = profileName(request);
  return {
    "ec2:InstanceType": request.InstanceType,
    "ec2:InstanceMarketType": isSpot(request) ? "spot" : "on-demand",
    "ec2:InstanceProfile": profile === undefined ? undefined : iamArn(world, `instance-profile/${profile}`),
    "ec2:MetadataHttpTokens": request.MetadataOptions?.HttpTokens ?? "required",
  };
}

/** What a launch names, or EC2 takes for it where it names none: all subnets that it may go to, the default group. */
function used(world: World, request: RunInstancesRequest): string[] {
  const { KeyName, Placement, CapacityReservationSpecification } = request;
  const { subnets, securityGroups } = world.network;
  const reservation = CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationId;
  const named = (name: string) => [...securityGroups.values()].filter(({ groupName }) => groupName === name);
  const { SubnetId, SecurityGroupIds, SecurityGroups } = launchNetwork(request);
  const asked = SecurityGroups ?? (SecurityGroupIds === undefined ? ["default"] : []);
  const ofInterfaces = (request.NetworkInterfaces ?? []).flatMap(({ Groups = [] }) => Groups);
  const groups = [
    ...SecurityGroupIds ?? [],
    ...ofInterfaces,
    ...asked.flatMap(named).map(({ groupId }) => groupId),
  ];
  return [
    `image/${request.ImageId}`,
    ...(SubnetId === undefined ? [...subnets.keys()] : [SubnetId]).map((id) => `subnet/${id}`),
    ...[...new Set(groups)].map((id) => `security-group/${id}`),
    ...(KeyName === undefined ? [] : [`key-pair/${KeyName}`]),
    ...(Placement?.GroupName === undefined ? [] : [`placement-group/${Placement.GroupName}`]),
    ...(reservation === undefined ? [] : [`capacity-reservation/${reservation}`]),
  ];
}

/** The world's roles are named like the instance profiles that they are in, as the console makes them. */
function passedRole(world: World, request: RunInstancesRequest): Resource[] {
  const profile = profileName(request);
  if (profile === undefined) return [];
  const context = { "iam:PassedToService": partitionOf(world.settings.region).ec2Principal };
  return [{ action: "iam:PassRole", resource: iamArn(world, `role/${profile}`), context }];
}

function profileName({ IamInstanceProfile: profile }: RunInstancesRequest): string | undefined {
  return profile?.Name ?? profile?.Arn?.replace(/^.*\//, "");
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html */
function spotRole(world: World, request: RunInstancesRequest): Resource[] {
  const exists = world.instances.values().some(({ capacityType }) => capacityType === "spot");
  if (!isSpot(request) || exists) return [];
  return [{
    action: SPOT_ROLE_ACTION,
    resource: iamArn(world, "role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"),
    context: { "iam:AWSServiceName": "spot.amazonaws.com" },
  }];
}

/** EC2 refuses with a code of its own where a caller lacks this one. */
export const SPOT_ROLE_ACTION = "iam:CreateServiceLinkedRole";

function isSpot({ InstanceMarketOptions }: RunInstancesRequest): boolean {
  return InstanceMarketOptions?.MarketType === "spot";
}
