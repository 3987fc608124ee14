import { assertEquals } from "@std/assert";
import type { InstanceStatus } from "../../../lib/aws/ec2_api.ts";
import type { Instance } from "../../../lib/aws/instance.ts";
import { formatReason } from "../../../lib/cluster/reason.ts";
import { drift, type Reading } from "../../../lib/controller/drift.ts";
import { recordOf } from "../../../lib/controller/instance_record.ts";
import { EMPTY_STATE, type InstanceRecord } from "../../../lib/controller/state.ts";
import type { NodeState } from "../../../lib/slurm/node_state.ts";
import { testLaunchTags } from "../../../lib/identity/tags.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { ec2Instance, sceneConfig, slurmNode } from "./scene.ts";

const pure = { permissions: "none" } as const;
const CONFIG = sceneConfig();
const WALL = Date.UTC(2026, 0, 2);
const HOUR = 3_600_000;
const NOW = { clock: 100 * HOUR, wall: WALL };
const ALL = ["c", "s"].flatMap((group) =>
  Array.from({ length: 10 }, (_, i) => slurmNode(`${group}${i}`, "IDLE+POWERED_DOWN"))
);
const IMAGE_PARAMETER = `/test/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`;
const OVER = formatReason({ code: "X", message: "y", until: WALL - 1_000 });
const LATER = formatReason({ code: "X", message: "y", until: WALL + 60_000 });

function reading(
  nodes: readonly NodeState[],
  listed: readonly Instance[],
  changes: Partial<Reading> = {},
): Reading {
  const given = new Map(nodes.map((node) => [node.name, node]));
  const all = [
    ...ALL.map((node) => given.get(node.name) ?? node),
    ...nodes.filter(({ name }) => name.startsWith("x")),
  ];
  return { state: EMPTY_STATE, config: CONFIG, now: NOW, listed, nodes: all, ...changes };
}

/** A state that knows one instance. */
function knowing(
  instance: Instance,
  nodeGroup: string,
  changes: Partial<InstanceRecord> = {},
): Reading["state"] {
  const owned = { instance, nodeGroup, nodeName: instance.instanceId.slice(2) };
  const record = recordOf(owned, { generation: 1, knownSince: 0, seen: true });
  return { instances: new Map([[instance.instanceId, { ...record, ...changes }]]) };
}

/** `KIND NODES IDS ACTION` of every finding. */
function found(...[nodes, listed, changes]: Parameters<typeof reading>): string[] {
  const result = drift(reading(nodes, listed, changes));
  if (result.kind === "unread") return [`unread ${result.why}`];
  return result.findings.map(({ kind, nodes, instanceIds, action }) =>
    [kind, nodes.join("+"), instanceIds.join("+"), action].join(" ")
  );
}

const up = (name: string, nodeAddr = ec2Instance(name).privateIpAddress!) =>
  slurmNode(name, "ALLOCATED", { nodeAddr });
/** The tags of a hostlist of which a part is missing. */
const withGap = (tags: Instance["tags"]) => ({ ...tags, "slurm-ec2:nodes.2": "c5" });
const trial: Partial<Instance> = {
  tags: Object.fromEntries(
    testLaunchTags({ cluster: "test", nodeGroup: "c", nodes: "c0" }).map(({ Key, Value }) => [Key, Value]),
  ),
};
const stopped = (changes: Partial<Instance> = {}) => ec2Instance("s0", { state: "stopped", ...changes });
const health = (changes: Partial<InstanceStatus>): Partial<Reading> => ({
  health: [{
    instanceId: "i-c0",
    state: "running",
    availabilityZone: `${WORLD.region}a`,
    system: { status: "ok" },
    instance: { status: "ok" },
    events: [],
    ...changes,
  }],
});
const planned = (description: string): InstanceStatus["events"] => [
  { eventId: "instance-event-0", code: "instance-retirement", description, notBefore: WALL + HOUR },
];
/** A group whose image is SSM's to say. */
const imageBySsm = (value: string): Partial<Reading> => ({
  config: {
    ...CONFIG,
    nodeGroups: CONFIG.nodeGroups.map(({ imageId: _, ...group }) => group),
  },
  parameters: new Map([[IMAGE_PARAMETER, { name: IMAGE_PARAMETER, type: "String", value, version: 2 }]]),
});
const maxStopped = (seconds: number): Partial<Reading> => ({
  config: {
    ...CONFIG,
    nodeGroups: CONFIG.nodeGroups.map((group) =>
      group.name === "s" ? { ...group, maxStoppedDuration: seconds } : group
    ),
  },
  state: knowing(ec2Instance("s0", { state: "stopped" }), "s", { stoppedSince: NOW.clock - HOUR }),
});

const CASES:
  readonly (readonly [what: string, args: Parameters<typeof reading>, findings: readonly string[]])[] = [
    ["nothing in a quiet cluster", [[up("c0")], [ec2Instance("c0")]], []],
    ["nothing in an empty cluster", [[], []], []],
    ["nothing of a node that is being powered up", [
      [slurmNode("c0", "ALLOCATED+POWERING_UP")],
      [ec2Instance("c0", { state: "pending" })],
    ], []],
    // The list of end states that a reconcile has to find.
    ["a node whose cooldown is over", [[slurmNode("c0", "DOWN+POWERED_DOWN", { reason: OVER })], []], [
      "down-for-ever c0  give-back",
    ]],
    ["nothing of a cooldown that lasts", [[slurmNode("c0", "DOWN", { reason: LATER })], []], []],
    ["a node whose cooldown is over and whose instance runs", [
      [slurmNode("c0", "DOWN+POWERED_DOWN", { reason: OVER })],
      [ec2Instance("c0")],
    ], ["orphan c0 i-c0 terminate", "down-for-ever c0  give-back"]],
    ["the instance of a node that is off", [[], [ec2Instance("c0")]], ["orphan c0 i-c0 terminate"]],
    ["the instance of a node that goes down", [
      [slurmNode("c0", "IDLE+POWERING_DOWN")],
      [ec2Instance("c0")],
    ], ["orphan c0 i-c0 terminate"]],
    ["a node that slurmctld set DOWN and that has no instance", [
      [slurmNode("c0", "DOWN+NOT_RESPONDING", { reason: "Not responding" })],
      [],
    ], ["down-for-ever c0  give-back"]],
    ["a node that reached ResumeTimeout and nobody gave back", [
      [slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "ResumeTimeout reached" })],
      [],
    ], ["down-for-ever c0  give-back"]],
    ["nothing of a person's DOWN, with or without an instance", [
      [
        slurmNode("c0", "DOWN", { reason: "disk broken" }),
        slurmNode("c1", "DOWN", { reason: "disk broken" }),
      ],
      [ec2Instance("c1")],
    ], []],
    ["the second instance of a node, whichever slurmctld does not reach", [
      [up("c0", "10.9.9.9")],
      [
        ec2Instance("c0"),
        ec2Instance("c0", { instanceId: "i-b", privateIpAddress: "10.9.9.9", launchTime: 5 }),
      ],
    ], ["duplicate c0 i-c0 terminate"]],
    ["the younger of two where slurmctld reaches neither", [
      [up("c0", "c0")],
      [ec2Instance("c0", { launchTime: 5 }), ec2Instance("c0", { instanceId: "i-b" })],
    ], ["duplicate c0 i-c0 terminate"]],
    ["a node that is up and whose instance died", [
      [up("c0")],
      [ec2Instance("c0", { state: "terminated" })],
    ], ["missing c0  give-back"]],
    ["a node that is up and that EC2 does not list, which nothing is done about", [
      [up("c0")],
      [ec2Instance("c1", { state: "terminated" })],
    ], ["missing c0  none"]],
    ["a node that slurmctld reaches elsewhere", [[up("c0", "10.1.1.1")], [ec2Instance("c0")]], [
      "wrong-address c0 i-c0 report-address",
    ]],
    ["nothing of a node that is reached by its name", [[up("c0", "c0")], [ec2Instance("c0")]], []],
    ["nothing of a stopped instance that its node may use again", [[], [stopped()]], []],
    ["a stopped instance of another image", [[], [stopped({ imageId: "ami-0bbbbbbbbbbbbbbbb" })]], [
      "stopped-drift s0 i-s0 terminate",
    ]],
    ["a stopped instance of another type", [[], [stopped({ instanceType: "m7i.large" })]], [
      "stopped-drift s0 i-s0 terminate",
    ]],
    ["a stopped instance of a group that terminates", [[], [ec2Instance("c0", { state: "stopped" })]], [
      "orphan c0 i-c0 terminate",
    ]],
    ["an instance that is stopped for too long", [[], [stopped()], maxStopped(1_800)], [
      "stopped-too-long s0 i-s0 terminate",
    ]],
    ["nothing of one that is not", [[], [stopped()], maxStopped(7_200)], []],
    ["the instance of a node that is in no file any more", [[], [ec2Instance("x1")]], [
      "not-in-configuration x1 i-x1 terminate",
    ]],
    ["but does not end it under slurmctld", [[slurmNode("x1", "ALLOCATED")], [ec2Instance("x1")]], [
      "not-in-configuration x1 i-x1 none",
    ]],
    ["an instance whose tags name no node", [[], [ec2Instance("c0", { amiLaunchIndex: 3 })]], [
      "no-node  i-c0 terminate",
    ]],
    ["an instance left over from a test launch", [[], [
      ec2Instance("c0", { ...trial, launchTime: WALL - 2 * HOUR }),
    ]], [
      "test-launch  i-c0 terminate",
    ]],
    ["nothing of a test that runs", [[], [ec2Instance("c0", { ...trial, launchTime: WALL - 60_000 })]], []],
    ["nothing of another cluster", [[], [
      ec2Instance("c0", { tags: { ...ec2Instance("c0").tags, "slurm-ec2:cluster": "other" } }),
    ]], []],
    ["a failed system status check", [
      [up("c0")],
      [ec2Instance("c0")],
      health({ system: { status: "impaired", impairedSince: WALL - HOUR } }),
    ], ["failed-status c0 i-c0 none"]],
    ["a failed instance status check", [
      [up("c0")],
      [ec2Instance("c0")],
      health({ instance: { status: "impaired" } }),
    ], ["failed-status c0 i-c0 none"]],
    ["nothing of checks that have no result yet", [
      [up("c0")],
      [ec2Instance("c0")],
      health({ system: { status: "initializing" }, instance: { status: "insufficient-data" } }),
    ], []],
    ["nothing of the health of other instances of the account", [[up("c0")], [ec2Instance("c0")], {
      health: [{ ...health({ system: { status: "impaired" } }).health![0]!, instanceId: "i-other" }],
    }], []],
    ["what AWS has planned", [
      [up("c0")],
      [ec2Instance("c0")],
      health({ events: planned("The instance is running on degraded hardware") }),
    ], ["scheduled-event c0 i-c0 none"]],
    ["nothing of what AWS had planned and is over", [
      [up("c0")],
      [ec2Instance("c0")],
      health({ events: [...planned("[Completed] x"), ...planned("[Canceled] x")] }),
    ], []],
    ["a stopped instance of another image than SSM says by now", [
      [],
      [stopped()],
      imageBySsm("ami-0bbbbbbbb"),
    ], [
      "stopped-drift s0 i-s0 terminate",
    ]],
    ["nothing of a stopped instance of the image that SSM says", [
      [],
      [stopped()],
      imageBySsm(WORLD.imageIds.x86_64),
    ], []],
    ["a boot that slurmctld gave up, and what runs for it", [
      [slurmNode("c0", "DOWN+POWERED_DOWN", { reason: "ResumeTimeout reached" })],
      [ec2Instance("c0")],
    ], ["orphan c0 i-c0 terminate", "down-for-ever c0  give-back"]],
    ["a node that does not respond although its instance runs, for a person", [
      [slurmNode("c0", "DOWN+NOT_RESPONDING", { reason: "Not responding" })],
      [ec2Instance("c0")],
    ], ["down-for-ever c0 i-c0 none"]],
    ["the cluster's tag without the others, for a person", [[], [
      ec2Instance("c0", { tags: { "slurm-ec2:cluster": "test" } }),
      ec2Instance("c1", { tags: withGap(ec2Instance("c1").tags) }),
    ]], ["no-node  i-c0 none", "no-node  i-c1 none"]],
  ];

for (const [what, args, findings] of CASES) {
  Deno.test(`drift() finds ${what}`, pure, () => {
    assertEquals(found(...args), findings);
  });
}

for (
  const [what, changes, why] of [
    [
      "slurmctld does not answer",
      { nodes: undefined },
      "slurmctld does not answer: see what scontrol ping says",
    ],
    ["slurmctld names no node", { nodes: [] }, "slurmctld names no node"],
    [
      "slurmctld lacks nodes of the configuration",
      { nodes: ALL.slice(3) },
      "slurmctld does not know c[0-2] of",
    ],
    [
      "EC2 does not answer",
      { listed: undefined },
      "EC2 does not answer: slurm-ec2 doctor --only credentials",
    ],
    ["EC2 lists nothing although there were instances", {
      listed: [],
      state: knowing(ec2Instance("c0"), "c"),
    }, "EC2 lists no instance, although 1 were there"],
  ] as const
) {
  Deno.test(`drift() says nothing when ${what}`, pure, () => {
    const result = drift({ ...reading([], [ec2Instance("c0")]), ...changes });
    assertEquals(result.kind === "unread" ? result.why.slice(0, why.length) : result.findings, why);
  });
}

Deno.test("drift() ends no more than a tenth, or ten, in a pass without force", pure, () => {
  const instances = Array.from({ length: 20 }, (_, i) => {
    const name = i < 10 ? `c${i}` : `s${i - 10}`;
    return ec2Instance(name, { privateIpAddress: `10.0.1.${i}` });
  });
  const deferred = (force: boolean) => {
    const result = drift(reading([], instances), { force });
    return result.kind === "findings" && result.findings.map((finding) => finding.deferred === true);
  };
  assertEquals(deferred(false), [...Array(10).fill(false), ...Array(10).fill(true)]);
  assertEquals(deferred(true), Array(20).fill(false));
});

Deno.test("drift() says what a finding costs, as far as prices are known", pure, () => {
  const args = [[], [
    ec2Instance("c0", { launchTime: WALL - 3 * HOUR }),
    stopped({ imageId: "ami-0bbbbbbbbbbbbbbbb" }),
  ]] as const;
  const result = drift({
    ...reading(...args),
    usdPerHour: ({ instanceType }) => instanceType === "c7i.large" ? 0.1 : undefined,
  });
  assertEquals(
    result.kind === "findings" &&
      result.findings.map(({ usdPerHour, usdSoFar }) => [usdPerHour, usdSoFar?.toFixed(2)]),
    [[0.1, "0.30"], [undefined, undefined]],
  );
  const unpriced = drift(reading(...args));
  assertEquals(unpriced.kind === "findings" && unpriced.findings.map(({ usdSoFar }) => usdSoFar), [
    undefined,
    undefined,
  ]);
});

Deno.test(
  "drift() says what to do about a failed check or a planned event, and what the instance costs",
  pure,
  () => {
    const events = planned("The instance is running on degraded hardware");
    const system = { status: "impaired", impairedSince: WALL - HOUR } as const;
    const result = drift({
      ...reading(
        [up("c0")],
        [ec2Instance("c0", { launchTime: WALL - 2 * HOUR })],
        health({ events, system }),
      ),
      usdPerHour: () => 0.1,
    });
    assertEquals(
      result.kind === "findings" && result.findings.map(({ evidence, usdPerHour, usdSoFar }) => [
        evidence,
        usdPerHour,
        usdSoFar,
      ]),
      [
        [
          "AWS has instance-retirement planned for i-c0 from 2026-01-02T01:00:00.000Z: scontrol update NodeName=c0 " +
          'State=POWER_DOWN_ASAP Reason="instance-retirement" replaces it once its jobs have ended',
          0.1,
          0.2,
        ],
        [
          "i-c0 fails its system status check since 2026-01-01T23:00:00.000Z: scontrol update NodeName=c0 " +
          'State=POWER_DOWN_ASAP Reason="status check failed" replaces it once its jobs have ended',
          0.1,
          0.2,
        ],
      ],
    );
  },
);
