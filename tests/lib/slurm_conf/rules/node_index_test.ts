import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { expandHostlist, foldHostlist } from "../../../../lib/slurm/hostlist.ts";
import { countNames, firstNames, nodeIndex } from "../../../../lib/slurm_conf/rules/node_index.ts";

const name = fc.tuple(
  fc.constantFrom("a", "b", "a1"),
  fc.integer({ min: 0, max: 25 }),
  fc.constantFrom("", "x"),
)
  .map((parts) => parts.join(""));
const hostlists = fc.array(fc.array(name, { minLength: 1, maxLength: 8 }).map(foldHostlist), {
  maxLength: 5,
});

Deno.test("nodeIndex() finds and divides as a map of all names does", { permissions: "none" }, () => {
  fc.assert(fc.property(hostlists, fc.array(name, { minLength: 1, maxLength: 12 }), (lists, asked) => {
    const index = nodeIndex(lists.map((hostlist, item) => ({ hostlist, item })));
    const owners = new Map<string, Set<number>>();
    for (const [item, list] of lists.entries()) {
      for (const one of expandHostlist(list)) owners.set(one, (owners.get(one) ?? new Set()).add(item));
    }
    for (const one of asked) assertEquals(index.find(one) === undefined, !owners.has(one), one);
    for (const one of asked) {
      const found = index.find(one);
      if (found !== undefined) assertEquals(owners.get(one)!.has(found), true, one);
    }
    const { shares, rest } = index.divide(foldHostlist(asked))!;
    const unknown = asked.filter((one) => !owners.has(one));
    assertEquals(firstNames(rest, asked.length).sort(), unknown.sort());
    assertEquals(countNames(rest), unknown.length);
    assertEquals(shares.reduce((sum, { count }) => sum + count, 0), asked.length - unknown.length);
    const claimed = new Set(
      [...owners].filter(([, items]) => items.size > 1).flatMap(([, items]) => [...items].slice(1)),
    );
    for (const item of claimed) {
      assertEquals(index.claims.some(({ second }) => second === item), true, `${item}`);
    }
  }));
});

Deno.test("nodeIndex() leaves out what can't be read, and says when it holds not all", {
  permissions: "none",
}, () => {
  const index = nodeIndex([{ hostlist: "n[", item: 1 }, { hostlist: "n1", item: 2 }]);
  assertEquals([index.find("n1"), index.find("n["), index.isWhole], [2, undefined, true]);
  assertEquals(index.divide("n["), undefined);
  const many = Array.from({ length: 20 }, (_, item) => ({ hostlist: `r${item}-[0-30000]n[0-1]`, item }));
  assertEquals(nodeIndex(many).isWhole, false);
});
