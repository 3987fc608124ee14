import { assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { stsClient } from "../../../lib/aws/sts_client.ts";
import { cannedServer, settingsFor, withEnv, withKeys } from "./canned_server.ts";

const IDENTITY =
  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/a</Arn>" +
  "<UserId>AIDA</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
const EXPIRED =
  "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>Expired.</Message>" +
  "</Error><RequestId>req-4</RequestId></ErrorResponse>";

Deno.test("stsClient() says who calls", () =>
  withKeys(async () => {
    await using server = cannedServer(() => new Response(IDENTITY));
    const client = stsClient(settingsFor("sts", server.url));
    assertEquals(await client.getCallerIdentity(), {
      account: "111122223333",
      arn: "arn:aws:iam::111122223333:user/a",
      userId: "AIDA",
    });
    client.destroy();
  }));

Deno.test("stsClient() hands an expired token on", () =>
  withKeys(async () => {
    await using server = cannedServer(() => new Response(EXPIRED, { status: 403 }));
    const client = stsClient(settingsFor("sts", server.url));
    const error = await assertRejects(() => client.getCallerIdentity(), AwsError);
    assertEquals([error.code, error.httpStatus], ["ExpiredToken", 403]);
    client.destroy();
  }));

for (const variable of ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"]) {
  Deno.test(`stsClient() goes where ${variable} points`, async () => {
    await using server = cannedServer(() => new Response(IDENTITY));
    await withEnv(
      { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", [variable]: server.url },
      async () => {
        const client = stsClient({ region: "us-east-1", aws: { endpoints: {} } });
        await client.getCallerIdentity();
        assertEquals(server.requests.length, 1);
        client.destroy();
      },
    );
  });
}
