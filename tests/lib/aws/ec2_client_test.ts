import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { AwsClientSettings } from "../../../lib/aws/client_settings.ts";
import { type Ec2Client, ec2Client } from "../../../lib/aws/ec2_client.ts";
import { classOfError } from "../../../lib/aws/error_codes.ts";
import { cannedServer, ec2Answer, ec2Error, settingsFor, withEnv, withKeys } from "./canned_server.ts";

/** Runs a call that must fail against a client of its own, and returns the error. */
async function failureOf(
  settings: AwsClientSettings,
  call: (client: Ec2Client) => Promise<unknown> = (client) => client.describeInstances({}),
): Promise<AwsError> {
  const client = ec2Client(settings);
  try {
    return await assertRejects(() => call(client), AwsError);
  } finally {
    client.destroy();
  }
}

/** A port on which nobody listens. */
function deadUrl(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return `http://127.0.0.1:${port}`;
}

const LAUNCH = {
  ImageId: "ami-00000000000000001",
  InstanceType: "c7i.large",
  MinCount: 1,
  MaxCount: 2,
  ClientToken: "token-1",
};

Deno.test("ec2Client() names endpoint and operation when nobody answers", () =>
  withKeys(async () => {
    const url = deadUrl();
    const error = await failureOf(settingsFor("ec2", url));
    assertEquals(error.code, "EndpointUnreachable");
    assertEquals(error.operation, "DescribeInstances");
    assertEquals(classOfError(error), "network");
    assertStringIncludes(error.message, `EC2 DescribeInstances could not reach "${url}"`);
    assertStringIncludes(error.message, "ECONNREFUSED");
  }));

Deno.test("ec2Client() names the host that DNS does not know", () =>
  withKeys(async () => {
    const error = await failureOf(settingsFor("ec2", "http://ec2.example.invalid"));
    assertEquals(error.code, "EndpointUnreachable");
    assertStringIncludes(error.message, "ec2.example.invalid");
  }));

const NOT_EC2: readonly (readonly [name: string, answer: () => Response])[] = [
  ["a login page", () => new Response("<!DOCTYPE html><html><body><p>Log in</body></html>")],
  ["a well-formed page", () => new Response('<?xml version="1.0"?><html><body>Log in</body></html>')],
  ["an empty body", () => new Response("")],
  ["an HTML error page", () => new Response("<!doctype html>\n<title>500</title>", { status: 500 })],
  ["an empty 502", () => new Response("", { status: 502 })],
  ["a redirect", () => new Response("", { status: 302, headers: { location: "http://login.invalid/" } })],
  ["plain text", () => new Response("no healthy upstream", { status: 503 })],
  ["JSON", () => new Response("{}", { status: 404 })],
];

for (const [name, answer] of NOT_EC2) {
  Deno.test(`ec2Client() never takes ${name} for an answer of EC2`, () =>
    withKeys(async () => {
      await using server = cannedServer(answer);
      const error = await failureOf(settingsFor("ec2", server.url));
      assertEquals(error.code, "InvalidResponse");
      assertStringIncludes(error.message, server.url);
      assertStringIncludes(error.message, "DescribeInstances");
      assertEquals(server.requests.length, 1);
    }));
}

Deno.test("ec2Client() calls a connection that breaks off in mid-answer unreachable", () =>
  withKeys(async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    let connections = 0;
    const served = (async () => {
      for await (const connection of listener) {
        connections++;
        await connection.read(new Uint8Array(4096));
        await connection.write(
          new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n<Desc"),
        );
        connection.close();
      }
    })();
    const error = await failureOf(settingsFor("ec2", `http://127.0.0.1:${listener.addr.port}`));
    listener.close();
    await served;
    assertEquals(error.code, "EndpointUnreachable");
    assertEquals(connections, 3);
  }));

Deno.test("ec2Client() hands a throttled call back at once, without trying again", () =>
  withKeys(async () => {
    await using server = cannedServer(ec2Error("RequestLimitExceeded", 503));
    const error = await failureOf(settingsFor("ec2", server.url));
    assertEquals([error.code, error.httpStatus, error.requestId], ["RequestLimitExceeded", 503, "req-1"]);
    assertEquals(error.message, "RequestLimitExceeded it is");
    assertEquals(server.requests.length, 1);
  }));

Deno.test("ec2Client() never repeats a lack of capacity, though it is a 5xx", () =>
  withKeys(async () => {
    await using server = cannedServer(ec2Error("InsufficientInstanceCapacity", 500));
    const error = await failureOf(settingsFor("ec2", server.url), (client) => client.runInstances(LAUNCH));
    assertEquals([error.code, error.operation], ["InsufficientInstanceCapacity", "RunInstances"]);
    assertEquals(server.requests.length, 1);
  }));

Deno.test("ec2Client() repeats an internal error twice, with the same client token", () =>
  withKeys(async () => {
    await using server = cannedServer(ec2Error("InternalError", 500));
    const error = await failureOf(settingsFor("ec2", server.url), (client) => client.runInstances(LAUNCH));
    assertEquals(error.code, "InternalError");
    assertEquals(server.requests.length, 3);
    for (const body of server.requests) assertEquals(new URLSearchParams(body).get("ClientToken"), "token-1");
  }));

Deno.test("ec2Client() succeeds when an internal error passes", () =>
  withKeys(async () => {
    await using server = cannedServer(
      ec2Error("Unavailable", 503),
      ec2Answer("DescribeInstances", "<reservationSet/>"),
    );
    const client = ec2Client(settingsFor("ec2", server.url));
    assertEquals(await client.describeInstances({}), { items: [] });
    assertEquals(server.requests.length, 2);
    client.destroy();
  }));

Deno.test("ec2Client() hands AWS's refusal of an expired token on", () =>
  withKeys(async () => {
    await using server = cannedServer(ec2Error("RequestExpired", 400, "Request has expired."));
    const error = await failureOf(settingsFor("ec2", server.url));
    assertEquals([error.code, classOfError(error)], ["RequestExpired", "credentials"]);
    assertMatch(error.message, /^Request has expired\. \(credentials from environment .*instance role\)$/);
  }));

Deno.test("ec2Client() signs again when this host's clock was wrong", () =>
  withKeys(async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    await using server = cannedServer(
      () => {
        const answer = ec2Error("RequestExpired", 400)();
        answer.headers.set("date", inAnHour);
        return answer;
      },
      ec2Answer("DescribeInstances", "<reservationSet/>"),
    );
    const client = ec2Client(settingsFor("ec2", server.url));
    assertEquals(await client.describeInstances({}), { items: [] });
    assertEquals(server.requests.length, 2);
    client.destroy();
  }));

Deno.test("ec2Client() assumes the role of a profile at the STS endpoint of the settings", () =>
  withEnv({}, async () => {
    const directory = await Deno.makeTempDir();
    const [credentialsFile, configFile] = [`${directory}/credentials`, `${directory}/config`];
    await Deno.writeTextFile(
      credentialsFile,
      "[base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = x\n",
    );
    await Deno.writeTextFile(
      configFile,
      "[profile slurm]\nrole_arn = arn:aws:iam::111122223333:role/slurm\nsource_profile = base\n",
    );
    await using sts = cannedServer(() =>
      new Response(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>" +
          "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z" +
          "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
      )
    );
    let authorization = "";
    const ec2 = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
      authorization = request.headers.get("authorization") ?? "";
      return ec2Answer("DescribeInstances", "<reservationSet/>")();
    });
    const endpoints = { ec2: `http://127.0.0.1:${ec2.addr.port}`, sts: sts.url };
    const client = ec2Client({
      region: "eu-west-1",
      aws: { profile: "slurm", credentialsFile, configFile, endpoints },
    });
    assertEquals(await client.describeInstances({}), { items: [] });
    assertMatch(authorization, /Credential=ASIAROLE\/\d+\/eu-west-1\/ec2\//);
    assertEquals(new URLSearchParams(sts.requests[0]).get("RoleArn"), "arn:aws:iam::111122223333:role/slurm");
    client.destroy();
    await ec2.shutdown();
    await Deno.remove(directory, { recursive: true });
  }));

Deno.test("ec2Client() uses the instance's role, by IMDSv2", async () => {
  const asked: string[] = [];
  const imds = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    await request.body?.cancel();
    const { pathname } = new URL(request.url);
    asked.push(`${request.method} ${pathname}`);
    if (pathname === "/latest/api/token") return new Response("imds-token");
    if (request.headers.get("x-aws-ec2-metadata-token") !== "imds-token") {
      return new Response("", { status: 401 });
    }
    if (pathname.endsWith("/security-credentials/")) return new Response("controller");
    return Response.json({
      Code: "Success",
      AccessKeyId: "ASIAIMDS",
      SecretAccessKey: "s",
      Token: "t",
      Expiration: "2999-01-01T00:00:00Z",
    });
  });
  await using ec2 = cannedServer(ec2Answer("DescribeInstances", "<reservationSet/>"));
  const env = {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${imds.addr.port}`,
    HOME: "/nonexistent",
  };
  await withEnv(env, async () => {
    const client = ec2Client(settingsFor("ec2", ec2.url));
    assertEquals(await client.describeInstances({}), { items: [] });
    client.destroy();
  });
  await imds.shutdown();
  assertEquals(asked[0], "PUT /latest/api/token");
});

Deno.test("ec2Client() says where it looked when there are no credentials", () =>
  withEnv({ AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" }, async () => {
    const error = await failureOf(settingsFor("ec2", deadUrl()));
    assertEquals([error.code, classOfError(error)], ["CredentialsNotFound", "credentials"]);
    assertMatch(error.message, /EC2 DescribeInstances.*AWS_ACCESS_KEY_ID.*instance role.*aws\.profile/);
  }));

Deno.test("ec2Client() uses no other credentials than the profile that the settings name", () =>
  withKeys(async () => {
    const directory = await Deno.makeTempDir();
    const credentialsFile = `${directory}/credentials`;
    await Deno.writeTextFile(
      credentialsFile,
      "[slurm]\naws_access_key_id = AKIDSLURM\naws_secret_access_key = x\n",
    );
    await using server = cannedServer(ec2Answer("DescribeInstances", "<reservationSet/>"));
    const settings = settingsFor("ec2", server.url);
    const aws = { ...settings.aws, credentialsFile, configFile: `${directory}/config` };
    const client = ec2Client({ ...settings, aws: { ...aws, profile: "slurm" } });
    assertEquals(await client.describeInstances({}), { items: [] });
    client.destroy();

    const error = await failureOf({ ...settings, aws: { ...aws, profile: "slrum" } });
    assertEquals(error.code, "CredentialsNotFound");
    assertStringIncludes(error.message, `profile "slrum" of "${credentialsFile}"`);
    assertStringIncludes(error.message, `"${directory}/config" can't be read`);
    await Deno.remove(directory, { recursive: true });
  }));

Deno.test("ec2Client() ends a call by its signal, waiting or not yet begun", () =>
  withKeys(async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => release = resolve);
    await using server = cannedServer(async () => {
      await held;
      return new Response("");
    });
    const controller = new AbortController();
    const pending = failureOf(
      settingsFor("ec2", server.url),
      (client) => client.describeInstances({}, { signal: controller.signal }),
    );
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new Error("Deadline is near"));
    const error = await pending;
    assertEquals([error.code, classOfError(error)], ["RequestAborted", "deadline"]);
    assertStringIncludes(error.message, "Deadline is near");

    const late = await failureOf(
      settingsFor("ec2", server.url),
      (client) => client.runInstances(LAUNCH, { signal: controller.signal }),
    );
    assertEquals([late.code, server.requests.length], ["RequestAborted", 1]);
    release();
  }));

Deno.test("ec2Client() goes through the proxy of the environment", async () => {
  await using proxy = cannedServer(ec2Answer("DescribeInstances", "<reservationSet/>"));
  const env = {
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    HTTP_PROXY: proxy.url,
    NO_PROXY: "169.254.169.254",
  };
  await withEnv(env, async () => {
    const client = ec2Client(settingsFor("ec2", "http://ec2.example.invalid"));
    assertEquals(await client.describeInstances({}), { items: [] });
    assertEquals(proxy.requests.length, 1);
    client.destroy();
  });
});

Deno.test("ec2Client() converts instances once: primary address, lifecycle, tags", () =>
  withKeys(async () => {
    await using server = cannedServer(ec2Answer(
      "RunInstances",
      `<instancesSet><item><instanceId>i-0a</instanceId><imageId>ami-1</imageId>
        <instanceState><code>0</code><name>pending</name></instanceState><amiLaunchIndex>7</amiLaunchIndex>
        <instanceType>p5.48xlarge</instanceType><launchTime>2026-01-02T03:04:05.000Z</launchTime>
        <placement><availabilityZone>us-east-1a</availabilityZone></placement><subnetId>subnet-1</subnetId>
        <privateIpAddress>10.0.0.9</privateIpAddress><instanceLifecycle>spot</instanceLifecycle>
        <clientToken>token-1</clientToken>
        <tagSet><item><key>a</key><value>1</value></item><item><key>b</key><value/></item></tagSet>
        <networkInterfaceSet>
          <item><privateIpAddress>10.0.0.8</privateIpAddress>
            <attachment><deviceIndex>0</deviceIndex><networkCardIndex>1</networkCardIndex></attachment></item>
          <item><privateIpAddress>10.0.0.7</privateIpAddress>
            <attachment><deviceIndex>0</deviceIndex><networkCardIndex>0</networkCardIndex></attachment></item>
        </networkInterfaceSet></item></instancesSet>`,
    ));
    const client = ec2Client(settingsFor("ec2", server.url));
    assertEquals(await client.runInstances({ ...LAUNCH, UserData: "aGk=" }), [{
      instanceId: "i-0a",
      state: "pending",
      amiLaunchIndex: 7,
      instanceType: "p5.48xlarge",
      imageId: "ami-1",
      subnetId: "subnet-1",
      availabilityZone: "us-east-1a",
      privateIpAddress: "10.0.0.7",
      launchTime: Date.UTC(2026, 0, 2, 3, 4, 5),
      capacityType: "spot",
      clientToken: "token-1",
      tags: { a: "1", b: "" },
    }]);
    const sent = new URLSearchParams(server.requests[0]);
    assertEquals(sent.get("UserData"), "aGk=");
    assertEquals([sent.get("MinCount"), sent.get("MaxCount")], ["1", "2"]);
    client.destroy();
  }));

Deno.test("ec2Client() keeps its connection alive between calls", () =>
  withKeys(async () => {
    const ports = new Set<number>();
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (_request, { remoteAddr }) => {
        ports.add(remoteAddr.port);
        return ec2Answer("DescribeInstances", "<reservationSet/>")();
      },
    );
    const client = ec2Client(settingsFor("ec2", `http://127.0.0.1:${server.addr.port}`));
    for (let call = 0; call < 3; call++) await client.describeInstances({});
    client.destroy();
    await server.shutdown();
    assertEquals(ports.size, 1);
  }));

/** An instance of an answer, with an element of that length that nothing reads. */
function instanceWith(length: number): string {
  return `<reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><privateDnsName>${
    "x".repeat(length)
  }</privateDnsName><instanceState><name>running</name></instanceState></item></instancesSet></item></reservationSet>`;
}

Deno.test("ec2Client() reads an instance next to an element of 10 MB", () =>
  withKeys(async () => {
    await using server = cannedServer(ec2Answer("DescribeInstances", instanceWith(10_000_000)));
    const client = ec2Client(settingsFor("ec2", server.url));
    try {
      const { items } = await client.describeInstances({});
      assertEquals(items.map(({ instanceId, state }) => [instanceId, state]), [["i-1", "running"]]);
    } finally {
      client.destroy();
    }
  }));

for (const cut of ["<instanceId>i-", "xxxx", "</instanceState>", "</reservationSet>"]) {
  Deno.test(`ec2Client() takes nothing from an answer that ends at ${cut}`, () =>
    withKeys(async () => {
      const whole = await ec2Answer("DescribeInstances", instanceWith(100))().text();
      const body = whole.slice(0, whole.indexOf(cut) + cut.length);
      await using server = cannedServer(() =>
        new Response(body, { headers: { "content-type": "text/xml" } })
      );
      const error = await failureOf(settingsFor("ec2", server.url));
      assertEquals(error.code, "InvalidResponse");
    }));
}
