import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { RunInstancesInput, TagSpecification } from "../../../lib/aws/ec2_api.ts";
import { ec2Arn, parameterArn, roleArn } from "../../../lib/iam/arn.ts";
import type { PolicyDocument } from "../../../lib/iam/policy.ts";
import type { InMemoryAws } from "../../../lib/sim/in_memory.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { isAllowed, type Judged } from "./evaluate.ts";

const SCOPE = { partition: "aws", region: WORLD.region, account: WORLD.account };

/** A simulated AWS in which nothing is allowed but what a policy says. */
export function enforced(
  aws: InMemoryAws,
  policy: PolicyDocument,
): Pick<InMemoryAws, "ec2" | "ssm" | "sts" | "quotas"> {
  const guard = <T extends object>(port: T, service: string): T =>
    new Proxy(port, {
      get(target, property) {
        const member = Reflect.get(target, property, target);
        if (typeof member !== "function" || typeof property !== "string") return member;
        const action = `${service}:${property[0]!.toUpperCase()}${property.slice(1)}`;
        // deno-lint-ignore require-await -- a refusal is a rejection
        return async (input: object, ...rest: unknown[]) => {
          const denied = judgements(aws, action, input).find((judged) => !isAllowed(policy, judged));
          if (denied) throw refusal(service, property, denied);
          return member.call(target, input, ...rest);
        };
      },
    });
  return {
    ec2: guard(aws.ec2, "ec2"),
    ssm: guard(aws.ssm, "ssm"),
    sts: aws.sts,
    quotas: guard(aws.quotas, "servicequotas"),
  };
}

function refusal(service: string, operation: string, { action, arn }: Judged): AwsError {
  const code = service === "ec2" ? "UnauthorizedOperation" : "AccessDeniedException";
  return new AwsError({ code, operation, message: `Not allowed: ${action} on ${arn}` });
}

/** What AWS asks its policies about one call; a call that the tests don't know is judged on a resource of no policy. */
function judgements(aws: InMemoryAws, action: string, input: object): Judged[] {
  const { InstanceIds, InstanceId, Names, Name, Path } = input as Record<string, unknown>;
  if (action === "ec2:RunInstances") return launchJudgements(input as RunInstancesInput);
  if (/^(ec2:Describe|servicequotas:)/.test(action)) return [{ action, arn: "*" }];
  if (action.startsWith("ssm:")) {
    const names = (Names ?? [Name ?? Path]) as string[];
    return names.map((name) => ({ action, arn: parameterArn(SCOPE, name) }));
  }
  const ids = (InstanceIds ?? (InstanceId === undefined ? [] : [InstanceId])) as string[];
  if (ids.length === 0) return [{ action, arn: "unknown" }];
  return ids.map((id) => ({
    action,
    arn: ec2Arn(SCOPE, `instance/${id}`),
    context: tagContext(
      "aws:ResourceTag",
      aws.simulator.instances().find((one) => one.instanceId === id)?.tags ?? {},
    ),
  }));
}

/**
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances: every
 * resource of the launch, then CreateTags for what is tagged in it, then the role.
 */
function launchJudgements(input: RunInstancesInput): Judged[] {
  const action = "ec2:RunInstances";
  const tagsOf = (kind: TagSpecification["ResourceType"]) =>
    Object.fromEntries(
      input.TagSpecifications?.find(({ ResourceType }) => ResourceType === kind)?.Tags.map((
        { Key, Value },
      ) => [Key, Value]) ?? [],
    );
  const made = (["instance", "volume", "network-interface"] as const).flatMap((kind): Judged[] => {
    const tags = tagsOf(kind);
    const context = { ...tagContext("aws:RequestTag", tags), "aws:TagKeys": Object.keys(tags) };
    const arn = ec2Arn(SCOPE, `${kind}/*`);
    return [
      { action, arn, context },
      { action: "ec2:CreateTags", arn, context: { ...context, "ec2:CreateAction": "RunInstances" } },
    ];
  });
  const groupName = input.Placement?.GroupName;
  const reservation = input.CapacityReservationSpecification?.CapacityReservationTarget
    ?.CapacityReservationId;
  const used = [
    `image/${input.ImageId}`,
    `subnet/${input.SubnetId}`,
    ...(input.SecurityGroupIds ?? []).map((id) => `security-group/${id}`),
    ...(input.KeyName === undefined ? [] : [`key-pair/${input.KeyName}`]),
    ...(groupName === undefined ? [] : [`placement-group/${groupName}`]),
    ...(reservation === undefined ? [] : [`capacity-reservation/${reservation}`]),
  ];
  const profile = input.IamInstanceProfile?.Name;
  return [
    ...made,
    ...used.map((resource) => ({
      action,
      arn: ec2Arn(SCOPE, resource).replaceAll(":*:", `:${WORLD.account}:`),
    })),
    ...(profile === undefined ? [] : [{
      action: "iam:PassRole",
      arn: roleArn(SCOPE, profile),
      context: { "iam:PassedToService": "ec2.amazonaws.com" },
    }]),
  ];
}

function tagContext(key: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [`${key}/${name}`, value]));
}
