import { assert, assertEquals } from "@std/assert";
import { classOfError } from "../../lib/aws/error_codes.ts";
import type { RunInstancesInput } from "../../lib/aws/ec2_api.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { poolKey } from "../../lib/sim/pools.ts";
import { serveAws, type WireAws, type WireOptions } from "../../lib/sim/wire/server.ts";
import { clientsAt } from "./clients.ts";
import { refusalOf } from "./refusal.ts";

/** Runs against a simulated AWS of its own, through the SDK. */
async function withAws(
  options: WireOptions,
  run: (aws: WireAws, clients: ReturnType<typeof clientsAt>) => Promise<void>,
): Promise<void> {
  const aws = serveAws(options);
  const clients = clientsAt(aws.url);
  try {
    await run(aws, clients);
  } finally {
    clients.destroy();
    await aws.close();
  }
}

const POOL = poolKey({
  instanceType: "c7i.large",
  availabilityZone: "us-east-1a",
  capacityType: "on-demand",
});

function launch(count: number): RunInstancesInput {
  return {
    ImageId: WORLD.imageIds.x86_64,
    InstanceType: "c7i.large",
    MinCount: 1,
    MaxCount: count,
    SubnetId: WORLD.subnetIds[0],
    ClientToken: crypto.randomUUID(),
  };
}

Deno.test("a launch whose answer is lost is asked for again, and launches nothing twice", () =>
  withAws({ faults: [{ kind: "lost-answer", action: "RunInstances", times: 2 }] }, async (aws, { ec2 }) => {
    const instances = await ec2.runInstances(launch(3));
    assertEquals(instances.map(({ amiLaunchIndex }) => amiLaunchIndex).sort(), [0, 1, 2]);
    assertEquals(aws.simulator.instances().length, 3);
    assertEquals(aws.simulator.calls().RunInstances, 3);
  }));

Deno.test("a launch whose answers are all lost may have happened: its class says so", () =>
  withAws({ faults: [{ kind: "lost-answer", action: "RunInstances", times: 9 }] }, async (aws, { ec2 }) => {
    const error = await refusalOf(() => ec2.runInstances(launch(3)));
    assertEquals([error.code, classOfError(error)], ["EndpointUnreachable", "network"]);
    assertEquals(aws.simulator.instances().length, 3);
  }));

Deno.test("a throttled launch is handed back at once and launches nothing", () =>
  withAws({ faults: [{ kind: "throttle", action: "RunInstances", times: 1 }] }, async (aws, { ec2 }) => {
    const input = launch(2);
    const error = await refusalOf(() => ec2.runInstances(input));
    assertEquals([error.code, classOfError(error), error.httpStatus], [
      "RequestLimitExceeded",
      "throttle",
      503,
    ]);
    assertEquals(aws.simulator.calls().RunInstances, 1);
    assertEquals((await ec2.runInstances(input)).length, 2);
  }));

Deno.test("an exhausted pool is a lack of capacity, asked for once; what is left of one is launched", () =>
  withAws({ capacity: { [POOL]: 2 } }, async (aws, { ec2 }) => {
    assertEquals((await ec2.runInstances(launch(5))).length, 2);
    const error = await refusalOf(() => ec2.runInstances(launch(1)));
    assertEquals([error.code, classOfError(error)], ["InsufficientInstanceCapacity", "pool"]);
    assert((error.httpStatus ?? 0) >= 500);
    assertEquals(aws.simulator.calls().RunInstances, 2);
  }));

Deno.test("a quota is distinguished from capacity", () =>
  withAws({ vcpuQuota: 4 }, async (_aws, { ec2 }) => {
    const error = await refusalOf(() => ec2.runInstances(launch(3)));
    assertEquals([error.code, classOfError(error)], ["VcpuLimitExceeded", "quota"]);
  }));

for (const credentials of ["expired", "invalid"] as const) {
  Deno.test(`${credentials} credentials are named as such by all three services`, () =>
    withAws({ credentials }, async (_aws, { ec2, ssm, sts }) => {
      for (
        const call of [
          () => ec2.describeInstances({}),
          () => ssm.getParameter({ Name: "/x" }),
          () => sts.getCallerIdentity(),
        ]
      ) {
        const error = await refusalOf(call);
        assertEquals(classOfError(error), "credentials", error.code);
      }
    }));
}

Deno.test("a call that outlasts its signal ends as a deadline", () =>
  withAws({ latencyMs: 400 }, async (_aws, { ec2 }) => {
    const error = await refusalOf(() => ec2.describeInstances({}, { signal: AbortSignal.timeout(50) }));
    assertEquals([error.code, classOfError(error)], ["RequestAborted", "deadline"]);
  }));

Deno.test("a launch of 500 comes through whole", () =>
  withAws({}, async (_aws, { ec2 }) => {
    const instances = await ec2.runInstances(launch(500));
    assertEquals(new Set(instances.map(({ amiLaunchIndex }) => amiLaunchIndex)).size, 500);
    assertEquals(new Set(instances.map(({ privateIpAddress }) => privateIpAddress)).size, 500);
  }));
