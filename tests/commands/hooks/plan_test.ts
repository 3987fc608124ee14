import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withHookSite } from "./hook_site.ts";

const job = (dir: string, lines: string) => {
  Deno.writeTextFileSync(`${dir}/job.sh`, `#!/bin/sh\n${lines}\nsrun true\n`);
  return `${dir}/job.sh`;
};

Deno.test("plan says what resume would do, and changes nothing", () =>
  withHookSite({ config: (text) => text.replace("limits: {", "limits: { maxNodes: 3,") }, async (site) => {
    assertEquals((await site.run(["resume", "--json", "c0"])).json().nodes.c0, "assigned");
    const before = site.aws.simulator.calls().RunInstances;
    Deno.writeTextFileSync(`${site.dir}/state/prices.yaml`, "c7i.large: 0.5\n");
    const { code, stdout } = await site.run(["plan", "c[0-3]"]);
    assertEquals(code, 3, stdout);
    for (
      const line of [
        "Node group c: 3 nodes, c[1-3]",
        "Have an instance, or get one now: c0",
        "Held back: c3: LimitMaxNodes: held by limits.maxNodes: 3 of 3 nodes",
        "Launch: 2 instances by 1 RunInstances, the last after 0.0 s",
        "Cost: 1.00 USD/h",
      ]
    ) assertStringIncludes(stdout, line);
    assertMatch(stdout, /^ {2}1\. c7i\.large on-demand in subnet-\w+, 0\.5 USD\/h$/m);
    assertEquals(site.aws.simulator.calls().RunInstances, before);
    const dry = await site.run(["resume", "--dry-run", "c[1-2]"]);
    assertStringIncludes(dry.stdout, "Would launch 2 c7i.large");
    assertStringIncludes(dry.stdout, "Cost: 1.00 USD/h");
    assertEquals(
      JSON.parse((await site.run(["resume", "--dry-run", "--json", "c1"])).stdout).forecast.launched,
      1,
    );
    assertEquals(site.live().length, 1);
  }));

Deno.test("plan says in one short line that there are no credentials, and answers", () =>
  withHookSite({ accessKey: undefined }, async (site) => {
    const { stdout, stderr } = await site.run(["plan", "c0"]);
    assertStringIncludes(stdout, "Launch: 1 instances by 1 RunInstances");
    const lines = stderr.split("\n").filter((line) => line.includes("credentials"));
    assertEquals(lines.length, 1, stderr);
    assertStringIncludes(lines[0]!, "slurm-ec2 doctor --only credentials");
    assert(lines[0]!.length <= 160, lines[0]);
  }));

Deno.test("plan --job takes nodes and time limit of a batch script", () =>
  withHookSite({}, async (site) => {
    const file = job(site.dir, "#SBATCH -N 2 -t 2:00:00");
    const unpriced = JSON.parse((await site.run(["plan", "--json", "--job", file])).stdout);
    assertEquals([unpriced.launched, unpriced.unpriced, unpriced.timeLimit], [2, ["c7i.large"], 7_200]);
    await site.run(["pause"]);
    Deno.writeTextFileSync(`${site.dir}/state/prices.yaml`, "c7i.large: 0.5\n");
    const paused = await site.run(["plan", "--job", file]);
    assertEquals(paused.code, 3);
    assertStringIncludes(paused.stdout, "nothing is launched: LaunchingPaused: ");
    await site.run(["unpause"]);
    const { code, stdout } = await site.run(["plan", "--job", file]);
    assertEquals(code, 0, stdout);
    assertStringIncludes(stdout, "Cost: 1.00 USD/h, 2.00 USD for its time limit of 02:00:00\n");
  }));

for (
  const [args, says] of [
    [[], "Command plan needs a hostlist or --job FILE"],
    [["x9"], "No node group has x9"],
    [["--job", "gone.sh"], "Can't read gone.sh"],
  ] as const
) {
  Deno.test(`plan ${args.join(" ")} is refused with the next step`, () =>
    withHookSite({}, async (site) => {
      const { code, stderr } = await site.run(["plan", ...args]);
      assertEquals(code, 2);
      assertStringIncludes(stderr, says);
    }));
}

Deno.test("plan names the line of a batch script, and a partition, that it can't take", () =>
  withHookSite({}, async (site) => {
    assertStringIncludes(
      (await site.run(["plan", "--job", job(site.dir, "#SBATCH -t soon")])).stderr,
      'job.sh: line 2: "soon" is not a time limit',
    );
    assertStringIncludes(
      (await site.run(["plan", "--job", job(site.dir, "#SBATCH -p night")])).stderr,
      "Partition night is not in the configuration; it has: none",
    );
  }));
