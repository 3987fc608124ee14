import { assert, assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { ENDPOINT_UNREACHABLE, REQUEST_ABORTED } from "../../../lib/aws/error_codes.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { inMemoryAws } from "../../../lib/sim/in_memory.ts";

const pure = { permissions: "none" } as const;
const REQUEST = {
  ImageId: WORLD.imageIds.x86_64,
  InstanceType: "c7i.large",
  MinCount: 1,
  MaxCount: 1,
  ClientToken: "token",
  SubnetId: WORLD.subnetIds[0],
} as const;

Deno.test("inMemoryAws() answers with strict instances", pure, async () => {
  const { ec2, simulator } = inMemoryAws({ now: () => 1_000_000 });
  const [instance] = await ec2.runInstances({
    ...REQUEST,
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "1" }] }],
  });
  assertEquals(instance, {
    instanceId: simulator.instances()[0]!.instanceId,
    state: "pending",
    amiLaunchIndex: 0,
    instanceType: "c7i.large",
    imageId: WORLD.imageIds.x86_64,
    subnetId: WORLD.subnetIds[0],
    availabilityZone: "us-east-1a",
    privateIpAddress: "10.0.0.4",
    launchTime: 1_000_000,
    capacityType: "on-demand",
    clientToken: "token",
    stateReasonCode: "pending",
    tags: { a: "1" },
  });
});

Deno.test("inMemoryAws() refuses with the error that the real clients make", pure, async () => {
  const { ec2 } = inMemoryAws({ capacity: { "c7i.large:us-east-1a": 0 } });
  const error = await assertRejects(() => ec2.runInstances(REQUEST), AwsError);
  assertEquals([error.code, error.operation, error.httpStatus], [
    "InsufficientInstanceCapacity",
    "RunInstances",
    500,
  ]);
  assert(/^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(error.requestId!));
});

Deno.test("inMemoryAws() loses an answer after carrying the call out", pure, async () => {
  const { ec2, simulator } = inMemoryAws({
    faults: [{ kind: "lost-answer", action: "RunInstances", times: 1 }],
  });
  const error = await assertRejects(() => ec2.runInstances(REQUEST), AwsError);
  assertEquals(error.code, ENDPOINT_UNREACHABLE);
  assertEquals(simulator.instances().length, 1);
});

Deno.test("inMemoryAws() lets half of the latency pass before the call is carried out", pure, async () => {
  let time = 0;
  const sleep = (ms: number) => {
    time += ms;
    return Promise.resolve();
  };
  const { ec2 } = inMemoryAws({ latencyMs: 100, now: () => time, sleep });
  const [instance] = await ec2.runInstances(REQUEST);
  assertEquals([instance?.launchTime, time], [50, 100]);
});

Deno.test(
  "inMemoryAws() ends a call with the caller's patience, before or after it is carried out",
  pure,
  async () => {
    const { ec2, simulator } = inMemoryAws({ latencyMs: 10_000 });
    const early = await assertRejects(
      () => ec2.runInstances(REQUEST, { signal: AbortSignal.abort() }),
      AwsError,
    );
    const patience = new AbortController();
    const waiting = assertRejects(() => ec2.runInstances(REQUEST, { signal: patience.signal }), AwsError);
    patience.abort();
    assertEquals([early.code, (await waiting).code], [REQUEST_ABORTED, REQUEST_ABORTED]);
    assertEquals(simulator.instances().length, 0);
  },
);

Deno.test("inMemoryAws() can run out, fail, and count again", pure, async () => {
  const { ec2, ssm, sts, simulator } = inMemoryAws({ parameters: { "/a": "1" } });
  simulator.setCapacity("c7i.large:us-east-1a", 0);
  assertEquals(
    (await assertRejects(() => ec2.runInstances(REQUEST), AwsError)).code,
    "InsufficientInstanceCapacity",
  );
  simulator.setCapacity("c7i.large:us-east-1a", undefined);
  simulator.addFault({ kind: "error", action: "GetParameter", times: 1, code: "ThrottlingException" });
  assertEquals(
    (await assertRejects(() => ssm.getParameter({ Name: "/a" }), AwsError)).code,
    "ThrottlingException",
  );
  assertEquals((await ssm.getParameter({ Name: "/a" })).value, "1");
  assertEquals((await sts.getCallerIdentity()).account, WORLD.account);
  assertEquals(simulator.calls(), { RunInstances: 1, GetParameter: 2, GetCallerIdentity: 1 });
  simulator.resetCalls();
  assertEquals(simulator.calls(), {});
});

Deno.test("inMemoryAws() lets guests power off and takes spot instances back", pure, async () => {
  const { ec2, simulator } = inMemoryAws();
  const launched = await ec2.runInstances({
    ...REQUEST,
    MaxCount: 2,
    InstanceMarketOptions: { MarketType: "spot" },
  });
  await ec2.describeInstances({});
  simulator.powerOff(launched[0]!.instanceId);
  simulator.interruptSpot(launched[1]!.instanceId);
  const { items } = await ec2.describeInstances({});
  assertEquals(items.map((i) => [i.state, i.stateReasonCode]), [
    ["stopped", "Client.InstanceInitiatedShutdown"],
    ["terminated", "Server.SpotInstanceTermination"],
  ]);
});

Deno.test("inMemoryAws() keeps every time that EC2 charges for, and every refusal", pure, async () => {
  let now = 1_000_000;
  const { ec2, simulator } = inMemoryAws({
    now: () => now,
    faults: [{ kind: "throttle", action: "RunInstances", times: 1 }],
  });
  await assertRejects(() => ec2.runInstances(REQUEST), AwsError);
  const code = "RequestLimitExceeded";
  assertEquals(simulator.refusals(), [{ action: "RunInstances", code, clientToken: "token" }]);
  simulator.resetCalls();
  assertEquals(simulator.refusals(), []);

  const [launched] = await ec2.runInstances({ ...REQUEST, InstanceInitiatedShutdownBehavior: "stop" });
  const InstanceIds = [launched!.instanceId];
  const charged = () => simulator.instances()[0]!.charged;
  assertEquals(charged(), [{ began: 1_000_000 }]);
  now = 2_000_000;
  assertEquals(simulator.instances()[0]!.state, "running");
  await ec2.stopInstances({ InstanceIds });
  now = 3_000_000;
  assertEquals(charged(), [{ began: 1_000_000, ended: 2_000_000 }]);
  await ec2.startInstances({ InstanceIds });
  now = 4_000_000;
  await ec2.terminateInstances({ InstanceIds });
  now = 5_000_000;
  assertEquals(charged(), [
    { began: 1_000_000, ended: 2_000_000 },
    { began: 3_000_000, ended: 4_000_000 },
  ]);
});
