import { assertEquals } from "@std/assert";
import type { NodeGroup } from "../../../../lib/config/model.ts";
import { nodeSetNames } from "../../../../lib/slurm_conf/render/node_set_names.ts";

const names = (...groups: [name: string, nodes: string][]) =>
  Object.fromEntries(nodeSetNames(groups.map(([name, nodes]) => ({ name, nodes }) as NodeGroup)));

Deno.test({
  name: "nodeSetNames() takes the groups' names as they are where no node has one",
  permissions: "none",
  fn() {
    assertEquals(names(["c7i", "c7i-[0-999]"], ["m", "m[1-2]n[01-16]"]), { c7i: "c7i", m: "m" });
  },
});

Deno.test({
  name: "nodeSetNames() adds to a name that is also a node's, of its own group or another",
  permissions: "none",
  fn() {
    const table: [groups: [string, string][], expected: Record<string, string>][] = [
      [[["big", "big"]], { big: "big_nodes" }],
      [[["c1", "c[0-3]"]], { c1: "c1_nodes" }],
      [[["a", "x,b[1-2],b"], ["b", "c"]], { a: "a", b: "b_nodes" }],
      [[["r1x2", "r[1-3]x[1-3]"]], { r1x2: "r1x2_nodes" }],
      [[["a", "a,a_nodes"]], { a: "a_nodes_nodes" }],
      [[["a", "a"], ["a_nodes", "b"]], { a: "a_nodes_nodes", a_nodes: "a_nodes" }],
      [[["all", "b"]], { all: "all_nodes" }],
      [[["1", "[0-3]"]], { 1: "1_nodes" }],
    ];
    for (const [groups, expected] of table) assertEquals(names(...groups), expected);
  },
});
