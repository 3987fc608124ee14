import { assert, assertEquals } from "@std/assert";
import { gatherFacts, wholeNumber } from "../../../lib/slurm_conf/context.ts";
import { parseText } from "../../../lib/slurm_conf/parse.ts";

const NUMBERS: readonly (readonly [string | undefined, number | undefined])[] = [
  ["0", 0],
  ["60", 60],
  ["-1", -1],
  ["+5", 5],
  ["010", 8],
  ["0x1F", 31],
  ["08", undefined],
  ["1.5", undefined],
  ["5K", undefined],
  ["INFINITE", undefined],
  ["", undefined],
  [undefined, undefined],
];

for (const [text, number] of NUMBERS) {
  Deno.test(`wholeNumber() of ${text} is ${number}`, { permissions: "none" }, () => {
    assertEquals(wholeNumber(text), number);
  });
}

const facts = gatherFacts(
  parseText([
    "ClusterName=x",
    "TreeWidth=5",
    "treewidth=6",
    'SlurmctldParameters="a=1,B,a=2"',
    "NodeName=DEFAULT State=CLOUD CPUs=2",
    "NodeName=c[0-9],d1 RealMemory=010",
    "NodeName=s[1-2] State=UNKNOWN",
    "NodeName=bad[ State=CLOUD",
    "PartitionName=DEFAULT MaxTime=60",
    "PartitionName=p Nodes=ALL",
    "NodeSet=ns Feature=x",
  ].join("\n")),
  undefined,
);

Deno.test("gatherFacts() puts the last setting in force, whatever its case", { permissions: "none" }, () => {
  assertEquals(facts.text("TREEWIDTH"), "6");
  assertEquals(facts.number("TreeWidth"), 6);
  assertEquals(facts.settings("TreeWidth").length, 2);
  assertEquals(facts.setting("none"), undefined);
});

Deno.test("gatherFacts() finds words, the last of a name", { permissions: "none" }, () => {
  assertEquals(facts.tokens("SlurmctldParameters").map(({ text }) => text), ["a=1", "B", "a=2"]);
  assertEquals(facts.token("SlurmctldParameters", "A")?.value, "2");
  assertEquals(facts.token("SlurmctldParameters", "b")?.value, undefined);
  assertEquals(facts.tokens("none"), []);
});

Deno.test(
  "gatherFacts() counts nodes and knows the CLOUD ones, by DEFAULT too",
  { permissions: "none" },
  () => {
    assertEquals(facts.nodes.map(({ count, isCloud }) => [count, isCloud]), [[11, true], [2, false], [
      0,
      true,
    ]]);
    assertEquals(facts.cloudNodeCount, 11);
    assertEquals([facts.nodes[0]!.number("CPUs"), facts.nodes[0]!.number("realmemory")], [2, 8]);
    assertEquals(facts.records("NodeName").length, 4);
  },
);

Deno.test(
  "gatherFacts() leaves DEFAULT out of partitions and gives its values",
  { permissions: "none" },
  () => {
    assertEquals(facts.partitions.map(({ name, text }) => [name, text("MaxTime")]), [["p", "60"]]);
    assertEquals(facts.nodeSets.map(({ name }) => name), ["ns"]);
  },
);

Deno.test(
  "gatherFacts() takes a file without cluster or controller for a part",
  { permissions: "none" },
  () => {
    assert(!facts.isFragment);
    assert(gatherFacts(parseText("TreeWidth=5\n"), undefined).isFragment);
    assert(gatherFacts(parseText(""), undefined).isFragment);
  },
);
