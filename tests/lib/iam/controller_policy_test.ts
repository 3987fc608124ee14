import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  controllerPolicy,
  type ControllerPolicyOptions,
  nodeRoles,
} from "../../../lib/iam/controller_policy.ts";
import { listOf, type PolicyDocument, type Statement } from "../../../lib/iam/policy.ts";
import type { Config, NodeGroup } from "../../../lib/config/model.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { isAllowed } from "./evaluate.ts";

const SCOPE = { partition: "aws", region: WORLD.region, account: WORLD.account };
const arn = (resource: string) => `arn:aws:ec2:${WORLD.region}:${WORLD.account}:${resource}`;

/** The test configuration with the same changes to every group. */
function configWith(changes: Partial<NodeGroup>, more: Partial<Config> = {}): Config {
  const config = testConfig(more);
  return { ...config, nodeGroups: config.nodeGroups.map((group) => ({ ...group, ...changes })) };
}

function policyOf(config: Config, options: Partial<ControllerPolicyOptions> = {}): PolicyDocument {
  return controllerPolicy(config, { scope: SCOPE, ...options });
}

function find(policy: PolicyDocument, action: string): Statement[] {
  return policy.Statement.filter(({ Action }) => listOf(Action).includes(action));
}

Deno.test("controllerPolicy() lets nobody touch another cluster's instances", { permissions: "none" }, () => {
  const policy = policyOf(testConfig());
  for (const action of ["TerminateInstances", "StopInstances", "StartInstances", "GetConsoleOutput"]) {
    const judge = (context: Record<string, string>) =>
      isAllowed(policy, { action: `ec2:${action}`, arn: arn("instance/i-0123456789abcdef0"), context });
    assertEquals(judge({ "aws:ResourceTag/slurm-ec2:cluster": "test" }), true, action);
    assertEquals(judge({ "aws:ResourceTag/slurm-ec2:cluster": "other" }), false, action);
    assertEquals(judge({}), false, action);
  }
});

Deno.test(
  "controllerPolicy() allows tags at a launch only, and only known keys",
  { permissions: "none" },
  () => {
    const policy = policyOf(configWith({ tags: { Project: "chip" } }));
    const context = {
      "ec2:CreateAction": "RunInstances",
      "aws:RequestTag/slurm-ec2:cluster": "test",
      "aws:TagKeys": ["slurm-ec2:cluster", "slurm-ec2:nodes.7", "Project"],
    };
    const judge = (changes: object) =>
      isAllowed(policy, {
        action: "ec2:CreateTags",
        arn: arn("instance/*"),
        context: { ...context, ...changes },
      });
    assertEquals(judge({}), true);
    assertEquals(judge({ "ec2:CreateAction": "CreateVolume" }), false);
    assertEquals(judge({ "ec2:CreateAction": undefined }), false);
    assertEquals(judge({ "aws:TagKeys": ["slurm-ec2:cluster", "Owner"] }), false);
    assertEquals(judge({ "aws:RequestTag/slurm-ec2:cluster": "other" }), false);
  },
);

Deno.test("controllerPolicy() allows no launch without the cluster's tag", { permissions: "none" }, () => {
  const policy = policyOf(testConfig());
  for (const kind of ["instance", "volume", "network-interface"]) {
    const judge = (context: Record<string, string>) =>
      isAllowed(policy, { action: "ec2:RunInstances", arn: arn(`${kind}/*`), context });
    const type: Record<string, string> = kind === "instance" ? { "ec2:InstanceType": "c7i.large" } : {};
    assertEquals(judge({ "aws:RequestTag/slurm-ec2:cluster": "test", ...type }), true, kind);
    assertEquals(judge(type), false, kind);
  }
});

Deno.test("controllerPolicy() allows the configuration's instance types and no others", {
  permissions: "none",
}, () => {
  const may = (config: Config, type: string) =>
    isAllowed(policyOf(config), {
      action: "ec2:RunInstances",
      arn: arn("instance/*"),
      context: { "aws:RequestTag/slurm-ec2:cluster": "test", "ec2:InstanceType": type },
    });
  assert(may(testConfig(), "c7i.large") && may(testConfig(), "m7i.large"));
  assertEquals([may(testConfig(), "p4d.24xlarge"), may(testConfig(), "c7i.xlarge")], [false, false]);
  const many = Array.from({ length: 400 }, (_, i) => `c7i.${i}xlarge`);
  for (const type of [many[0]!, many[199]!, many[399]!]) {
    assert(may(configWith({ instanceTypes: many }), type), type);
  }
});

Deno.test("controllerPolicy() names what the configuration names, and leaves open what SSM says", {
  permissions: "none",
}, () => {
  const launch = (config: Config) =>
    find(policyOf(config), "ec2:RunInstances").flatMap(({ Resource }) => listOf(Resource));
  const open = launch(testConfig());
  assert(open.includes(`arn:aws:ec2:${WORLD.region}::image/*`));
  assert(open.includes(arn("key-pair/*")) && open.includes(arn("security-group/*")));
  assert(open.includes(`arn:aws:ec2:${WORLD.region}:*:subnet/${WORLD.subnetIds[0]}`));
  const closed = launch(configWith({
    imageId: WORLD.imageIds.x86_64,
    keyPair: "none",
    securityGroups: [WORLD.securityGroupId],
    capacityReservation: WORLD.capacityReservationId,
  }));
  assert(closed.includes(`arn:aws:ec2:${WORLD.region}::image/${WORLD.imageIds.x86_64}`));
  assert(closed.includes(`arn:aws:ec2:${WORLD.region}:*:security-group/${WORLD.securityGroupId}`));
  assert(
    closed.includes(`arn:aws:ec2:${WORLD.region}:*:capacity-reservation/${WORLD.capacityReservationId}`),
  );
  assertEquals(closed.filter((one) => /key-pair|image\/\*|group\/\*/.test(one)), []);
});

Deno.test("controllerPolicy() takes a key pair's name by the letter", { permissions: "none" }, () => {
  const policy = policyOf(configWith({ keyPair: "my*key" }));
  const judge = (name: string) =>
    isAllowed(policy, { action: "ec2:RunInstances", arn: arn(`key-pair/${name}`) });
  assertEquals([judge("my*key"), judge("my-other-key")], [true, false]);
});

Deno.test("controllerPolicy() reads parameters of both spellings and prefixes, and no others", {
  permissions: "none",
}, () => {
  const config = testConfig({ ssm: { prefix: "stack", spelling: "SlurmNodeAmis" } });
  const policy = policyOf(config, { withPut: true });
  const judge = (action: string, path: string) =>
    isAllowed(policy, { action, arn: `arn:aws:ssm:${WORLD.region}:${WORLD.account}:parameter${path}` });
  for (const prefix of ["stack", "test"]) {
    for (
      const family of ["SlurmNodeAmi/Rocky/9/x86_64", "SlurmNodeAmis/Rocky/9/x86_64", "SlurmNodeEc2KeyPairs"]
    ) {
      assert(judge("ssm:GetParameters", `/${prefix}/${family}/${WORLD.region}`), `${prefix} ${family}`);
    }
    assert(judge("ssm:GetParametersByPath", `/${prefix}/SlurmNodeAmi`));
    // Who may list a path may read all below it.
    assertEquals(judge("ssm:GetParametersByPath", `/${prefix}`), false);
  }
  assertEquals(judge("ssm:GetParameter", "/stack/MungeKey"), false);
  assertEquals(judge("ssm:GetParameter", "/other/SlurmNodeAmi/Rocky/9/x86_64/us-east-1"), false);
  assertEquals(judge("ssm:PutParameter", "/test/SlurmNodeEc2KeyPairs/us-east-1"), false);
  assertEquals(judge("ssm:PutParameter", "/stack/SlurmNodeEc2KeyPairs/us-east-1"), true);
});

Deno.test(
  "controllerPolicy() asks nothing of SSM when the configuration says all",
  { permissions: "none" },
  () => {
    const policy = policyOf(
      configWith({ imageId: "ami-12345678", keyPair: "none", securityGroups: ["sg-12345678"] }),
    );
    assertEquals(
      policy.Statement.filter(({ Action }) => listOf(Action).some((one) => one.startsWith("ssm:"))),
      [],
    );
  },
);

Deno.test("controllerPolicy() passes the nodes' role to EC2 only, and only where there is one", {
  permissions: "none",
}, () => {
  assertEquals(find(policyOf(testConfig()), "iam:PassRole"), []);
  const policy = policyOf(
    configWith({ instanceProfile: "arn:aws:iam::111122223333:instance-profile/path/Node" }),
  );
  const judge = (role: string, service: string) =>
    isAllowed(policy, {
      action: "iam:PassRole",
      arn: `arn:aws:iam::${WORLD.account}:role/${role}`,
      context: { "iam:PassedToService": service },
    });
  assertEquals(judge("Node", "ec2.amazonaws.com"), true);
  assertEquals(judge("Node", "lambda.amazonaws.com"), false);
  assertEquals(judge("Admin", "ec2.amazonaws.com"), false);
  assertEquals(nodeRoles(configWith({ instanceProfile: "Node" }).nodeGroups, "arn:aws:iam::1:role/x"), [
    "arn:aws:iam::1:role/x",
  ]);
});

Deno.test("controllerPolicy() may make spot's own role only with spot", { permissions: "none" }, () => {
  assertEquals(find(policyOf(testConfig()), "iam:CreateServiceLinkedRole"), []);
  for (const capacityType of ["spot", "spot-then-on-demand"] as const) {
    const [statement] = find(policyOf(configWith({ capacityType })), "iam:CreateServiceLinkedRole");
    assertEquals(statement?.Condition, { StringEquals: { "iam:AWSServiceName": "spot.amazonaws.com" } });
  }
});

Deno.test("controllerPolicy() uses customer keys only where configured, and only through EC2", {
  permissions: "none",
}, () => {
  const kms = (policy: PolicyDocument) => find(policy, "kms:CreateGrant").concat(find(policy, "kms:Decrypt"));
  assertEquals(kms(policyOf(configWith({ rootVolume: { encrypted: true } }))), []);
  const key = "arn:aws:kms:us-east-1:111122223333:key/1234";
  const policy = policyOf(configWith({ rootVolume: { kmsKeyId: "alias/slurm" } }), { kmsKeys: [key] });
  const judge = (action: string, context: Record<string, string | string[]>, target = key) =>
    isAllowed(policy, { action, arn: target, context });
  const viaEc2 = { "kms:ViaService": "ec2.us-east-1.amazonaws.com" };
  assertEquals(judge("kms:Decrypt", viaEc2), true);
  assertEquals(judge("kms:Decrypt", {}), false);
  assertEquals(judge("kms:CreateGrant", viaEc2), false);
  assertEquals(judge("kms:CreateGrant", { ...viaEc2, "kms:GrantIsForAWSResource": "true" }), true);
  const other = `arn:aws:kms:us-east-1:${WORLD.account}:key/5678`;
  assertEquals(judge("kms:Decrypt", viaEc2, other), false);
  assertEquals(judge("kms:Decrypt", { ...viaEc2, "kms:ResourceAliases": ["alias/slurm"] }, other), true);
});

Deno.test("controllerPolicy() allows the keys of further volumes as it does the root volume's", {
  permissions: "none",
}, () => {
  const volumes = [{ deviceName: "/dev/sdf", size: 9, kmsKeyId: "alias/scratch" }];
  const policy = policyOf(configWith({ volumes }), {});
  assertStringIncludes(JSON.stringify(policy), "alias/scratch");
});
