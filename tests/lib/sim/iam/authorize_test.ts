import { assertEquals, assertMatch } from "@std/assert";
import { WORLD } from "../../../../lib/sim/fresh_world.ts";
import { readPolicy } from "../../../../lib/sim/iam/read_policy.ts";
import type { Action, Actions } from "../../../../lib/sim/actions.ts";
import type { RunInstancesRequest } from "../../../../lib/sim/run_instances_request.ts";
import { idsOf, launchRequest, Story } from "../worlds.ts";

const pure = { permissions: "none" } as const;
const ALL = { Effect: "Allow", Action: "*", Resource: "*" };

function under(...Statement: readonly object[]): Story {
  const { statements, problems } = readPolicy({ Version: "2012-10-17", Statement });
  assertEquals(problems, []);
  return new Story({ policies: statements });
}

/** Code and message of a call's refusal. */
function refusal<A extends Action>(story: Story, action: A, request: Actions[A]["request"]): string {
  const done = story.step(action, request);
  return done.kind === "answer"
    ? "answered"
    : `${done.refusal.httpStatus} ${done.refusal.code}: ${done.refusal.message}`;
}

const USER = `User: arn:aws:iam::${WORLD.account}:user/simulated is not authorized to perform:`;

Deno.test("A world without policies allows everything, one without statements nothing", pure, () => {
  assertEquals(new Story().launch().length, 1);
  assertEquals(
    refusal(new Story({ policies: [] }), "DescribeSubnets", {}),
    `403 UnauthorizedOperation: You are not authorized to perform this operation. ${USER} ec2:DescribeSubnets ` +
      "because no identity-based policy allows the ec2:DescribeSubnets action",
  );
});

Deno.test(
  "SSM is refused by its own code, on the parameter's ARN, with or without a slash in front",
  pure,
  () => {
    const story = under({ ...ALL, Action: "ssm:GetParameters", Resource: "arn:aws:ssm:*:*:parameter/a/*" });
    const says = (name: string) =>
      `400 AccessDeniedException: ${USER} ssm:GetParameters on resource: arn:aws:ssm:${WORLD.region}:${WORLD.account}:` +
      `parameter/${name} because no identity-based policy allows the ssm:GetParameters action`;
    assertEquals(refusal(story, "GetParameters", { Names: ["/a/x", "/b/x"] }), says("b/x"));
    assertEquals(refusal(story, "GetParameters", { Names: ["c"] }), says("c"));
    assertEquals(refusal(story, "GetParameters", { Names: ["/a/x"] }), "answered");
  },
);

Deno.test("An explicit deny is reported as one", pure, () => {
  const story = under(ALL, { ...ALL, Effect: "Deny", Action: "ssm:PutParameter" });
  assertMatch(
    refusal(story, "PutParameter", { Name: "/a", Value: "b", Type: "String" }),
    /parameter\/a with an explicit deny in an identity-based policy$/,
  );
});

Deno.test("Who one is may be asked whatever the policies say", pure, () => {
  const story = under({ ...ALL, Effect: "Deny" });
  assertEquals(story.answer("GetCallerIdentity", {}).account, WORLD.account);
});

Deno.test("Policies are asked before it is looked whether something exists or is a dry run", pure, () => {
  const none = new Story({ policies: [] });
  const InstanceIds = ["i-0123456789abcdef0"];
  for (const DryRun of [true, false]) {
    assertEquals(none.code("TerminateInstances", { InstanceIds, DryRun }), "UnauthorizedOperation");
    assertEquals(
      none.code("RunInstances", launchRequest({ ImageId: "ami-12345678", DryRun })),
      "UnauthorizedOperation",
    );
  }
  const all = under(ALL);
  assertEquals(all.code("TerminateInstances", { InstanceIds, DryRun: true }), "InvalidInstanceID.NotFound");
  assertEquals(all.code("RunInstances", launchRequest({ DryRun: true })), "DryRunOperation");
});

/** A launch of everything there is, tags included. */
const EVERYTHING: Partial<RunInstancesRequest> = {
  KeyName: WORLD.keyName,
  SecurityGroupIds: [WORLD.securityGroupId],
  IamInstanceProfile: { Arn: WORLD.instanceProfileArn },
  Placement: { GroupName: WORLD.placementGroupName },
  CapacityReservationSpecification: {
    CapacityReservationTarget: { CapacityReservationId: WORLD.capacityReservationId },
  },
  TagSpecifications: (["instance", "volume", "network-interface"] as const).map((ResourceType) => ({
    ResourceType,
    Tags: [{ Key: "cluster", Value: "chip" }],
  })),
};
const ec2 = (resource: string, account: string = WORLD.account) =>
  `arn:aws:ec2:${WORLD.region}:${account}:${resource}`;

/** What of the launch above is asked for. */
const ASKED: readonly (readonly [action: string, resource: string])[] = [
  ...["instance", "volume", "network-interface"].flatMap((kind) => [
    ["ec2:RunInstances", ec2(`${kind}/*`)] as const,
    ["ec2:CreateTags", ec2(`${kind}/*`)] as const,
  ]),
  ["ec2:RunInstances", ec2(`image/${WORLD.imageIds.x86_64}`, "")],
  ["ec2:RunInstances", ec2(`subnet/${WORLD.subnetIds[0]}`)],
  ["ec2:RunInstances", ec2(`security-group/${WORLD.securityGroupId}`)],
  ["ec2:RunInstances", ec2(`key-pair/${WORLD.keyName}`)],
  ["ec2:RunInstances", ec2(`placement-group/${WORLD.placementGroupName}`)],
  ["ec2:RunInstances", ec2(`capacity-reservation/${WORLD.capacityReservationId}`)],
  ["iam:PassRole", `arn:aws:iam::${WORLD.account}:role/${WORLD.instanceProfileName}`],
];

for (const [action, resource] of ASKED) {
  Deno.test(`A launch needs ${action} on ${resource}`, pure, () => {
    const others = ASKED.filter((one) => one[0] !== action || one[1] !== resource);
    const statements = others.map(([Action, Resource]) => ({ Effect: "Allow", Action, Resource }));
    const said = refusal(under(...statements), "RunInstances", launchRequest(EVERYTHING));
    assertEquals(
      said.includes(`not authorized to perform: ${action} on resource: ${resource} because`),
      true,
      said,
    );
  });
}

Deno.test("A launch needs nothing else", pure, () => {
  const statements = ASKED.map(([Action, Resource]) => ({ Effect: "Allow", Action, Resource }));
  assertEquals(under(...statements).launch(EVERYTHING).length, 1);
});

/** Conditions that hold for the launch above, and those that don't. */
const CONDITIONS: readonly (readonly [holds: boolean, action: string, condition: object])[] = [
  [true, "ec2:RunInstances", { StringEqualsIfExists: { "aws:RequestTag/cluster": "chip" } }],
  [false, "ec2:RunInstances", { StringEqualsIfExists: { "aws:RequestTag/cluster": "other" } }],
  [true, "ec2:RunInstances", { StringEqualsIfExists: { "ec2:InstanceType": "c7i.large" } }],
  [false, "ec2:RunInstances", { StringEqualsIfExists: { "ec2:InstanceType": "c7i.xlarge" } }],
  [false, "ec2:RunInstances", { StringEqualsIfExists: { "ec2:InstanceMarketType": "spot" } }],
  [true, "ec2:RunInstances", {
    ArnLikeIfExists: { "ec2:InstanceProfile": "arn:aws:iam::*:instance-profile/*" },
  }],
  [true, "ec2:RunInstances", { StringEquals: { "aws:RequestedRegion": WORLD.region } }],
  [false, "ec2:RunInstances", { StringEquals: { "ec2:Region": "eu-west-1" } }],
  [true, "ec2:CreateTags", { StringEquals: { "ec2:CreateAction": "RunInstances" } }],
  [false, "ec2:CreateTags", { StringEquals: { "ec2:CreateAction": "CreateVolume" } }],
  [true, "ec2:CreateTags", { "ForAllValues:StringEquals": { "aws:TagKeys": ["cluster"] } }],
  [false, "ec2:CreateTags", { "ForAllValues:StringEquals": { "aws:TagKeys": ["owner"] } }],
  [true, "iam:PassRole", { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } }],
  [false, "iam:PassRole", { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }],
];

for (const [holds, Action, Condition] of CONDITIONS) {
  Deno.test(
    `A launch ${holds ? "meets" : "fails"} ${Action} where ${JSON.stringify(Condition)}`,
    pure,
    () => {
      const story = under({ Effect: "Allow", NotAction: Action, Resource: "*" }, {
        ...ALL,
        Action,
        Condition,
      });
      const said = refusal(story, "RunInstances", launchRequest(EVERYTHING));
      if (holds) assertEquals(said, "answered");
      else assertEquals(said.includes(`not authorized to perform: ${Action} `), true, said);
    },
  );
}

Deno.test("An instance is judged by its tags, and one that is not there has none", pure, () => {
  const tagged = (cluster: string) => ({
    TagSpecifications: [{ ResourceType: "instance" as const, Tags: [{ Key: "cluster", Value: cluster }] }],
  });
  const own = { ...ALL, Condition: { StringEquals: { "aws:ResourceTag/cluster": "chip" } } };
  const story = under({ ...ALL, NotAction: "ec2:TerminateInstances", Action: undefined }, {
    ...own,
    Action: "ec2:TerminateInstances",
  });
  const [mine] = idsOf(story.launch(tagged("chip")));
  const [other] = idsOf(story.launch(tagged("other")));
  const terminate = (...InstanceIds: readonly string[]) =>
    refusal(story, "TerminateInstances", { InstanceIds });
  assertMatch(
    terminate(mine!, other!),
    new RegExp(`^403 UnauthorizedOperation: .*instance/${other} because`),
  );
  assertMatch(terminate("i-0123456789abcdef0"), /^403 UnauthorizedOperation: /);
  assertEquals(terminate(mine!), "answered");
});

Deno.test("The first spot instance needs the service-linked role, later ones do not", pure, () => {
  const spot = { InstanceMarketOptions: { MarketType: "spot" as const } };
  const role = { Effect: "Allow", NotAction: "iam:CreateServiceLinkedRole", Resource: "*" };
  assertEquals(
    under(role).code("RunInstances", launchRequest(spot)),
    "AuthFailure.ServiceLinkedRoleCreationNotPermitted",
  );
  const story = under(ALL);
  story.launch(spot);
  story.world = { ...story.world, policies: under(role).world.policies };
  assertEquals(story.launch(spot).length, 1);
});

Deno.test("An instance whose volume's key may not be used dies while pending", pure, () => {
  const volume = (KmsKeyId: string) => ({
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { KmsKeyId } }],
  });
  const reason = (story: Story, key: string) => {
    const [id] = idsOf(story.launch(volume(key)));
    story.now += 1;
    const instance = story.answer("DescribeInstances", { InstanceIds: [id!] }).items[0]!;
    return `${instance.state} ${instance.stateReason?.code}`;
  };
  const key = `arn:aws:kms:${WORLD.region}:${WORLD.account}:key/1`;
  const rest = { Effect: "Allow", NotAction: "kms:*", Resource: "*" };
  assertEquals(reason(under(rest), "1"), "terminated Client.InternalError");
  const viaEc2 = { StringEquals: { "kms:ViaService": `ec2.${WORLD.region}.amazonaws.com` } };
  const use = { Effect: "Allow", Action: "kms:*", Resource: key, Condition: viaEc2 };
  assertEquals(reason(under(rest, use), "1"), "running undefined");
  assertEquals(reason(under(rest, use), key), "running undefined");
  assertEquals(reason(under(rest, use), "2"), "terminated Client.InternalError");
  assertEquals(reason(under(rest, use), "alias/a"), "terminated Client.InternalError");
  const alias = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/a" }, ...viaEc2 };
  const byAlias = { ...use, Resource: "*", Condition: alias };
  assertEquals(reason(under(rest, byAlias), "alias/a"), "running undefined");
  assertEquals(reason(under(rest, byAlias), "alias/b"), "terminated Client.InternalError");
});
