import { assertEquals, assertThrows } from "@std/assert";
import { ProblemError } from "../../../lib/base/problem.ts";
import { parseConfig } from "../../../lib/config/parse.ts";

const pure = { permissions: "none" } as const;

/** The least that a configuration needs. */
const LEAST = `cluster: eda
region: eu-west-1
nodeGroups:
  - name: c7i
    nodes: c7i-[0-9]
    instanceTypes: [c7i.large]
    subnets: [subnet-0123456789abcdef0]
    os: {distribution: Rocky, version: 9}
`;

function problemsOf(text: string): string[] {
  return assertThrows(() => parseConfig(text, "f.yaml"), ProblemError).message.split("\n");
}

/** LEAST with one group line replaced or added behind. */
const group = (lines: string) => LEAST + lines.replace(/^/gm, "    ") + "\n";

Deno.test("parseConfig() fills in every default", pure, () => {
  assertEquals(parseConfig(LEAST, "f.yaml"), {
    cluster: "eda",
    region: "eu-west-1",
    aws: { endpoints: {} },
    slurm: {
      confDir: "/etc/slurm",
      binDir: "/usr/bin",
      user: "slurm",
      partitionOptions: {},
      ready: "auto" as const,
    },
    fileSystems: [],
    spot: { onNotice: "requeue" },
    history: { days: 100, megabytes: 512 },
    notify: { minutes: 15 },
    zones: { avoid: [] },
    dns: { hosts: [] },
    ssm: { prefix: "eda", spelling: "SlurmNodeAmi" },
    nodeGroups: [{
      name: "c7i",
      nodes: "c7i-[0-9]",
      instanceTypes: ["c7i.large"],
      subnets: ["subnet-0123456789abcdef0"],
      os: { distribution: "Rocky", version: "9" },
      architecture: "x86_64",
      efa: false,
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2 },
      tags: {},
      userData: {},
      capacityType: "on-demand",
      powerDownAction: "terminate",
      strategy: "all-or-nothing",
      features: [],
    }],
    partitions: [],
    limits: {
      launchBatch: 500,
      expectedBootSeconds: 180,
      cooldown: 300,
      launchCheckSeconds: 15,
      bootLimit: 600,
      orphanLimit: 1800,
    },
    stateDir: "/var/lib/slurm-ec2",
    logFile: "/var/log/slurm/slurm-ec2.log",
  });
});

Deno.test("parseConfig() merges defaults into groups: maps by key, lists and values whole", pure, () => {
  const [own, plain] = parseConfig(
    `cluster: eda
region: eu-west-1
defaults:
  os: {distribution: Amazon, version: 2023}
  subnets: [subnet-00000001, subnet-00000002]
  securityGroups: [sg-00000001]
  tags: {Project: eda, Cost: 1.50}
  userData: {A: 1}
  rootVolume: {size: 50, type: gp3}
  metadataOptions: {httpPutResponseHopLimit: 1}
  capacityType: spot
  features: [cloud]
nodeGroups:
  - name: own
    nodes: a[1-2]
    instanceTypes: [m7g.large]
    subnets: [subnet-00000003]
    tags: {Cost: 2.0}
    userData: {B: x}
    rootVolume: {size: 100}
    capacityType: on-demand
    features: []
  - {name: plain, nodes: b1, instanceTypes: [m7i.large]}
`,
    "f.yaml",
  ).nodeGroups;
  assertEquals(own!.subnets, ["subnet-00000003"]);
  assertEquals(own!.tags, { Project: "eda", Cost: "2.0" });
  assertEquals(own!.userData, { A: "1", B: "x" });
  assertEquals(own!.rootVolume, { size: 100, type: "gp3" });
  assertEquals(own!.metadataOptions, { httpTokens: "required", httpPutResponseHopLimit: 1 });
  assertEquals(own!.capacityType, "on-demand");
  assertEquals(own!.features, []);
  assertEquals(own!.architecture, "arm64");
  assertEquals(plain!.subnets, ["subnet-00000001", "subnet-00000002"]);
  assertEquals(plain!.os, { distribution: "Amazon", version: "2023" });
  assertEquals(plain!.tags, { Project: "eda", Cost: "1.50" });
  assertEquals(plain!.capacityType, "spot");
});

Deno.test("parseConfig() keeps the text of values that YAML would read as numbers", pure, () => {
  const config = parseConfig(
    `${LEAST}slurm: {version: 24.10, partitionOptions: {MaxTime: 010, LLN: true}}
partitions:
  - {name: 2024, nodeGroups: [c7i], PriorityTier: 1_000, DefaultTime: 1:00:00, MaxNodes: 0x10}
`,
    "f.yaml",
  );
  assertEquals(config.slurm.version, "24.10");
  assertEquals(config.slurm.partitionOptions, { MaxTime: "010", LLN: "true" });
  assertEquals(config.partitions, [{
    name: "2024",
    nodeGroups: ["c7i"],
    options: { DefaultTime: "1:00:00", MaxNodes: "0x10", PriorityTier: "1_000" },
  }]);
});

Deno.test("parseConfig() reads durations as seconds", pure, () => {
  const seconds: Record<string, number> = {
    "90": 90,
    "90s": 90,
    "30m": 1800,
    "1h30m": 5400,
    "7d": 604800,
    '"1d1h1m1s"': 90061,
  };
  for (const [given, expected] of Object.entries(seconds)) {
    const [parsed] =
      parseConfig(group(`powerDownAction: stop\nmaxStoppedDuration: ${given}`), "f.yaml").nodeGroups;
    assertEquals(parsed!.maxStoppedDuration, expected, given);
  }
});

Deno.test(
  "parseConfig() takes what people's editors make: CRLF, byte order mark, comments, anchors, empty keys",
  pure,
  () => {
    const expected = parseConfig(LEAST, "f.yaml");
    assertEquals(parseConfig(LEAST.replaceAll("\n", "\r\n"), "f.yaml"), expected);
    assertEquals(parseConfig(`\uFEFF${LEAST}`, "f.yaml"), expected);
    assertEquals(parseConfig(`# a comment\n---\n${LEAST}...\n`, "f.yaml"), expected);
    assertEquals(
      parseConfig(`${LEAST}fileSystems:\n  # none yet\nlimits:\ndefaults: ~\n`, "f.yaml"),
      expected,
    );
    const anchored = LEAST.replace("cluster: eda", "cluster: &name eda") + "ssm: {prefix: *name}\n";
    assertEquals(parseConfig(anchored, "f.yaml"), expected);
  },
);

/** What is wrong, the file, and every problem that must be reported for it. */
type Case = readonly [what: string, text: string, problems: readonly string[]];

/** Entries of fileSystems at /0, /1 and so on. */
const mounts = (count: number, path = "x") =>
  Array.from({ length: count }, (_, i) => `  - {source: "n:/${path}", mount: /${i}, type: nfs}\n`).join("");

const BAD: readonly Case[] = [
  ["empty", "", ["1:1: The file is empty (slurm-ec2 config init writes one to begin with)"]],
  ["only a comment", "# x\n", ["1:1: The file is empty (slurm-ec2 config init writes one to begin with)"]],
  ["only null", "~\n", ["1:1: The file is empty (slurm-ec2 config init writes one to begin with)"]],
  ["a list", "\n- a\n", ["2:1: The file must be keys and values, got a list"]],
  ["a word", "hello", ['1:1: The file must be keys and values, got "hello"']],
  ["binary", "cluster: a\nb\0c", ["2:2: Not a text file: found the control character 0x00"]],
  ["two documents", `${LEAST}---\na: 1\n`, [
    "9:1: Not valid YAML: source contains multiple documents; please use YAML.parseAllDocuments() (remove the line --- and what follows it)",
  ]],
  ["a tab", "cluster: eda\nslurm:\n\tuser: x\n", [
    "3:1: Not valid YAML: tabs are not allowed as indentation (indent with spaces)",
  ]],
  ["an open bracket", "cluster: [a\nregion: b\n", [
    "2:1: Not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]",
  ]],
  ["an unknown tag", LEAST.replace("eda", "!x eda"), [
    "1:10: Not valid YAML: unresolved tag: !x (quote a value that begins with '!')",
  ]],
  ["unknown keys", LEAST.replace("region", "regoin") + "zzz: 1\n", [
    "1:1: Key region is missing",
    '2:1: Unknown key "regoin" (did you mean region?)',
    '9:1: Unknown key "zzz" (known: cluster, region, aws, slurm, fileSystems, dns, ssm, defaults, nodeGroups, partitions, spot, zones, limits, history, notify, stateDir, logFile)',
  ]],
  ["an unknown key in a group", group("instanceType: [a.b]"), [
    '9:5: Unknown key "instanceType" in nodeGroups[0] (did you mean instanceTypes?)',
  ]],
  ["keys that belong elsewhere", group("maxNodes: 1\nsize: 1\nregion: x") + "spelling: x\nmount: /x\n", [
    '9:5: Unknown key "maxNodes" in nodeGroups[0] (it belongs in limits)',
    '10:5: Unknown key "size" in nodeGroups[0] (it belongs in defaults.rootVolume)',
    '11:5: Unknown key "region" in nodeGroups[0] (it belongs at the top level)',
    '12:1: Unknown key "spelling" (it belongs in ssm)',
    '13:1: Unknown key "mount" (it belongs in each of fileSystems)',
  ]],
  ["a merge key", group("<<: {}"), [
    '9:5: Unknown key "<<" in nodeGroups[0] (merge keys are not read: shared settings go under defaults)',
  ]],
  ["a repeated key", LEAST + "region: us-east-1\n", ['9:1: Key "region" is given twice, first in line 2']],
  ["a key that is not text", `${LEAST}? [a]\n: b\n`, ["9:3: Keys must be plain text, got a list"]],
  ["nothing required", "{}", [
    "1:1: Key cluster is missing",
    "1:1: Key region is missing",
    "1:1: Key nodeGroups is missing",
  ]],
  ["a required key without a value", LEAST.replace("eda", ""), ["1:1: Key cluster has no value"]],
  ["a missing key of a group", LEAST.replace("    nodes: c7i-[0-9]\n", ""), [
    "4:5: Key nodes is missing in nodeGroups[0]",
  ]],
  ["a missing key of os", LEAST.replace(", version: 9", ""), [
    "8:5: Key version is missing in nodeGroups[0].os",
  ]],
  ["no os at all", LEAST.replace(/ {4}os.*\n/, ""), [
    "4:5: Key os is missing in nodeGroups[0] (set it there or in defaults)",
  ]],
  ["no subnets at all", LEAST.replace(/ {4}subnets.*\n/, ""), [
    "4:5: Key subnets is missing in nodeGroups[0] (set it there or in defaults)",
  ]],
  ["no groups", "cluster: eda\nregion: eu-west-1\nnodeGroups: []\n", [
    "3:13: Key nodeGroups must be a list of at least one, got an empty list",
  ]],
  ["no types", LEAST.replace("c7i.large", ""), [
    "6:20: Key nodeGroups[0].instanceTypes must be a list of at least one, got an empty list",
  ]],
  ["a zone as region", LEAST.replace("eu-west-1", "eu-west-1a"), [
    '2:9: Key region must be an AWS region such as eu-west-1, got "eu-west-1a"',
  ]],
  ["a cluster name with a space", LEAST.replace("eda", "my eda"), [
    "1:10: Key cluster must be a name of at most 40 letters, digits, '-' or '_', beginning with a letter or digit, got \"my eda\"",
  ]],
  ["a cluster name that SSM refuses", LEAST.replace("eda", "awsome"), [
    "1:10: SSM has no parameters below /awsome/: their names never begin with aws or ssm (set ssm.prefix)",
  ]],
  ["a list where a word is wanted", LEAST.replace("eda", "[eda]"), [
    "1:10: Key cluster must be a single value, got a list",
  ]],
  ["a word where a list is wanted", LEAST.replace("[c7i.large]", "c7i.large"), [
    '6:20: Key nodeGroups[0].instanceTypes must be a list, got "c7i.large"',
  ]],
  ["a word where keys are wanted", LEAST.replace(/\{.*\}/, "Rocky9"), [
    '8:9: Key nodeGroups[0].os must be keys and values, got "Rocky9"',
  ]],
  ["a group that is a word", LEAST + "  - c7a\n", [
    '9:5: Key nodeGroups[1] must be keys and values, got "c7a"',
  ]],
  ["a mistyped choice", group("capacityType: spott"), [
    '9:19: Key nodeGroups[0].capacityType must be one of on-demand, spot, spot-then-on-demand, got "spott" (did you mean spot?)',
  ]],
  ["three threads a core", group("threadsPerCore: 3"), [
    '9:21: Key nodeGroups[0].threadsPerCore must be one of 1, 2, got "3"',
  ]],
  ["a word for a truth value", group("rootVolume: {encrypted: yes}"), [
    '9:29: Key nodeGroups[0].rootVolume.encrypted must be true or false, got "yes"',
  ]],
  ["a quoted number", LEAST + 'limits: {launchBatch: "500"}\n', [
    '9:23: Key limits.launchBatch must be a number, got "500"',
  ]],
  ["too large a batch", LEAST + "limits: {launchBatch: 1001}\n", [
    '9:23: Key limits.launchBatch must be a whole number from 1 to 1000, got "1001"',
  ]],
  ["half a node", LEAST + "limits: {maxNodes: 1.5}\n", [
    '9:20: Key limits.maxNodes must be a whole number from 1 to 1000000, got "1.5"',
  ]],
  ["an endless cost", LEAST + "limits: {maxHourlyCost: .inf}\n", [
    '9:25: Key limits.maxHourlyCost must be an amount, got ".inf"',
  ]],
  ["no cost at all", LEAST + "limits: {maxHourlyCost: .nan}\n", [
    '9:25: Key limits.maxHourlyCost must be a number, got ".nan"',
  ]],
  ["a boot longer than its limit", LEAST + "limits: {expectedBootSeconds: 900}\n", [
    "9:31: A boot is expected to take 900 s, but nodes power themselves off after 600 s (bootLimit) (raise bootLimit)",
  ]],
  ["a wrong duration", LEAST + "limits: {bootLimit: 10 min}\n", [
    '9:21: Key limits.bootLimit must be a duration such as 90s, 30m, 1h30m, 7d, or a number of seconds, got "10 min"',
  ]],
  ["too short a duration", LEAST + "limits: {orphanLimit: 5}\n", [
    '9:23: Key limits.orphanLimit must be a duration from 60 to 2592000 seconds, got "5"',
  ]],
  ["a relative path", LEAST + "stateDir: var/lib\n", [
    '9:11: Key stateDir must be an absolute path, got "var/lib"',
  ]],
  ["a version without its zero", LEAST + "slurm: {version: 24.5}\n", [
    '9:18: Key slurm.version must be a Slurm version such as 24.05, got "24.5"',
  ]],
  ["an endpoint that is not a URL", LEAST + "aws: {endpoints: {ec2: localhost}}\n", [
    '9:24: Key aws.endpoints.ec2 must be a URL such as https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com, got "localhost"',
  ]],
  ["a wrong subnet", LEAST.replace("[subnet-0123456789abcdef0]", "\n      - vpc-01234567"), [
    '8:9: Key nodeGroups[0].subnets[0] must be a subnet id such as subnet-0123456789abcdef0, got "vpc-01234567"',
  ]],
  ["a wrong image", group("imageId: UNDEFINED"), [
    '9:14: Key nodeGroups[0].imageId must be an image id such as ami-0123456789abcdef0, got "UNDEFINED"',
  ]],
  ["a wrong tag key", group("tags: {aws:x: 1}"), [
    '9:12: Key "aws:x" in nodeGroups[0].tags must be a tag key of at most 128 characters, not beginning with aws: or slurm-ec2:',
  ]],
  ["a feature with a comma", group('features: ["a,b"]'), [
    '9:16: Key nodeGroups[0].features[0] must be a Slurm feature without spaces or any of ,&|()[]*=, got "a,b"',
  ]],
  ["types of two architectures", LEAST.replace("c7i.large", "c7i.large, m7g.large, c7i.large"), [
    '6:32: Instance type "m7g.large" is arm64, node group "c7i" is x86_64 (the types of a group share one architecture)',
    '6:43: Instance type "c7i.large" is listed twice',
  ]],
  ["an architecture that the types don't have", group("architecture: arm64"), [
    '6:21: Instance type "c7i.large" is x86_64, node group "c7i" is arm64 (the types of a group share one architecture)',
  ]],
  ["a reservation for spot", group("capacityReservation: cr-01234567\ncapacityType: spot"), [
    '9:26: Node group "c7i" can\'t use a capacity reservation with capacityType spot (reservations are for on-demand instances)',
  ]],
  ["stopping spot", group("powerDownAction: stop\ncapacityType: spot-then-on-demand"), [
    '9:22: Node group "c7i" can\'t stop its instances with capacityType spot-then-on-demand (one-time spot instances can only be terminated)',
  ]],
  ["operations of a gp2 root volume", group("rootVolume: {type: gp2, iops: 3000}"), [
    '9:35: Key rootVolume.iops of node group "c7i" can\'t be set for gp2 volumes (set type: gp3, io1 or io2)',
  ]],
  ["throughput without a volume type", group("volumes: [{deviceName: /dev/sdf, size: 9, throughput: 200}]"), [
    '9:59: Key volumes[0].throughput of node group "c7i" is for some volume types only (set the volume\'s type too, e.g. type: gp3)',
  ]],
  [
    "volumes on one device",
    group(
      "volumes: [{deviceName: /dev/sda1, size: 9}, {deviceName: /dev/sdf, size: 9}, {deviceName: /dev/sdf, size: 9}]",
    ),
    [
      '9:28: Device "/dev/sda1" of volumes[0] is the root volume\'s in node group "c7i" (every volume has a device of its own, e.g. /dev/sdf)',
      '9:95: Device "/dev/sdf" is listed twice in the volumes of node group "c7i" (every volume has a device of its own, e.g. /dev/sdf)',
    ],
  ],
  ["a volume without a size", group("volumes: [{deviceName: /dev/sdf}]"), [
    "9:15: Key size is missing in nodeGroups[0].volumes[0]",
  ]],
  ["a duration without effect", group("maxStoppedDuration: 1h"), [
    '9:25: Key maxStoppedDuration has no effect on node group "c7i", whose instances are terminated (set powerDownAction: stop)',
  ]],
  ["a spot time limit without spot", group("spotTimeLimit: 10m"), [
    '9:20: Key spotTimeLimit has no effect on node group "c7i", which has one way to buy instances (set capacityType: spot-then-on-demand)',
  ]],
  ["too many tags", group(`tags: {${Array.from({ length: 17 }, (_, i) => `t${i}: 1`).join(", ")}}`), [
    '9:11: Node group "c7i" has 17 tags: at most 16 fit besides our own',
  ]],
  ["too much user data", group(`userData: {A: ${"x".repeat(5000)}}`), [
    '9:15: User data of node group "c7i" takes 5105 bytes: at most 4096 fit (keep files on a shared file system)',
  ]],
  ["too much to mount", LEAST + `fileSystems:\n${mounts(40, "x".repeat(100))}`, [
    '10:3: User data of node group "c7i" takes 4919 bytes: at most 4096 fit (keep files on a shared file system)',
  ]],
  ["a mount twice", `${LEAST}fileSystems:\n${mounts(2)}${mounts(1).replace("/0,", "/0/,")}`, [
    "12:29: Two file systems are mounted at /0",
  ]],
  ["a munge key in user data", group("userData: {MUNGE_KEY: c2VjcmV0}"), [
    '9:15: MUNGE_KEY in the user data of node group "c7i" is not where the key is (give the absolute path of a file, or ssm:/NAME of a SecureString)',
  ]],
  ...["AKIAIOSFODNN7EXAMPLE", "-----BEGIN PRIVATE KEY-----", `${"Ab3/".repeat(43)}=`].map((key): Case => [
    `a key in user data: ${key.slice(0, 8)}`,
    group(`userData: {A: "${key}"}`),
    [
      '9:15: A in the user data of node group "c7i" looks like a key (every job can read user data: name a file, or ssm:/NAME)',
    ],
  ]),
  ["a bad hostlist", LEAST.replace("c7i-[0-9]", "c7i-[9-0]"), [
    '5:19: Invalid hostlist "c7i-[9-0]": expected a number not below 9',
  ]],
  ["a bad hostlist in quotes", LEAST.replace("c7i-[0-9]", '"c7i-[0-9"'), [
    '5:21: Invalid hostlist "c7i-[0-9": expected a digit, "-", "," or "]"',
  ]],
  ["far too many nodes", LEAST.replace("c7i-[0-9]", "c7i-[0-99999999]"), [
    "5:12: Hostlist stands for 100000000 names: at most 65536 are taken, split it or correct the range",
  ]],
  ["a node name with an umlaut", LEAST.replace("c7i-[0-9]", "knöten[0-9]"), [
    "5:14: Node names hold letters, digits, '-', '_' and '.' only, got \"ö\"",
  ]],
  ["a node name too long", LEAST.replace("c7i-[0-9]", `${"n".repeat(63)}[8-9]`), [
    `5:12: Node name "${"n".repeat(63)}8" has 64 characters: at most 63 fit a host name`,
  ]],
  ["a node twice in its group", LEAST.replace("c7i-[0-9]", "c7i-[0-9],c7i-[8-9]"), [
    '5:12: Nodes "c7i-8" and 1 more are named twice in node group "c7i"',
  ]],
  [
    "groups that overlap",
    LEAST +
    "  - {name: x, nodes: 'y,c7i-5', instanceTypes: [m5.large], subnets: [subnet-01234567], os: {distribution: Rocky, version: 9}}\n",
    [
      '9:22: Node "c7i-5" is in node group "c7i" already',
    ],
  ],
  ["a group named like a node", LEAST.replace("name: c7i", "name: c7i-3"), [
    '4:11: Node group "c7i-3" has the name of a node: Slurm\'s NodeSet and NodeName may not be alike',
  ]],
  [
    "names that Slurm keeps",
    LEAST.replace("name: c7i", "name: ALL") + "partitions: [{name: Default, nodeGroups: [ALL]}]\n",
    [
      '4:11: Node group "ALL": Slurm keeps this name for all nodes',
      '9:21: Partition "Default": Slurm keeps this name for default values',
    ],
  ],
  [
    "partitions",
    `${LEAST}partitions:
  - {name: a, nodeGroups: [c7i, c7, c7i], Default: YES, MaxTme: 1, Nodes: x}
  - {name: a, nodeGroups: [zebra], Default: yes, State: "UP DOWN"}
`,
    [
      '10:33: Partition "a" names node group "c7", which isn\'t defined (did you mean c7i?)',
      '10:37: Node group "c7i" is listed twice',
      '10:57: Unknown key "MaxTme" in partitions[0] (did you mean MaxTime?)',
      '10:68: Unknown key "Nodes" in partitions[0] (the nodes are those of nodeGroups)',
      '11:12: Partition "a" is defined twice',
      '11:28: Partition "a" names node group "zebra", which isn\'t defined (defined: c7i)',
      '11:45: Partition "a" and partition "a" are both the default',
      "11:57: Key partitions[1].State must be a Slurm value without spaces, quotes or '#', got \"UP DOWN\"",
    ],
  ],
  ["an alias of itself", "cluster: eda\nregion: eu-west-1\nnodeGroups: &a\n  - *a\n", [
    '4:5: Key nodeGroups[0] must be an alias of an anchor before it, got "*a"',
  ]],
];

for (const [name, text, expected] of BAD) {
  Deno.test(`parseConfig() reports ${name} at its place`, pure, () => {
    assertEquals(problemsOf(text), expected.map((problem) => `f.yaml:${problem}`));
  });
}

Deno.test("parseConfig() compares what is sound when something else is of the wrong kind", pure, () => {
  const text = `cluster: eda
nodeGroups:
  - name: a
    nodes: n[0-9
    instanceTypes: [c7i.large]
    subnets: [subnet-01234567]
    os: {distribution: Rocky, version: 9}
    threadsPerCore: many
  - name: b
    nodes: m[0-9]
    instanceTypes: [c7i.large, m7g.large]
    subnets: [subnet-01234567]
    os: {distribution: Rocky, version: 9}
  - name: c
    nodes: m5
    instanceTypes: c7i.large
partitions:
  - {name: p, nodeGroups: [a, zebra]}
`;
  assertEquals(problemsOf(text), [
    "f.yaml:1:1: Key region is missing",
    'f.yaml:4:17: Invalid hostlist "n[0-9": expected a digit, "-", "," or "]"',
    'f.yaml:8:21: Key nodeGroups[0].threadsPerCore must be one of 1, 2, got "many"',
    'f.yaml:11:32: Instance type "m7g.large" is arm64, node group "b" is x86_64 (the types of a group share one architecture)',
    'f.yaml:15:12: Node "m5" is in node group "b" already',
    'f.yaml:16:20: Key nodeGroups[2].instanceTypes must be a list, got "c7i.large"',
    'f.yaml:18:31: Partition "p" names node group "zebra", which isn\'t defined (defined: a, b, c)',
  ]);
});

Deno.test("parseConfig() refuses bombs quickly: deep nesting, aliases of aliases, huge files", pure, () => {
  assertEquals(problemsOf("[".repeat(100_000)).length, 10);
  assertEquals(problemsOf("x".repeat(5_000_000)), [
    "f.yaml:1:1: The file is larger than 4 MiB: this is not a configuration",
  ]);
  const levels = Array.from(
    { length: 12 },
    (_, i) => `  - &l${i} [${Array(10).fill(i === 0 ? "lol" : `*l${i - 1}`).join(", ")}]`,
  );
  assertThrows(
    () => parseConfig(`cluster: eda\nnodeGroups:\n${levels.join("\n")}\n`, "f.yaml"),
    ProblemError,
  );
});
