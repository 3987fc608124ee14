import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../../lib/aws/aws_error.ts";
import { WORLD } from "../../../../lib/sim/fresh_world.ts";
import { readPolicy } from "../../../../lib/sim/iam/read_policy.ts";
import { serveAws } from "../../../../lib/sim/wire/server.ts";
import { clientsAt } from "../../../contract/clients.ts";
import { ec2, ssm, texts } from "./requests.ts";

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
