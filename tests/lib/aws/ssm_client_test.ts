import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { classOfError } from "../../../lib/aws/error_codes.ts";
import { type SsmClient, ssmClient } from "../../../lib/aws/ssm_client.ts";
import { cannedServer, settingsFor, withKeys } from "./canned_server.ts";

async function failureOf(url: string, call: (client: SsmClient) => Promise<unknown>): Promise<AwsError> {
  const client = ssmClient(settingsFor("ssm", url));
  try {
    return await assertRejects(() => call(client), AwsError);
  } finally {
    client.destroy();
  }
}

/** An SSM error as it comes over the wire. */
function ssmError(type: string, status = 400): () => Response {
  const body = JSON.stringify({ __type: type, message: `${type} it is` });
  return () => new Response(body, { status, headers: { "x-amzn-requestid": "req-3" } });
}

const READ = (client: SsmClient) => client.getParameters({ Names: ["/a"] });

Deno.test("ssmClient() hands AWS's code, words and request id on", () =>
  withKeys(async () => {
    await using server = cannedServer(ssmError("ParameterNotFound"));
    const error = await failureOf(server.url, (client) => client.getParameter({ Name: "/a" }));
    assertEquals(
      [error.code, error.operation, error.message, error.requestId],
      ["ParameterNotFound", "GetParameter", "ParameterNotFound it is", "req-3"],
    );
  }));

Deno.test("ssmClient() hands a throttled call back at once", () =>
  withKeys(async () => {
    await using server = cannedServer(ssmError("ThrottlingException"));
    const error = await failureOf(server.url, READ);
    assertEquals([classOfError(error), server.requests.length], ["throttle", 1]);
  }));

Deno.test("ssmClient() sorts an expired token under credentials", () =>
  withKeys(async () => {
    await using server = cannedServer(ssmError("ExpiredTokenException"));
    const error = await failureOf(server.url, READ);
    assertEquals([error.code, classOfError(error)], ["ExpiredTokenException", "credentials"]);
  }));

Deno.test("ssmClient() repeats an internal error", () =>
  withKeys(async () => {
    await using server = cannedServer(
      ssmError("InternalServerError", 500),
      () => new Response('{"Parameters":[],"InvalidParameters":["/a"]}'),
    );
    const client = ssmClient(settingsFor("ssm", server.url));
    assertEquals(await READ(client), { parameters: [], invalidParameters: ["/a"] });
    assertEquals(server.requests.length, 2);
    client.destroy();
  }));

for (const body of ["<html><body>Log in</body></html>", "", "[]"]) {
  Deno.test(`ssmClient() never takes "${body}" for an answer of SSM`, () =>
    withKeys(async () => {
      await using server = cannedServer(() => new Response(body));
      const error = await failureOf(server.url, READ);
      assertEquals(error.code, "InvalidResponse");
      assertStringIncludes(error.message, server.url);
    }));
}

Deno.test("ssmClient() refuses an answer without the parameter's name", () =>
  withKeys(async () => {
    await using server = cannedServer(() => new Response('{"Parameter":{"Value":"ami-1"}}'));
    const error = await failureOf(server.url, (client) => client.getParameter({ Name: "/a" }));
    assertEquals(error.code, "InvalidResponse");
    assertStringIncludes(error.message, '"Name"');
  }));
