import { assert, assertEquals } from "@std/assert";
import { parse } from "yaml";
import type { Config, NodeGroup } from "../../lib/config/model.ts";
import { controllerPolicy, type ControllerPolicyOptions } from "../../lib/iam/controller_policy.ts";
import { nodePolicy } from "../../lib/iam/node_policy.ts";
import {
  listOf,
  POLICY_LIMITS,
  type PolicyDocument,
  policySize,
  type Statement,
} from "../../lib/iam/policy.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { EVERYTHING_PARAMETERS, everythingConfig } from "../fixtures/everything_config.ts";
import { kinds } from "../fixtures/kinds.ts";
import { makeRig } from "../fixtures/rig.ts";
import { testConfig } from "../fixtures/test_config.ts";
import { isAllowed, statementsOf } from "../lib/iam/evaluate.ts";
import { resolveTemplate } from "./cloudformation_template.ts";
import { readTemplate } from "./cloudformation_templates.ts";

const SCOPE = { partition: "aws", region: WORLD.region, account: WORLD.account };
const ROLE = `arn:aws:iam::${WORLD.account}:role/${WORLD.instanceProfileName}`;
const KEY = `arn:aws:kms:${WORLD.region}:${WORLD.account}:key/00000000-0000-0000-0000-000000000000`;

/** What iam.yaml makes for the cluster of the test configuration. */
function stack(parameters: Readonly<Record<string, string>> = {}) {
  const { resources, outputs } = resolveTemplate(readTemplate("iam.yaml"), {
    parameters: { ClusterName: "test", InstanceTypes: "c7i.large,m7i.large", ...parameters },
    region: WORLD.region,
    account: WORLD.account,
    attributes: { "NodeRole.Arn": ROLE },
  });
  return {
    resources,
    outputs,
    controller: resources.ControllerPolicy!.Properties.PolicyDocument as PolicyDocument,
    node: resources.NodePolicy?.Properties.PolicyDocument as PolicyDocument | undefined,
  };
}

/** The test configuration with the same changes to every group, one of them in a placement group and a reservation. */
function configWith(changes: Partial<NodeGroup>, more: Partial<Config> = {}): Config {
  const config = testConfig(more);
  const nodeGroups = config.nodeGroups.map((group, i) => ({
    ...group,
    instanceProfile: WORLD.instanceProfileName,
    ...(i === 0 &&
      { placementGroup: WORLD.placementGroupName, capacityReservation: WORLD.capacityReservationId }),
    ...changes,
  }));
  return { ...config, nodeGroups };
}

/** Statements by name; a launch's resources by kind, since a configuration names its subnets and a template can't. */
function statements({ Statement }: PolicyDocument): Record<string, unknown> {
  return Object.fromEntries(Statement.map((one) => [one.Sid, comparable(one)]));
}

function comparable({ Sid, Effect, Action, Resource, Condition }: Statement): unknown {
  const kind = (arn: string) => arn.replace(/^.*:(?=[a-z-]+\/)/, "").replace(/\/.*/, "");
  const resources = listOf(Resource).map((arn) => Sid === "LaunchFrom" ? kind(arn) : arn);
  return {
    Effect,
    Action: listOf(Action),
    Resource: [...new Set(resources)].sort(),
    Condition: lists(withTypes(Condition)),
  };
}

/** A template's instance types may have wildcards, which a printed policy's have not. */
function withTypes(
  { StringLike, StringEquals, ...rest }: Statement["Condition"] = {},
): Statement["Condition"] {
  const { "ec2:InstanceType": types, ...like } = StringLike ?? {};
  return {
    ...rest,
    ...(Object.keys(like).length > 0 && { StringLike: like }),
    ...((StringEquals || types) &&
      { StringEquals: { ...StringEquals, ...(types && { "ec2:InstanceType": types }) } }),
  };
}

/** One value and a list of one mean the same. */
function lists(condition: Statement["Condition"]): unknown {
  return JSON.parse(
    JSON.stringify(condition ?? {}),
    (_, value) => typeof value === "string" ? [value] : value,
  );
}

interface Case {
  readonly when: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly config: Config;
  readonly options?: Partial<ControllerPolicyOptions>;
}

const CASES: readonly Case[] = [
  { when: "nodes are on demand", parameters: { SpotNodes: "no" }, config: configWith({}) },
  { when: "nodes are spot instances", parameters: {}, config: configWith({ capacityType: "spot" }) },
  {
    when: "parameters have another prefix",
    parameters: { SpotNodes: "no", SsmPrefix: "legacy" },
    config: configWith({}, { ssm: { prefix: "legacy", spelling: "SlurmNodeAmis" } }),
  },
  {
    when: "the site has tags of its own",
    parameters: { SpotNodes: "no", SiteTagKeys: "CostCenter,Project" },
    config: configWith({ tags: { Project: "chip", CostCenter: "4711" } }),
  },
  {
    when: "root volumes have a key of the site's",
    parameters: { SpotNodes: "no", VolumeKmsKeyArn: KEY },
    config: configWith({ rootVolume: { encrypted: true, kmsKeyId: KEY } }),
  },
  {
    when: "parameters may be written",
    parameters: { SpotNodes: "no", WriteParameters: "yes" },
    config: configWith({}),
    options: { withPut: true },
  },
];

for (const { when, parameters, config, options } of CASES) {
  Deno.test(`iam.yaml allows the controller what "iam policy" prints when ${when}`, () => {
    const printed = controllerPolicy(config, { scope: SCOPE, nodeRole: ROLE, ...options });
    assertEquals(statements(stack(parameters).controller), statements(printed));
  });
}

Deno.test('iam.yaml allows a node what "iam policy --for node" prints', () => {
  const mungeKey = "MungeKey";
  for (const [parameters, kmsKey] of [[{}, undefined], [{ MungeKeyKmsKeyArn: KEY }, KEY]] as const) {
    const printed = nodePolicy(testConfig(), { scope: SCOPE, mungeKey, ...(kmsKey && { kmsKey }) });
    const { node } = stack({ MungeKeyParameter: mungeKey, ...parameters });
    assertEquals(statements(node!), statements(printed));
  }
  assertEquals(stack().node, undefined);
});

Deno.test("iam.yaml with everything on keeps within IAM's limit of a managed policy", () => {
  const { controller } = stack({
    ClusterName: "c".repeat(40),
    SsmPrefix: "p".repeat(40),
    SiteTagKeys: Array.from({ length: 20 }, (_, i) => `SiteTagNumber${i}`).join(","),
    VolumeKmsKeyArn: KEY,
    WriteParameters: "yes",
  });
  assert(policySize(controller) < POLICY_LIMITS.managed, `${policySize(controller)} characters`);
});

Deno.test("iam.yaml suffices for powering up, down, starting again and failing, with everything on", async () => {
  const text = everythingConfig().replace("alias/slurm", KEY);
  const { stateDir: _, ...config } = parseConfig(text, "slurm-ec2.yaml");
  const { controller } = stack({ ClusterName: "chip", SiteTagKeys: "Project", VolumeKmsKeyArn: KEY });
  const policies = statementsOf(controller);
  await using rig = await makeRig({ config, aws: { policies, parameters: EVERYTHING_PARAMETERS } });
  assertEquals(kinds((await rig.resume("r[0-1],p[0-1],s[0-1],w[0-1]")).nodes), { assigned: 8 });
  // A pending instance can't be stopped: it would be terminated.
  rig.clock.now += 60_000;
  await rig.stop("r[0-1],w[0-1]");
  rig.clock.now += 60_000;
  assertEquals(kinds((await rig.resume("w[0-1]")).nodes), { assigned: 2 });
  assertEquals(rig.aws.simulator.calls().StartInstances, 1);
  await rig.resumeFail("p[0-1]");
  assert(rig.aws.simulator.calls().GetConsoleOutput! > 0);
});

const arn = (resource: string) => `arn:aws:ec2:${WORLD.region}:${WORLD.account}:${resource}`;
const parameter = (name: string) => `arn:aws:ssm:${WORLD.region}:${WORLD.account}:parameter${name}`;
const REQUESTED = "aws:RequestTag/slurm-ec2:cluster";
const TAGGED = "aws:ResourceTag/slurm-ec2:cluster";
const LAUNCHING = { "ec2:CreateAction": "RunInstances" };
const OWN_KEYS = { "aws:TagKeys": ["slurm-ec2:cluster", "slurm-ec2:nodes.1"] };

const TYPE = { "ec2:InstanceType": "c7i.large" };
const DECISIONS: readonly (readonly [
  may: boolean,
  what: string,
  action: string,
  arn: string,
  context: Record<string, string | readonly string[]>,
])[] = [
  ...["instance/i-1", "volume/vol-1", "network-interface/eni-1"].flatMap((made): typeof DECISIONS => [
    [true, `launch ${made} of this cluster`, "ec2:RunInstances", arn(made), { [REQUESTED]: "test", ...TYPE }],
    [false, `launch ${made} without a tag`, "ec2:RunInstances", arn(made), TYPE],
    [false, `launch ${made} of another cluster`, "ec2:RunInstances", arn(made), { [REQUESTED]: "other" }],
    [
      true,
      `tag ${made} at launch`,
      "ec2:CreateTags",
      arn(made),
      { ...LAUNCHING, ...OWN_KEYS, [REQUESTED]: "test" },
    ],
    [false, `tag ${made} later`, "ec2:CreateTags", arn(made), { ...OWN_KEYS, [REQUESTED]: "test" }],
    [
      false,
      `tag ${made} at another call`,
      "ec2:CreateTags",
      arn(made),
      { "ec2:CreateAction": "CreateVolume", ...OWN_KEYS, [REQUESTED]: "test" },
    ],
    [
      false,
      `give ${made} a key of somebody else's`,
      "ec2:CreateTags",
      arn(made),
      { ...LAUNCHING, "aws:TagKeys": ["slurm-ec2:cluster", "Owner"], [REQUESTED]: "test" },
    ],
    [
      false,
      `give ${made} to another cluster`,
      "ec2:CreateTags",
      arn(made),
      { ...LAUNCHING, ...OWN_KEYS, [REQUESTED]: "other" },
    ],
  ]),
  [false, "launch another instance type", "ec2:RunInstances", arn("instance/i-1"), {
    [REQUESTED]: "test",
    "ec2:InstanceType": "p4d.24xlarge",
  }],
  [false, "list what lies next to its parameters", "ssm:GetParametersByPath", parameter("/test"), {}],
  ...["Terminate", "Stop", "Start"].flatMap((verb): typeof DECISIONS => [
    [true, `${verb} this cluster's`, `ec2:${verb}Instances`, arn("instance/i-1"), { [TAGGED]: "test" }],
    [false, `${verb} another cluster's`, `ec2:${verb}Instances`, arn("instance/i-1"), { [TAGGED]: "other" }],
    [false, `${verb} anybody's`, `ec2:${verb}Instances`, arn("instance/i-1"), {}],
  ]),
  [true, "read this cluster's console", "ec2:GetConsoleOutput", arn("instance/i-1"), { [TAGGED]: "test" }],
  [false, "read anybody's console", "ec2:GetConsoleOutput", arn("instance/i-1"), {}],
  [true, "hand EC2 the node role", "iam:PassRole", ROLE, { "iam:PassedToService": "ec2.amazonaws.com" }],
  [false, "hand Lambda the node role", "iam:PassRole", ROLE, {
    "iam:PassedToService": "lambda.amazonaws.com",
  }],
  [
    false,
    "hand EC2 another role",
    "iam:PassRole",
    ROLE.replace(/[^/]*$/, "Administrator"),
    { "iam:PassedToService": "ec2.amazonaws.com" },
  ],
  [true, "read its own parameters", "ssm:GetParameters", parameter("/test/SlurmNodeAmi/Rocky/9/arm64/x"), {}],
  [false, "read the munge key", "ssm:GetParameter", parameter("/test/MungeKey"), {}],
  [false, "read another cluster's parameters", "ssm:GetParameters", parameter("/other/SlurmNodeAmi/x"), {}],
  [false, "write parameters", "ssm:PutParameter", parameter("/test/SlurmNodeAmi/Rocky/9/arm64/x"), {}],
  [false, "delete tags", "ec2:DeleteTags", arn("instance/i-1"), { [TAGGED]: "test" }],
];

for (const [may, what, action, resource, context] of DECISIONS) {
  Deno.test(`iam.yaml ${may ? "lets" : "does not let"} the controller ${what}`, () => {
    assertEquals(isAllowed(stack().controller, { action, arn: resource, context }), may);
  });
}

Deno.test("iam.yaml lets a node read the munge key and nothing else", () => {
  const { node } = stack({ MungeKeyParameter: "MungeKey" });
  const read = (name: string) =>
    isAllowed(node!, { action: "ssm:GetParameter", arn: parameter(name), context: {} });
  assert(read("/test/MungeKey"));
  for (const name of ["/test/SlurmNodeAmi/x", "/test/MungeKey2", "/other/MungeKey"]) {
    assert(!read(name), name);
  }
  assertEquals(node!.Statement.flatMap(({ Action }) => listOf(Action)), ["ssm:GetParameter"]);
});

Deno.test("iam.yaml attaches the controller's policy to a role, to a user, or to nobody yet", () => {
  const attached = (parameters: Record<string, string>) => {
    const { Roles, Users } = stack(parameters).resources.ControllerPolicy!.Properties;
    return { Roles, Users };
  };
  assertEquals(attached({}), { Roles: undefined, Users: undefined });
  assertEquals(attached({ ControllerRoleName: "ctl" }), { Roles: ["ctl"], Users: undefined });
  assertEquals(attached({ ControllerUserName: "slurm" }), { Roles: undefined, Users: ["slurm"] });
});

Deno.test("iam.yaml makes an instance profile of a role that only EC2 takes", () => {
  const { resources, outputs } = stack();
  const { Statement } = resources.NodeRole!.Properties.AssumeRolePolicyDocument as PolicyDocument;
  assertEquals(
    Statement,
    [
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
    ] as unknown as typeof Statement,
  );
  assertEquals(resources.NodeInstanceProfile!.Properties.Roles, ["NodeRole"]);
  assertEquals(resources.NodeRole!.Properties.ManagedPolicyArns, undefined);
  assertEquals(stack({ NodeSessionManager: "yes" }).resources.NodeRole!.Properties.ManagedPolicyArns, [
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
  ]);
  assertEquals(parse(outputs.SlurmEc2Yaml!), {
    cluster: "test",
    region: WORLD.region,
    defaults: { instanceProfile: "NodeInstanceProfile" },
  });
});
