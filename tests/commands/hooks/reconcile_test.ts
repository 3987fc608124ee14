import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { findingsText } from "../../../commands/hooks/reconcile.ts";
import type { Tag } from "../../../lib/aws/ec2_api.ts";
import { instanceTags, testLaunchTags } from "../../../lib/identity/tags.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { readHeartbeat } from "../../../lib/store/heartbeat.ts";
import { type HookSite, withHookSite } from "./hook_site.ts";

/** All nodes that the site's slurmctld knows: an answer without the others says nothing of any. */
const known = (text: string) =>
  text.replace("c[0-99]", "c[0-3]").replace("s[0-9]", "s0").replace("w[0-9]", "w[0-1]");

Deno.test("reconcile shows an instance whose node is off, and ends it only with --apply", () =>
  withHookSite({ config: known }, async (site) => {
    assertEquals((await site.run(["resume", "--json", "c[0-1]"])).json().nodes, {
      c0: "assigned",
      c1: "assigned",
    });
    // The controller's state is lost, and with it a stop.
    Deno.removeSync(`${site.dir}/state`, { recursive: true });
    const { nodes } = site.slurm();
    site.changeSlurm({ nodes: { ...nodes, c0: { ...nodes.c0!, state: "IDLE+CLOUD+POWERED_DOWN" } } });

    const looked = await site.run(["reconcile", "--json"]);
    assertEquals([looked.code, looked.stderr], [3, ""]);
    const { applied, findings } = JSON.parse(looked.stdout);
    assertEquals(applied, false);
    assertEquals(findings.map(({ kind, nodes, action }: Record<string, unknown>) => [kind, nodes, action]), [
      ["orphan", ["c0"], "terminate"],
    ]);
    assertEquals(site.live().length, 2);

    assertEquals((await site.run(["reconcile", "--apply"])).code, 3);
    assertEquals(site.live().length, 1);
    const after = await site.run(["reconcile"]);
    assertEquals([after.code, after.stdout], [0, "Slurm's nodes and EC2's instances fit together.\n"]);
  }));

Deno.test("reconcile does nothing when EC2 does not say", () =>
  withHookSite({ accessKey: undefined, config: known }, async (site) => {
    const { code, stdout } = await site.run(["reconcile", "--apply"]);
    assertEquals(code, 1);
    assertStringIncludes(
      stdout,
      "Nothing was compared: EC2 does not answer: slurm-ec2 doctor --only credentials",
    );
    assertEquals(site.slurm().calls.filter(([verb]) => verb === "update"), []);
  }));

Deno.test("reconcile and status give a next step when slurmctld is away", () =>
  withHookSite({}, async (site) => {
    const early = await site.run(["status"]);
    assertEquals(early.code, 1);
    assertMatch(early.stderr, /There is no .*state\.db: .*; ask on slurmctld's host/);
    assertEquals((await site.run(["resume", "c0"])).code, 0);
    Deno.writeTextFileSync(
      `${site.dir}/scontrol`,
      "#!/bin/sh\necho 'Unable to contact slurm controller' >&2\nexit 1\n",
    );
    const compared = await site.run(["reconcile"]);
    assertEquals(compared.code, 1);
    assertMatch(compared.stdout, /^Nothing was compared: slurmctld does not answer: .*scontrol ping/);
    assertMatch((await site.run(["status"])).stdout, /^slurmctld does not answer, .*scontrol ping/m);
  }));

/** `KIND NODES IDS` of what `reconcile --json` finds. */
async function findingsOf(site: HookSite, ...flags: readonly string[]): Promise<string[]> {
  const { stdout } = await site.run(["reconcile", "--json", ...flags]);
  return JSON.parse(stdout).findings.map((
    { kind, nodes, instanceIds }: { kind: string; nodes: string[]; instanceIds: string[] },
  ) => [kind, ...nodes, ...instanceIds].join(" "));
}

/** Launches instances that the controller knows nothing of; their ids. */
function launched(site: HookSite, tags: readonly Tag[], count = 1): string[] {
  const done = site.aws.simulator.call("RunInstances", {
    ImageId: WORLD.imageIds.x86_64,
    InstanceType: "c7i.large",
    MinCount: count,
    MaxCount: count,
    ClientToken: crypto.randomUUID(),
    SubnetId: WORLD.subnetIds[0],
    TagSpecifications: [{ ResourceType: "instance", Tags: tags }],
  });
  if (done.kind === "refusal") throw new Error(done.refusal.message);
  return done.answer.instances.map(({ instanceId }) => instanceId);
}

const IMAGE_PARAMETER = `/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`;

Deno.test("reconcile --apply ends what a test launch has left, and a stopped instance of another image", () => {
  let behind = 2 * 3_600_000;
  return withHookSite({ config: known, now: () => Date.now() - behind }, async (site) => {
    const identity = { cluster: "test", nodeGroup: "c", nodes: "c0" };
    const [left] = launched(site, testLaunchTags(identity));
    behind = 0;
    const [running] = launched(site, testLaunchTags(identity));
    await site.run(["resume", "s0"]);
    await site.run(["stop", "s0"]);
    const stopped = site.aws.simulator.instances().find(({ state }) => state === "stopped")!.instanceId;
    assertEquals(await findingsOf(site), [`test-launch ${left}`]);
    const value = { Name: IMAGE_PARAMETER, Value: WORLD.imageIds.arm64, Overwrite: true };
    assertEquals(site.aws.simulator.call("PutParameter", value).kind, "answer");
    const both = [`test-launch ${left}`, `stopped-drift s0 ${stopped}`];
    assertEquals(await findingsOf(site), both);
    assertEquals(await findingsOf(site, "--apply"), both);
    const ended = site.aws.simulator.instances().filter(({ state }) => state === "terminated");
    assertEquals(ended.map(({ instanceId }) => instanceId).sort(), [left, stopped].sort());
    assertEquals(site.live(), [running]);
    assertEquals(await findingsOf(site), []);
  });
});

Deno.test("reconcile --apply ends ten of twelve orphans, and all with --force", () =>
  withHookSite({ config: known }, async (site) => {
    launched(site, instanceTags({ cluster: "test", nodeGroup: "c", nodes: "c0" }));
    for (let i = 0; i < 11; i++) {
      launched(site, instanceTags({ cluster: "test", nodeGroup: "c", nodes: `c${1 + i % 3}` }));
    }
    const { stdout } = await site.run(["reconcile", "--apply"]);
    assertEquals(stdout.match(/beyond what one pass ends: --force/g)?.length, 2);
    assertEquals(site.live().length, 2);
    await site.run(["reconcile", "--apply", "--force"]);
    assertEquals(site.live().length, 0);
  }));

Deno.test("reconcile --apply takes over from a worker that has nothing to do", () => {
  let behind = 2 * 3_600_000;
  return withHookSite({ config: known, now: () => Date.now() - behind }, async (site) => {
    // No worker ends it: that takes a person's command.
    const [left] = launched(site, testLaunchTags({ cluster: "test", nodeGroup: "c", nodes: "c0" }));
    behind = 0;
    let hasEnded = false;
    const worker = site.run(["worker"]).finally(() => hasEnded = true);
    try {
      // It holds the lock from before its first sign of life on.
      while (!hasEnded && readHeartbeat(`${site.dir}/state`) === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const { code, stdout, stderr } = await site.run(["reconcile", "--apply", "--json"]);
      assertEquals([code, stderr], [3, ""]);
      const { applied, findings } = JSON.parse(stdout);
      assertEquals([applied, findings[0].instanceIds], [true, [left]]);
      assertEquals(site.live(), []);
      assertEquals([...Deno.readDirSync(`${site.dir}/state/queue`)], []);
    } finally {
      assertEquals((await worker).code, 0);
    }
  });
});

Deno.test("reconcile shows failed status checks and planned events, and goes on where it may not read them", () =>
  withHookSite({ config: known }, async (site) => {
    await site.run(["resume", "c0"]);
    const { nodes } = site.slurm();
    const [id] = site.live();
    const address = site.aws.simulator.instances()[0]!.network!.privateIpAddress!;
    site.changeSlurm({ nodes: { ...nodes, c0: { ...nodes.c0!, state: "IDLE+CLOUD", address } } });
    site.aws.simulator.impair(id!, { system: Date.now() });
    site.aws.simulator.scheduleEvent(id!, { code: "instance-stop", notBefore: Date.now() + 3_600_000 });
    assertEquals(await findingsOf(site), [`scheduled-event c0 ${id}`, `failed-status c0 ${id}`]);
    site.aws.simulator.addFault({
      kind: "error",
      action: "DescribeInstanceStatus",
      times: 100,
      code: "UnauthorizedOperation",
    });
    const { code, stdout } = await site.run(["reconcile"]);
    assertEquals(code, 0);
    assertMatch(stdout, /^Status checks and planned events were not read: .*UnauthorizedOperation/);
    assertStringIncludes(stdout, "fit together");
  }));

Deno.test("findingsText() shows what could steer a terminal", { permissions: "none" }, () => {
  const finding = {
    kind: "no-node",
    nodes: [],
    instanceIds: ["i-1"],
    evidence: "its tag says \x1b[2J",
    action: "none",
  } as const;
  const text = findingsText({ applied: false, findings: [finding] });
  assertEquals([text.includes("\u241b[2J"), text.includes("\x1b")], [true, false]);
});

Deno.test("findingsText() says what a person can do next, and what it costs", { permissions: "none" }, () => {
  const finding = {
    kind: "orphan",
    nodes: ["c0", "c1"],
    instanceIds: ["i-0", "i-1"],
    evidence: "they run",
    action: "terminate",
    usdPerHour: 0.2,
    usdSoFar: 1,
    deferred: true,
  } as const;
  const text = findingsText({ applied: false, findings: [finding] });
  assertStringIncludes(text, "c[0-1] i-0 i-1: they run (0.20 USD/h, 1.00 USD so far) -> terminate");
  assertStringIncludes(text, "--force");
  assertStringIncludes(text, "slurm-ec2 reconcile --apply");
});
