import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Ec2Api } from "../../../lib/aws/ec2_api.ts";
import { snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";
import type { PricingApi } from "../../../lib/aws/pricing_api.ts";
import { CommandError, parseFlags } from "../../../commands/base/command.ts";
import { configRender } from "../../../commands/config/render.ts";
import type { Host } from "../../../commands/base/host.ts";
import { fakeHost, type FakeWorld, runFake } from "../fake_host.ts";

const CONFIG = `cluster: bio
region: us-east-1
slurm: { version: "24.05", ready: "off" }
nodeGroups:
  - name: c7i
    nodes: c7i-[0-9]
    instanceTypes: [c7i.2xlarge]
    os: { distribution: Rocky, version: "9" }
    subnets: [subnet-01234567]
partitions:
  - name: cloud
    nodeGroups: [c7i]
`;

const run = (args: string[], files: FakeWorld["files"] = {}, config = CONFIG) =>
  runFake(configRender, ["--config", "c.yaml", ...args], { files: { ...files, "c.yaml": config } });

const NAMES = ["power_save.conf", "slurm_nodes.conf", "slurm_nodes_on_prem.conf", "slurm.conf.include"];

Deno.test({
  name: "config render prints all files, each below its name, and notes apart from them",
  permissions: "none",
  async fn() {
    const { exit, stdout, stderr } = await run([]);
    assertEquals(exit, 0);
    assertEquals([...stdout.matchAll(/^#### (.*)$/gm)].map(([, name]) => name), NAMES);
    assertStringIncludes(stdout, "\nResumeProgram=/opt/slurm/bio/bin/resume\n");
    assertStringIncludes(stdout, "\nNodeName=c7i-[0-9] CPUs=8 ");
    assert(stderr.split("\n").every((line) => line === "" || line.startsWith("slurm-ec2: note: ")));
  },
});

Deno.test({
  name: "config render --json prints one object with every file",
  permissions: "none",
  async fn() {
    const { exit, stdout, stderr } = await run(["--json"]);
    assertEquals([exit, stderr], [0, ""]);
    const object = JSON.parse(stdout);
    assertEquals(object.slurmVersion, "24.05");
    assertEquals(object.files.map(({ name }: { name: string }) => name), NAMES);
    assert(object.files.every(({ text }: { text: string }) => text.endsWith("\n")));
    assertEquals(Object.keys(object), ["slurmVersion", "facts", "files", "notes"]);
  },
});

Deno.test({
  name: "config render --out writes the files; again, nothing changes; changed ones are kept as .bak",
  permissions: "none",
  async fn() {
    const first = await run(["--out", "/etc/slurm"]);
    assertEquals([first.exit, first.stdout], [
      0,
      NAMES.map((name) => `${`/etc/slurm/${name}`.padEnd(35)}  written\n`).join(""),
    ]);
    const installed = Object.fromEntries(first.files) as Record<string, string>;
    assertEquals(
      installed["/etc/slurm/slurm.conf.include"]!.split("\n").filter((line) => /^include/.test(line)),
      [
        "include power_save.conf",
        "include slurm_nodes.conf",
        "include slurm_nodes_on_prem.conf",
      ],
    );

    const again = await run(["--out", "/etc/slurm/"], installed);
    assert(again.stdout.includes("unchanged") && !again.stdout.includes("  written"));
    assertEquals([...again.files.keys()].filter((name) => name.endsWith(".bak")), []);

    const mine = { ...installed, "/etc/slurm/slurm_nodes_on_prem.conf": "NodeName=mine\n" };
    const changed = await run(["--out", "/etc/slurm", "--slurm-version", "22.05"], mine);
    assertEquals(changed.exit, 0);
    assertEquals(
      changed.files.get("/etc/slurm/power_save.conf.bak"),
      installed["/etc/slurm/power_save.conf"]!,
    );
    assertStringIncludes(changed.files.get("/etc/slurm/power_save.conf") as string, "for Slurm 22.05");
    assertEquals(changed.files.get("/etc/slurm/slurm_nodes_on_prem.conf"), "NodeName=mine\n");
    assertStringIncludes(changed.stdout, "kept: it is yours");
  },
});

Deno.test({
  name: "config render --out includes by path unless the files lie next to slurm.conf or are to be copied",
  permissions: "none",
  async fn() {
    const lines = async (out: string) => {
      const { files } = await run(["--out", out]);
      return (files.get(`${out}/slurm.conf.include`) as string).match(/^include .*nodes\.conf$/m)?.[0];
    };
    assertEquals(await lines("/opt/slurm/bio/etc"), "include /opt/slurm/bio/etc/slurm_nodes.conf");
    assertEquals(await lines("rendered"), "include slurm_nodes.conf");
  },
});

Deno.test({
  name: "config render --out --dry-run writes nothing and says what it would",
  permissions: "none",
  async fn() {
    const { exit, stdout, files } = await run(["--out", "/etc/slurm", "--dry-run"]);
    assertEquals(exit, 0);
    assertEquals([...files.keys()], ["c.yaml"]);
    assertStringIncludes(stdout, "would be written");
    const { stdout: json } = await run(["--out", "/etc/slurm", "--dry-run", "--json"]);
    assertEquals(JSON.parse(json).files.map(({ status }: { status: string }) => status), [
      "new",
      "new",
      "new",
      "new",
    ]);
  },
});

Deno.test({
  name: "config render --out leaves a file that is not ours alone, unless forced",
  permissions: "none",
  async fn() {
    const theirs = { "/etc/slurm/slurm_nodes.conf": "NodeName=theirs\n" };
    const refused = await run(["--out", "/etc/slurm"], theirs);
    assertEquals(refused.exit, 1);
    assertStringIncludes(refused.stderr, "/etc/slurm/slurm_nodes.conf is not slurm-ec2's");
    assertEquals([...refused.files.keys()].sort(), ["/etc/slurm/slurm_nodes.conf", "c.yaml"]);
    const forced = await run(["--out", "/etc/slurm", "--force"], theirs);
    assertEquals(forced.exit, 0);
    assertEquals(forced.files.get("/etc/slurm/slurm_nodes.conf.bak"), "NodeName=theirs\n");
  },
});

Deno.test({
  name: "config render --out notes when more than the directory itself is missing",
  permissions: "none",
  async fn() {
    const noted = async (out: string, ...args: string[]) => {
      const { exit, stderr, stdout, files } = await run(["--out", out, ...args], { "/": "", "/etc": "" });
      assertEquals(exit, 0);
      return { note: /note: (.*) made for --out/.exec(`${stderr}${stdout}`)?.[1], files };
    };
    assertEquals((await noted("/etc/slurm")).note, undefined);
    assertEquals((await noted("/etc/slurm/")).note, undefined);
    assertEquals((await noted("rendered")).note, undefined);
    const made = await noted("/ect/slurm/conf");
    assertEquals([made.note, made.files.has("/ect/slurm/conf/power_save.conf")], [
      "/ect was not there and is",
      true,
    ]);
    const planned = await noted("/ect/slurm", "--dry-run");
    assertEquals([planned.note, planned.files.has("/ect/slurm/power_save.conf")], [
      "/ect is not there and would be",
      false,
    ]);
    const { stdout } = await run(["--out", "/ect/slurm", "--json"]);
    assert(JSON.parse(stdout).notes.some((note: string) => note.startsWith("/ect was not there")));
  },
});

Deno.test({
  name: "config render --out says which directory it can't write to",
  permissions: "none",
  async fn() {
    const { exit, stderr } = await run(["--out", "/etc/slurm"], {
      "/etc/slurm/power_save.conf": new Deno.errors.PermissionDenied("no"),
    });
    assertEquals(exit, 1);
    assertStringIncludes(stderr, "Can't read /etc/slurm/power_save.conf to compare it");
  },
});

Deno.test({
  name: "config render --check exits 3 with a unified diff, 0 when nothing differs",
  permissions: "none",
  async fn() {
    const { files } = await run(["--out", "/etc/slurm"]);
    const installed = Object.fromEntries(files);
    const same = await run(["--check"], installed);
    assertEquals([same.exit, same.stdout], [0, "/etc/slurm: as rendered for Slurm 24.05\n"]);

    const config = CONFIG.replace("c7i-[0-9]", "c7i-[0-19]");
    const differs = await run(["--check"], installed, config);
    assertEquals(differs.exit, 3);
    assertStringIncludes(
      differs.stdout,
      "--- /etc/slurm/slurm_nodes.conf\n+++ slurm_nodes.conf (rendered)\n",
    );
    assertStringIncludes(differs.stdout, "\n-NodeSet=c7i Nodes=c7i-[0-9]\n");
    assertStringIncludes(differs.stdout, "\n+NodeSet=c7i Nodes=c7i-[0-19]\n");
    assertStringIncludes(differs.stderr, "1 of 4 files in /etc/slurm differ");
    assertEquals([...differs.files.keys()].length, Object.keys(installed).length, "nothing is written");

    const json = await run(["--check", "--json"], installed, config);
    assertEquals(json.exit, 3);
    const { differences } = JSON.parse(json.stdout);
    assertEquals(differences.map(({ name, status }: { name: string; status: string }) => [name, status]), [
      ["slurm_nodes.conf", "changed"],
    ]);
  },
});

Deno.test({
  name: "config render --check tells of files that are not there",
  permissions: "none",
  async fn() {
    const { exit, stdout } = await run(["--check", "--out", "/nowhere"]);
    assertEquals(exit, 3);
    assertEquals(stdout.match(/^--- .*$/gm), ["--- /dev/null", "--- /dev/null", "--- /dev/null"]);
  },
});

Deno.test({
  name: "config render needs to know Slurm's version, and which",
  permissions: "none",
  async fn() {
    const without = CONFIG.replace(/slurm: .*\n/, "");
    const missing = await run([], {}, without);
    assertEquals(missing.exit, 2);
    assertStringIncludes(missing.stderr, "--slurm-version 24.05");
    const unknown = await run(["--slurm-version", "19.05"]);
    assertEquals(unknown.exit, 2);
    assertStringIncludes(unknown.stderr, 'Unknown Slurm version "19.05" (--slurm-version): known are 20.11,');
    const patch = await run(["--slurm-version", "23.11.10"]);
    assertStringIncludes(patch.stdout, "for Slurm 23.11");
  },
});

Deno.test({
  name: "config render refuses flags that don't go together, exit 2",
  permissions: "none",
  async fn() {
    const table: [args: string[], message: string][] = [
      [["--dry-run"], "Flag --dry-run goes with --out DIR"],
      [["--force"], "Flag --force goes with --out DIR"],
      [["--weight-by-size"], "Flag --weight-by-size goes with --aws"],
      [["--check", "--out", "/x", "--force"], "Flag --check writes nothing"],
      [["--profile", "old"], 'Unknown value of --profile: "old"; it takes slurm-ec2, legacy'],
      [["slurm.conf"], 'config render takes no arguments, got "slurm.conf"'],
      [["--prices", "p.yaml"], "Can't read the price file p.yaml"],
      [["--slurm-conf", "s.conf"], "Can't read s.conf (named by --slurm-conf)"],
    ];
    for (const [args, message] of table) {
      const { exit, stderr } = await run(args);
      assertEquals(exit, 2, args.join(" "));
      assertStringIncludes(stderr, message);
    }
  },
});

Deno.test({
  name: "config render takes weights from --prices and says what is missing",
  permissions: "none",
  async fn() {
    const priced = await run(["--prices", "p.yaml"], { "p.yaml": "c7i.2xlarge: 0.357\n" });
    assertStringIncludes(priced.stdout, " Weight=3570 ");
    assertStringIncludes(priced.stdout, "from p.yaml");
    const missing = await run(["--prices", "p.yaml"], { "p.yaml": "c7i.large: 0.1\n" });
    assertEquals(missing.exit, 1);
    assertStringIncludes(missing.stderr, "no price for c7i.2xlarge in p.yaml");
  },
});

Deno.test({
  name: "config render reads the site's slurm.conf, its own installed files left out",
  permissions: "none",
  async fn() {
    const { files } = await run(["--out", "/etc/slurm"]);
    const site = {
      ...Object.fromEntries(files),
      "/etc/slurm/slurm.conf": "ClusterName=bio\nSlurmctldParameters=enable_configless\nNodeName=fat1\n" +
        "Include power_save.conf\nInclude slurm_nodes.conf\n",
    };
    const now = await run(["--slurm-conf", "/etc/slurm/slurm.conf"], site);
    assertStringIncludes(
      now.stdout,
      "\nSlurmctldParameters=idle_on_node_suspend,power_save_interval=1,enable_configless\n",
    );
    assertEquals(now.stderr.match(/take out/g)?.length, 1);
    assertStringIncludes(
      now.stderr,
      "/etc/slurm/slurm.conf:2: take out SlurmctldParameters=enable_configless",
    );
    const then = await run(["--slurm-conf", "/etc/slurm/slurm.conf", "--slurm-version", "20.11"], site);
    assertStringIncludes(then.stdout, "\nSuspendExcNodes=fat1\n");
  },
});

/** The files of a site whose own words were taken over once, its own lines taken out since. */
async function takenOver(args: string[] = []): Promise<Record<string, string>> {
  const site =
    "ClusterName=bio\nSlurmctldParameters=enable_configless\nSchedulerParameters=bf_interval=10\n" +
    "NodeName=fat[1,3],thin[1,3]\n";
  const { files } = await run(["--slurm-conf", "site.conf", "--out", "/etc/slurm", ...args], {
    "site.conf": site,
  });
  return Object.fromEntries([...files].filter(([path]) => path.startsWith("/etc/"))) as Record<
    string,
    string
  >;
}

Deno.test({
  name: "config render --out and --check keep the site's words without being given again",
  permissions: "none",
  async fn() {
    const installed = await takenOver();
    const check = await run(["--check"], installed);
    assertEquals([check.exit, check.stdout], [0, "/etc/slurm: as rendered for Slurm 24.05\n"]);
    const larger = CONFIG.replace("c7i-[0-9]", "c7i-[0-19]");
    const { files } = await run(["--out", "/etc/slurm"], installed, larger);
    assertEquals(files.get("/etc/slurm/power_save.conf"), installed["/etc/slurm/power_save.conf"]);
    // What is printed replaces nothing.
    assert(!(await run([], installed)).stdout.includes("enable_configless"));
    const power = installed["/etc/slurm/power_save.conf"]!;
    // A word that is deleted from the comment goes.
    const without = power.replace(/^(# The site's own words in SchedulerParameters.*)$/m, "#");
    const fewer = await run(["--out", "/etc/slurm"], { ...installed, "/etc/slurm/power_save.conf": without });
    const text = fewer.files.get("/etc/slurm/power_save.conf") as string;
    assert(text.includes("enable_configless") && !text.includes("bf_interval"));
  },
});

Deno.test({
  name: "config render --out keeps the exclusion of the site's nodes where SuspendTime is cluster-wide",
  permissions: "none",
  async fn() {
    for (const args of [["--slurm-version", "20.11"], ["--slurm-version", "22.05", "--profile", "legacy"]]) {
      const installed = await takenOver(args);
      const again = await run(["--out", "/etc/slurm", ...args], installed);
      const text = again.files.get("/etc/slurm/power_save.conf") as string;
      assertStringIncludes(text, "\nSuspendExcNodes=fat[1,3],thin[1,3]\n");
      assertEquals(text, installed["/etc/slurm/power_save.conf"]);
    }
  },
});

Deno.test({
  name: "config render --out takes nothing over from a power_save.conf that is not ours",
  permissions: "none",
  async fn() {
    const theirs = { "/etc/slurm/power_save.conf": "SlurmctldParameters=theirs\n" };
    const { files } = await run(["--out", "/etc/slurm", "--force"], theirs);
    assert(!(files.get("/etc/slurm/power_save.conf") as string).includes("theirs"));
  },
});

Deno.test({
  name: "config render --check advises a command with the flags that decide what is rendered",
  permissions: "none",
  async fn() {
    const files = { "my site.conf": "ClusterName=bio\n", "p.yaml": "c7i.2xlarge: 0.357\n" };
    const flags = ["--slurm-version", "23.02", "--prefix", "/srv/x", "--prices", "p.yaml", "--slurm-conf"];
    const { stderr } = await run([...flags, "my site.conf", "--check"], files);
    assertStringIncludes(
      stderr,
      "to install them: slurm-ec2 config render --config c.yaml --slurm-version 23.02 --prefix /srv/x " +
        "--prices p.yaml --slurm-conf 'my site.conf' --out /etc/slurm\n",
    );
  },
});

Deno.test({
  name: "config render takes the prefix that this program is installed in, where the hooks are",
  permissions: "none",
  async fn() {
    const files = { "c.yaml": CONFIG, "/srv/chip/bin/resume": "" };
    const at = async (programPath: string) => {
      const { stdout } = await runFake(configRender, ["--config", "c.yaml"], { files, programPath });
      return stdout.match(/^ResumeProgram=(.*)$/m)?.[1];
    };
    assertEquals(await at("/srv/chip/bin/slurm-ec2"), "/srv/chip/bin/resume");
    assertEquals(await at("/usr/local/bin/slurm-ec2"), "/opt/slurm/bio/bin/resume");
  },
});

Deno.test({
  name: "config render reads slurm.onPremConf where its nodes must be excluded by name, only there",
  permissions: "none",
  async fn() {
    const config = CONFIG.replace('"24.05"', '"24.05", onPremConf: mine.conf');
    const now = await run([], {}, config);
    assertEquals(now.exit, 0);
    assertStringIncludes(now.stdout, "\ninclude mine.conf\n");
    const missing = await run(["--slurm-version", "20.11"], {}, config);
    assertEquals(missing.exit, 2);
    assertStringIncludes(missing.stderr, "Can't read /etc/slurm/mine.conf (named by slurm.onPremConf)");
    const then = await run(
      ["--slurm-version", "20.11"],
      { "/etc/slurm/mine.conf": "NodeName=a[1-3]\n" },
      config,
    );
    assertStringIncludes(then.stdout, "\nSuspendExcNodes=a[1-3]\n");
    assertEquals(then.stderr.includes("on-premises nodes too"), false);
  },
});

Deno.test({
  name: "config render --profile legacy gives the guide's block without its typos, and warns of SuspendTime",
  permissions: "none",
  async fn() {
    const { exit, stdout, stderr } = await run(["--profile", "legacy", "--slurm-version", "22.05"]);
    assertEquals(exit, 0);
    assertStringIncludes(stdout, "\nSlurmctldParameters=idle_on_node_suspend,node_reg_mem_percent=90\n");
    assertStringIncludes(stdout, "\nResumeProgram=/opt/slurm/bio/bin/slurm_ec2_resume.py\n");
    assertStringIncludes(stdout, "\nSuspendTime=660\n");
    assert(!stdout.includes("\\\n") && !stdout.includes(",,"));
    assertStringIncludes(stderr, "on-premises nodes too");
    const wrong = await run(["--profile", "legacy"]);
    assertEquals(wrong.exit, 1);
    assertStringIncludes(wrong.stderr, "The legacy profile is for Slurm 21.08, 22.05, 23.02");
  },
});

Deno.test({
  name: "config render --prefix sets the hooks' paths",
  permissions: "none",
  async fn() {
    const { stdout } = await run(["--prefix", "/srv/slurm-ec2/"]);
    assertStringIncludes(stdout, "\nSuspendProgram=/srv/slurm-ec2/bin/stop\n");
  },
});

/** An EC2 with one type of the configuration's, over two pages, and its subnet. */
async function oneTypeEc2(asked: unknown[]): Promise<Partial<Ec2Api>> {
  const types = await snapshotInstanceTypes();
  const facts = { ...types.get("c7i.2xlarge")!, memoryMiB: 100_000 };
  return {
    describeInstanceTypes: (input) => {
      asked.push(input.Filters, input.NextToken);
      return Promise.resolve(input.NextToken ? { items: [facts] } : { items: [], nextToken: "2" });
    },
    describeSubnets: () =>
      Promise.resolve({
        items: [{
          subnetId: "subnet-01234567",
          vpcId: "vpc-1",
          availabilityZone: "us-east-1b",
          availabilityZoneId: "use1-az2",
          cidrBlock: "10.0.0.0/24",
          availableIpAddressCount: 250,
        }],
      }),
  };
}

/** A price list with one price for whatever is asked; undefined: none. */
function onePrice(usd: string | undefined, asked: unknown[]): PricingApi {
  return {
    getProducts: (input) => {
      asked.push(input.Filters?.find(({ Field }) => Field === "instanceType")?.Value);
      const priceDimensions = { d: { unit: "Hrs", pricePerUnit: { USD: usd } } };
      return Promise.resolve({
        items: usd === undefined ? [] : [JSON.stringify({ terms: { OnDemand: { t: { priceDimensions } } } })],
      });
    },
  };
}

async function runWithAws(args: string[], usd: string | undefined) {
  const asked: { ec2: unknown[]; pricing: unknown[] } = { ec2: [], pricing: [] };
  const ec2 = await oneTypeEc2(asked.ec2);
  const world = { "c.yaml": CONFIG, "p.yaml": "c7i.2xlarge: 1\n" };
  const printed = { stdout: "", stderr: "" };
  const host = fakeHost({}, new Map(Object.entries(world)), printed);
  const connect: Partial<Host["connect"]> = {
    ec2: () => Promise.resolve(ec2 as Ec2Api),
    pricing: () => Promise.resolve(onePrice(usd, asked.pricing)),
  };
  const flags = parseFlags(configRender, ["--config", "c.yaml", "--aws", ...args]);
  const exit = await configRender.run({ ...host, connect: connect as Host["connect"] }, flags);
  return { exit, asked, ...printed };
}

Deno.test({
  name: "config render --aws takes types and zones from EC2, by filter and page by page, and prices from AWS",
  permissions: "none",
  async fn() {
    const { exit, stdout, stderr, asked } = await runWithAws([], "0.3570000000");
    assertEquals([exit, stderr], [0, ""]);
    const filters = [{ Name: "instance-type", Values: ["c7i.2xlarge"] }];
    assertEquals(asked, { ec2: [filters, undefined, filters, "2"], pricing: ["c7i.2xlarge"] });
    assertStringIncludes(stdout, " RealMemory=95744 ");
    assertStringIncludes(stdout, ",us-east-1b,");
    assertStringIncludes(stdout, " Weight=3570 ");
    assertStringIncludes(stdout, "EC2 DescribeInstanceTypes in us-east-1");
    assertStringIncludes(stdout, "from AWS's price list (Linux, on demand, us-east-1)");
  },
});

Deno.test({
  name: "config render --aws asks for no prices with --prices or --weight-by-size",
  permissions: "none",
  async fn() {
    const own = await runWithAws(["--prices", "p.yaml"], "0.5");
    assertEquals(own.asked.pricing, []);
    assertStringIncludes(own.stdout, " Weight=10000 ");
    const bySize = await runWithAws(["--weight-by-size"], "0.5");
    assertEquals(bySize.asked.pricing, []);
    assertStringIncludes(bySize.stdout, "No prices were given: Weight =");
  },
});

Deno.test({
  name: "config render --aws makes no price up for a type that AWS lists none for",
  permissions: "none",
  async fn() {
    const error = await assertRejects(() => runWithAws([], undefined), CommandError);
    assertStringIncludes(error.message, "no price for c7i.2xlarge in AWS's price list");
    assertStringIncludes(error.message, "or a price with --prices");
  },
});

Deno.test("config render needs no permission but to read its configuration", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/c.yaml`, CONFIG);
    const main = new URL("../../../main.ts", import.meta.url).pathname;
    const flags = ["--no-prompt", "--cached-only", `--allow-read=${directory}/c.yaml`];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, main, "config", "render", "--config", `${directory}/c.yaml`],
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertStringIncludes(new TextDecoder().decode(stdout), "\nNodeName=c7i-[0-9] ");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
