import { assertEquals, assertThrows } from "@std/assert";
import { type NodeState, parseNodeStates, parseShowConfig } from "../../../lib/slurm/node_state.ts";

/** What scontrol of each version printed about nodes brought into these states on purpose. */
const output = (name: string) =>
  Deno.readTextFileSync(new URL(`./scontrol_output/${name}.txt`, import.meta.url));
const VERSIONS = ["22.05", "24.11", "26.05"];
const NODES = new Map(VERSIONS.map((version) => [version, output(`nodes_${version}`)]));
const CONFIGS = new Map(VERSIONS.map((version) => [version, output(`config_${version}`)]));

function parse(version: string): Map<string, NodeState> {
  return new Map(parseNodeStates(NODES.get(version)!).map((node) => [node.name, node]));
}

const state = (node: NodeState | undefined) => [node?.base, ...node?.flags ?? []].join("+");

const STATES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "22.05": {
    c0: "MIXED+CLOUD",
    c1: "MIXED+CLOUD",
    c5: "DOWN+CLOUD+NOT_RESPONDING+POWERING_UP",
    c6: "IDLE+CLOUD+POWERING_DOWN",
    c7: "IDLE+CLOUD+DRAIN",
    c8: "IDLE+CLOUD+POWERING_DOWN",
    d0: "IDLE+CLOUD+DRAIN",
    d1: "IDLE+CLOUD",
  },
  "24.11": {
    c0: "MIXED+CLOUD+NOT_RESPONDING+POWERING_UP",
    c1: "MIXED+CLOUD+NOT_RESPONDING+POWERING_UP",
    c5: "DOWN+CLOUD+NOT_RESPONDING+POWERING_UP",
    c6: "IDLE+CLOUD+POWERING_DOWN",
    c7: "IDLE+CLOUD+DRAIN+NOT_RESPONDING+POWERING_UP",
    c8: "IDLE+CLOUD+POWER_DOWN+NOT_RESPONDING+POWERING_UP",
    d0: "IDLE+CLOUD+DRAIN+NOT_RESPONDING+POWERING_UP",
    d1: "IDLE+CLOUD+NOT_RESPONDING+POWERING_UP",
  },
  "26.05": {
    c0: "MIXED+CLOUD+NOT_RESPONDING+POWERING_UP",
    c1: "MIXED+CLOUD+NOT_RESPONDING+POWERING_UP",
    c5: "DOWN+CLOUD+NOT_RESPONDING+POWERING_UP",
    c6: "IDLE+CLOUD+POWER_DOWN+NOT_RESPONDING",
    c7: "IDLE+CLOUD+DRAIN+NOT_RESPONDING+POWERING_UP",
    c8: "IDLE+CLOUD+POWER_DOWN+NOT_RESPONDING+POWERING_UP",
    d0: "IDLE+CLOUD+DRAIN+NOT_RESPONDING+POWERING_UP",
    d1: "IDLE+CLOUD+NOT_RESPONDING+POWERING_UP",
  },
};

for (const version of VERSIONS) {
  Deno.test(
    `parseNodeStates() reads the states that Slurm ${version} prints`,
    { permissions: "none" },
    () => {
      const nodes = parse(version);
      assertEquals(
        Object.fromEntries([...nodes].map(([name, node]) => [name, state(node)])),
        STATES[version],
      );
    },
  );

  Deno.test(`parseNodeStates() reads reasons as they were written to Slurm ${version}`, {
    permissions: "none",
  }, () => {
    const nodes = parse(version);
    const cooldown =
      "slurm-ec2 until=2026-11-23T10:00:00Z (Code:InsufficientInstanceCapacity) State=IDLE NextState=x [y@z]";
    assertEquals(nodes.get("c5")?.reason, cooldown);
    assertEquals(nodes.get("c7")?.reason, "a=b c");
    assertEquals(nodes.get("d0")?.reason, "because Comment=b [q]");
    assertEquals(nodes.get("d1")?.reason, "", "a reason inside a comment is not a reason");
    assertEquals(nodes.get("c0")?.reason, "");
  });

  Deno.test(
    `parseNodeStates() reads addresses and partitions of Slurm ${version}`,
    { permissions: "none" },
    () => {
      const { nodeAddr, nodeHostname, partitions } = parse(version).get("c0")!;
      assertEquals({ nodeAddr, nodeHostname, partitions }, {
        nodeAddr: "127.0.0.1",
        nodeHostname: "controller",
        partitions: ["cloud", "over"],
      });
    },
  );

  Deno.test(`parseShowConfig() reads the settings of Slurm ${version}`, { permissions: "none" }, () => {
    const config = parseShowConfig(CONFIGS.get(version)!);
    assertEquals(config.get("ClusterName"), "example");
    assertEquals(config.get("ResumeTimeout"), "40 sec");
    assertEquals(config.get("SuspendProgram"), "/srv/slurm/suspend");
    assertEquals(config.get("Epilog") ?? config.get("Epilog[0]") ?? "(null)", "(null)");
    assertEquals(config.get("SLURM_VERSION")?.startsWith(version), true);
    assertEquals(
      [...config.keys()].filter((key) => /\s|\(primary\)/.test(key) || key.startsWith("Configuration")),
      [],
    );
  });
}

const LINES: readonly (readonly [line: string, state: string])[] = [
  ["NodeName=n1 State=IDLE", "IDLE"],
  ["NodeName=n1 NextState=DOWN State=IDLE NextState=DOWN", "IDLE"],
  ["NodeName=n1 State=DOWN*+CLOUD", "DOWN+NOT_RESPONDING+CLOUD"],
  ["NodeName=n1 State=idle~", "IDLE+POWERED_DOWN"],
  ["NodeName=n1 State=down#", "DOWN+POWERING_UP"],
  ["NodeName=n1 State=IDLE!+CLOUD", "IDLE+POWER_DOWN+CLOUD"],
  ["NodeName=n1 State=IDLE%", "IDLE+POWERING_DOWN"],
  ["NodeName=n1 State=IDLE$", "IDLE+MAINTENANCE"],
  ["NodeName=n1 State=MIXED@", "MIXED+REBOOT_REQUESTED"],
  ["NodeName=n1 State=DOWN^", "DOWN+REBOOT_ISSUED"],
  ["NodeName=n1 State=IDLE-", "IDLE+PLANNED"],
  ["NodeName=n1 State=IDLE*~", "IDLE+NOT_RESPONDING+POWERED_DOWN"],
];

for (const [line, expected] of LINES) {
  Deno.test(`parseNodeStates() reads ${line}`, { permissions: "none" }, () => {
    assertEquals(parseNodeStates(`${line}\n\n`).map(state), [expected]);
  });
}

Deno.test("parseNodeStates() reads a reason that nobody signed", { permissions: "none" }, () => {
  assertEquals(parseNodeStates("NodeName=n1 State=DOWN Reason=lost it Comment=c")[0]?.reason, "lost it");
  assertEquals(parseNodeStates("NodeName=n1 State=DOWN Reason=")[0]?.reason, "");
});

Deno.test("parseNodeStates() takes a reason's look-alikes for text", { permissions: "none" }, () => {
  const node = parseNodeStates(
    "NodeName=n1 State=DOWN Reason=a NodeAddr=9.9.9.9 Partitions=x [root@now]",
  )[0]!;
  assertEquals([node.nodeAddr, node.partitions, node.reason], ["", [], "a NodeAddr=9.9.9.9 Partitions=x"]);
});

Deno.test(
  "parseNodeStates() gives empty values for (null) and no nodes for none",
  { permissions: "none" },
  () => {
    const node = parseNodeStates("NodeName=n1 NodeAddr=(null) State=IDLE Partitions=(null)")[0]!;
    assertEquals([node.nodeAddr, node.partitions], ["", []]);
    assertEquals(parseNodeStates("No nodes in the system\n"), []);
    assertEquals(parseNodeStates(""), []);
  },
);

Deno.test("parseNodeStates() refuses a line that is not a node", { permissions: "none" }, () => {
  for (
    const line of [
      "Node nix not found",
      "NodeName=n1 Arch=x86_64",
      "NodeName= State=IDLE",
      " State=IDLE NodeName=n1",
    ]
  ) {
    assertThrows(
      () => parseNodeStates(`NodeName=n0 State=IDLE\n${line}`),
      SyntaxError,
      "Line 2 of scontrol's node list",
    );
  }
});

Deno.test(
  "parseShowConfig() keeps the first value of a key, and values that hold =",
  { permissions: "none" },
  () => {
    assertEquals([...parseShowConfig("A = 1\nA = 2\nInfo = socket=/x\nEmpty =\nno setting\n")], [
      ["A", "1"],
      ["Info", "socket=/x"],
      ["Empty", ""],
    ]);
  },
);

for (
  const [text, expected] of [
    [" BootTime=2026-11-23T10:52:53", new Date(2026, 10, 23, 10, 52, 53).getTime()],
    [" BootTime=None", undefined],
    [" BootTime=Unknown", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(
    `parseNodeStates() reads when a node booted from "${text.trim()}"`,
    { permissions: "none" },
    () => {
      const [node] = parseNodeStates(`NodeName=c0 State=IDLE+CLOUD${text} SlurmdStartTime=None`);
      assertEquals(node!.bootTime, expected);
    },
  );
}

Deno.test(
  "parseNodeStates() reads a comment of ours, wherever Slurm puts it",
  { permissions: "none" },
  () => {
    const comment = (line: string) => parseNodeStates(`NodeName=n1 State=IDLE ${line}`)[0]!.comment;
    const ours = "slurm-ec2 boot i-1: imds 4.21, slurmd 9.00";
    assertEquals(comment(`ThreadsPerCore=1 Comment=${ours}`), ours);
    assertEquals(
      comment(`Reason=x y [root@2026-11-23T10:52:53] Comment=${ours} Extra=e InstanceId=i-1`),
      ours,
    );
    assertEquals(comment(`Comment=${ours} InstanceId=i-1 InstanceType=t`), ours);
    assertEquals(comment("Comment=rack 7"), undefined);
    assertEquals(comment(""), undefined);
    // It ends a reason as any other key does.
    assertEquals(
      parseNodeStates(`NodeName=n1 State=DOWN Reason=lost it Comment=${ours}`)[0]!.reason,
      "lost it",
    );
  },
);
