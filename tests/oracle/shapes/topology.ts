import fc from "fast-check";
import { before, from, type Shape, word } from "./shape.ts";

const treeLine = from(`
  SwitchName=s0 Nodes=c[0-3]
  SwitchName=s1 Nodes=c[0-1]
  SwitchName=s2 Nodes=c[2-3]
  SwitchName=s3 Switches=s[1-2]
  SwitchName=s3 Switches=s1
  SwitchName=s4 Switches=s9
  SwitchName=s1 Switches=s1
  SwitchName=s5 Nodes=zz
  SwitchName=s6 Nodes=c0
  SwitchName=s7 Nodes=c[0-9]
  SwitchName=s8
  SwitchName=s[0-1] Nodes=c[0-3]
  SwitchName=s9 Nodes=c0 Switches=s1
  LinkSpeed=1
  SwitchName=s0 Nodes=c[0-1
  SwitchName=s1 Nodes=c[0-3] LinkSpeed=100
  SwitchName=s2 Nodes=ALL
  BlockName=b1 Nodes=c[0-3]`);
const blockLine = from(`
  BlockName=b1 Nodes=c[0-3]
  BlockName=b1 Nodes=c[0-1]
  BlockName=b2 Nodes=c[2-3]
  BlockName=b3 Nodes=zz
  BlockName=b4 Nodes=c0
  BlockName=b5
  BlockName=b1 Nodes=c[0-9]
  BlockSizes=4
  BlockSizes=2
  BlockSizes=2,4
  BlockSizes=8
  BlockSizes=1
  SwitchName=s0 Nodes=c[0-3]`);

/** topology.conf, and nodes outside of it. */
export const topology: fc.Arbitrary<Shape> = fc.oneof(
  fc.tuple(
    fc.array(treeLine, { minLength: 1, maxLength: 4 }),
    word("- - TopologyParam=TopoOptional TopologyParam=RoutePart TopologyParam=Foo"),
  ).map(([lines, param]) =>
    before(["TopologyPlugin=topology/tree", param], { "topology.conf": `${lines.join("\n")}\n` })
  ),
  fc.array(blockLine, { minLength: 1, maxLength: 4 })
    .map((lines) => before(["TopologyPlugin=topology/block"], { "topology.conf": `${lines.join("\n")}\n` })),
  word("tree block flat default none").map((plugin) => before([`TopologyPlugin=topology/${plugin}`])),
);

const yamlEntry = fc.oneof(
  from(`
    switches: [{switch: s0, nodes: 'c[0-3]'}]
    switches: [{switch: s0, children: 's[1-2]'}, {switch: s1, nodes: 'c[0-1]'}, {switch: s2, nodes: 'c[2-3]'}]
    switches: [{switch: s0, nodes: 'c[0-1]'}]
    switches: [{switch: s0, nodes: 'zz'}]
    switches: [{switch: s0, children: s9}]
    switches: [{nodes: 'c[0-3]'}]
    switches: 5
    switches: []
    switchs: [{switch: s0, nodes: 'c[0-3]'}]
    switches: [{switch: s0, nodes: 'c[0-3]'}, {switch: s0, nodes: 'c[0-3]'}]
    switches: [{switch: s0, nodes: 'c[0-'}]`).map((text) => `tree: {${text}}`),
  from(`
    block_sizes: [4], blocks: [{block: b0, nodes: 'c[0-3]'}]
    block_sizes: [2], blocks: [{block: b0, nodes: 'c[0-1]'}, {block: b1, nodes: 'c[2-3]'}]
    block_sizes: [8], blocks: [{block: b0, nodes: 'c[0-3]'}]
    block_sizes: [3], blocks: [{block: b0, nodes: 'c[0-3]'}]
    blocks: [{block: b0, nodes: 'c[0-3]'}]
    block_sizes: [x], blocks: [{block: b0, nodes: 'c[0-3]'}]
    block_sizes: 4, blocks: [{block: b0, nodes: 'c[0-3]'}]`).map((text) => `block: {${text}}`),
  from(`
    flat: true
    flat: false
    flat: 1
    ring: {}
    tree: {}
    tree: null
    block: []
    foo: 1`),
);

function yaml(text: string): Shape {
  return before([], { "topology.yaml": text });
}

/** topology.yaml (25.05 and later). */
export const topologyYaml: fc.Arbitrary<Shape> = fc.oneof(
  fc.tuple(
    from("topology: t1,\ntopology: t1,\n-\ntopology: 'a b',"),
    from("-\ncluster_default: true,\ncluster_default: maybe,\nclusterdefault: true,"),
    yamlEntry,
  ).map(([name, isDefault, entry]) => yaml(`- {${name} ${isDefault} ${entry}}\n`)),
  fc.tuple(yamlEntry, yamlEntry, word("t1 t2")).map(([a, b, name]) =>
    yaml(`- {topology: t1, cluster_default: true, ${a}}\n- {topology: ${name}, ${b}}\n`)
  ),
  from(`
    - {
    a: 1
    []
    - topology: t1\\n  tree:\\n   switches:\\n  - x
    - topology: t1\\n\\ttree: {}
    text
    ---\\n- {topology: t1, flat: true}`).map((text) => yaml(`${text}\n`)),
);
