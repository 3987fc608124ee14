import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { Fault } from "../../../lib/sim/faults.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import { kinds } from "../../fixtures/kinds.ts";
import { testConfig } from "../../fixtures/test_config.ts";
import { makeRig, replacing, type Rig } from "../../fixtures/rig.ts";

const POOL_C = `c7i.large:${WORLD.region}a`;

Deno.test("serveOnce() of a resume assigns every node in one launch when EC2 has the capacity", async () => {
  await using rig = await makeRig();
  const { nodes } = await rig.resume("c[0-9]");
  assertEquals(kinds(nodes), { assigned: 10 });
  assertEquals(rig.calls(), { GetParameters: 1, DescribeInstances: 1, RunInstances: 1 });
  assertEquals(rig.live().map(({ node }) => node).sort(), [...nodes.keys()].sort());
  const c3 = nodes.get("c3")!;
  assert(c3.kind === "assigned");
  assertEquals(rig.scontrol.nodes.get("c3")!.nodeAddr, c3.nodeAddr);
});

Deno.test("serveOnce() of a resume does not wait for SSM before it asks for instances", async () => {
  await using rig = await makeRig();
  const { ssm, ec2, ...others } = rig.ports();
  const asked = Promise.withResolvers<void>();
  const { nodes } = await rig.resume("c[0-9]", [], {
    ...others,
    ssm: replacing(ssm, {
      async getParameters(input) {
        await asked.promise;
        return await ssm.getParameters(input);
      },
    }),
    ec2: replacing(ec2, {
      describeInstances(input) {
        asked.resolve();
        return ec2.describeInstances(input);
      },
    }),
  });
  assertEquals(kinds(nodes), { assigned: 10 });
});

Deno.test("serveOnce() of a resume takes what there is and gives the rest its verdict at once when the pool runs out", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.setCapacity(POOL_C, 4);
  const { nodes } = await rig.resume("c[0-9]");
  assertEquals(kinds(nodes), { assigned: 4, down: 6 });
  const down = [...rig.scontrol.nodes].filter(([, { base }]) => base === "DOWN");
  const [failed, others] = [true, false].map((asked) =>
    down.filter(([name]) => nodes.has(name) === asked).map(([, { reason }]) => reason)
  );
  assertEquals(failed!.length, 6);
  // Not before ResumeTimeout, after 600 s.
  assertMatch(
    failed![0]!,
    /^InsufficientInstanceCapacity: .* \[slurm-ec2 until=2026-01-01T00:10:\d\dZ\]$/,
  );
  // The others of the group would be refused alike, until the pool may be asked again.
  assertEquals(new Set(others).size, 1);
  assertMatch(
    others![0]!,
    /^InsufficientInstanceCapacity: node group c is refused: .* \[slurm-ec2 until=2026-01-01T00:03:\d\dZ\]$/,
  );
  assertEquals(rig.live().length, 4);
});

Deno.test("serveOnce() of a resume uses the values that SSM gave last when SSM is down, and says so", async () => {
  await using rig = await makeRig();
  await rig.resume("c0");
  rig.aws.simulator.addFault({
    kind: "error",
    action: "GetParameters",
    times: 99,
    code: "AccessDeniedException",
  });
  assertEquals(kinds((await rig.resume("c1")).nodes), { assigned: 1 });
  assertStringIncludes(
    rig.warnings.join("\n"),
    "Reading SSM parameters (GetParameters) failed: Simulated failure: AccessDeniedException",
  );
});

Deno.test("serveOnce() of a resume fails only the nodes of a group whose parameter is missing", async () => {
  await using rig = await makeRig({ config: {} });
  const broken = rig.config.nodeGroups.map((group) =>
    group.name === "w" ? { ...group, os: { ...group.os, version: "8" } } : group
  );
  Object.assign(rig.config, { nodeGroups: broken });
  const { nodes } = await rig.resume("c[0-1],w[0-1]");
  assertEquals(kinds(nodes), { assigned: 2, down: 2 });
  assertStringIncludes(
    rig.scontrol.nodes.get("w0")!.reason,
    "ParameterNotFound: SSM parameter /test/SlurmNodeAmi/Rocky/8/x86_64/us-east-1 is missing",
  );
});

Deno.test("serveOnce() of a resume waits out a throttled launch, and asks for all in one call then", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({ kind: "throttle", action: "RunInstances", times: 8 });
  assertEquals(kinds((await rig.resume("c[0-9]")).nodes), { assigned: 10 });
  // Eight throttled ones; a call of up to 25 stays whole.
  assertEquals(rig.calls().RunInstances, 9);
});

Deno.test("serveOnce() of a resume of 2,000 nodes takes what EC2's buckets give, and no call is throttled", async () => {
  await using rig = await makeRig({ aws: { latencyMs: 150 } });
  rig.aws.simulator.setSettings({ requestTokens: true, resourceTokens: true });
  const { nodes } = await rig.resume("c[0-1999]");
  const { assigned = 0 } = kinds(nodes);
  // 1,000 at once and 2 a second until 420 s after the request: 1,840.
  assert(assigned >= 0.97 * 1_840 && assigned <= 1_840, `${assigned} nodes`);
  assert(rig.calls().RunInstances! <= 20, `${rig.calls().RunInstances} calls`);
  assertEquals(rig.events.filter(({ kind }) => kind === "refused"), []);
});

Deno.test("serveOnce() of a resume asks two pools once each where the first has half", async () => {
  const [c, ...others] = testConfig().nodeGroups;
  const nodeGroups = [{ ...c!, instanceTypes: ["c7i.large", "c6i.large"] }, ...others];
  await using rig = await makeRig({ config: { nodeGroups }, aws: { latencyMs: 150 } });
  rig.aws.simulator.setCapacity("c7i.large:us-east-1a", 50);
  assertEquals(kinds((await rig.resume("c[0-99]")).nodes), { assigned: 100 });
  assertEquals(rig.calls().RunInstances, 2);
  rig.aws.simulator.setCapacity("c6i.large:us-east-1a", 50);
  assertEquals(kinds((await rig.resume("c[100-109]")).nodes), { down: 10 });
  assertEquals(rig.calls().RunInstances, 3, "the first pool is out: only the second is asked");
  assertEquals(kinds((await rig.resume("c[110-119]")).nodes), { down: 10 });
  assertEquals(rig.calls().RunInstances, 3, "both are out: nothing is asked");
});

Deno.test("serveOnce() of a resume gives nodes back for another try when AWS throttles until the deadline", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({ kind: "throttle", action: "RunInstances", times: 9_999 });
  const { nodes } = await rig.resume("c[0-9]");
  assertEquals(kinds(nodes), { "powered-down": 10 });
  const done = rig.events.find(({ kind }) => kind === "done");
  assert(
    done?.kind === "done" && done.milliseconds < 425_000,
    "the nodes waited beyond the deadline of their launch",
  );
  assert(rig.scontrol.nodes.get("c0")!.flags.has("POWER_DOWN"));
});

Deno.test("serveOnce() of a resume tells the jobs why they wait", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({ kind: "error", action: "RunInstances", times: 9, code: "VcpuLimitExceeded" });
  await rig.resume("w[0-3]", [{ jobId: 42, nodes: ["w0", "w1", "w2", "w3"] }]);
  assertStringIncludes(rig.scontrol.comments.get(42)!, "VcpuLimitExceeded: ");
});

Deno.test("serveOnce() of a resume launches all of a job's nodes or none", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.setCapacity("m7i.large:us-east-1c", 5);
  const jobs = [{ jobId: 1, nodes: ["w0", "w1", "w2"] }, { jobId: 2, nodes: ["w3", "w4", "w5"] }];
  const { nodes } = await rig.resume("w[0-5]", jobs);
  assertEquals(kinds(nodes), { assigned: 3, down: 3 });
  const up = rig.live().map(({ node }) => node).sort();
  assert(["w0,w1,w2", "w3,w4,w5"].includes(up.join()), `a job has part of its nodes: ${up}`);
});

Deno.test("serveOnce() of a resume halves a launch that the subnet has no addresses for, and takes what fits", async () => {
  await using rig = await makeRig();
  let free = 30;
  const ports = rig.ports();
  const runInstances: typeof ports.ec2.runInstances = (input, options) => {
    if (input.MaxCount > free) {
      const message = "Not enough free addresses in subnet";
      return Promise.reject(
        new AwsError({ code: "InsufficientFreeAddressesInSubnet", message, operation: "RunInstances" }),
      );
    }
    free -= input.MaxCount;
    return ports.ec2.runInstances(input, options);
  };
  const { nodes } = await rig.resume("c[0-39]", [], {
    ...ports,
    ec2: replacing(ports.ec2, { runInstances }),
  });
  assertEquals(kinds(nodes), { assigned: 30, down: 10 });
  assertEquals(rig.live().length, 30);
});

Deno.test("serveOnce() of a resume gives the node of an instance that died at birth its verdict at the next look", async () => {
  await using rig = await makeRig({ aws: { pendingMs: 20_000 } });
  Object.assign(rig.config, { limits: { ...rig.config.limits, launchCheckSeconds: 15 } });
  rig.aws.simulator.addFault({ kind: "death", times: 2, afterMs: 3_000, code: "Client.InternalError" });
  assertEquals(kinds((await rig.resume("c[0-4]")).nodes), { assigned: 5 });
  rig.clock.now += 20_000;
  await rig.resume("c9");
  const down = [...rig.scontrol.nodes.values()].filter(({ base }) => base === "DOWN");
  assertEquals(down.length, 2);
  for (const { reason } of down) assertStringIncludes(reason, "Client.InternalError: ");
  assertEquals(rig.live().length, 4);
});

Deno.test("serveOnce() of a resume gives every node its verdict when a fault of ours interrupts it", async () => {
  await using rig = await makeRig();
  const ports = rig.ports();
  const broken = replacing(ports.ec2, { runInstances: () => Promise.reject(new TypeError("a bug of ours")) });
  const { nodes } = await rig.resume("c[0-3],elsewhere1", [], { ...ports, ec2: broken });
  assertEquals(kinds(nodes), { down: 4, "not-ours": 1 });
  assertStringIncludes(rig.scontrol.nodes.get("c0")!.reason, "InternalFault: a bug of ours");
  assertStringIncludes(
    rig.warnings.join("\n"),
    "Internal fault, please report it: Launching instances (RunInstances) failed: ",
  );
});

const ACTIONS = [
  "RunInstances",
  "DescribeInstances",
  "TerminateInstances",
  "GetParameters",
  "StartInstances",
  "StopInstances",
];
const CODES = [
  "InsufficientInstanceCapacity",
  "InsufficientFreeAddressesInSubnet",
  "VcpuLimitExceeded",
  "UnauthorizedOperation",
  "RequestLimitExceeded",
  "InternalError",
  "ExpiredTokenException",
  "InvalidAMIID.NotFound",
  "ACodeThatNobodyKnows",
];

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    kind: fc.constant("throttle" as const),
    action: fc.constantFrom(...ACTIONS),
    times: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({
    kind: fc.constant("error" as const),
    action: fc.constantFrom(...ACTIONS),
    times: fc.integer({ min: 1, max: 4 }),
    code: fc.constantFrom(...CODES),
  }),
  fc.record({
    kind: fc.constant("lost-answer" as const),
    action: fc.constantFrom(...ACTIONS),
    times: fc.integer({ min: 1, max: 4 }),
  }),
);

const world = fc.record({
  faults: fc.array(fault, { maxLength: 4 }),
  laterFaults: fc.array(fault, { maxLength: 3 }),
  capacity: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
  nodes: fc.constantFrom("c[0-9]", "c[0-2],w[0-3]", "s[0-4],c7", "c[0-1],elsewhere[1-2]"),
  jobs: fc.constantFrom([], [{ jobId: 7, nodes: ["w0", "w1", "w2", "w3"] }], [{
    jobId: 8,
    nodes: ["c0", "c1"],
  }]),
  launchBatch: fc.constantFrom(2, 3, 500),
});

Deno.test("serveOnce() of a resume gives every node one verdict and leaves no instance without its node, whatever EC2 answers", async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ faults, laterFaults, capacity, nodes, jobs, launchBatch }) => {
      await using rig = await makeRig();
      const { limits } = rig.config;
      Object.assign(rig.config, { limits: { ...limits, launchBatch } });
      rig.aws.simulator.setCapacity(`c7i.large:${WORLD.region}a`, capacity);
      for (const one of faults) rig.aws.simulator.addFault(one);
      const names = expandHostlist(nodes);

      const up = await rig.resume(nodes, jobs);
      assertEquals([...up.nodes.keys()].sort(), [...new Set(names)].sort());
      for (const [node, { kind }] of up.nodes) {
        if (kind === "down") assertEquals(rig.scontrol.nodes.get(node)!.base, "DOWN", node);
        if (kind === "powered-down") assert(rig.scontrol.nodes.get(node)!.flags.has("POWER_DOWN"), node);
      }

      rig.clock.now += 1_000_000;
      for (const one of laterFaults) rig.aws.simulator.addFault(one);
      const managed = names.filter((name) => rig.scontrol.nodes.has(name)).join(",");
      await rig.stop(managed);
      rig.aws.simulator.clearFaults();
      rig.clock.now += 1_000_000;
      await rig.stop(managed);
      const cost = rig.aws.simulator.instances().filter(({ state }) =>
        state === "pending" || state === "running"
      );
      assertEquals(cost.map(({ instanceId }) => instanceId), []);
    }),
    { numRuns: 150, seed: 20261123 },
  );
});

/** A rig whose nodes have been up for long. */
async function upRig(hostlist: string): Promise<Rig> {
  const rig = await makeRig();
  await rig.resume(hostlist);
  rig.clock.now += 3_600_000;
  for (const key of Object.keys(rig.calls())) delete rig.calls()[key];
  return rig;
}

Deno.test("serveOnce() of a stop ends the one instance of many", async () => {
  await using rig = await upRig("c[0-1499]");
  const { nodes } = await rig.stop("c7");
  assertEquals(kinds(nodes), { terminated: 1 });
  assertEquals([rig.calls().TerminateInstances, rig.calls().RunInstances], [1, undefined]);
  assertEquals(rig.live().length, 1499);
});

Deno.test("serveOnce() of a stop stops the instances of a stop group and serveOnce() of a resume starts them again", async () => {
  await using rig = await upRig("s[0-2]");
  const before = rig.live().map(({ instanceId }) => instanceId).sort();
  assertEquals(kinds((await rig.stop("s[0-2]")).nodes), { stopped: 3 });
  assertEquals(rig.aws.simulator.instances().map(({ state }) => state), ["stopped", "stopped", "stopped"]);
  rig.clock.now += 60_000;
  assertEquals(kinds((await rig.resume("s[0-2]")).nodes), { assigned: 3 });
  assertEquals(rig.live().map(({ instanceId }) => instanceId).sort(), before);
});

Deno.test("serveOnce() of a stop terminates a pending instance of a stop group rather than skip it", async () => {
  await using rig = await makeRig({ aws: { pendingMs: 60_000 } });
  await rig.resume("s0");
  rig.clock.now += 1_000;
  assertEquals(kinds((await rig.stop("s0")).nodes), { terminated: 1 });
});

Deno.test("serveOnce() of a stop reports nodes that are not ours and leaves them alone", async () => {
  await using rig = await upRig("c0");
  const { nodes } = await rig.stop("c0,onprem[1-2]");
  assertEquals(kinds(nodes), { terminated: 1, "not-ours": 2 });
});

Deno.test("serveOnce() of a stop ends the good instances when one bad id makes EC2 refuse the call", async () => {
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
  const { nodes } = await rig.stop("c[0-7]", {
    ...ports,
    ec2: replacing(ports.ec2, { terminateInstances }),
  });
  assertEquals(kinds(nodes), { terminated: 7, failed: 1 });
  // An instance that is not there has no tag: a policy that allows by tag denies it.
  const failed = nodes.get(victim!.node)!;
  assert(
    failed.kind === "failed" && failed.reason.startsWith("UnauthorizedOperation: "),
    JSON.stringify(failed),
  );
});

Deno.test("serveOnce() of a stop that EC2 refuses sets the node down with the reason, and any later hook fixes it", async () => {
  await using rig = await upRig("c[0-1]");
  rig.aws.simulator.setSettings({ credentials: "expired" });
  const { nodes } = await rig.stop("c[0-1]");
  assertEquals(kinds(nodes), { failed: 2 });
  assertEquals(nodes.get("c0"), { kind: "failed", reason: "RequestExpired: Request has expired." });
  const node = rig.scontrol.nodes.get("c0")!;
  assertEquals(node.base, "DOWN");
  assertMatch(node.reason, /^RequestExpired: Request has expired.* \[slurm-ec2 until=\S+\]$/);

  rig.aws.simulator.setSettings({ credentials: "valid" });
  rig.clock.now += rig.config.limits.cooldown * 1000;
  // SuspendTimeout is over by then.
  for (const name of ["c0", "c1"]) rig.scontrol.nodes.get(name)!.flags = new Set(["CLOUD", "POWERED_DOWN"]);
  await rig.resume("w0");
  assertEquals(rig.live().map(({ node }) => node), ["w0"]);
  assertEquals(rig.scontrol.nodes.get("c0")!.base, "IDLE", "c0 was not given back");
});

Deno.test("serveOnce() of a resume-fail keeps the console's last lines, terminates, and gives the node back with what the boot said", async () => {
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

Deno.test("serveOnce() of a resume-fail terminates also when no console can be read", async () => {
  await using rig = await makeRig();
  await rig.resume("c[0-11]");
  rig.aws.simulator.addFault({ kind: "error", action: "GetConsoleOutput", times: 99, code: "InternalError" });
  rig.clock.now += 600_000;
  await rig.resumeFail("c[0-11]");
  assertEquals(rig.live(), []);
  // Ten at a time; the others while slurmctld is asked.
  assertEquals(rig.calls().GetConsoleOutput, 12);
});

Deno.test("serveOnce() of a resume-fail opens the breaker after five boots in a row, resume then refuses, another image closes it", async () => {
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

Deno.test("serveOnce() of a stop gives a node its verdict whose instance is stopped already, without another call", async () => {
  await using rig = await makeRig();
  await rig.resume("s[0-2]");
  rig.clock.now += 3_600_000;
  assertEquals(kinds((await rig.stop("s[0-2]")).nodes), { stopped: 3 });
  assertEquals(kinds((await rig.stop("s[0-2]")).nodes), { stopped: 3 });
  assertEquals(rig.calls().StopInstances, 1);
});

Deno.test("serveOnce() of stop and resume-fail give every node one verdict, run twice over whatever is there", async () => {
  await using rig = await makeRig();
  const all = ["c0", "c1", "elsewhere1", "w0"];
  await rig.resume("c0,w0");
  rig.clock.now += 3_600_000;
  for (const end of [rig.stop, rig.resumeFail, rig.stop, rig.resumeFail]) {
    const { nodes } = await end("c[0-1],w0,elsewhere1,c0");
    assertEquals([...nodes.keys()].sort(), all);
  }
  assertEquals(rig.live(), []);
});
