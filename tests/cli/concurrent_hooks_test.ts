import { assertEquals } from "@std/assert";
import { makeHookSite, outcomesOf } from "../fixtures/hook_site.ts";

const HOOKS = 20;
// As many as the bucket of instances holds (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html):
// what is beyond is spread over its refill, two a second.
const NODES_EACH = 50;

Deno.test("20 hooks at once over 1,000 nodes give every node one instance, and 20 more end them", async () => {
  await using site = await makeHookSite({ nodes: `c[0-${HOOKS * NODES_EACH - 1}]` });
  const hostlists = Array.from(
    { length: HOOKS },
    (_, i) => `c[${i * NODES_EACH}-${(i + 1) * NODES_EACH - 1}]`,
  );
  const started = await Promise.all(hostlists.map((nodes) => site.call("resume", nodes)));
  assertEquals(started, hostlists.map(() => ({ assigned: NODES_EACH })), site.log());
  assertEquals(site.live().size, HOOKS * NODES_EACH);
  assertEquals(new Set(site.live().values()), new Set([1]));
  const untold = [...site.slurmctld.nodes].filter(([, { nodeAddr }]) => !nodeAddr.startsWith("10."));
  assertEquals(untold.map(([name]) => name), []);
  const addresses = [...site.slurmctld.nodes.values()].map(({ nodeAddr }) => nodeAddr);
  assertEquals(new Set(addresses).size, HOOKS * NODES_EACH);

  const stopped = await Promise.all(hostlists.map((nodes) => site.call("stop", nodes)));
  assertEquals(stopped, hostlists.map(() => ({ terminated: NODES_EACH })), site.log());
  assertEquals(site.live().size, 0);
});

Deno.test("the same hook five times at once gives every node one instance", async () => {
  await using site = await makeHookSite({ nodes: "c[0-99]" });
  site.slurmctld.requestPowerUp(site.slurmctld.nodes.keys());
  const codes = await Promise.all([1, 2, 3, 4, 5].map(() => site.start("resume", "c[0-99]")));
  assertEquals(codes, [0, 0, 0, 0, 0], site.log());
  const requests = await site.settled();
  assertEquals(requests.map(outcomesOf), Array(5).fill({ assigned: 100 }), site.log());
  assertEquals(site.live().size, 100);
  assertEquals(new Set(site.live().values()), new Set([1]));
  const untold = [...site.slurmctld.nodes].filter(([, { nodeAddr }]) => !nodeAddr.startsWith("10."));
  assertEquals(untold.map(([name]) => name), []);
});
