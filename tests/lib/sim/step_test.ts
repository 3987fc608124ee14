import { assert, assertEquals } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { Fault } from "../../../lib/sim/faults.ts";
import type { Action } from "../../../lib/sim/actions.ts";
import { serviceOf } from "../../../lib/sim/step.ts";
import { idsOf, launchRequest, Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;

Deno.test("step() counts every request by action, refused ones too", pure, () => {
  const story = new Story();
  story.launch();
  story.code("RunInstances", launchRequest({ ImageId: "x" }));
  story.states();
  assertEquals(story.world.calls, { RunInstances: 2, DescribeInstances: 1 });
});

Deno.test("step() leaves the world that it is given as it was", pure, () => {
  const story = new Story();
  const before = story.world;
  story.launch();
  assertEquals([before.instances.size, before.calls, before.counter], [0, {}, 1]);
});

Deno.test(
  "step() fails as many calls of an action as a fault says, in the faults' order, then works",
  pure,
  () => {
    const faults: Fault[] = [
      { kind: "throttle", action: "RunInstances", times: 2 },
      { kind: "error", action: "RunInstances", times: 1, code: "UnauthorizedOperation" },
      { kind: "error", action: "TerminateInstances", times: 1, code: "Unavailable", httpStatus: 503 },
    ];
    const story = new Story({ faults });
    const codes = [1, 2, 3].map(() => story.code("RunInstances", launchRequest()));
    assertEquals(codes, ["RequestLimitExceeded", "RequestLimitExceeded", "UnauthorizedOperation"]);
    const ids = idsOf(story.launch());
    const done = story.step("TerminateInstances", { InstanceIds: ids });
    assert(done.kind === "refusal");
    assertEquals([done.refusal.code, done.refusal.httpStatus], ["Unavailable", 503]);
    story.answer("TerminateInstances", { InstanceIds: ids });
    assertEquals(story.world.faults, []);
  },
);

Deno.test("step() carries out a call whose answer is lost", pure, () => {
  const story = new Story({ faults: [{ kind: "lost-answer", action: "RunInstances", times: 1 }] });
  const done = story.step("RunInstances", launchRequest({ ClientToken: "one" }));
  assert(done.kind === "answer" && done.lost);
  const again = story.step("RunInstances", launchRequest({ ClientToken: "one" }));
  assert(again.kind === "answer" && !again.lost);
  assertEquals(idsOf(again.answer.instances), idsOf(done.answer.instances));
});

Deno.test("step() says of bad credentials what each service says", pure, () => {
  const requests: readonly (readonly [Action, object])[] = [
    ["DescribeInstances", {}],
    ["GetParameter", { Name: "x" }],
    ["GetCallerIdentity", {}],
  ];
  const table = [
    ["expired", ["RequestExpired", "ExpiredTokenException", "ExpiredToken"]],
    ["invalid", ["AuthFailure", "UnrecognizedClientException", "InvalidClientTokenId"]],
  ] as const;
  for (const [credentials, expected] of table) {
    const story = new Story({ credentials });
    assertEquals(requests.map(([action, request]) => story.code(action, request as never)), [...expected]);
  }
});

Deno.test(
  "step() gives each action EC2's request tokens when asked to: RunInstances 5, then 2 a second",
  pure,
  () => {
    const story = new Story({ requestTokens: true });
    for (let i = 0; i < 5; i++) story.launch();
    assertEquals(story.code("RunInstances", launchRequest()), "RequestLimitExceeded");
    story.states();
    story.now += 499;
    assertEquals(story.code("RunInstances", launchRequest()), "RequestLimitExceeded");
    story.now += 1;
    story.launch();
    story.now += 60_000;
    for (let i = 0; i < 5; i++) story.launch();
    assertEquals(story.code("RunInstances", launchRequest()), "RequestLimitExceeded");
  },
);

Deno.test("step() gives listings without filter or paging the smaller bucket", pure, () => {
  const story = new Story({ requestTokens: true });
  for (let i = 0; i < 50; i++) story.answer("DescribeInstances", {});
  assertEquals(story.code("DescribeInstances", {}), "RequestLimitExceeded");
  for (let i = 0; i < 100; i++) story.answer("DescribeInstances", { MaxResults: 1000 });
  assertEquals(story.code("DescribeInstances", { MaxResults: 1000 }), "RequestLimitExceeded");
});

Deno.test(
  "step() takes a resource token for every instance when asked to: 1,000, then 2 a second",
  pure,
  () => {
    const story = new Story({ resourceTokens: true });
    story.launch({ MaxCount: 600 });
    assertEquals(story.code("RunInstances", launchRequest({ MaxCount: 401 })), "RequestLimitExceeded");
    assertEquals(Object.keys(story.states()).length, 600);
    story.launch({ MaxCount: 400 });
    story.now += 5000;
    story.launch({ MaxCount: 10 });
    assertEquals(story.code("RunInstances", launchRequest()), "RequestLimitExceeded");
  },
);

Deno.test("step() replays a token without taking resource tokens", pure, () => {
  const story = new Story({ resourceTokens: true });
  for (let i = 0; i < 3; i++) story.launch({ MaxCount: 1000, ClientToken: "one" });
  assertEquals(Object.keys(story.states()).length, 1000);
});

Deno.test("serviceOf() knows the actions of each service and no others", pure, () => {
  const table = [
    ["RunInstances", "ec2"],
    ["GetConsoleOutput", "ec2"],
    ["GetParametersByPath", "ssm"],
    ["GetCallerIdentity", "sts"],
    ["DescribeVpcs", undefined],
    ["constructor", undefined],
  ] as const;
  for (const [action, service] of table) assertEquals(serviceOf(action), service, action);
});

Deno.test("the fresh world's ids have EC2's form, and every one of them is there", pure, () => {
  const story = new Story({ region: "ap-southeast-2" });
  const subnets = story.answer("DescribeSubnets", { SubnetIds: WORLD.subnetIds }).items;
  assertEquals(subnets.map((s) => s.availabilityZone), [
    "ap-southeast-2a",
    "ap-southeast-2b",
    "ap-southeast-2c",
  ]);
  assertEquals(subnets.map((s) => s.availabilityZoneId), ["apse2-az1", "apse2-az2", "apse2-az3"]);
  assertEquals(subnets.map((s) => s.availableIpAddressCount), [8187, 8187, 8187]);
  const images = story.answer("DescribeImages", { ImageIds: Object.values(WORLD.imageIds) }).items;
  assertEquals(images.map((i) => i.architecture), ["x86_64", "arm64"]);
  const GroupIds = [WORLD.securityGroupId, WORLD.defaultSecurityGroupId];
  assertEquals(story.answer("DescribeSecurityGroups", { GroupIds }).items.length, 2);
  assertEquals(story.answer("DescribeKeyPairs", { KeyNames: [WORLD.keyName] }).length, 1);
  for (
    const id of [
      WORLD.vpcId,
      ...WORLD.subnetIds,
      ...Object.values(WORLD.imageIds),
      ...GroupIds,
      WORLD.keyPairId,
    ]
  ) {
    assert(/^[a-z]+-[0-9a-f]{17}$/.test(id), id);
  }
});
