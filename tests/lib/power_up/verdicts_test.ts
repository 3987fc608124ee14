import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { makeRig, replacing } from "../../fixtures/rig.ts";
import { kinds } from "../../fixtures/kinds.ts";

Deno.test("powerUp() uses the values that SSM gave last when SSM is down, and says so", async () => {
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
    "SSM does not answer (AccessDeniedException), using the values it gave last",
  );
});

Deno.test("powerUp() fails only the nodes of a group whose parameter is missing", async () => {
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

Deno.test("powerUp() replaces an instance that has been up for longer than a boot takes", async () => {
  await using rig = await makeRig();
  await rig.resume("c0");
  const [old] = rig.live();
  rig.clock.now += 3_600_000;
  await rig.resume("c0");
  const now = rig.live();
  assertEquals(now.length, 1);
  assert(now[0]!.instanceId !== old!.instanceId);
});

Deno.test("powerUp() waits out a throttled launch and sends the same request again", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({ kind: "throttle", action: "RunInstances", times: 8 });
  assertEquals(kinds((await rig.resume("c[0-9]")).nodes), { assigned: 10 });
  assertEquals(rig.calls().RunInstances, 9);
});

Deno.test("powerUp() gives nodes back for another try when AWS throttles until the deadline", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({ kind: "throttle", action: "RunInstances", times: 9_999 });
  const { nodes } = await rig.resume("c[0-9]");
  assertEquals(kinds(nodes), { "powered-down": 10 });
  assert(rig.clock.now <= Date.UTC(2026, 0, 1) + 420_000, "a launch was tried after its deadline");
  assert(rig.scontrol.nodes.get("c0")!.flags.has("POWER_DOWN"));
});

Deno.test("powerUp() tells the jobs why they wait", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.addFault({ kind: "error", action: "RunInstances", times: 9, code: "VcpuLimitExceeded" });
  await rig.resume("w[0-3]", [{ jobId: 42, nodes: ["w0", "w1", "w2", "w3"] }]);
  assertStringIncludes(rig.scontrol.comments.get(42)!, "VcpuLimitExceeded: ");
});

Deno.test("powerUp() launches all of a job's nodes or none", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.setCapacity("m7i.large:us-east-1c", 5);
  const jobs = [{ jobId: 1, nodes: ["w0", "w1", "w2"] }, { jobId: 2, nodes: ["w3", "w4", "w5"] }];
  const { nodes } = await rig.resume("w[0-5]", jobs);
  assertEquals(kinds(nodes), { assigned: 3, down: 3 });
  const up = rig.live().map(({ node }) => node).sort();
  assert(["w0,w1,w2", "w3,w4,w5"].includes(up.join()), `a job has part of its nodes: ${up}`);
});

Deno.test("powerUp() halves a launch that the subnet has no addresses for, and takes what fits", async () => {
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

Deno.test("powerUp() gives the node of an instance that dies at birth its verdict at once", async () => {
  await using rig = await makeRig({ aws: { pendingMs: 20_000 } });
  Object.assign(rig.config, { limits: { ...rig.config.limits, launchCheckSeconds: 15 } });
  rig.aws.simulator.addFault({ kind: "death", times: 2, afterMs: 3_000, code: "Client.InternalError" });
  const { nodes } = await rig.resume("c[0-4]");
  assertEquals(kinds(nodes), { assigned: 3, down: 2 });
  const [dead] = [...nodes].find(([, { kind }]) => kind === "down")!;
  assertStringIncludes(rig.scontrol.nodes.get(dead)!.reason, "Client.InternalError: Instance i-");
  assertEquals(rig.live().length, 3);
});

Deno.test("powerUp() gives every node its verdict when a fault of ours interrupts it", async () => {
  await using rig = await makeRig();
  const ports = rig.ports();
  const broken = replacing(ports.ec2, { runInstances: () => Promise.reject(new TypeError("a bug of ours")) });
  const { nodes, troubles } = await rig.resume("c[0-3],elsewhere1", [], { ...ports, ec2: broken });
  assertEquals(kinds(nodes), { down: 4, "not-ours": 1 });
  assertStringIncludes(rig.scontrol.nodes.get("c0")!.reason, "InternalFault: a bug of ours");
  assertStringIncludes(troubles.join("\n"), "Internal fault, please report it: TypeError: a bug of ours");
});
