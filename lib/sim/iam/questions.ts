import type { Service } from "../credentials.ts";
import type { Action, Actions } from "../actions.ts";
import type { World } from "../world.ts";
import { ec2Arn, parameterArn, principalArn } from "./arns.ts";
import { launchQuestions } from "./launch_questions.ts";
import type { Context, Question, Resource } from "./statement.ts";
import { requestTags, resourceTags, tagsByKey } from "./tag_context.ts";

/** A call whose permission is in question. */
export interface AskedCall<A extends Action> {
  readonly service: Service;
  readonly action: A;
  readonly request: Actions[A]["request"];
}

/**
 * What IAM is asked before a call is carried out: every resource that it touches, each with the condition keys of
 * the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html and
 * list_awssystemsmanager.html). An action that is not listed here knows no resources: it is asked for `*`.
 */
export function questions<A extends Action>(world: World, call: AskedCall<A>): readonly Question[] {
  const { service, action, request } = call;
  const resourcesOf = RESOURCES[action] as Resources<A> | undefined;
  const shared = sharedContext(world, service);
  return (resourcesOf?.(world, request) ?? [{ resource: "*" }]).map((
    { action: other, resource, context },
  ) => ({
    action: other ?? `${service}:${action}`,
    resource,
    context: { ...shared, ...context },
  }));
}

function sharedContext(world: World, service: Service): Context {
  const { region, account } = world.settings;
  return {
    "aws:PrincipalArn": principalArn(world),
    "aws:PrincipalAccount": account,
    "aws:RequestedRegion": region,
    "aws:ResourceAccount": account,
    ...(service === "ec2" && { "ec2:Region": region }),
  };
}

type Resources<A extends Action> = (world: World, request: Actions[A]["request"]) => readonly Resource[];

const RESOURCES: { readonly [A in Action]?: Resources<A> } = {
  RunInstances: launchQuestions,
  StartInstances: (world, { InstanceIds }) => InstanceIds.map((id) => existing(world, id)),
  StopInstances: (world, { InstanceIds }) => InstanceIds.map((id) => existing(world, id)),
  TerminateInstances: (world, { InstanceIds }) => InstanceIds.map((id) => existing(world, id)),
  GetConsoleOutput: (world, { InstanceId }) => [existing(world, InstanceId)],
  CreateTags: (world, { Resources, Tags }) =>
    Resources.map((id) => {
      const { resource, context } = existing(world, id);
      return { resource, context: { ...context, ...requestTags(tagsByKey(Tags)) } };
    }),
  GetParameter: (world, { Name }) => [{ resource: referenced(world, Name) }],
  GetParameters: (world, { Names }) => Names.map((name) => ({ resource: referenced(world, name) })),
  GetParametersByPath: (world, { Path }) => [{ resource: parameterArn(world, Path) }],
  PutParameter: (world, { Name, Tags = [] }) => [{
    resource: parameterArn(world, Name),
    context: requestTags(tagsByKey(Tags)),
  }],
};

/** The ARN of a parameter that may be named with its version, or by its ARN. */
function referenced(world: World, text: string): string {
  const [arnOrName = ""] = /^arn:(?:[^:]*:){4}[^:]*|^[^:]*/.exec(text) ?? [];
  return arnOrName.startsWith("arn:") ? arnOrName : parameterArn(world, arnOrName);
}

/** A resource by id; one that nobody has ever had has no tags: where they decide, it is a stranger's. */
function existing(world: World, id: string): Resource {
  const resource = ec2Arn(world, `${KINDS[id.slice(0, id.indexOf("-"))] ?? "instance"}/${id}`);
  const instance = world.instances.get(id);
  if (!instance) return { resource };
  return {
    resource,
    context: {
      ...resourceTags(instance.tags),
      "ec2:InstanceType": instance.instanceType,
      "ec2:InstanceMarketType": instance.capacityType,
      "ec2:InstanceProfile": instance.iamInstanceProfile?.arn,
      "ec2:MetadataHttpTokens": instance.metadataOptions.HttpTokens,
    },
  };
}

/** Kinds of resource by the beginning of their ids, as EC2's own ARNs have them (see {@link ec2Arn}). */
const KINDS: Readonly<Record<string, string>> = {
  ami: "image",
  cr: "capacity-reservation",
  eni: "network-interface",
  key: "key-pair",
  sg: "security-group",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
};
