import { assertEquals, assertStringIncludes } from "@std/assert";
import { configCheck } from "../../../commands/config/check.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { unenforcedNotes } from "../../../lib/config/unenforced.ts";
import { runFake } from "../fake_host.ts";

const pure = { permissions: "none" } as const;

const GOOD = `cluster: eda
region: eu-west-1
defaults:
  os: {distribution: Rocky, version: 9}
  subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
nodeGroups:
  - {name: c7i, nodes: "c7i-[0-9]", instanceTypes: [c7i.large, c6i.large]}
  - {name: m7g, nodes: "m7g-[0-99]", instanceTypes: [m7g.large], powerDownAction: stop}
partitions:
  - {name: cloud, nodeGroups: [c7i], Default: YES}
limits: {maxNodes: 500}
`;

const UNENFORCED_HERE = unenforcedNotes(parseConfig(GOOD, "f.yaml"));

Deno.test("config check prints groups, partitions and limits of a good file", pure, async () => {
  const { exit, stdout, stderr } = await runFake(configCheck, ["f.yaml"], { files: { "f.yaml": GOOD } });
  assertEquals([exit, stderr], [0, ""]);
  assertEquals(
    stdout,
    `f.yaml: no problems; cluster eda in eu-west-1, 110 nodes

NODE GROUP  NODES  NAMES       OS              TYPES         CAPACITY   POWER DOWN  SUBNETS
c7i            10  c7i-[0-9]   Rocky 9 x86_64  c7i.large +1  on-demand  terminate   subnet-0123456789abcdef0 +1
m7g           100  m7g-[0-99]  Rocky 9 arm64   m7g.large     on-demand  stop        subnet-0123456789abcdef0 +1

PARTITION  NODES  NODE GROUPS  OPTIONS
cloud         10  c7i          Default=YES

Limits: at most 500 nodes and any cost; 500 instances a launch; boot expected in 180 s, given up after 600 s; nodes without slurmctld end after 1800 s
Note: Node group "m7g" is in no partition: no job will reach its nodes
Note: limits.maxNodes is 500, but there are only 110 nodes: it never applies
${UNENFORCED_HERE.map((note) => `Note: ${note}\n`).join("")}`,
  );
});

Deno.test("config check notes that a key has another name now, and takes the old one", pure, async () => {
  const text = GOOD.replace("{maxNodes: 500}", "{birthCheckSeconds: 5}");
  const { exit, stdout } = await runFake(configCheck, ["f.yaml"], { files: { "f.yaml": text } });
  assertEquals(exit, 0);
  assertStringIncludes(
    stdout,
    "Note: limits.birthCheckSeconds is called limits.launchCheckSeconds now: rename it",
  );
  const json = await runFake(configCheck, ["--json", "f.yaml"], { files: { "f.yaml": text } });
  const { limits, remarks } = JSON.parse(json.stdout);
  assertEquals([limits.launchCheckSeconds, remarks.filter((one: string) => /birthCheck/.test(one)).length], [
    5,
    1,
  ]);
});

for (
  const [region, note] of [
    ["eu-wset-1", "Note: Region eu-wset-1 is not one that this release knows: did you mean eu-west-1?\n"],
    ["xq-elsewhere-9", "Note: Region xq-elsewhere-9 is not one that this release knows\n"],
  ] as const
) {
  Deno.test(`config check notes that Region ${region} is odd, and takes it`, pure, async () => {
    const text = GOOD.replace("region: eu-west-1", `region: ${region}`);
    const { exit, stdout } = await runFake(configCheck, ["f.yaml"], { files: { "f.yaml": text } });
    assertEquals(exit, 0);
    assertStringIncludes(stdout, note);
  });
}

Deno.test(
  "config check warns at the place of a weight that the site's accounting must track",
  pure,
  async () => {
    const weighed = async (weights: string, of: string) => {
      const text = GOOD.replace("cloud, nodeGroups: [c7i], Default: YES", of.replace("%", weights));
      const { exit, stdout } = await runFake(configCheck, ["f.yaml"], { files: { "f.yaml": text } });
      assertEquals(exit, 0);
      return stdout.split("\n").filter((line) => line.includes("AccountingStorageTRES"));
    };
    const own = 'cloud, nodeGroups: [c7i], TRESBillingWeights: "%"';
    const [note, ...more] = await weighed("CPU=1.0,GRES/gpu=2,License/x=1", own);
    assertEquals(more, []);
    assertStringIncludes(note!, "Note: f.yaml:10:58: Partition cloud: ");
    assertStringIncludes(note!, "AccountingStorageTRES=gres/gpu,license/x and ");
    assertEquals(await weighed("CPU=1.0,Mem=0.25G,fs/disk=1", own), []);
    const all = 'cloud, nodeGroups: [c7i]}\nslurm: {partitionOptions: {TRESBillingWeights: "%"}';
    assertStringIncludes((await weighed("gres/gpu=2", all))[0]!, "Note: f.yaml:11:48: All partitions: ");
  },
);

Deno.test("config check --json prints the same as one object", pure, async () => {
  const { exit, stdout } = await runFake(configCheck, ["--json", "--config", "f.yaml"], {
    files: { "f.yaml": GOOD },
  });
  const report = JSON.parse(stdout);
  assertEquals(exit, 0);
  assertEquals([report.file, report.problems, report.cluster, report.nodes], ["f.yaml", [], "eda", 110]);
  assertEquals(report.nodeGroups.map((group: { name: string; nodes: number }) => [group.name, group.nodes]), [
    ["c7i", 10],
    ["m7g", 100],
  ]);
  assertEquals(report.partitions, [{
    name: "cloud",
    nodes: 10,
    nodeGroups: ["c7i"],
    options: { Default: "YES" },
  }]);
  assertEquals(report.remarks.slice(2), UNENFORCED_HERE);
});

Deno.test("config check exits 3 with every problem, as text or as data", pure, async () => {
  const files = { "f.yaml": GOOD.replace("c7i-[0-9]", "m7g-[0-9]").replace("cluster", "clustr") };
  const text = await runFake(configCheck, ["f.yaml"], { files });
  assertEquals(text.exit, 3);
  assertEquals(
    text.stdout,
    `f.yaml:1:1: Unknown key "clustr" (did you mean cluster?)
f.yaml:1:1: Key cluster is missing
f.yaml:8:24: Nodes "m7g-0" and 9 more are in node group "c7i" already
`,
  );
  assertEquals(text.stderr, "slurm-ec2: 3 problems in f.yaml\n");
  const json = await runFake(configCheck, ["f.yaml", "--json"], { files });
  assertEquals(json.exit, 3);
  assertEquals(JSON.parse(json.stdout).problems[0], {
    file: "f.yaml",
    line: 1,
    column: 1,
    message: 'Unknown key "clustr"',
    hint: "did you mean cluster?",
  });
});

Deno.test(
  "config check refuses two files, the flag next to the argument, and a missing file",
  pure,
  async () => {
    const usage = async (...args: string[]) => {
      const { exit, stderr } = await runFake(configCheck, args);
      assertEquals(exit, 2);
      return stderr;
    };
    assertStringIncludes(await usage("a", "b"), 'takes one argument, [FILE], got "a" "b"');
    assertStringIncludes(await usage("a", "--config", "b"), "Name the file once");
    assertStringIncludes(await usage("a"), "a doesn't exist");
  },
);

/** What `config render` would refuse, as `config check` says it: place and words. */
const RENDER_FAULTS: readonly (readonly [what: string, text: string, says: string])[] = [
  [
    "an unknown instance type",
    GOOD.replace("c7i.large", "c7i.lrge"),
    "f.yaml:7:53: Node group c7i: instance type c7i.lrge",
  ],
  [
    "a state that partitions don't have",
    GOOD.replace("Default: YES", "State: OPEN"),
    "f.yaml:10:45: Partition cloud: State",
  ],
  [
    "a number that is not one",
    GOOD.replace("Default: YES", "MaxNodes: many"),
    'f.yaml:10:48: Partition cloud: MaxNodes="many"',
  ],
  [
    "SuspendTime with minutes and seconds",
    GOOD.replace("Default: YES", 'SuspendTime: "5:00"'),
    "f.yaml:10:51: Partition cloud: SuspendTime",
  ],
  [
    "a ResumeTimeout below the boot",
    GOOD.replace("Default: YES", "ResumeTimeout: 60"),
    "f.yaml:10:53: Partition cloud: ResumeTimeout is 60 s",
  ],
  [
    "types with and without GPUs",
    GOOD.replace("c6i.large", "g5.xlarge"),
    "f.yaml:7:52: Node group c7i: g5.xlarge has GPUs",
  ],
];

for (const [what, text, says] of RENDER_FAULTS) {
  Deno.test(`config check says at its place what slurmctld would not take: ${what}`, pure, async () => {
    const { exit, stdout } = await runFake(configCheck, ["f.yaml"], { files: { "f.yaml": text } });
    assertEquals(exit, 3);
    assertStringIncludes(stdout, says);
  });
}

Deno.test("config check judges by slurm.version, or by what no release takes", pure, async () => {
  const check = async (version: string, options: string) => {
    const text = GOOD.replace("limits:", `${version}\nlimits:`).replace("Default: YES", options);
    return (await runFake(configCheck, ["f.yaml"], { files: { "f.yaml": text } })).exit;
  };
  assertEquals(await check('slurm: {version: "22.05"}', "PowerDownOnIdle: NO"), 3);
  assertEquals(await check('slurm: {version: "24.11"}', "PowerDownOnIdle: NO"), 0);
  assertEquals(await check("", "PowerDownOnIdle: NO"), 0);
  assertEquals(await check("", "SuspendTime: 10m"), 0);
});
