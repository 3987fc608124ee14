import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isolate } from "../../../lib/base/isolate.ts";

const pure = { permissions: "none" } as const;

/** A batch operation that EC2 or scontrol would refuse whole for one bad item. */
function refusing(bad: ReadonlySet<number>) {
  const done: number[] = [];
  const calls: number[] = [];
  const run = (items: readonly number[]) => {
    calls.push(items.length);
    if (items.some((item) => bad.has(item))) return Promise.reject(new Error(`bad: ${items}`));
    done.push(...items);
    return Promise.resolve();
  };
  return { run, done, calls };
}

Deno.test("isolate() finds exactly the bad items and carries out all others once", pure, async () => {
  const items = fc.uniqueArray(fc.nat(500), { maxLength: 60 });
  await fc.assert(fc.asyncProperty(items, fc.array(fc.nat(59)), async (all, picks) => {
    const bad = new Set(picks.flatMap((pick) => all[pick] ?? []));
    const operation = refusing(bad);
    const isolated = await isolate(all, operation.run);
    assertEquals(isolated.map(({ item }) => item), all.filter((item) => bad.has(item)));
    for (const { item, error } of isolated) assertEquals((error as Error).message, `bad: ${item}`);
    assertEquals(operation.done, all.filter((item) => !bad.has(item)));
  }));
});

Deno.test(
  "isolate() of one bad item among a thousand makes some twenty calls, not a thousand",
  pure,
  async () => {
    const all = Array.from({ length: 1000 }, (_, i) => i);
    const operation = refusing(new Set([700]));
    assertEquals((await isolate(all, operation.run)).map(({ item }) => item), [700]);
    assert(operation.calls.length <= 1 + 2 * 10, `${operation.calls.length} calls`);
  },
);

Deno.test("isolate() makes one call when nothing is wrong, and none for nothing", pure, async () => {
  const operation = refusing(new Set());
  assertEquals(await isolate([1, 2, 3], operation.run), []);
  assertEquals(operation.calls, [3]);
  assertEquals(await isolate([], operation.run), []);
  assertEquals(operation.calls, [3]);
});

Deno.test("isolate() does not search on when the error would hit every part", pure, async () => {
  const fatal = new Error("no credentials");
  let calls = 0;
  const run = () => {
    calls++;
    return Promise.reject(fatal);
  };
  const isolated = await isolate(["a", "b", "c"], run, (error) => error === fatal);
  assertEquals(isolated, ["a", "b", "c"].map((item) => ({ item, error: fatal })));
  assertEquals(calls, 1);
});

Deno.test("isolate() gives up when hardly any item is good", { permissions: "none" }, async () => {
  let runs = 0;
  const failed = await isolate(Array.from({ length: 1000 }, (_, i) => i), () => {
    runs++;
    return Promise.reject(new Error("no"));
  });
  assertEquals(failed.length, 1000);
  assert(runs < 300, `${runs} runs`);
});
