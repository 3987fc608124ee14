import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../../../lib/sim/fresh_world.ts";
import type { RunInstancesRequest } from "../../../../lib/sim/run_instances_request.ts";
import { type GuestOptions, startTime } from "../../../../lib/sim/wire/guests.ts";
import { serveAws, type WireAws, type WireOptions } from "../../../../lib/sim/wire/server.ts";
import { launchRequest } from "../worlds.ts";
import { until } from "./requests.ts";

/** Runs a test against a server whose instances run a shell script. */
function guestTest(
  name: string,
  script: string,
  run: (aws: WireAws) => Promise<void>,
  options: {
    readonly guests?: Partial<GuestOptions>;
    readonly wire?: WireOptions;
    readonly narrow?: boolean;
  } = {},
): void {
  // Looking at /proc needs every permission.
  const permissions = options.narrow ? { net: ["127.0.0.1"], run: ["/bin/sh"] } : undefined;
  Deno.test(name, permissions ? { permissions } : {}, async () => {
    const guests = { command: ["/bin/sh", "-c", script], align: false, graceMs: 2000, ...options.guests };
    const aws = serveAws({ ...options.wire, guests });
    try {
      await run(aws);
    } finally {
      await aws.close();
    }
  });
}

function launch(aws: WireAws, changes: Partial<RunInstancesRequest> = {}): string[] {
  const done = aws.simulator.call("RunInstances", launchRequest(changes));
  assert(done.kind === "answer");
  return done.answer.instances.map(({ instanceId }) => instanceId);
}

function consoleOf(aws: WireAws, instanceId: string): string {
  return aws.simulator.world.instances.get(instanceId)!.console;
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended; only its parent hasn't looked yet.
    return !/^State:\s*Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const WAIT = 'echo "up $INSTANCE_ID $AMI_LAUNCH_INDEX"; exec sleep 1000';

guestTest(
  "guests() starts one process per instance, with its metadata's address and its id",
  `env; ${WAIT}`,
  async (aws) => {
    const ids = launch(aws, { MaxCount: 3 });
    await until(
      "all guests are up",
      () => ids.every((id, i) => consoleOf(aws, id).includes(`up ${id} ${i}`)),
    );
    const pids = ids.map((id) => aws.pidOf(id)!);
    assertEquals(new Set(pids).size, 3);
    assert(pids.every(isAlive));
    const console = consoleOf(aws, ids[0]!);
    assertStringIncludes(console, `AWS_EC2_METADATA_SERVICE_ENDPOINT=${aws.imdsUrl(ids[0]!)}\n`);
    assertStringIncludes(console, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n");
    assert(!/^HOME=/m.test(console), "the simulator's own environment leaks into the guest");
  },
);

guestTest(
  "guests() ends the process when its instance is terminated, and only that one",
  WAIT,
  async (aws) => {
    const [ended, kept] = launch(aws, { MaxCount: 2 });
    await until("both guests are up", () => [ended, kept].every((id) => aws.pidOf(id!) !== undefined));
    const [endedPid, keptPid] = [aws.pidOf(ended!)!, aws.pidOf(kept!)!];
    aws.simulator.call("TerminateInstances", { InstanceIds: [ended!] });
    await until("the guest is gone", () => !isAlive(endedPid));
    assert(isAlive(keptPid));
    await until(
      "its end is on the console",
      () => consoleOf(aws, ended!).includes("Boot command ended by SIGTERM"),
    );
    assertEquals(
      aws.simulator.world.instances.get(ended!)?.stateReason?.code,
      "Client.UserInitiatedShutdown",
    );
  },
);

guestTest(
  "guests() ends what a guest started, and a guest that ignores SIGTERM",
  'trap "" TERM; sleep 1000 & echo "child $!"; wait; wait',
  async (aws) => {
    const [id] = launch(aws);
    await until("the guest has a child", () => /child \d+/.test(consoleOf(aws, id!)));
    const pids = [aws.pidOf(id!)!, Number(/child (\d+)/.exec(consoleOf(aws, id!))![1])];
    assert(pids.every(isAlive));
    aws.simulator.call("TerminateInstances", { InstanceIds: [id!] });
    await until("guest and child are gone", () => !pids.some(isAlive));
  },
  { guests: { graceMs: 100 } },
);

guestTest("guests() ends a guest with no more than the right to run its program", WAIT, async (aws) => {
  const [id] = launch(aws);
  await until("the guest is up", () => aws.pidOf(id!) !== undefined);
  aws.simulator.call("TerminateInstances", { InstanceIds: [id!] });
  await until("the guest is gone", () => consoleOf(aws, id!).includes("Boot command ended by SIGTERM"));
}, { narrow: true });

guestTest(
  "guests() starts a stopped instance's process only when the one before is gone",
  'trap "" TERM; while :; do echo "here $$"; sleep 0.05; done',
  async (aws) => {
    const [id] = launch(aws);
    const pidsSaid = () =>
      new Set(consoleOf(aws, id!).matchAll(/here (\d+)\n/g).map(([, pid]) => Number(pid)));
    await until("the guest is up", () => pidsSaid().size === 1);
    const [first] = pidsSaid();
    aws.simulator.call("StopInstances", { InstanceIds: [id!] });
    aws.simulator.call("StartInstances", { InstanceIds: [id!] });
    let both = false;
    await until("another guest is up", () => {
      const second = [...pidsSaid()].find((pid) => pid !== first);
      both ||= second !== undefined && isAlive(first!);
      return second !== undefined;
    });
    assertEquals(both, false);
    assertEquals(aws.pidOf(id!), [...pidsSaid()].at(-1));
  },
  { guests: { graceMs: 3_000 } },
);

guestTest("guests() starts another process when a stopped instance is started", WAIT, async (aws) => {
  const [id] = launch(aws);
  await until("the guest is up", () => aws.pidOf(id!) !== undefined);
  const first = aws.pidOf(id!)!;
  aws.simulator.call("StopInstances", { InstanceIds: [id!] });
  await until("the guest is gone", () => !isAlive(first) && aws.pidOf(id!) === undefined);
  aws.simulator.call("StartInstances", { InstanceIds: [id!] });
  await until("another guest is up", () => aws.pidOf(id!) !== undefined);
  assert(aws.pidOf(id!) !== first);
});

for (const [behavior, state] of [["stop", "stopped"], ["terminate", "terminated"]] as const) {
  guestTest(
    `guests() powers an instance off whose process ends: behaviour ${behavior}`,
    "echo bye; exit 3",
    async (aws) => {
      const [id] = launch(aws, { InstanceInitiatedShutdownBehavior: behavior });
      await until(`the instance is ${state}`, () => aws.simulator.world.instances.get(id!)?.state === state);
      const instance = aws.simulator.world.instances.get(id!)!;
      assertEquals(instance.stateReason?.code, "Client.InstanceInitiatedShutdown");
      assertMatch(instance.console, /bye\nsimulate: Boot command ended with exit status 3\n$/);
      assertEquals(aws.pidOf(id!), undefined);
    },
  );
}

guestTest("guests() says on the console that a boot command can't be started", "", async (aws) => {
  const [id] = launch(aws);
  await until("the instance is stopped", () => aws.simulator.world.instances.get(id!)?.state === "stopped");
  assertStringIncludes(consoleOf(aws, id!), 'Boot command "/nonexistent" can\'t be started');
}, { guests: { command: ["/nonexistent"] } });

guestTest(
  "guests() starts nothing on an instance whose boot fails, or that ends before it is up",
  WAIT,
  async (aws) => {
    const [fails] = launch(aws);
    const [ends] = launch(aws, { SubnetId: WORLD.subnetIds[1] });
    aws.simulator.call("TerminateInstances", { InstanceIds: [ends!] });
    const [works] = launch(aws);
    await until("the last guest is up", () => aws.pidOf(works!) !== undefined);
    assertEquals([aws.pidOf(fails!), aws.pidOf(ends!)], [undefined, undefined]);
    assertMatch(consoleOf(aws, fails!), /Kernel panic/);
  },
  { wire: { bootMs: 100, faults: [{ kind: "boot-failure", times: 1 }] } },
);

Deno.test("guests() are all gone when the server is closed", async () => {
  const aws = serveAws({ guests: { command: ["/bin/sh", "-c", WAIT], align: false, graceMs: 2000 } });
  const ids = launch(aws, { MaxCount: 3 });
  await until("all guests are up", () => ids.every((id) => aws.pidOf(id) !== undefined));
  const pids = ids.map((id) => aws.pidOf(id)!);
  await aws.close();
  assert(!pids.some(isAlive));
});

Deno.test("startTime() is just after the next full second when aligned", { permissions: "none" }, () => {
  const table = [[10_000, 11_050], [10_001, 11_050], [10_999, 11_050], [11_000, 12_050]] as const;
  for (const [bootsAt, expected] of table) assertEquals(startTime(bootsAt, true), expected);
  assertEquals(startTime(10_001, false), 10_001);
});
