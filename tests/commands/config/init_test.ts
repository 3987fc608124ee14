import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { configInit } from "../../../commands/config/init.ts";
import { parseConfig } from "../../../lib/config/parse.ts";
import { READY_PRICE } from "../../../lib/slurm/ready_price.ts";
import { runFake } from "../fake_host.ts";

const pure = { permissions: "none" } as const;
const NEEDED = ["--cluster", "eda", "--region", "eu-west-1", "--subnet", "subnet-0123456789abcdef0"];

Deno.test("config init writes a file that parses, and its schema next to it", pure, async () => {
  const { exit, files, stdout } = await runFake(configInit, [...NEEDED, "--output", "/etc/x/site.yaml"]);
  assertEquals(exit, 0);
  assertEquals([...files.keys()], ["/etc/x/site.yaml", "/etc/x/slurm-ec2.schema.json"]);
  const text = files.get("/etc/x/site.yaml") as string;
  assertEquals(text.split("\n")[0], "# yaml-language-server: $schema=slurm-ec2.schema.json");
  const config = parseConfig(text, "site.yaml");
  assertEquals([config.cluster, config.region, config.nodeGroups[0]?.os], ["eda", "eu-west-1", {
    distribution: "Amazon",
    version: "2023",
  }]);
  // What ready costs everyone is said before it is rendered.
  assertStringIncludes(text, `# ${READY_PRICE}, and lets jobs start up to 30 s after their nodes are up`);
  assertStringIncludes(stdout, "slurm-ec2 config check --config /etc/x/site.yaml");
});

Deno.test(
  "config init takes several subnets and a distribution with or without its version",
  pure,
  async () => {
    const made = async (...args: string[]) =>
      parseConfig((await runFake(configInit, [...NEEDED, "--dry-run", ...args])).stdout, "f");
    const [group] = (await made("--subnet", "subnet-00000001", "--distribution", "rocky")).nodeGroups;
    assertEquals(group?.subnets, ["subnet-0123456789abcdef0", "subnet-00000001"]);
    assertEquals(group?.os, { distribution: "Rocky", version: "9" });
    const [other] = (await made("--distribution", "RedHat:8")).nodeGroups;
    assertEquals(other?.os, { distribution: "RedHat", version: "8" });
  },
);

Deno.test("config init --dry-run writes nothing", pure, async () => {
  assertEquals((await runFake(configInit, [...NEEDED, "--dry-run"])).files.size, 0);
});

Deno.test("config init overwrites only with --force", pure, async () => {
  const world = { files: { "./slurm-ec2.yaml": "mine" } };
  const refused = await runFake(configInit, NEEDED, world);
  assertEquals([refused.exit, refused.files.get("./slurm-ec2.yaml")], [2, "mine"]);
  assertStringIncludes(refused.stderr, "./slurm-ec2.yaml exists already: --force overwrites it");
  const forced = await runFake(configInit, [...NEEDED, "--force"], world);
  assertEquals(forced.exit, 0);
  assertStringIncludes(forced.files.get("./slurm-ec2.yaml") as string, "cluster: eda");
});

const REFUSED: readonly (readonly [readonly string[], string])[] = [
  [[], "config init needs --cluster and --region and --subnet"],
  [["--cluster", "a", "--region", "eu-west-1"], "config init needs --subnet"],
  [[...NEEDED, "x"], 'takes no arguments, got "x"'],
  [["--cluster", "a b", ...NEEDED.slice(2)], "Flag --cluster must be a name of at most 40 letters"],
  [
    ["--cluster", "a", "--region", "eu-west-1a", ...NEEDED.slice(4)],
    "Flag --region must be an AWS region such as eu-west-1",
  ],
  [
    [...NEEDED, "--subnet", "vpc-1"],
    'Flag --subnet must be a subnet id such as subnet-0123456789abcdef0, got "vpc-1"',
  ],
  [[...NEEDED, "--distribution", "Rockie"], 'got "Rockie" (did you mean Rocky?)'],
  [
    [...NEEDED, "--distribution", "Rocky:nine"],
    'Flag --distribution must be a major version such as 9, got "nine"',
  ],
];

Deno.test("config init says which flag is wrong", pure, async () => {
  for (const [args, message] of REFUSED) {
    const { exit, stderr, files } = await runFake(configInit, args);
    assertEquals([exit, files.size], [2, 0]);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("config init says when the directory isn't there", pure, async () => {
  const files = { "/no/such/f.yaml": new Deno.errors.NotFound() };
  const { exit, stderr } = await runFake(configInit, [...NEEDED, "--force", "--output", "/no/such/f.yaml"], {
    files,
  });
  assertEquals(exit, 1);
  assertStringIncludes(stderr, "its directory doesn't exist");
});

Deno.test("config init makes a file that parses for every cluster name it takes", pure, async () => {
  const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/).filter((name) =>
    !/^(aws|ssm)/i.test(name)
  );
  const odd = fc.constantFrom("null", "true", "1e3", "0x1F", "007", "1_000", "y", "No", "-".padStart(2, "1"));
  await fc.assert(
    fc.asyncProperty(fc.oneof(names, odd), async (cluster) => {
      const { stdout } = await runFake(configInit, ["--cluster", cluster, ...NEEDED.slice(2), "--dry-run"]);
      assertEquals(parseConfig(stdout, "f").cluster, cluster);
    }),
    { numRuns: 100 },
  );
});

for (
  const [what, edited] of [
    ["as it is written", (text: string) => text],
    // What stands there as an example, with its comment signs taken away.
    ["with its examples in force", (text: string) => text.replaceAll(/^ {2}# (?=- name:| {2}\w)/gm, "  ")],
  ] as const
) {
  Deno.test(`config init mixes no architectures in a partition, ${what}`, pure, async () => {
    const text = edited((await runFake(configInit, [...NEEDED, "--dry-run"])).stdout);
    const { partitions, nodeGroups } = parseConfig(text, "f");
    const architectures = partitions.map((partition) => [
      ...new Set(
        nodeGroups.filter(({ name }) => partition.nodeGroups.includes(name)).map((group) =>
          group.architecture
        ),
      ),
    ]);
    assertEquals(architectures.filter((found) => found.length !== 1), []);
    assertEquals(nodeGroups.filter(({ capacityType }) => capacityType === "spot-then-on-demand"), []);
    assertEquals(nodeGroups.some(({ name }) => name === "arm"), text.includes("\n  - name: arm"));
  });
}

for (
  const [region, says] of [
    ["eu-west-1", ""],
    [
      "eu-wset-1",
      "slurm-ec2: Region eu-wset-1 is not one that this release knows: did you mean eu-west-1?\n",
    ],
    ["xq-elsewhere-9", "slurm-ec2: Region xq-elsewhere-9 is not one that this release knows\n"],
  ] as const
) {
  Deno.test(
    `config init says ${says === "" ? "nothing" : "what is odd"} about Region ${region}`,
    pure,
    async () => {
      const args = ["--cluster", "eda", "--region", region, ...NEEDED.slice(4)];
      const { exit, stderr } = await runFake(configInit, args);
      assertEquals([exit, stderr], [0, says]);
    },
  );
}
