import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatReason } from "../../../../lib/cluster/reason.ts";
import { whyGroup } from "../../../../lib/see/why/group.ts";
import { useOf, whyNode } from "../../../../lib/see/why/node.ts";
import { type NodeState, parseNodeStates } from "../../../../lib/slurm/node_state.ts";
import { nodesText, SLURM_VERSIONS } from "../../slurm/jobs_output.ts";

const NOW = Date.UTC(2026, 10, 30, 22);

for (const version of SLURM_VERSIONS) {
  Deno.test(`whyNode() classifies nodes as slurmctld ${version} shows them`, { permissions: "none" }, () => {
    const nodes = parseNodeStates(nodesText(version));
    const seen = nodes.map((node) => {
      const why = whyNode(node, { now: NOW });
      return [node.name, `${useOf(node)} ${why.class}:${why.code}`];
    });
    assertEquals(Object.fromEntries(seen), {
      c0: "booting BOOTING:POWERING_UP",
      c1: "refused CAPACITY:InsufficientInstanceCapacity",
      c2: "refused CAPACITY:InsufficientInstanceCapacity",
      c3: "drained SLURM:DRAIN",
      c4: "booting BOOTING:POWERING_UP",
      c5: "off NONE:POWERED_DOWN",
    });
    const c1 = nodes.find(({ name }) => name === "c1")!;
    assertEquals(whyNode(c1, { now: NOW }).since, c1.reasonTime);
  });
}

function node(state: string, reason = "", name = "c0"): NodeState {
  const [base = "", ...flags] = state.split("+");
  return {
    name,
    base,
    flags: new Set(flags),
    nodeAddr: name,
    nodeHostname: name,
    reason,
    partitions: ["cloud"],
  };
}

const ours = (code: string, until?: number) =>
  formatReason({ code, message: "words", ...(until && { until }) });

const CASES: readonly (readonly [what: string, node: NodeState, expected: string, next: RegExp])[] = [
  [
    "a cooldown",
    node("DOWN+CLOUD+POWERED_DOWN", ours("UnauthorizedOperation", NOW + 1000)),
    "PERMISSION:UnauthorizedOperation",
    /given back/,
  ],
  [
    "a cooldown that is over",
    node("DOWN+CLOUD", ours("VcpuLimitExceeded", NOW - 1000)),
    "QUOTA:VcpuLimitExceeded",
    /time is over/,
  ],
  [
    "the breaker",
    node("DOWN+CLOUD", ours("BootFailureBreaker", NOW + 1000)),
    "IMAGE:BootFailureBreaker",
    /given back/,
  ],
  ["somebody's DOWN", node("DOWN+CLOUD", "broken fan"), "SLURM:DOWN", /State=RESUME/],
  ["a DOWN that is off", node("DOWN+CLOUD+POWERED_DOWN", "broken fan"), "SLURM:DOWN", /State=IDLE$/],
  ["a drain", node("IDLE+CLOUD+DRAIN+POWERED_DOWN", "check"), "SLURM:DRAIN", /UNDRAIN/],
  ["the way down", node("IDLE+CLOUD+POWERING_DOWN"), "SLURM:POWERING_DOWN", /SuspendTimeout/],
  ["an idle node", node("IDLE+CLOUD"), "NONE:IDLE+CLOUD", /SuspendTime/],
  ["a busy node", node("MIXED+CLOUD"), "NONE:MIXED+CLOUD", /nothing/],
  [
    "a free node whose last try failed",
    node("IDLE+CLOUD+POWERED_DOWN", ours("RequestLimitExceeded")),
    "NONE:POWERED_DOWN",
    /powers it up/,
  ],
];

for (const [what, shown, expected, next] of CASES) {
  Deno.test(`whyNode() of ${what} is ${expected}`, { permissions: "none" }, () => {
    const why = whyNode(shown, { now: NOW });
    assertEquals(`${why.class}:${why.code}`, expected);
    assertEquals(next.test(why.next), true, why.next);
  });
}

Deno.test("whyGroup() answers with what most of the held nodes have", { permissions: "none" }, () => {
  const until = NOW + 60_000;
  const nodes = [
    node("DOWN+CLOUD", ours("InsufficientInstanceCapacity", until), "c0"),
    node("DOWN+CLOUD", ours("InsufficientInstanceCapacity", until), "c1"),
    node("DOWN+CLOUD", ours("VcpuLimitExceeded", until), "c2"),
    node("IDLE+CLOUD+POWERED_DOWN", "", "c3"),
  ];
  const { why, rows } = whyGroup(nodes, { now: NOW });
  assertEquals([why.class, why.code, why.at], ["CAPACITY", "InsufficientInstanceCapacity", until]);
  assertStringIncludes(why.sentence, "2 of 4 nodes (c[0-1])");
  assertEquals(rows.map(({ nodes, count }) => [nodes, count]), [["c[0-1]", 2], ["c2", 1], ["c3", 1]]);
});

Deno.test("whyGroup() says that nothing is held back", { permissions: "none" }, () => {
  assertEquals(
    whyGroup([node("IDLE+CLOUD"), node("IDLE+CLOUD+POWERED_DOWN")], { now: NOW }).why.class,
    "NONE",
  );
  assertEquals(whyGroup([], { now: NOW }).why.code, "OK");
});
