import { assertEquals } from "@std/assert";
import { impair, interruptSpot, scheduleEvent } from "../../../lib/sim/life.ts";
import { idsOf, Story } from "./worlds.ts";

const pure = { permissions: "none" } as const;

/** One status of all instances, as `[state, host, guest, volumes, codes and words of events]`. */
function statuses(story: Story, Filters?: { Name: string; Values: string[] }[]) {
  return story.answer("DescribeInstanceStatus", { IncludeAllInstances: true, Filters }).items.map((
    status,
  ) => [
    status.instance.state,
    status.system.status,
    status.guest.status,
    status.attachedEbs.status,
    ...status.events.map(({ code, description }) => `${code}: ${description}`),
  ]);
}

const OK = ["running", "ok", "ok", "ok"];

Deno.test(
  "describeInstanceStatus() says initializing until the first checks, which find a dead guest",
  pure,
  () => {
    const story = new Story({
      pendingMs: 1000,
      statusCheckMs: 60_000,
      faults: [{ kind: "boot-failure", times: 1 }],
    });
    story.launch({ MaxCount: 2 });
    const none = ["not-applicable", "not-applicable", "not-applicable"];
    assertEquals(statuses(story), [["pending", ...none], ["pending", ...none]]);
    story.now += 1000;
    const initializing = ["running", "initializing", "initializing", "initializing"];
    assertEquals(statuses(story), [initializing, initializing]);
    story.now += 60_000;
    assertEquals(statuses(story), [["running", "ok", "impaired", "ok"], OK]);
    const [dead] = story.answer("DescribeInstanceStatus", {}).items;
    assertEquals(dead!.guest.impairedSince, story.now);
  },
);

Deno.test(
  "describeInstanceStatus() tells running instances, and all where asked, by their filters",
  pure,
  () => {
    const story = new Story();
    const [first, second] = story.launch({ MaxCount: 3 });
    story.answer("StopInstances", { InstanceIds: [second!.instanceId] });
    story.world = impair(story.world, first!.instanceId, { system: story.now, attachedEbs: story.now });
    assertEquals(story.answer("DescribeInstanceStatus", {}).items.length, 2);
    const stopped = ["stopped", "not-applicable", "not-applicable", "not-applicable"];
    const broken = ["running", "impaired", "ok", "impaired"];
    assertEquals(statuses(story), [broken, stopped, OK]);
    const table: readonly (readonly [string, string, readonly unknown[]])[] = [
      ["system-status.status", "impaired", [broken]],
      ["system-status.reachability", "failed", [broken]],
      ["attached-ebs-status.status", "impaired", [broken]],
      ["instance-status.reachability", "passed", [broken, OK]],
      ["instance-status.status", "not-applicable", [stopped]],
      ["instance-state-name", "stopped", [stopped]],
      ["instance-state-code", "16", [broken, OK]],
      ["availability-zone", "us-east-1b", []],
      ["event.code", "*", []],
    ];
    for (const [Name, value, expected] of table) {
      assertEquals(statuses(story, [{ Name, Values: [value] }]), expected, Name);
    }
    story.world = impair(story.world, first!.instanceId, { system: undefined, attachedEbs: undefined });
    assertEquals(statuses(story), [OK, stopped, OK]);
  },
);

Deno.test("describeInstanceStatus() refuses ids beside a page size, too many and unknown ones", pure, () => {
  const story = new Story();
  const InstanceIds = idsOf(story.launch({ MaxCount: 101 }));
  assertEquals(
    story.answer("DescribeInstanceStatus", { InstanceIds: InstanceIds.slice(0, 100) }).items.length,
    100,
  );
  const table = [
    [{ InstanceIds, IncludeAllInstances: true }, "InvalidParameterValue"],
    [{ InstanceIds: InstanceIds.slice(0, 1), MaxResults: 5 }, "InvalidParameterCombination"],
    [{ InstanceIds: ["i-0123456789abcdef0"] }, "InvalidInstanceID.NotFound"],
    [{ InstanceIds: ["i-x"] }, "InvalidInstanceID.Malformed"],
    [{ MaxResults: 4 }, "InvalidParameterValue"],
  ] as const;
  for (const [request, code] of table) {
    assertEquals(story.code("DescribeInstanceStatus", request), code, JSON.stringify(request));
  }
});

Deno.test(
  "scheduleEvent() announces an event, and stops or ends the instance when its time has come",
  pure,
  () => {
    const story = new Story();
    const [retired, rebooted] = story.launch({ MaxCount: 2 });
    const [spot] = story.launch({ InstanceMarketOptions: { MarketType: "spot" } });
    const at = story.now + 60_000;
    const schedule = (id: string, code: "instance-retirement" | "instance-stop" | "system-reboot") => {
      story.world = scheduleEvent(story.world, id, { code, notBefore: at }, story.now);
    };
    schedule(retired!.instanceId, "instance-retirement");
    schedule(rebooted!.instanceId, "system-reboot");
    schedule(spot!.instanceId, "instance-stop");
    const words = "The instance is running on degraded hardware";
    assertEquals(statuses(story), [
      [...OK, `instance-retirement: ${words}`],
      [...OK, "system-reboot: scheduled reboot"],
      [...OK, `instance-stop: ${words}`],
    ]);
    assertEquals(statuses(story, [{ Name: "event.code", Values: ["system-*"] }]).length, 1);
    story.now = at;
    assertEquals(Object.values(story.states()), ["stopped", "running", "terminated"]);
    assertEquals(statuses(story)[1], [...OK, "system-reboot: [Completed] scheduled reboot"]);
    const reasons = story.answer("DescribeInstances", {}).items.map(({ stateReason }) => stateReason?.code);
    assertEquals(reasons, ["Server.ScheduledStop", undefined, "Server.ScheduledStop"]);
  },
);

Deno.test(
  "scheduleEvent() gives every event an id of its own, and a stopped instance is not stopped again",
  pure,
  () => {
    const story = new Story();
    const [instance] = story.launch({});
    const { instanceId } = instance!;
    for (const code of ["system-maintenance", "instance-stop"] as const) {
      story.world = scheduleEvent(
        story.world,
        instanceId,
        { code, notBefore: story.now + 60_000 },
        story.now,
      );
    }
    const events = story.answer("DescribeInstanceStatus", {}).items[0]!.events;
    assertEquals(new Set(events.map(({ eventId }) => eventId)).size, 2);
    story.answer("StopInstances", { InstanceIds: [instanceId] });
    story.answer("StartInstances", { InstanceIds: [instanceId] });
    story.now += 120_000;
    assertEquals(Object.values(story.states()), ["running"]);
  },
);

Deno.test("interruptSpot() lets an instance that is pending run until the notice has passed", pure, () => {
  const story = new Story({ pendingMs: 30_000 });
  const [spot] = story.launch({ InstanceMarketOptions: { MarketType: "spot" } });
  story.world = interruptSpot(story.world, spot!.instanceId, story.now, 120_000);
  story.now += 30_000;
  assertEquals(Object.values(story.states()), ["running"]);
  story.now += 90_000;
  assertEquals(Object.values(story.states()), ["terminated"]);
});
