import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { makeRig, replacing, type Rig } from "../../fixtures/rig.ts";
import { kinds } from "../../fixtures/kinds.ts";

/** A rig whose nodes have been up for long. */
async function upRig(hostlist: string): Promise<Rig> {
  const rig = await makeRig();
  await rig.resume(hostlist);
  rig.clock.now += 3_600_000;
  for (const key of Object.keys(rig.calls())) delete rig.calls()[key];
  return rig;
}

Deno.test("powerDown() terminates by hint, without listing the cluster", async () => {
  await using rig = await upRig("c[0-1499]");
  const { nodes } = await rig.stop("c7");
  assertEquals(kinds(nodes), { terminated: 1 });
  assertEquals(rig.calls(), { DescribeInstances: 1, TerminateInstances: 1 });
  assertEquals(rig.live().length, 1499);
});

Deno.test("powerDown() stops the instances of a stop group and powerUp() starts them again", async () => {
  await using rig = await upRig("s[0-2]");
  const before = rig.live().map(({ instanceId }) => instanceId).sort();
  assertEquals(kinds((await rig.stop("s[0-2]")).nodes), { stopped: 3 });
  assertEquals(rig.aws.simulator.instances().map(({ state }) => state), ["stopped", "stopped", "stopped"]);
  rig.clock.now += 60_000;
  assertEquals(kinds((await rig.resume("s[0-2]")).nodes), { assigned: 3 });
  assertEquals(rig.live().map(({ instanceId }) => instanceId).sort(), before);
});

Deno.test("powerDown() terminates a pending instance of a stop group rather than skip it", async () => {
  await using rig = await makeRig({ aws: { pendingMs: 60_000 } });
  await rig.resume("s0");
  rig.clock.now += 1_000;
  assertEquals(kinds((await rig.stop("s0")).nodes), { terminated: 1 });
});

Deno.test("powerDown() reports nodes that are not ours and leaves them alone", async () => {
  await using rig = await upRig("c0");
  const { nodes } = await rig.stop("c0,onprem[1-2]");
  assertEquals(kinds(nodes), { terminated: 1, "not-ours": 2 });
});

Deno.test("powerDown() finds an instance whose hint was lost", async () => {
  await using rig = await upRig("c[0-3]");
  await Deno.remove(`${rig.stateDir}/hints.json`);
  assertEquals(kinds((await rig.stop("c[0-3]")).nodes), { terminated: 4 });
  assertEquals(rig.live(), []);
});

Deno.test("powerDown() finds an instance whose hint names another one", async () => {
  await using rig = await upRig("c[0-3]");
  const hints = JSON.parse(await Deno.readTextFile(`${rig.stateDir}/hints.json`));
  hints.instanceIds.c0 = hints.instanceIds.c1;
  await Deno.writeTextFile(`${rig.stateDir}/hints.json`, JSON.stringify(hints));
  assertEquals(kinds((await rig.stop("c0")).nodes), { terminated: 1 });
  assertEquals(rig.live().map(({ node }) => node).sort(), ["c1", "c2", "c3"]);
});

Deno.test("powerDown() ends the good instances when one bad id makes EC2 refuse the call", async () => {
  await using rig = await upRig("c[0-7]");
  const ports = rig.ports();
  const [victim] = rig.live();
  const terminateInstances: typeof ports.ec2.terminateInstances = (input, options) => {
    if (!input.InstanceIds.includes(victim!.instanceId)) return ports.ec2.terminateInstances(input, options);
    return ports.ec2.terminateInstances(
      { InstanceIds: [...input.InstanceIds, "i-0000000000000dead"] },
      options,
    );
  };
  const { nodes, troubles } = await rig.stop("c[0-7]", {
    ...ports,
    ec2: replacing(ports.ec2, { terminateInstances }),
  });
  assertEquals(kinds(nodes), { terminated: 7, failed: 1 });
  assertEquals(troubles.length, 1);
  // An instance that is not there has no tag: a policy that allows by tag denies it.
  assertStringIncludes(troubles[0]!, "UnauthorizedOperation");
});

Deno.test("powerDown() that EC2 refuses sets the node down with the reason, and any later hook mends it", async () => {
  await using rig = await upRig("c[0-1]");
  rig.aws.simulator.setSettings({ credentials: "expired" });
  const { nodes, troubles } = await rig.stop("c[0-1]");
  assertEquals(kinds(nodes), { failed: 2 });
  assertEquals(troubles, [
    "Nodes c[0-1] may still have running instances: RequestExpired: Request has expired.",
  ]);
  const node = rig.scontrol.nodes.get("c0")!;
  assertEquals(node.base, "DOWN");
  assertMatch(node.reason, /^RequestExpired: Request has expired.* \[slurm-ec2 until=\S+\]$/);

  rig.aws.simulator.setSettings({ credentials: "valid" });
  rig.clock.now += 1_000;
  await rig.resume("w0");
  assertEquals(rig.live().map(({ node }) => node), ["w0"]);
  assert(rig.scontrol.nodes.get("c0")!.flags.has("POWER_DOWN"), "c0 was not given back");
  assertEquals(JSON.parse(await Deno.readTextFile(`${rig.stateDir}/unended.json`)), {});
});

Deno.test("resumeFail() keeps the console's last lines, terminates, and gives the node back with what the boot said", async () => {
  await using rig = await makeRig();
  await rig.resume("c[0-1]");
  const [one] = rig.live();
  rig.aws.simulator.writeConsole(
    one!.instanceId,
    "[ 1.0] kernel\nslurm-ec2: boot failed: no munge key; copy it to /etc/munge\n",
  );
  rig.clock.now += 600_000;
  const { nodes } = await rig.resumeFail("c[0-1]");
  assertEquals(kinds(nodes), { terminated: 2 });
  assertEquals(rig.live(), []);
  assertStringIncludes(
    rig.scontrol.nodes.get(one!.node)!.reason,
    "ResumeTimeout: the node did not register in time: no munge key",
  );
  assert(rig.events.some((event) => event.kind === "console" && event.tail.includes("no munge key")));
});

Deno.test("resumeFail() terminates also when no console can be read", async () => {
  await using rig = await makeRig();
  await rig.resume("c[0-11]");
  rig.aws.simulator.addFault({ kind: "error", action: "GetConsoleOutput", times: 99, code: "InternalError" });
  rig.clock.now += 600_000;
  await rig.resumeFail("c[0-11]");
  assertEquals(rig.live(), []);
  assertEquals(rig.calls().GetConsoleOutput, 10);
});

Deno.test("resumeFail() opens the breaker after five boots in a row, resume then refuses, another image closes it", async () => {
  await using rig = await makeRig();
  for (let boot = 1; boot <= 5; boot++) {
    assertEquals(kinds((await rig.resume("c0")).nodes), { assigned: 1 }, `boot ${boot}`);
    rig.clock.now += 600_000;
    await rig.resumeFail("c0");
  }
  const { nodes } = await rig.resume("c[0-3]");
  assertEquals(kinds(nodes), { down: 4 });
  assertMatch(
    rig.scontrol.nodes.get("c0")!.reason,
    /^BootFailureBreaker: 5 boots in a row .* slurm-ec2 reset c/,
  );
  assertEquals(rig.calls().RunInstances, 5);
  await rig.aws.ssm.putParameter({
    Name: `/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`,
    Value: "ami-08664000000000009",
    Overwrite: true,
  });
  const again = await rig.resume("c0");
  assertEquals(rig.calls().RunInstances, 6);
  assert(
    [...again.nodes.values()].every((verdict) =>
      verdict.kind !== "down" || !verdict.reason.includes("Breaker")
    ),
  );
});

Deno.test("powerDown() of a node that was up breaks the row of failed boots", async () => {
  await using rig = await makeRig();
  for (let boot = 1; boot <= 4; boot++) {
    await rig.resume("c0");
    rig.clock.now += 600_000;
    await rig.resumeFail("c0");
  }
  await rig.resume("c1");
  rig.clock.now += 600_000;
  await rig.stop("c1");
  assertEquals(JSON.parse(await Deno.readTextFile(`${rig.stateDir}/boot_failures.json`)), {});
});

Deno.test("powerDown() gives every node its verdict when a fault of ours interrupts it", async () => {
  await using rig = await upRig("c[0-1]");
  const ports = rig.ports();
  const broken = replacing(ports.ec2, {
    describeInstances: () => Promise.reject(new TypeError("a bug of ours")),
  });
  const { nodes, troubles } = await rig.stop("c[0-1]", { ...ports, ec2: broken });
  assertEquals(kinds(nodes), { failed: 2 });
  assertStringIncludes(troubles.join("\n"), "Internal fault, please report it: TypeError: a bug of ours");
});

Deno.test("tend() ends what could not be ended also when this host's clock is behind EC2's", async () => {
  await using rig = await upRig("c0");
  rig.aws.simulator.addFault({
    kind: "error",
    action: "TerminateInstances",
    times: 1,
    code: "UnauthorizedOperation",
  });
  await rig.stop("c0");
  const unended = JSON.parse(await Deno.readTextFile(`${rig.stateDir}/unended.json`));
  unended.c0.since = 0;
  await Deno.writeTextFile(`${rig.stateDir}/unended.json`, JSON.stringify(unended));
  await rig.resume("w0");
  assertEquals(rig.live().map(({ node }) => node), ["w0"]);
});
