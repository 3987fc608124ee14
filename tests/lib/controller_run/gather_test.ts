import { assertEquals } from "@std/assert";
import { gather } from "../../../lib/controller_run/gather.ts";
import type { RequestFact } from "../../../lib/controller_run/ports.ts";

const pure = { permissions: "none" } as const;

function request(id: string): RequestFact {
  return { kind: "request", id, request: "resume", nodes: ["c0"], jobs: [], at: 0 };
}

/** What the queue holds at each look; the last one stays. */
function queueOf(...looks: readonly (readonly string[])[]) {
  let look = 0;
  const take = () => Promise.resolve(looks[Math.min(look++, looks.length - 1)]!.map(request));
  return { queue: { take }, looks: () => look };
}

const sleep = () => Promise.resolve();

Deno.test("gather() looks once when nothing is there", pure, async () => {
  const { queue, looks } = queueOf([]);
  assertEquals(await gather(queue, new Set(), sleep), []);
  assertEquals(looks(), 1);
});

Deno.test("gather() takes a burst as one", pure, async () => {
  const { queue, looks } = queueOf(["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]);
  assertEquals((await gather(queue, new Set(), sleep)).map(({ id }) => id), ["a", "b", "c"]);
  assertEquals(looks(), 4);
});

Deno.test("gather() ends when requests never cease to arrive", pure, async () => {
  let n = 0;
  const queue = { take: () => Promise.resolve(Array.from({ length: ++n }, (_, i) => request(`r${i}`))) };
  const got = await gather(queue, new Set(), sleep);
  assertEquals(got.length, n);
  assertEquals(n < 20, true);
});

Deno.test("gather() leaves out requests that were taken before and still lie there", pure, async () => {
  const { queue, looks } = queueOf(["a"]);
  assertEquals(await gather(queue, new Set(["a"]), sleep), []);
  assertEquals(looks(), 1);
});
