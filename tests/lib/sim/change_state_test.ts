import { assert, assertEquals, assertMatch } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { powerOff } from "../../../lib/sim/life.ts";
import { idsOf, Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;
const UNKNOWN = "i-0123456789abcdef0";
const SLOW = { pendingMs: 100, stoppingMs: 100, shuttingDownMs: 100 } as const;

Deno.test(
  "an instance goes from pending to running after pendingMs, and its guest is up after bootMs",
  pure,
  () => {
    const story = new Story({ pendingMs: 100, bootMs: 50 });
    const [launched] = story.launch();
    assertEquals([launched?.state, launched?.bootsAt], ["pending", undefined]);
    story.now += 99;
    assertEquals(story.states()[launched!.instanceId], "pending");
    story.now += 1;
    const [running] = story.answer("DescribeInstances", {}).items;
    assertEquals([running?.state, running?.bootsAt], ["running", story.now + 50]);
    assertEquals(running?.stateReason, undefined);
  },
);

Deno.test(
  "stopInstances() and startInstances() keep index, address and user data, and set a new launch time",
  pure,
  () => {
    const story = new Story(SLOW);
    const [launched] = story.launch({ MinCount: 3, MaxCount: 3, UserData: btoa("x") }).slice(2);
    const id = launched!.instanceId;
    story.now += 100;
    assertEquals(story.answer("StopInstances", { InstanceIds: [id] }), [
      { instanceId: id, previousState: "running", currentState: "stopping" },
    ]);
    story.now += 100;
    assertEquals(story.states()[id], "stopped");
    story.now += 1000;
    assertEquals(story.answer("StartInstances", { InstanceIds: [id] }), [
      { instanceId: id, previousState: "stopped", currentState: "pending" },
    ]);
    story.now += 100;
    const [started] = story.answer("DescribeInstances", { InstanceIds: [id] }).items;
    assertEquals(started?.state, "running");
    assertEquals(started?.amiLaunchIndex, 2);
    assertEquals(started?.network, launched?.network);
    assertEquals(started?.userData, launched?.userData);
    assertEquals(started!.launchTime - launched!.launchTime, 1200);
  },
);

Deno.test("terminateInstances() is idempotent, and tells where each instance came from", pure, () => {
  const story = new Story(SLOW);
  const ids = idsOf(story.launch({ MaxCount: 2 }));
  const first = story.answer("TerminateInstances", { InstanceIds: ids });
  assertEquals(first.map((c) => [c.previousState, c.currentState]), [["pending", "shutting-down"], [
    "pending",
    "shutting-down",
  ]]);
  const second = story.answer("TerminateInstances", { InstanceIds: [...ids, ...ids] });
  assertEquals(second.map((c) => [c.previousState, c.currentState]), [["shutting-down", "shutting-down"], [
    "shutting-down",
    "shutting-down",
  ]]);
  story.now += 100;
  const third = story.answer("TerminateInstances", { InstanceIds: ids });
  assertEquals(third.map((c) => c.currentState), ["terminated", "terminated"]);
});

Deno.test("terminateInstances() ends a stopped instance at once", pure, () => {
  const story = new Story();
  const ids = idsOf(story.launch());
  story.answer("StopInstances", { InstanceIds: ids });
  const [change] = story.answer("TerminateInstances", { InstanceIds: ids });
  assertEquals([change?.previousState, change?.currentState], ["stopped", "terminated"]);
});

Deno.test("one bad id fails the whole call of Start, Stop and TerminateInstances", pure, () => {
  for (const action of ["StartInstances", "StopInstances", "TerminateInstances"] as const) {
    const story = new Story();
    const ids = idsOf(story.launch({ MaxCount: 2 }));
    story.states();
    assertEquals(story.code(action, { InstanceIds: [...ids, UNKNOWN] }), "InvalidInstanceID.NotFound");
    assertEquals(story.code(action, { InstanceIds: [...ids, "x"] }), "InvalidInstanceID.Malformed");
    assertEquals(story.code(action, { InstanceIds: ids, DryRun: true }), "DryRunOperation");
    assertEquals(story.code(action, { InstanceIds: [] }), "InvalidParameterCombination");
    assertEquals(Object.values(story.states()), ["running", "running"]);
  }
});

Deno.test(
  "startInstances() and stopInstances() refuse states that EC2 doesn't start or stop from",
  pure,
  () => {
    const story = new Story(SLOW);
    const ids = idsOf(story.launch());
    assertEquals(story.code("StopInstances", { InstanceIds: ids }), "IncorrectInstanceState");
    story.now += 100;
    story.answer("StopInstances", { InstanceIds: ids });
    assertEquals(story.code("StartInstances", { InstanceIds: ids }), "IncorrectInstanceState");
    assertEquals(story.answer("StopInstances", { InstanceIds: ids })[0]?.currentState, "stopping");
    story.now += 100;
    assertEquals(story.answer("StopInstances", { InstanceIds: ids })[0]?.currentState, "stopped");
    story.answer("TerminateInstances", { InstanceIds: ids });
    assertEquals(story.code("StartInstances", { InstanceIds: ids }), "IncorrectInstanceState");
    assertEquals(story.code("StopInstances", { InstanceIds: ids }), "IncorrectInstanceState");
  },
);

Deno.test("stopInstances() refuses a one-time spot instance and stops a persistent one", pure, () => {
  const story = new Story();
  const once = idsOf(story.launch({ InstanceMarketOptions: { MarketType: "spot" } }));
  const persistent = idsOf(story.launch({
    InstanceMarketOptions: {
      MarketType: "spot",
      SpotOptions: { SpotInstanceType: "persistent", InstanceInterruptionBehavior: "stop" },
    },
  }));
  story.states();
  assertEquals(story.code("StopInstances", { InstanceIds: once }), "UnsupportedOperation");
  assertEquals(story.answer("StopInstances", { InstanceIds: persistent })[0]?.currentState, "stopping");
});

Deno.test("startInstances() needs room in the pool that a stopped instance gave up", pure, () => {
  const story = new Story({ capacity: { "c7i.large:us-east-1a": 1 } });
  const stopped = idsOf(story.launch());
  story.states();
  story.answer("StopInstances", { InstanceIds: stopped });
  const other = idsOf(story.launch());
  assertEquals(story.code("StartInstances", { InstanceIds: stopped }), "InsufficientInstanceCapacity");
  story.answer("TerminateInstances", { InstanceIds: other });
  assertEquals(story.answer("StartInstances", { InstanceIds: stopped })[0]?.currentState, "pending");
});

Deno.test("terminateInstances() refuses 1,001 ids and takes 1,000", pure, () => {
  const story = new Story();
  const ids = idsOf(story.launch({ MaxCount: 1001 }));
  assertEquals(story.code("TerminateInstances", { InstanceIds: ids }), "InvalidParameterValue");
  assertEquals(story.answer("TerminateInstances", { InstanceIds: ids.slice(0, 1000) }).length, 1000);
});

Deno.test(
  "terminateInstances() spares the zone of a protected instance, ends the others, and fails",
  pure,
  () => {
    const story = new Story();
    const guarded = idsOf(story.launch({ DisableApiTermination: true }));
    const other = idsOf(story.launch());
    const elsewhere = idsOf(story.launch({ SubnetId: WORLD.subnetIds[1] }));
    const all = [...guarded, ...other, ...elsewhere];
    assertEquals(story.code("TerminateInstances", { InstanceIds: all }), "OperationNotPermitted");
    assertEquals(all.map((id) => story.states()[id]), ["running", "running", "terminated"]);
  },
);

Deno.test("a guest that powers off stops or terminates its instance as the request said", pure, () => {
  for (const [behavior, state] of [["stop", "stopped"], ["terminate", "terminated"]] as const) {
    const story = new Story();
    const [id] = idsOf(story.launch({ InstanceInitiatedShutdownBehavior: behavior }));
    story.states();
    story.world = powerOff(story.world, id!, story.now);
    const [instance] = story.answer("DescribeInstances", {}).items;
    assertEquals([instance?.state, instance?.stateReason?.code], [state, "Client.InstanceInitiatedShutdown"]);
  }
});

Deno.test(
  "an instance fated to die while pending is terminated with the reason, and the next one lives",
  pure,
  () => {
    const story = new Story({
      pendingMs: 1000,
      faults: [{
        kind: "death",
        times: 1,
        afterMs: 500,
        code: "Client.VolumeLimitExceeded",
        message: "Volume limit exceeded",
      }],
    });
    const [dies, lives] = idsOf(story.launch({ MaxCount: 2 }));
    story.now += 500;
    assertEquals(story.states(), { [dies!]: "terminated", [lives!]: "pending" });
    const [dead] = story.answer("DescribeInstances", { InstanceIds: [dies!] }).items;
    assertEquals(dead?.stateReason, {
      code: "Client.VolumeLimitExceeded",
      message: "Client.VolumeLimitExceeded: Volume limit exceeded",
    });
    story.now += 500;
    assertEquals(story.states()[lives!], "running");
  },
);

Deno.test(
  "an instance fated not to boot runs, but its guest never comes up and its console says why",
  pure,
  () => {
    const story = new Story({ faults: [{ kind: "boot-failure", times: 1, instanceType: "c7i.large" }] });
    story.launch({ InstanceType: "c7i.xlarge" });
    story.launch({ MaxCount: 2 });
    const instances = story.answer("DescribeInstances", {}).items;
    assertEquals(instances.map((i) => [i.state, i.bootsAt !== undefined]), [["running", true], [
      "running",
      false,
    ], [
      "running",
      true,
    ]]);
    const { output } = story.answer("GetConsoleOutput", { InstanceId: instances[1]!.instanceId });
    assertMatch(output, /Kernel panic/);
  },
);

Deno.test("createTags() adds and replaces tags, on all resources or none", pure, () => {
  const story = new Story();
  const ids = idsOf(story.launch({
    MaxCount: 2,
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "1" }] }],
  }));
  story.answer("CreateTags", { Resources: ids, Tags: [{ Key: "a", Value: "2" }, { Key: "b", Value: "" }] });
  assertEquals(story.answer("DescribeInstances", {}).items.map((i) => i.tags), [{ a: "2", b: "" }, {
    a: "2",
    b: "",
  }]);
  const tag = [{ Key: "c", Value: "3" }];
  assertEquals(
    story.code("CreateTags", { Resources: [...ids, UNKNOWN], Tags: tag }),
    "InvalidInstanceID.NotFound",
  );
  assertEquals(
    story.code("CreateTags", { Resources: [...ids, "vol-0123456789abcdef0"], Tags: tag }),
    "InvalidID",
  );
  assertEquals(story.code("CreateTags", { Resources: ids, Tags: [] }), "MissingParameter");
  assertEquals(story.code("CreateTags", { Resources: ids, Tags: tag, DryRun: true }), "DryRunOperation");
  assert(story.answer("DescribeInstances", {}).items.every((i) => i.tags.c === undefined));
});
