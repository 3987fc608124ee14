import { assert, assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { DescribeInstancesInput } from "../../../lib/aws/ec2_api.ts";
import type { Instance } from "../../../lib/aws/instance.ts";
import type { Hints } from "../../../lib/cluster/hook_state.ts";
import { findInstances, type InventoryPorts } from "../../../lib/cluster/inventory.ts";
import { instanceTags } from "../../../lib/identity/tags.ts";
import { makeInstance } from "../../fixtures/make_instance.ts";

const pure = { permissions: "none" } as const;

/** Instance i-N of node cN; every id and node is three digits, so that order is that of the numbers. */
function instanceOf(n: number, changes: Partial<Instance> = {}): Instance {
  const nodes = `c${n}`;
  const tags = Object.fromEntries(
    instanceTags({ cluster: "test", nodeGroup: "c", nodes }).map(({ Key, Value }) => [Key, Value]),
  );
  return makeInstance({ instanceId: `i-${n}`, tags, ...changes });
}

const hintsOf = (numbers: readonly number[], complete = true): Hints => ({
  complete,
  instanceIds: Object.fromEntries(numbers.map((n) => [`c${n}`, `i-${n}`])),
});
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const nodes = (numbers: readonly number[]) => numbers.map((n) => `c${n}`);

/** An EC2 with these instances that answers in pages, hints in memory, and what was asked. */
function world(instances: readonly Instance[], hints: Hints, failures: readonly string[] = []) {
  const asked: DescribeInstancesInput[] = [];
  const left = [...failures];
  let known = hints;
  const describeInstances = (input: DescribeInstancesInput) => {
    asked.push(input);
    const code = left.shift();
    if (code !== undefined) {
      return Promise.reject(new AwsError({ code, message: code, operation: "DescribeInstances" }));
    }
    const filter = (name: string) => input.Filters!.find(({ Name }) => Name === name)?.Values;
    const states: readonly string[] = filter("instance-state-name")!;
    const fits = instances.filter(({ instanceId, state, tags }) =>
      states.includes(state) && filter("tag:slurm-ec2:cluster")!.includes(tags["slurm-ec2:cluster"]!) &&
      (filter("instance-id")?.includes(instanceId) ?? true)
    );
    const from = Number(input.NextToken ?? 0);
    const to = from + input.MaxResults!;
    return Promise.resolve({
      items: fits.slice(from, to),
      ...(to < fits.length && { nextToken: String(to) }),
    });
  };
  const ports: InventoryPorts = {
    ec2: { describeInstances },
    state: {
      hints: () => Promise.resolve(known),
      updateHints: (change) => Promise.resolve(void (known = change(known))),
    },
    now: () => 0,
    sleep: () => Promise.resolve(),
    random: () => 0,
    deadline: 1,
  };
  return { ports, asked, hints: () => known };
}

const ids = (found: ReadonlyMap<string, readonly { instance: Instance }[]>) =>
  Object.fromEntries([...found].map(([node, own]) => [node, own.map(({ instance }) => instance.instanceId)]));
const filters = ({ Filters }: DescribeInstancesInput) => Filters!.map(({ Name }) => Name);

Deno.test("findInstances() asks by hint for a few nodes among many", pure, async () => {
  const { ports, asked } = world(range(3000).map((n) => instanceOf(n)), hintsOf(range(3000)));
  const found = await findInstances(ports, "test", ["c7", "c2999"], { listOnMiss: true });
  assertEquals(ids(found), { c7: ["i-7"], c2999: ["i-2999"] });
  assertEquals(asked.map(filters), [["tag:slurm-ec2:cluster", "instance-state-name", "instance-id"]]);
});

Deno.test("findInstances() asks nothing for nodes that never had an instance", pure, async () => {
  const { ports, asked } = world([instanceOf(1)], hintsOf([1]));
  assertEquals(ids(await findInstances(ports, "test", ["c5"], { listOnMiss: true })), {});
  assertEquals(ids(await findInstances(ports, "test", [], { listOnMiss: true })), {});
  assertEquals(asked, []);
});

Deno.test(
  "findInstances() lists the cluster, page by page, when the hints are not whole, and completes them",
  pure,
  async () => {
    const { ports, asked, hints } = world(range(1200).map((n) => instanceOf(n)), hintsOf([], false));
    const found = await findInstances(ports, "test", ["c1199"], { listOnMiss: false });
    assertEquals(ids(found), { c1199: ["i-1199"] });
    assertEquals(asked.map(({ NextToken }) => NextToken), [undefined, "500", "1000"]);
    assertEquals(hints(), hintsOf(range(1200)));
  },
);

Deno.test("findInstances() lists rather than ask by hint when that takes fewer calls", pure, async () => {
  const { ports, asked } = world(range(1000).map((n) => instanceOf(n)), hintsOf(range(1000)));
  const found = await findInstances(ports, "test", nodes(range(1000)), { listOnMiss: true });
  assertEquals([found.size, asked.length], [1000, 2]);
});

Deno.test("findInstances() asks for at most 200 ids a call", pure, async () => {
  const { ports, asked } = world(range(3000).map((n) => instanceOf(n)), hintsOf(range(3000)));
  const found = await findInstances(ports, "test", nodes(range(450)), { listOnMiss: true });
  assertEquals(found.size, 450);
  assertEquals(asked.map(({ Filters }) => Filters!.at(-1)!.Values.length), [200, 200, 50]);
});

Deno.test(
  "findInstances() looks everywhere when an instance is not where its hint says, if that matters",
  pure,
  async () => {
    const elsewhere = { instances: [instanceOf(1, { instanceId: "i-new" })], hints: hintsOf([1]) };
    const asked = world(elsewhere.instances, elsewhere.hints);
    assertEquals(ids(await findInstances(asked.ports, "test", ["c1"], { listOnMiss: true })), {
      c1: ["i-new"],
    });
    assertEquals(asked.asked.length, 2);
    const trusting = world(elsewhere.instances, elsewhere.hints);
    assertEquals(ids(await findInstances(trusting.ports, "test", ["c1"], { listOnMiss: false })), {});
    assertEquals(trusting.asked.length, 1);
  },
);

Deno.test(
  "findInstances() believes the tag rather than the hint about whose an instance is",
  pure,
  async () => {
    const hints = { complete: true, instanceIds: { c1: "i-2", c2: "i-2" } };
    const { ports } = world([instanceOf(1), instanceOf(2)], hints);
    assertEquals(ids(await findInstances(ports, "test", ["c1", "c2"], { listOnMiss: true })), {
      c1: ["i-1"],
      c2: ["i-2"],
    });
  },
);

Deno.test("findInstances() finds all of a node's duplicates when it lists", pure, async () => {
  const { ports } = world([instanceOf(1), instanceOf(1, { instanceId: "i-9" })], hintsOf([], false));
  assertEquals(ids(await findInstances(ports, "test", ["c1"], { listOnMiss: true })), { c1: ["i-1", "i-9"] });
});

Deno.test("findInstances() leaves what has ended out of hints and answers", pure, async () => {
  const { ports, hints } = world([
    instanceOf(1, { state: "terminated" }),
    instanceOf(2, { state: "shutting-down" }),
    instanceOf(3, { state: "stopped" }),
  ], hintsOf([], false));
  const found = await findInstances(ports, "test", ["c1", "c2", "c3"], { listOnMiss: true });
  assertEquals(ids(found), { c2: ["i-2"], c3: ["i-3"] });
  assertEquals(hints(), hintsOf([3]));
});

Deno.test("findInstances() keeps hints that were written while it listed", pure, async () => {
  const { ports, hints } = world([instanceOf(1)], hintsOf([3], false));
  const describeInstances: typeof ports.ec2.describeInstances = async (input) => {
    await ports.state.updateHints((now) => ({
      ...now,
      instanceIds: { ...now.instanceIds, ...hintsOf([7]).instanceIds },
    }));
    return await ports.ec2.describeInstances(input);
  };
  await findInstances({ ...ports, ec2: { describeInstances } }, "test", ["c1"], { listOnMiss: true });
  assertEquals(hints(), hintsOf([1, 7]), "the hint of c3 is older than the listing and not in it");
});

Deno.test("findInstances() leaves other clusters' instances alone", pure, async () => {
  const tags = { ...instanceOf(1).tags, "slurm-ec2:cluster": "other" };
  const { ports, hints } = world([instanceOf(1, { tags })], hintsOf([], false));
  assertEquals(ids(await findInstances(ports, "test", ["c1"], { listOnMiss: true })), {});
  assertEquals(hints(), hintsOf([]));
});

Deno.test("findInstances() waits out throttling in the middle of a listing", pure, async () => {
  const { ports, asked } = world(range(600).map((n) => instanceOf(n)), hintsOf([], false), [
    "RequestLimitExceeded",
  ]);
  assertEquals((await findInstances(ports, "test", nodes(range(600)), { listOnMiss: true })).size, 600);
  assertEquals(asked.length, 3);
});

Deno.test("findInstances() passes on a refusal and leaves the hints as they were", pure, async () => {
  const { ports, hints } = world([instanceOf(1)], hintsOf([], false), ["UnauthorizedOperation"]);
  await assertRejects(() => findInstances(ports, "test", ["c1"], { listOnMiss: true }), AwsError);
  assert(!hints().complete);
});
