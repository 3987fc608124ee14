import { assertEquals } from "@std/assert";
import { groupNodes } from "../../../lib/cluster/group.ts";
import { testConfig } from "../../fixtures/test_config.ts";

const pure = { permissions: "none" } as const;
const CONFIG = testConfig();
const grouped = (...nodes: string[]) => {
  const { groups, foreign } = groupNodes(CONFIG, nodes);
  return { groups: groups.map(({ group, nodes }) => [group.name, ...nodes]), foreign };
};

Deno.test("groupNodes() sorts nodes into groups in the configuration's order, nodes as asked", pure, () => {
  assertEquals(grouped("w5", "c7", "s0", "c3", "w1"), {
    groups: [["c", "c7", "c3"], ["s", "s0"], ["w", "w5", "w1"]],
    foreign: [],
  });
});

Deno.test("groupNodes() keeps nodes of no group apart", pure, () => {
  assertEquals(grouped("c0", "onprem1", "c12000", "c00", "s10"), {
    groups: [["c", "c0"]],
    foreign: ["onprem1", "c12000", "c00", "s10"],
  });
});

Deno.test("groupNodes() counts a name once that is asked for twice", pure, () => {
  assertEquals(grouped("c0", "x", "c0", "x"), { groups: [["c", "c0"]], foreign: ["x"] });
});

Deno.test("groupNodes() of nothing is nothing", pure, () => {
  assertEquals(grouped(), { groups: [], foreign: [] });
});
