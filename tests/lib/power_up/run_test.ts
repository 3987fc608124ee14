import { assert, assertEquals, assertMatch } from "@std/assert";
import { makeRig, replacing } from "../../fixtures/rig.ts";
import { kinds } from "../../fixtures/kinds.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";

const POOL_C = `c7i.large:${WORLD.region}a`;

Deno.test("powerUp() assigns every node in one launch when EC2 has the capacity", async () => {
  await using rig = await makeRig();
  const { nodes, troubles } = await rig.resume("c[0-9]");
  assertEquals(kinds(nodes), { assigned: 10 });
  assertEquals(troubles, []);
  assertEquals(rig.calls(), { GetParameters: 1, DescribeInstances: 1, RunInstances: 1 });
  assertEquals(rig.live().map(({ node }) => node).sort(), [...nodes.keys()].sort());
  const c3 = nodes.get("c3")!;
  assert(c3.kind === "assigned");
  assertEquals(rig.scontrol.nodes.get("c3")!.nodeAddr, c3.nodeAddr);
});

Deno.test("powerUp() does not wait for SSM before it asks for instances", async () => {
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

Deno.test("powerUp() takes what there is and gives the rest its verdict at once when the pool runs out", async () => {
  await using rig = await makeRig();
  rig.aws.simulator.setCapacity(POOL_C, 4);
  const { nodes } = await rig.resume("c[0-9]");
  assertEquals(kinds(nodes), { assigned: 4, down: 6 });
  const down = [...rig.scontrol.nodes].filter(([, { base }]) => base === "DOWN");
  assertEquals(down.length, 6);
  assertMatch(
    down[0]![1].reason,
    /^InsufficientInstanceCapacity: .* \[slurm-ec2 until=2026-01-01T00:05:00Z\]$/,
  );
  assertEquals(rig.live().length, 4);
});
