import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../../../lib/sim/fresh_world.ts";
import {
  EXPIRED_ACCESS_KEY,
  INVALID_ACCESS_KEY,
  serveAws,
  type WireAws,
  type WireOptions,
} from "../../../../lib/sim/wire/server.ts";
import { authorization, control, ec2, ssm, texts } from "./requests.ts";

/** Runs a test against a server of its own. */
function wireTest(name: string, options: WireOptions, run: (aws: WireAws) => Promise<void>): void {
  Deno.test(name, { permissions: { net: ["127.0.0.1"] } }, async () => {
    const aws = serveAws(options);
    try {
      await run(aws);
    } finally {
      await aws.close();
    }
  });
}

const LAUNCH = {
  Action: "RunInstances",
  ImageId: WORLD.imageIds.x86_64,
  InstanceType: "c7i.large",
  MinCount: "1",
  MaxCount: "2",
  SubnetId: WORLD.subnetIds[0],
};

wireTest("serveAws() leaves to the simulator what `others` doesn't answer", {
  others: (_simulator, { action }) =>
    action === "CreateFleet" ? new Response("<fleetId>f</fleetId>") : undefined,
}, async (aws) => {
  assertEquals(texts((await ec2(aws, { Action: "CreateFleet" })).text, "fleetId"), ["f"]);
  assertEquals(texts((await ec2(aws, LAUNCH)).text, "instanceId").length, 2);
});

wireTest("serveAws() answers RunInstances and DescribeInstances as EC2 writes them", {}, async (aws) => {
  const launched = await ec2(aws, {
    ...LAUNCH,
    "TagSpecification.1.ResourceType": "instance",
    "TagSpecification.1.Tag.1.Key": "slurm-ec2:nodes",
    "TagSpecification.1.Tag.1.Value": `c-[0-1] <&> "'`,
    ClientToken: "one",
  });
  assertEquals([launched.status, launched.headers.get("content-type")], [200, "text/xml;charset=UTF-8"]);
  assertStringIncludes(
    launched.text,
    '<RunInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">',
  );
  assertEquals(texts(launched.text, "requestId"), [launched.headers.get("x-amzn-requestid")]);
  assertEquals(texts(launched.text, "amiLaunchIndex"), ["0", "1"]);
  assertEquals(texts(launched.text, "value")[0], "c-[0-1] &lt;&amp;&gt; &quot;&apos;");
  assertEquals(texts(launched.text, "clientToken"), ["one", "one"]);
  assertMatch(launched.text, /<instanceState><code>0<\/code><name>pending<\/name><\/instanceState>/);
  const described = await ec2(aws, { Action: "DescribeInstances", MaxResults: "5" });
  assertMatch(
    described.text,
    /<reservationSet><item><reservationId>r-[0-9a-f]{17}<\/reservationId><ownerId>111122223333</,
  );
  assertEquals(texts(described.text, "reservationId"), texts(launched.text, "reservationId"));
  assertEquals([...described.text.matchAll(/<code>16<\/code><name>running<\/name>/g)].length, 2);
  assertEquals(texts(described.text, "nextToken"), []);
});

wireTest("serveAws() reads lists whose numbers have gaps, and requests in the URL", {}, async (aws) => {
  await ec2(aws, LAUNCH);
  const query = new URLSearchParams({
    Action: "DescribeInstances",
    Version: "2016-11-15",
    "Filter.2.Name": "launch-index",
    "Filter.2.Value.3": "1",
    "Filter.2.Value.12": "7",
  });
  const response = await fetch(`${aws.url}/?${query}`, { headers: { authorization: authorization() } });
  assertEquals(texts(await response.text(), "amiLaunchIndex"), ["1"]);
});

const EC2_ERRORS: readonly (readonly [string, Record<string, string>, number])[] = [
  ["InvalidAction", { Action: "DescribeUnicorns" }, 400],
  ["InvalidAction", { Action: "GetParameter" }, 400],
  ["MissingAction", {}, 400],
  ["UnknownParameter", { Action: "DescribeInstances", Colour: "red" }, 400],
  ["UnknownParameter", { ...LAUNCH, "TagSpecification.1.Tags.1.Key": "a" }, 400],
  ["UnsupportedOperation", { ...LAUNCH, "LaunchTemplate.LaunchTemplateName": "x" }, 400],
  ["InvalidParameterValue", { ...LAUNCH, MinCount: "one" }, 400],
  ["InvalidParameterValue", { ...LAUNCH, InstanceInitiatedShutdownBehavior: "explode" }, 400],
  ["MissingParameter", { Action: "RunInstances" }, 400],
  ["InvalidParameterValue", {
    Action: "DescribeInstances",
    "Filter.1.Name": "colour",
    "Filter.1.Value.1": "red",
  }, 400],
  ["DryRunOperation", { ...LAUNCH, DryRun: "true" }, 412],
  ["InsufficientInstanceCapacity", { ...LAUNCH, InstanceType: "c7i.xlarge" }, 500],
];

wireTest(
  "serveAws() refuses with EC2's error document, status and request id",
  { capacity: { "c7i.xlarge:us-east-1a": 0 } },
  async (aws) => {
    for (const [code, parameters, status] of EC2_ERRORS) {
      const answer = await ec2(aws, parameters);
      assertEquals([answer.status, texts(answer.text, "Code")], [status, [code]], JSON.stringify(parameters));
      assertMatch(
        answer.text,
        /^<\?xml version="1.0" encoding="UTF-8"\?>\n<Response><Errors><Error><Code>[^<]+<\/Code><Message>[^<]+<\/Message><\/Error><\/Errors><RequestID>[-0-9a-f]{36}<\/RequestID><\/Response>$/,
      );
      assertEquals(texts(answer.text, "RequestID"), [answer.headers.get("x-amzn-requestid")]);
    }
    assertEquals(aws.simulator.instances().length, 0);
  },
);

wireTest(
  "serveAws() answers callers without, with expired and with unknown credentials as each service does",
  {},
  async (aws) => {
    const table: readonly (readonly [HeadersInit, string, number, string, number, string, number])[] = [
      [{}, "AuthFailure", 401, "MissingAuthenticationTokenException", 400, "MissingAuthenticationToken", 403],
      [
        { authorization: authorization(EXPIRED_ACCESS_KEY) },
        "RequestExpired",
        400,
        "ExpiredTokenException",
        400,
        "ExpiredToken",
        403,
      ],
      [
        { authorization: authorization(INVALID_ACCESS_KEY) },
        "AuthFailure",
        401,
        "UnrecognizedClientException",
        400,
        "InvalidClientTokenId",
        403,
      ],
    ];
    for (const [headers, ec2Code, ec2Status, ssmCode, ssmStatus, stsCode, stsStatus] of table) {
      const fromEc2 = await ec2(aws, { Action: "DescribeInstances" }, headers);
      assertEquals([texts(fromEc2.text, "Code"), fromEc2.status], [[ec2Code], ec2Status]);
      const fromSsm = await ssm(aws, "GetParameter", { Name: "x" }, headers as Record<string, string>);
      assertEquals([JSON.parse(fromSsm.text).__type, fromSsm.status], [ssmCode, ssmStatus]);
      const fromSts = await ec2(aws, { Action: "GetCallerIdentity", Version: "2011-06-15" }, headers);
      assertEquals([texts(fromSts.text, "Code"), fromSts.status], [[stsCode], stsStatus]);
      assertStringIncludes(fromSts.text, "<ErrorResponse ");
    }
  },
);

wireTest("serveAws() speaks SSM's JSON", { parameters: { "/hpc/ami": "ami-1" } }, async (aws) => {
  const got = await ssm(aws, "GetParameters", { Names: ["/hpc/ami", "/hpc/none"] });
  assertEquals(got.headers.get("content-type"), "application/x-amz-json-1.1");
  assertMatch(got.headers.get("x-amzn-requestid")!, /^[-0-9a-f]{36}$/);
  const { Parameters: [parameter], InvalidParameters } = JSON.parse(got.text);
  assertEquals([parameter.Name, parameter.Value, parameter.Version, parameter.Type], [
    "/hpc/ami",
    "ami-1",
    1,
    "String",
  ]);
  assertEquals(parameter.ARN, "arn:aws:ssm:us-east-1:111122223333:parameter/hpc/ami");
  assert(parameter.LastModifiedDate > 1e9 && parameter.LastModifiedDate < 1e10, "seconds, not milliseconds");
  assertEquals(InvalidParameters, ["/hpc/none"]);
  const table = [
    ["GetParameter", { Name: "/hpc/none" }, "ParameterNotFound"],
    ["GetParameter", { Name: 7 }, "ValidationException"],
    ["GetParameter", "{", "SerializationException"],
    ["DeleteParameter", { Name: "/hpc/ami" }, "UnknownOperationException"],
  ] as const;
  for (const [operation, body, code] of table) {
    const refused = await ssm(aws, operation, body);
    assertEquals([refused.status, JSON.parse(refused.text).__type], [400, code]);
  }
});

wireTest("serveAws() speaks STS's query protocol", {}, async (aws) => {
  const answer = await ec2(aws, { Action: "GetCallerIdentity", Version: "2011-06-15" });
  assertStringIncludes(
    answer.text,
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">',
  );
  assertEquals(texts(answer.text, "Account"), [WORLD.account]);
  assertEquals(texts(answer.text, "RequestId"), [answer.headers.get("x-amzn-requestid")]);
});

wireTest(
  "serveAws() breaks the connection when an answer is to be lost, the call being carried out",
  {},
  async (aws) => {
    aws.simulator.addFault({ kind: "lost-answer", action: "RunInstances", times: 1 });
    await assertRejects(() => ec2(aws, LAUNCH));
    assertEquals(aws.simulator.instances().length, 2);
  },
);

wireTest("the control endpoints count, set what goes wrong, and show the instances", {}, async (aws) => {
  await ec2(aws, LAUNCH);
  await ec2(aws, LAUNCH);
  await ec2(aws, { Action: "DescribeUnicorns" });
  assertEquals(await control(aws, "calls"), { RunInstances: 2, DescribeUnicorns: 1 });
  await control(aws, "reset_calls", {});
  assertEquals(await control(aws, "calls"), {});
  await control(aws, "faults", { kind: "throttle", action: "RunInstances", times: 1 });
  assertEquals((await ec2(aws, LAUNCH)).status, 503);
  await control(aws, "faults", [{ kind: "error", action: "RunInstances", code: "Unsupported" }]);
  await control(aws, "faults", []);
  await control(aws, "capacity", { "c7i.large:us-east-1a": 5 });
  assertEquals(texts((await ec2(aws, LAUNCH)).text, "amiLaunchIndex"), ["0"]);
  assertEquals(texts((await ec2(aws, LAUNCH)).text, "Code"), ["InsufficientInstanceCapacity"]);
  await control(aws, "capacity", { "c7i.large:us-east-1a": null });
  assertEquals((await ec2(aws, LAUNCH)).status, 200);
  await control(aws, "settings", { credentials: "expired", latencyMs: 1 });
  assertEquals(texts((await ec2(aws, LAUNCH)).text, "Code"), ["RequestExpired"]);
  const instances = await control(aws, "instances") as { state: string; privateIpAddress: string }[];
  assertEquals(instances.length, 7);
  assertEquals([instances[0]?.state, instances[0]?.privateIpAddress], ["running", "10.0.0.4"]);
});

wireTest("the control endpoints refuse what they don't understand, and change nothing", {}, async (aws) => {
  const post = async (path: string, body: string) => {
    const response = await fetch(`${aws.url}/_sim/${path}`, { method: "POST", body });
    return [response.status, (await response.json()).error] as const;
  };
  assertEquals((await post("nothing", ""))[0], 404);
  assertEquals((await post("constructor", ""))[0], 404);
  const table = [
    ["faults", '{"kind":"throttle"}', /action/],
    ["faults", '[{"kind":"throttle","action":"RunInstances"},{"kind":"earthquake"}]', /kind/],
    ["faults", "{", /not JSON/],
    ["settings", '{"latencyMs":-1}', /latencyMs/],
    ["settings", '{"latency":1}', /latency/],
    ["capacity", '{"a:b":-1}', /a:b/],
    ["capacity", '{"c7i.large":1}', /not TYPE:ZONE/],
    ["capacity", '{"c7i.large:us-east-1a:sopt":1}', /not TYPE:ZONE/],
    ["capacity", '{"c7i.large:us-east-1a":1,"c9i.large:us-east-1a":1}', /instance type .*"c9i.large"/],
    ["capacity", '{"c7i.large:mars-1a":1}', /zone .*"mars-1a"/],
    ["capacity", '{"c7i.large:us-east-1a@nobody":1}', /placement group .*"nobody"/],
    ["capacity", '{"cr-0b000000000000002":1}', /capacity reservation .*"cr-0b000000000000002"/],
    ["addresses", '{"subnet-1":1}', /subnet "subnet-1"/],
    ["addresses", '{"subnet-0a000000000000001":-1}', /subnet-0a000000000000001/],
    ["faults", '{"kind":"throttle","action":"LaunchRockets"}', /action: is not an action/],
    ["settings", '{"accountLimits":{"elephants":1}}', /elephants/],
    ["settings", '{"quotas":{"L-1216C47A":0.5}}', /L-1216C47A/],
    ["power_off", "{}", /instanceId/],
    ["power_off", '{"instanceId":"i-0123456789abcdef0"}', /Unknown instance "i-0123456789abcdef0"/],
    ["impair", '{"instanceId":"i-1","system":true}', /Unknown instance "i-1"/],
    ["impair", '{"instanceId":"i-1","memory":true}', /memory/],
    ["schedule_event", '{"instanceId":"i-1","code":"instance-stop"}', /Unknown instance "i-1"/],
    ["rebalance", '{"instanceId":"i-1"}', /Unknown instance "i-1"/],
    ["interrupt_spot", '{"instanceId":"i-1"}', /Unknown instance "i-1"/],
  ] as const;
  for (const [path, body, message] of table) {
    const [status, error] = await post(path, body);
    assertEquals(status, 400, body);
    assertMatch(error, message);
  }
  assertEquals([aws.simulator.world.faults, aws.simulator.world.capacity], [[], {}]);
});

wireTest(
  "the control endpoints interrupt no on-demand instance, and none that has ended",
  {},
  async (aws) => {
    await ec2(aws, { ...LAUNCH, MaxCount: "1" });
    await ec2(aws, { ...LAUNCH, MaxCount: "1", "InstanceMarketOptions.MarketType": "spot" });
    const [onDemand, spot] = aws.simulator.instances().map(({ instanceId }) => instanceId);
    const interrupt = (instanceId?: string) => control(aws, "interrupt_spot", { instanceId });
    assertEquals(await interrupt(onDemand), { error: `${onDemand} is not a spot instance` });
    assertEquals(await interrupt(spot), {});
    assertEquals(await interrupt(spot), { error: `${spot} is terminated` });
  },
);

wireTest("the control endpoints limit pools, subnets, quotas and the account", {}, async (aws) => {
  const spot = { ...LAUNCH, "InstanceMarketOptions.MarketType": "spot" };
  const codes = async (launch: Record<string, string>) => texts((await ec2(aws, launch)).text, "Code");
  await control(aws, "capacity", { "c7i.large:us-east-1a:spot": 0 });
  assertEquals([await codes(spot), await codes(LAUNCH)], [["InsufficientInstanceCapacity"], []]);
  const free = await control(aws, "addresses", { [WORLD.subnetIds[0]]: 3 }) as Record<string, number>;
  assertEquals(free[WORLD.subnetIds[0]], 1);
  assertEquals(await codes(LAUNCH), ["InsufficientFreeAddressesInSubnet"]);
  await control(aws, "addresses", { [WORLD.subnetIds[0]]: null });
  await control(aws, "settings", { quotas: { "L-1216C47A": 4 } });
  assertEquals(await codes(LAUNCH), ["VcpuLimitExceeded"]);
  await control(aws, "settings", { quotas: {}, accountLimits: { instances: 2 } });
  assertEquals(await codes(LAUNCH), ["InstanceLimitExceeded"]);
  await control(aws, "settings", { lacksSpotRole: true });
  assertEquals(await codes(spot), ["AuthFailure.ServiceLinkedRoleCreationNotPermitted"]);
});

wireTest("the control endpoints say ahead what becomes of an instance", {}, async (aws) => {
  await ec2(aws, { ...LAUNCH, MaxCount: "1", "InstanceMarketOptions.MarketType": "spot" });
  const { instanceId } = aws.simulator.instances()[0]!;
  await control(aws, "interrupt_spot", { instanceId, noticeMs: 120_000 });
  await control(aws, "rebalance", { instanceId });
  await control(aws, "schedule_event", { instanceId, code: "instance-retirement" });
  await control(aws, "impair", { instanceId, system: true, instance: false });
  const described = (await ec2(aws, { Action: "DescribeInstanceStatus" })).text;
  assertEquals(texts(described, "status"), ["impaired", "failed", "ok", "passed", "ok", "passed"]);
  assertEquals(texts(described, "code"), ["16", "instance-retirement"]);
  const { state, notices } = aws.simulator.instances()[0]!;
  assert(state === "pending" || state === "running", state);
  assertEquals(Object.keys(notices!).sort(), ["events", "interruption", "rebalance"]);
});

wireTest("the control endpoints power guests off and take spot instances back", {}, async (aws) => {
  await ec2(aws, { ...LAUNCH, MaxCount: "1", InstanceInitiatedShutdownBehavior: "terminate" });
  await ec2(aws, { ...LAUNCH, MaxCount: "1", "InstanceMarketOptions.MarketType": "spot" });
  const [one, spot] = aws.simulator.instances();
  await control(aws, "power_off", { instanceId: one!.instanceId });
  await control(aws, "interrupt_spot", { instanceId: spot!.instanceId });
  assertEquals(aws.simulator.instances().map((i) => [i.state, i.stateReason?.code]), [
    ["terminated", "Client.InstanceInitiatedShutdown"],
    ["terminated", "Server.SpotInstanceTermination"],
  ]);
});
