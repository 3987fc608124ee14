import { assertEquals } from "@std/assert";
import { nodePolicy } from "../../../lib/iam/node_policy.ts";
import { isAllowed } from "./evaluate.ts";

const SCOPE = { partition: "aws", region: "eu-west-1", account: "111122223333" };
const CONFIG = { region: "eu-west-1", ssm: { prefix: "chip", spelling: "SlurmNodeAmi" } } as const;

Deno.test("nodePolicy() reads one parameter, and needs no key for aws/ssm", { permissions: "none" }, () => {
  const policy = nodePolicy(CONFIG, { scope: SCOPE, mungeKey: "/MungeKey" });
  const judge = (action: string, name: string) =>
    isAllowed(policy, { action, arn: `arn:aws:ssm:eu-west-1:111122223333:parameter${name}` });
  assertEquals(judge("ssm:GetParameter", "/chip/MungeKey"), true);
  assertEquals(judge("ssm:GetParameter", "/chip/Other"), false);
  assertEquals(judge("ssm:PutParameter", "/chip/MungeKey"), false);
  assertEquals(policy.Statement.length, 1);
});

Deno.test("nodePolicy() reads every munge key that node groups name", { permissions: "none" }, () => {
  const { Statement } = nodePolicy(CONFIG, { scope: SCOPE, mungeKey: ["MungeKey", "ssm:/other/Key"] });
  assertEquals(Statement.map(({ Resource }) => Resource), [[
    "arn:aws:ssm:eu-west-1:111122223333:parameter/chip/MungeKey",
    "arn:aws:ssm:eu-west-1:111122223333:parameter/other/Key",
  ]]);
});

Deno.test("nodePolicy() uses a customer key through SSM only", { permissions: "none" }, () => {
  const arn = "arn:aws:kms:eu-west-1:111122223333:key/1";
  const policy = nodePolicy(CONFIG, { scope: SCOPE, mungeKey: "MungeKey", kmsKey: arn });
  const judge = (context: Record<string, string>) =>
    isAllowed(policy, { action: "kms:Decrypt", arn, context });
  assertEquals(judge({ "kms:ViaService": "ssm.eu-west-1.amazonaws.com" }), true);
  assertEquals(judge({ "kms:ViaService": "ec2.eu-west-1.amazonaws.com" }), false);
  assertEquals(judge({}), false);
});
