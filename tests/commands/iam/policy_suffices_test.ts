import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Command } from "../../../commands/base/command.ts";
import { configRender } from "../../../commands/config/render.ts";
import { iamPolicy } from "../../../commands/iam/policy.ts";
import { ssmDiff } from "../../../commands/ssm/diff.ts";
import { ssmPut } from "../../../commands/ssm/put.ts";
import { ssmValidate } from "../../../commands/ssm/validate.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { actionsOf, type Reach } from "../../../lib/iam/actions.ts";
import { listOf, type PolicyDocument } from "../../../lib/iam/policy.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { EVERYTHING_PARAMETERS, everythingConfig } from "../../fixtures/everything_config.ts";
import { kinds } from "../../fixtures/kinds.ts";
import { makeRig, type Rig } from "../../fixtures/rig.ts";
import { enforced } from "../../lib/iam/enforced.ts";
import { statementsOf, without } from "../../lib/iam/evaluate.ts";
import { runWithAws } from "../aws_host.ts";
import { examine } from "../doctor/world.ts";
import { runFake } from "../fake_host.ts";

const FILES = { "./slurm-ec2.yaml": everythingConfig() };

/** What `iam policy` prints for the configuration that uses everything. */
async function printed(): Promise<PolicyDocument> {
  const { stdout } = await runFake(iamPolicy, [
    "--with-put",
    "--from-prefix",
    "legacy",
    "--account",
    WORLD.account,
  ], { files: FILES });
  return JSON.parse(stdout);
}

/** A cluster whose hooks and commands may do what a policy says, besides an instance of another cluster. */
async function clusterUnder(policy: PolicyDocument): Promise<Rig> {
  const { stateDir: _, ...config } = parseConfig(everythingConfig(), "slurm-ec2.yaml");
  const aws = { policies: statementsOf(policy), parameters: EVERYTHING_PARAMETERS };
  return await makeRig({ config, aws });
}

/** The sections that ask AWS for more than the other commands do. */
const DOCTOR = ["--only", "permissions", "--only", "quotas"];

/** Something that we do on AWS, and what came of it in words. */
type Deed = (rig: Rig) => Promise<string>;

const hook =
  (work: (rig: Rig) => Promise<{ readonly nodes: ReadonlyMap<string, { readonly kind: string }> }>): Deed =>
  async (rig) => {
    const { nodes } = await work(rig);
    const verdicts = [...nodes.values()].map((verdict) => JSON.stringify(verdict));
    return [JSON.stringify(kinds(nodes)), ...new Set(verdicts), ...rig.warnings.splice(0)].join("\n");
  };
const command = (what: Command, ...args: readonly string[]): Deed => async (rig) => {
  const { stdout, stderr } = await runWithAws(what, args, { aws: rig.aws, files: FILES, clock: rig.clock });
  return stdout + stderr;
};

/** All that we do on AWS, in this order. */
const DEEDS = {
  "resume, with an answer that gets lost": hook((rig) => {
    rig.aws.simulator.addFault({ kind: "lost-answer", action: "RunInstances", times: 1 });
    return rig.resume("r[0-1],p[0-1],s[0-1],w[0-2]");
  }),
  "stop": hook((rig) => rig.stop("r[0-1],w[0-1]")),
  "resume of stopped instances": hook((rig) => {
    rig.clock.now += 60_000;
    return rig.resume("w[0-1]");
  }),
  "resume-fail": hook((rig) => rig.resumeFail("p[0-1]")),
  "resume in place of instances that are up": hook((rig) => {
    rig.clock.now += 3_600_000;
    return rig.resume("s[0-1]");
  }),
  "ssm put --ami-from": command(ssmPut, "--ami-from", "slurm-node-x86_64"),
  "ssm put": command(ssmPut, "--security-groups", WORLD.defaultSecurityGroupId, "--overwrite", "--apply"),
  "ssm diff": command(ssmDiff, "--from-prefix", "legacy"),
  "ssm validate": command(ssmValidate, "--controller", WORLD.securityGroupId),
  "config render --aws": command(configRender, "--aws", "--weight-by-size"),
  "doctor": async ({ aws, clock }) => (await examine(DOCTOR, { aws, clock, files: FILES })).stdout,
} satisfies Record<string, Deed>;

/** In which of them each action is needed first; `nowhere`: a port has it, no command calls it. */
const NEEDED_IN: Readonly<Record<string, keyof typeof DEEDS | "nowhere">> = {
  "ec2:CreateTags": "resume, with an answer that gets lost",
  "ec2:DescribeImages": "ssm put --ami-from",
  "ec2:DescribeInstanceStatus": "doctor",
  "ec2:DescribeInstanceTypeOfferings": "doctor",
  "ec2:DescribeInstanceTypes": "config render --aws",
  "ec2:DescribeInstances": "resume, with an answer that gets lost",
  "ec2:DescribeKeyPairs": "ssm validate",
  "ec2:DescribeSecurityGroups": "ssm put",
  "ec2:DescribeSubnets": "ssm put",
  "ec2:GetConsoleOutput": "resume-fail",
  "ec2:RunInstances": "resume, with an answer that gets lost",
  "ec2:StartInstances": "resume of stopped instances",
  "ec2:StopInstances": "stop",
  "ec2:TerminateInstances": "stop",
  "iam:CreateServiceLinkedRole": "resume, with an answer that gets lost",
  "iam:PassRole": "resume, with an answer that gets lost",
  "kms:CreateGrant": "resume, with an answer that gets lost",
  "kms:Decrypt": "resume, with an answer that gets lost",
  "kms:DescribeKey": "resume, with an answer that gets lost",
  "kms:GenerateDataKeyWithoutPlaintext": "resume, with an answer that gets lost",
  "kms:ReEncryptFrom": "resume, with an answer that gets lost",
  "kms:ReEncryptTo": "resume, with an answer that gets lost",
  "servicequotas:ListServiceQuotas": "doctor",
  "ssm:GetParameter": "doctor",
  "ssm:GetParameters": "resume, with an answer that gets lost",
  "ssm:GetParametersByPath": "ssm validate",
  "ssm:PutParameter": "ssm put",
};

/** That each of them did what it is for. */
const DONE: Readonly<Record<keyof typeof DEEDS, RegExp>> = {
  "resume, with an answer that gets lost": /^\{"assigned":9\}/,
  "stop": /^\{"terminated":2,"stopped":2\}/,
  "resume of stopped instances": /^\{"assigned":2\}/,
  "resume-fail": /^\{"terminated":2\}/,
  "resume in place of instances that are up": /^\{"assigned":2\}/,
  "ssm put --ami-from": /Nothing to write/,
  "ssm put": /Wrote 1 of 1/,
  "ssm diff": /1 differs|differ/,
  "ssm validate": /8 pass/,
  "config render --aws": /NodeName=r\[0-9\]/,
  "doctor": /"check"/,
};

const DENIED = /not authorized|NotPermitted|Client\.InternalError/;

/** How a denial of an action reads. */
function denialOf(action: string): RegExp {
  if (action === "iam:CreateServiceLinkedRole") return /AuthFailure\.ServiceLinkedRoleCreationNotPermitted/;
  if (action.startsWith("kms:")) return /Client\.InternalError/;
  return new RegExp(`not authorized to perform: ${action}\\b`);
}

Deno.test("The printed policy suffices for everything that we do on AWS", async () => {
  await using rig = await clusterUnder(await printed());
  for (const [name, deed] of Object.entries(DEEDS)) {
    const said = await deed(rig);
    assert(!DENIED.test(said), `${name}: ${said}`);
    assertMatch(said, DONE[name as keyof typeof DEEDS], name);
  }
  const called = Object.keys(rig.aws.simulator.calls()).filter((action) => action !== "GetCallerIdentity");
  const needed = Object.entries(NEEDED_IN).filter(([, deed]) => deed !== "nowhere").map(([action]) => action);
  const ours = needed.filter((action) =>
    /^(ec2|servicequotas|ssm):/.test(action) && action !== "ec2:CreateTags"
  );
  assertEquals(called.sort(), ours.map((action) => action.replace(/^.*:/, "")).sort());
});

Deno.test("NEEDED_IN has every action that our policies grant", async () => {
  const granted = new Set((await printed()).Statement.flatMap(({ Action }) => listOf(Action)));
  granted.delete("pricing:GetProducts");
  assertEquals(Object.keys(NEEDED_IN), [...granted].sort());
  const reaches: readonly Reach[] = ["launch", "tag", "own", "any", "read", "list", "write"];
  for (const action of reaches.flatMap(actionsOf)) {
    assert(action in NEEDED_IN || action === "pricing:GetProducts", action);
  }
});

for (const [action, needy] of Object.entries(NEEDED_IN)) {
  if (needy === "nowhere") continue;
  Deno.test(`Without ${action} the policy denies: ${needy}`, async () => {
    const policy = await printed();
    await using rig = await clusterUnder(policy);
    for (const [name, deed] of Object.entries(DEEDS)) {
      if (name === needy) enforced(rig.aws, without(policy, action));
      const said = await deed(rig);
      if (name === needy) return assertMatch(said, denialOf(action));
      assert(!DENIED.test(said), `${name}: ${said}`);
    }
  });
}

Deno.test("Under the printed policy, instances of another cluster can't be ended, stopped, started or read", async () => {
  await using rig = await clusterUnder(await printed());
  const { simulator } = rig.aws;
  const policies = simulator.world.policies;
  simulator.setPolicies(undefined);
  const launch = { ImageId: WORLD.imageIds.x86_64, InstanceType: "c7i.large", MinCount: 1, MaxCount: 1 };
  const tagged = (value: string) => ({
    TagSpecifications: [{
      ResourceType: "instance" as const,
      Tags: [{ Key: "slurm-ec2:cluster", Value: value }],
    }],
  });
  const other = await rig.aws.ec2.runInstances({ ...launch, ...tagged("other"), ClientToken: "a" });
  const own = await rig.aws.ec2.runInstances({ ...launch, ...tagged("chip"), ClientToken: "b" });
  const untagged = await rig.aws.ec2.runInstances({ ...launch, ClientToken: "c" });
  simulator.setPolicies(policies);
  const { ec2 } = rig.aws;
  for (const [{ instanceId } = own[0]!] of [other, untagged]) {
    const InstanceIds = [own[0]!.instanceId, instanceId];
    for (
      const call of [
        () => ec2.terminateInstances({ InstanceIds }),
        () => ec2.stopInstances({ InstanceIds }),
        () => ec2.startInstances({ InstanceIds }),
        () => ec2.getConsoleOutput({ InstanceId: instanceId }),
        () =>
          ec2.createTags({ Resources: [instanceId], Tags: [{ Key: "slurm-ec2:cluster", Value: "chip" }] }),
      ]
    ) assertMatch(String(await assertRejects(call, AwsError)), /not authorized to perform: ec2:/);
  }
  assertEquals(simulator.instances().map(({ state }) => state), ["running", "running", "running"]);
  await ec2.terminateInstances({ InstanceIds: [own[0]!.instanceId] });
});
