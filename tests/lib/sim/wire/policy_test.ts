import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../../lib/aws/aws_error.ts";
import { WORLD } from "../../../../lib/sim/fresh_world.ts";
import { readPolicy } from "../../../../lib/sim/iam/read_policy.ts";
import type { SimInstance } from "../../../../lib/sim/instances.ts";
import { ROLE_ACCESS_KEY } from "../../../../lib/sim/wire/imds.ts";
import { serveAws, type WireAws } from "../../../../lib/sim/wire/server.ts";
import { clientsAt } from "../../../contract/clients.ts";
import { launchRequest } from "../worlds.ts";
import { authorization, ec2, ssm, texts } from "./requests.ts";

const { statements } = readPolicy({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "ec2:DescribeSubnets", Resource: "*" },
});

Deno.test("serveAws() refuses what its policies don't allow, as EC2 and SSM write it", async () => {
  const aws = serveAws({ policies: statements });
  try {
    const allowed = await ec2(aws, { Action: "DescribeSubnets" });
    assertEquals(allowed.status, 200);
    const images = await ec2(aws, { Action: "DescribeImages" });
    assertEquals([images.status, texts(images.text, "Code")], [403, ["UnauthorizedOperation"]]);
    assertStringIncludes(
      texts(images.text, "Message")[0]!,
      "because no identity-based policy allows the ec2:DescribeImages",
    );
    const parameter = await ssm(aws, "GetParameter", { Name: "/a" });
    assertEquals([parameter.status, JSON.parse(parameter.text).__type], [400, "AccessDeniedException"]);
    const identity = await ec2(aws, { Action: "GetCallerIdentity", Version: "2011-06-15" });
    assertEquals(identity.status, 200);
  } finally {
    await aws.close();
  }
});

Deno.test("The AWS SDK takes the refusals of serveAws() for AWS's own", async () => {
  const aws = serveAws({ policies: statements });
  const clients = clientsAt(aws.url);
  try {
    const refused = async (call: () => Promise<unknown>) => {
      const { code, httpStatus } = await assertRejects(call, AwsError) as AwsError;
      return [code, httpStatus];
    };
    assertEquals(await refused(() => clients.ec2.describeImages({})), ["UnauthorizedOperation", 403]);
    assertEquals(await refused(() => clients.ssm.getParameter({ Name: "/a" })), [
      "AccessDeniedException",
      400,
    ]);
    assertEquals((await clients.sts.getCallerIdentity()).account, WORLD.account);
  } finally {
    clients.destroy();
    await aws.close();
  }
});

Deno.test("serveAws() judges what instances call with their role's credentials by policies of its own", async () => {
  const { statements: nodePolicies } = readPolicy({
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Action: "ssm:GetParameter",
      Resource: "arn:aws:ssm:*:*:parameter/chip/MungeKey",
    },
  });
  const aws = serveAws({ policies: statements, nodePolicies, parameters: { "/chip/MungeKey": "a" } });
  try {
    const [{ instanceId } = { instanceId: "" }] = launch(aws);
    const credentials = await roleCredentials(aws.imdsUrl(instanceId));
    const asNode = { authorization: authorization(credentials.AccessKeyId) };
    const key = { Name: "/chip/MungeKey", WithDecryption: true };
    assertEquals((await ssm(aws, "GetParameter", key, asNode)).status, 200);
    assertEquals((await ssm(aws, "GetParameter", key)).status, 400);
    const denied = await ec2(aws, { Action: "DescribeSubnets" }, asNode);
    assertStringIncludes(denied.text, `User: arn:aws:sts::${WORLD.account}:assumed-role/cluster-node/`);
    assertEquals((await ec2(aws, { Action: "DescribeSubnets" })).status, 200);
    const identity = await ec2(aws, { Action: "GetCallerIdentity", Version: "2011-06-15" }, asNode);
    assertStringIncludes(identity.text, ":assumed-role/cluster-node/");
  } finally {
    await aws.close();
  }
});

Deno.test("Without policies of their own, instances may do everything", async () => {
  const aws = serveAws({ policies: [] });
  try {
    const asNode = { authorization: authorization(ROLE_ACCESS_KEY) };
    assertEquals((await ec2(aws, { Action: "DescribeSubnets" }, asNode)).status, 200);
    assertEquals((await ec2(aws, { Action: "DescribeSubnets" })).status, 403);
  } finally {
    await aws.close();
  }
});

/** Launches an instance with a role, whatever the policies say. */
function launch({ simulator }: WireAws): readonly SimInstance[] {
  const { policies } = simulator.world;
  simulator.setPolicies(undefined);
  const request = launchRequest({ IamInstanceProfile: { Name: WORLD.instanceProfileName } });
  const done = simulator.call("RunInstances", request);
  simulator.setPolicies(policies);
  if (done.kind === "refusal") throw done.refusal;
  return done.answer.instances;
}

async function roleCredentials(url: string): Promise<{ readonly AccessKeyId: string }> {
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
  const token = await (await fetch(`${url}/latest/api/token`, { method: "PUT", headers: ttl })).text();
  const path = `latest/meta-data/iam/security-credentials/${WORLD.instanceProfileName}`;
  return await (await fetch(`${url}/${path}`, { headers: { "x-aws-ec2-metadata-token": token } })).json();
}
