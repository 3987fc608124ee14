import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { configMigrate } from "../../../commands/config/migrate.ts";
import { ProblemError } from "../../../lib/base/problem.ts";
import { parseLegacyNodeName } from "../../fixtures/legacy_node_name.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import { runFake } from "../fake_host.ts";

const GOLDEN = "tests/golden/migrate";
const pure: Pick<Deno.TestDefinition, "permissions"> = { permissions: "none" };
const reads: Pick<Deno.TestDefinition, "permissions"> = { permissions: { read: [GOLDEN] } };

const legacy = Object.fromEntries(
  [
    "slurm_config.json",
    "installer.yml",
    "instance_config.yml",
    "AZInfo.json",
    "instance_types.json",
    "instance_type_info.json",
  ].map((name) => [name, Deno.readTextFileSync(`${GOLDEN}/${name}`)]),
);
const SLURM_CONFIG = "/opt/slurm/config/slurm_config.json";
const FILES = {
  [SLURM_CONFIG]: legacy["slurm_config.json"]!,
  "/opt/slurm/config/AZInfo.json": legacy["AZInfo.json"]!,
  "installer.yml": legacy["installer.yml"]!,
  "instance_config.yml": legacy["instance_config.yml"]!,
};
const WITH_TYPES = {
  ...FILES,
  "/opt/slurm/config/instance_types.json": legacy["instance_types.json"]!,
  "/opt/slurm/config/instance_type_info.json": legacy["instance_type_info.json"]!,
};

/** Golden file, the flags that make it, and the files there are. */
const CASES: readonly (readonly [string, readonly string[], Record<string, string>])[] = [
  ["suffixed.yaml", ["--instance-config", "installer.yml"], FILES],
  ["types.yaml", ["--instance-config", "installer.yml"], WITH_TYPES],
  ["zone.yaml", ["--instance-config", "instance_config.yml", "--names", "zone"], FILES],
  ["plain.yaml", ["--instance-config", "instance_config.yml", "--names", "plain"], FILES],
  ["other_region.yaml", ["--instance-config", "instance_config.yml", "--region", "us-west-2"], FILES],
];

for (const [name, flags, files] of CASES) {
  Deno.test(`config migrate ${flags.join(" ")} gives ${name}`, reads, async () => {
    const { exit, stdout, stderr } = await runFake(configMigrate, [...flags, "--dry-run"], { files });
    assertEquals(
      stdout,
      Deno.readTextFileSync(`${GOLDEN}/${name}`),
      "migrated text differs from the golden file",
    );
    assertEquals(exit, 0, stderr);
  });

  Deno.test(`config migrate makes only node names of the legacy grammar in ${name}`, reads, () => {
    const config = parseConfig(Deno.readTextFileSync(`${GOLDEN}/${name}`), name);
    for (const group of config.nodeGroups) {
      for (const node of expandHostlist(group.nodes)) {
        const parsed = parseLegacyNodeName(node);
        assert(parsed, `${node} is not a legacy name`);
        assertEquals([parsed.instanceType, parsed.architecture], [
          group.instanceTypes[0],
          group.architecture,
        ]);
        assertEquals(parsed.spot, group.capacityType === "spot");
        assertEquals({ distribution: parsed.distribution, version: parsed.version }, group.os);
      }
    }
  });
}

Deno.test(
  "config migrate writes the file with its schema, and tells what has no equivalent",
  reads,
  async () => {
    const { exit, stdout, files } = await runFake(configMigrate, [
      "--instance-config",
      "installer.yml",
      "--output",
      "/x/new.yaml",
    ], { files: FILES });
    assertEquals(exit, 0);
    assert(files.has("/x/new.yaml") && files.has("/x/slurm-ec2.schema.json"));
    assertStringIncludes(stdout, "Wrote /x/new.yaml: 20 node groups, 200 nodes, 23 partitions\n");
    assertStringIncludes(stdout, "- ErrorSnsTopicArn: no notifications are sent to SNS\n");
    assertStringIncludes(stdout, '- installer.yml:44:3: Unknown key "FutureKey" in slurm: not migrated\n');
  },
);

Deno.test("config migrate --json prints notes as data", reads, async () => {
  const { stdout } = await runFake(configMigrate, [
    "--instance-config",
    "installer.yml",
    "--dry-run",
    "--json",
  ], { files: FILES });
  const report = JSON.parse(stdout);
  assertEquals([report.file, report.cluster, report.nodeGroups, report.problems], [null, "eda1", 20, []]);
  assert(report.notes.some((note: { subject: string }) => note.subject === "Region us-west-2"));
  parseConfig(report.text, "f");
});

Deno.test("config migrate exits 3 when the result must be fixed manually", reads, async () => {
  const files = { ...FILES, [SLURM_CONFIG]: FILES[SLURM_CONFIG]!.replace('"eda1"', '"eda.one"') };
  const { exit, stdout } = await runFake(configMigrate, ["--instance-config", "installer.yml"], { files });
  assertEquals(exit, 3);
  assertStringIncludes(stdout, "To fix manually:\n./slurm-ec2.yaml:");
  assertStringIncludes(stdout, "Key cluster must be a name of at most 40 letters");
});

/** Flags, files, exit status, message. */
const REFUSED: readonly (readonly [readonly string[], Record<string, string>, number, string])[] = [
  [[], FILES, 2, "config migrate needs --instance-config FILE"],
  [
    ["--instance-config", "x"],
    FILES,
    2,
    "Can't read x: there is no such file; name another with --instance-config FILE",
  ],
  [["--instance-config", "installer.yml"], {}, 2, `Can't read ${SLURM_CONFIG}`],
  [
    ["--instance-config", "installer.yml", "--names", "old"],
    FILES,
    2,
    'Unknown value of --names: "old"; it takes suffixed, zone, plain',
  ],
  [
    ["--instance-config", "installer.yml"],
    { ...FILES, [SLURM_CONFIG]: '{"ClusterName": "a"}' },
    2,
    "names no AZInfoFile",
  ],
  [
    ["--instance-config", "installer.yml"],
    { ...FILES, "./slurm-ec2.yaml": "mine" },
    2,
    "./slurm-ec2.yaml exists already",
  ],
  [
    ["--instance-config", "installer.yml", "--region", "eu-west-1"],
    FILES,
    1,
    "AZInfo.json has no zone in eu-west-1",
  ],
  [
    ["--instance-config", "c"],
    { ...FILES, c: FILES["instance_config.yml"]!.replace(/NodesPer.*/, "") },
    1,
    "neither NodeCounts.DefaultMaxCount nor NodesPerInstanceType",
  ],
  [
    ["--instance-config", "c"],
    { ...FILES, c: FILES["instance_config.yml"]!.replace("[z1d, r6.d]", "[]") },
    1,
    "no node is left",
  ],
];

Deno.test("config migrate says what is missing", reads, async () => {
  for (const [args, files, status, message] of REFUSED) {
    const { exit, stderr } = await runFake(configMigrate, args, { files });
    assertStringIncludes(stderr, message);
    assertEquals(exit, status, message);
  }
});

Deno.test(
  "config migrate says where slurm_config.json goes wrong when AZInfoFile can't be read of it",
  reads,
  async () => {
    const problemOf = async (text: string) => {
      const files = { ...FILES, [SLURM_CONFIG]: text };
      const migrated = () => runFake(configMigrate, ["--instance-config", "installer.yml"], { files });
      return (await assertRejects(migrated, ProblemError)).message;
    };
    assertEquals(
      await problemOf('[{"ClusterName": "a"}]'),
      `${SLURM_CONFIG}:1:1: The file must be keys and values, got a list`,
    );
    assertStringIncludes(await problemOf('{\n"ClusterName": "a",,\n}'), `${SLURM_CONFIG}:2:20: `);
  },
);

Deno.test("config migrate reports the problems of all files at their places", reads, async () => {
  const files = {
    ...FILES,
    "/opt/slurm/config/AZInfo.json":
      '{"us-east-1a": {"id": "use1-az1", "priority": "high", "region": "us-east-1"}}',
    "c":
      "UseSpot: perhaps\nBaseOsArchitecture: {Debian: {12: [x86]}}\nInclude: {InstanceTypes: ['c6i.[']}\nNodesPerInstanceType: 10\n",
  };
  let message = "";
  try {
    await runFake(configMigrate, ["--instance-config", "c"], { files });
  } catch (error) {
    assert(error instanceof ProblemError);
    message = error.message;
  }
  assertEquals(message.split("\n"), [
    'c:1:10: Key UseSpot must be true or false, got "perhaps"',
    'c:2:22: Key "Debian" in BaseOsArchitecture must be one of AlmaLinux, Amazon, CentOS, RedHat, Rocky',
    'c:2:36: Key BaseOsArchitecture.Debian.12[0] must be one of arm64, x86_64, got "x86"',
    'c:3:27: Key Include.InstanceTypes[0] must be a regular expression, got "c6i.["',
    "/opt/slurm/config/AZInfo.json:1:2: Key subnet is missing in us-east-1a",
    '/opt/slurm/config/AZInfo.json:1:47: Key us-east-1a.priority must be a number, got "high"',
  ]);
});

Deno.test("config migrate keeps the default partition, or says which it is instead", pure, async () => {
  const instances = `UseSpot: true
DefaultPartition: AlmaLinux_8_arm64_spot
BaseOsArchitecture: {AlmaLinux: {8: [x86_64, arm64]}, CentOS: {7: [x86_64]}}
NodesPerInstanceType: 2
AZs: []
`;
  const migrated = async (names: string, text = instances) => {
    const { exit, stdout } = await runFake(
      configMigrate,
      ["--instance-config", "i.yml", "--names", names, "--dry-run"],
      { files: { ...FILES, "i.yml": text } },
    );
    assertEquals(exit, 0);
    const { partitions } = parseConfig(stdout, "slurm-ec2.yaml");
    const defaults = partitions.filter(({ options }) => options["Default"] !== undefined).map(({ name }) =>
      name
    );
    return { defaults, notes: stdout.split("\n\n", 1)[0]! };
  };
  const plain = await migrated("plain");
  assertEquals(plain.defaults, ["AlmaLinux_8_arm64_spot"]);
  assert(!plain.notes.includes("DefaultPartition"));
  assert(!plain.notes.includes("AZs"), "AZInfo.json has them");
  const suffixed = await migrated("suffixed");
  assertEquals(suffixed.defaults.length, 1);
  assertStringIncludes(
    suffixed.notes.replaceAll("\n#    ", " "),
    '"AlmaLinux_8_arm64_spot" is not a partition by these names',
  );
  const none = await migrated("plain", instances.replace(/DefaultPartition.*\n/, ""));
  assertEquals(none.defaults.length, 1, "without one sbatch refuses jobs that name none");
  assertStringIncludes(none.notes, "not given");
});
