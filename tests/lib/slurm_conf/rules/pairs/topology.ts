import { type Pair, WHOLE } from "./pair.ts";

const SWITCHES = `${WHOLE}TopologyPlugin=topology/tree\nNodeName=n[0-3]\nPartitionName=p Nodes=ALL\n`;
const BLOCKS = SWITCHES.replace("topology/tree", "topology/block");

/** Of topology.yaml: a bad text, part of what is said, a good text. */
const YAML: readonly (readonly [bad: string, says: string, good: string])[] = [
  [
    "- topology: t1\n  tree:\n    switches:\n      - {switch: s0, nodes: 'n[0-3]'}\n      - «{switch: s0, nodes: n4}",
    'topology.yaml has switch "s0" twice: slurmctld does not start',
    "- topology: t1\n  tree:\n    switches:\n      - {switch: s0, nodes: 'n[0-3]'}\n      - {switch: s1, children: s0}",
  ],
  ["- «{topology: t1}", "has none of flat, tree, block", "- {topology: t1, flat: true}"],
  ["- {topology: t1, flat: «false}", "says flat, and not true", "topology: t1\nflat: yes"],
  [
    "- {topology: t1, tree: «{}}",
    "must have a map below tree",
    "- {tree: {switches: [{switch: 5, nodes: n0}]}}",
  ],
  [
    "- {topology: t1, tree: {switches: [«{switch: s0, children: s9}]}}",
    'with the child "s9", and there is no other switch of that name',
    "- {topology: t1, tree: {switches: [{switch: s0, nodes: n0, children: s9}]}}",
  ],
  [
    "- {topology: t1, block: {block_sizes: «[4, 6], blocks: [{block: b0, nodes: n0}]}}",
    "has block_sizes that are not numbers above 0",
    "- {topology: t1, block: {block_sizes: 4, blocks: [{block: b0, nodes: n0}]}}",
  ],
  [
    "- {topology: t1, block: {blocks: [«{nodes: n0}]}}",
    "has a block without a name",
    "- {topology: t1, block: {blocks: [{block: b0}]}}",
  ],
  ["«[]", "has no topology", "- {flat: 1}"],
  ["«text", "must be a list of topologies", "- {flat: {}}"],
  [
    "- {topology: t1, tree: {switches: [{switch: s0, nodes: «'c[0-'}]}}",
    "nodes that are not a hostlist",
    "- {topology: t1, tree: {switches: [{switch: s0, nodes: 'c[0-1]'}]}}",
  ],
];

/** Rules on the topology's own files: each case seen on slurmctld 22.05.8, 24.11.5 and 26.05.5. */
export const TOPOLOGY_PAIRS: readonly Pair[] = [
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=s0 Nodes=n[0-3]\n«BlockName=b0 Nodes=n0",
    says: "begins with BlockName: slurmctld does not start",
    good: SWITCHES,
    goodTopology: "SwitchName=s0 Nodes=n[0-3]",
  },
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=s0 Nodes=n[0-3] «Foo=1",
    says: "topology.conf has no Foo on SwitchName lines",
    good: SWITCHES,
    goodTopology: "SwitchName=s0 Nodes=n[0-3] LinkSpeed=100",
  },
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=s0 Nodes=n[0-1]\nSwitchName=«s0 Nodes=n[2-3]",
    says: 'Switch "s0" has a line already',
    good: SWITCHES,
    goodTopology: "SwitchName=s0 Nodes=n[0-1]\nSwitchName=S0 Nodes=n[2-3]",
  },
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=s0 Nodes=n[0-3]\nSwitchName=s1 Switches=«s0,s9",
    says: 'Switch "s1" names "s9", which has no line',
    good: SWITCHES,
    goodTopology: "SwitchName=s0 Nodes=n[0-3]\nSwitchName=s1 Switches=s0",
  },
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=«s1 Switches=s2\nSwitchName=s2 Switches=s1",
    says: 'Switch "s1" is below itself',
    good: SWITCHES,
    goodTopology: "SwitchName=s1 Nodes=n[0-3]\nSwitchName=s2 Switches=s1",
  },
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=s0 Nodes=n[0-3]\nSwitchName=s1 Nodes=n0 «Switches=s0",
    says: 'Switch "s1" has Nodes and Switches',
    good: SWITCHES,
    goodTopology: "SwitchName=s0 Nodes=n[0-3]\nSwitchName=s1 Switches=s0",
  },
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=s0 Nodes=n[0-3]\n«SwitchName=s1",
    says: 'Switch "s1" has neither Nodes nor Switches: slurmctld does not start',
    good: SWITCHES,
    goodTopology: "SwitchName=s0 Nodes=n[0-3]",
    fires: ["20.11", "24.11"],
  },
  {
    id: "CF020",
    bad: SWITCHES,
    topology: "SwitchName=s0 Nodes=«n[0-4]",
    says: "have no NodeName line: slurmctld logs a lookup failure",
    good: SWITCHES,
    goodTopology: "SwitchName=s0 Nodes=n[0-3]",
    severity: "warning",
    daemon: "logs",
  },
  {
    id: "CF020",
    bad: BLOCKS,
    topology: "BlockName=b0 Nodes=n[0-3]\nBlockSizes=«4,6",
    says: 'BlockSizes "4,6" must begin with a number above 0',
    good: BLOCKS,
    goodTopology: "BlockName=b0 Nodes=n[0-3]\nBlockSizes=2,4",
    fires: ["23.11", "26.05"],
  },
  {
    id: "CF020",
    bad: BLOCKS,
    topology: "BlockName=b0 Nodes=n[0-2]\n«BlockName=b1 Nodes=n3",
    says: 'Block "b1" has 1 nodes of slurm.conf, fewer than the first block',
    good: BLOCKS,
    goodTopology: "BlockName=b0 Nodes=n0\nBlockName=b1 Nodes=n[1-3]",
    fires: ["23.11", "24.11"],
  },
  {
    id: "CF020",
    bad: BLOCKS,
    topology: "«BlockName=b0",
    says: "No block has a node, and BlockSizes is not set",
    good: BLOCKS,
    goodTopology: "BlockName=b0 Nodes=n[0-3]",
    fires: ["26.05", "26.05"],
  },
  ...YAML.map(([topologyYaml, says, goodTopologyYaml]): Pair => ({
    id: "CF021",
    bad: WHOLE,
    topologyYaml,
    says,
    good: WHOLE,
    goodTopologyYaml,
    fires: ["25.05", "26.05"],
  })),
  {
    id: "CF026",
    bad: `${WHOLE}NodeName=n[0-3] Topology=«tree:s0\n`,
    topologyYaml: "- {topology: t1, tree: {switches: [{switch: s0, nodes: 'n[0-3]'}]}}",
    says: 'Topology "tree" is not in',
    good: `${WHOLE}NodeName=n[0-1] Topology=t1:s0\nNodeName=n2 Topology=default\nNodeName=n3 Topology=t1\n`,
    fires: ["25.05", "26.05"],
  },
];
