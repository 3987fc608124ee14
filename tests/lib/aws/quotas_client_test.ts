import { assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { quotasClient } from "../../../lib/aws/quotas_client.ts";
import { cannedServer, settingsFor, withEnv, withKeys } from "./canned_server.ts";

const QUOTA = { QuotaCode: "L-1216C47A", QuotaName: "Running", Value: 64, Adjustable: true };

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/x-amz-json-1.1" },
  });
}

Deno.test("quotasClient() lists a page of quotas", () =>
  withKeys(async () => {
    await using server = cannedServer(() => json({ Quotas: [QUOTA], NextToken: "more" }));
    const client = quotasClient(settingsFor("quotas", server.url));
    assertEquals(await client.listServiceQuotas({ ServiceCode: "ec2", MaxResults: 100 }), {
      items: [{ quotaCode: "L-1216C47A", quotaName: "Running", value: 64, adjustable: true }],
      nextToken: "more",
    });
    client.destroy();
  }));

Deno.test("quotasClient() hands on that IAM does not allow it", () =>
  withKeys(async () => {
    await using server = cannedServer(() => json({ __type: "AccessDeniedException", message: "No." }, 400));
    const client = quotasClient(settingsFor("quotas", server.url));
    const error = await assertRejects(() => client.listServiceQuotas({ ServiceCode: "ec2" }), AwsError);
    assertEquals([error.code, error.operation], ["AccessDeniedException", "ListServiceQuotas"]);
    client.destroy();
  }));

Deno.test("quotasClient() goes where AWS_ENDPOINT_URL_SERVICE_QUOTAS points", async () => {
  await using server = cannedServer(() => json({ Quotas: [] }));
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  await withEnv({ ...keys, AWS_ENDPOINT_URL_SERVICE_QUOTAS: server.url }, async () => {
    const client = quotasClient({ region: "us-east-1", aws: { endpoints: {} } });
    assertEquals(await client.listServiceQuotas({ ServiceCode: "ec2" }), { items: [] });
    client.destroy();
  });
});
