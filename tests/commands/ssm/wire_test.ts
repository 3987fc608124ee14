import { assertEquals, assertStringIncludes } from "@std/assert";
import { ssmPut } from "../../../commands/ssm/put.ts";
import { ssmValidate } from "../../../commands/ssm/validate.ts";
import { controllerPolicy } from "../../../lib/iam/controller_policy.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { serveAws } from "../../../lib/sim/wire/server.ts";
import { clientsAt } from "../../contract/clients.ts";
import { enforced } from "../../lib/iam/enforced.ts";
import { without } from "../../lib/iam/evaluate.ts";
import { runWithAws } from "../aws_host.ts";
import { PARAMETERS, SSM_CONFIG, ssmWorld, stored } from "./world.ts";

const FILES = { "./slurm-ec2.yaml": SSM_CONFIG };
const VALUES = [
  "--ami-from",
  "slurm-node-x86_64",
  "--key-pair",
  WORLD.keyName,
  "--security-groups",
  WORLD.securityGroupId,
  "--apply",
];
const VALIDATE = ["--controller", WORLD.securityGroupId];

Deno.test("ssm put and ssm validate work through the AWS SDK", async () => {
  const server = serveAws({});
  const clients = clientsAt(server.url);
  try {
    const empty = await runWithAws(ssmValidate, VALIDATE, { aws: clients, files: FILES });
    assertEquals(empty.exit, 3);
    assertStringIncludes(empty.stdout, "3 fail");
    const put = await runWithAws(ssmPut, VALUES, { aws: clients, files: FILES });
    assertEquals([put.exit, put.stderr], [0, ""]);
    const full = await runWithAws(ssmValidate, VALIDATE, { aws: clients, files: FILES });
    assertEquals([full.exit, full.stdout.split("\n").at(-2)], [0, "9 pass"]);
  } finally {
    clients.destroy();
    await server.close();
  }
});

Deno.test("ssm put and ssm validate need no more than the printed policy", async () => {
  const scope = { partition: "aws", region: WORLD.region, account: WORLD.account };
  const config = parseConfig(SSM_CONFIG, "slurm-ec2.yaml");
  const { aws, clock } = ssmWorld({});
  const run = (command: typeof ssmPut, args: readonly string[], withPut: boolean) => {
    const policy = controllerPolicy(config, { scope, withPut });
    return runWithAws(command, args, { aws: enforced(aws, policy), clock, files: FILES });
  };
  const refused = await run(ssmPut, VALUES, false);
  assertEquals([refused.exit, stored(aws)], [1, {}]);
  assertStringIncludes(refused.stdout, "AccessDeniedException");
  assertEquals((await run(ssmPut, VALUES, true)).exit, 0);
  assertEquals(stored(aws), PARAMETERS);
  const valid = await run(ssmValidate, VALIDATE, false);
  assertEquals([valid.exit, valid.stdout.split("\n").at(-2)], [0, "9 pass"]);
});

Deno.test("ssm validate can't tell what a policy without an action leaves open", async () => {
  const scope = { partition: "aws", region: WORLD.region, account: WORLD.account };
  const policy = controllerPolicy(parseConfig(SSM_CONFIG, "slurm-ec2.yaml"), { scope });
  const actions = [
    "ec2:DescribeImages",
    "ec2:DescribeKeyPairs",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
  ];
  for (const action of [...actions, "ssm:GetParameters", "ssm:GetParametersByPath"]) {
    const { aws, clock } = ssmWorld();
    const ran = await runWithAws(ssmValidate, VALIDATE, {
      aws: enforced(aws, without(policy, action)),
      clock,
      files: FILES,
    });
    assertEquals(ran.exit, 3, action);
    assertStringIncludes(ran.stdout, `not authorized to perform: ${action}`);
  }
});
