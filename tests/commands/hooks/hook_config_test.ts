import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseFlags, UsageError } from "../../../commands/base/command.ts";
import { resume } from "../../../commands/hooks/resume.ts";
import { stop } from "../../../commands/hooks/stop.ts";
import { ScontrolError } from "../../../lib/slurm/scontrol_api.ts";
import { InMemoryScontrol } from "../../../lib/slurm/scontrol_in_memory.ts";
import { fakeHost } from "../fake_host.ts";
import { withHookSite } from "./hook_site.ts";

for (
  const [what, config, says] of [
    ["an empty configuration", () => "", "slurm-ec2.yaml:1:1: "],
    ["an unknown key", (text: string) => text.replace("stateDir:", "statDir:"), "did you mean stateDir?"],
    [
      "a value of the wrong type",
      (text: string) => text.replace("instanceTypes: [c7i.large]", "instanceTypes: 7"),
      "instanceTypes",
    ],
    ["broken YAML", (text: string) => `${text}\n  - {`, "slurm-ec2.yaml:"],
  ] as const
) {
  Deno.test(`resume with ${what} says where it is wrong, exits 2 and launches nothing`, () =>
    withHookSite({ config }, async (site) => {
      const { code, stdout, stderr } = await site.run(["resume", "c0"]);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr, says);
      assert(!stderr.includes("    at "), stderr);
      assertEquals(site.aws.simulator.calls(), {});
    }));
}

for (
  const [what, file, code, says] of [
    [
      "no configuration where it is named",
      "/nowhere/slurm-ec2.yaml",
      2,
      "/nowhere/slurm-ec2.yaml (named by $SLURM_EC2_CONFIG) doesn't exist",
    ],
    ["a directory for a configuration", "/", 2, "is a directory: name the file in it"],
    ["a binary for a configuration", Deno.execPath(), 2, ""],
  ] as const
) {
  Deno.test(`stop with ${what} says so and exits ${code}`, () =>
    withHookSite({}, async (site) => {
      const run = await site.run(["stop", "c0"], { env: { SLURM_EC2_CONFIG: file } });
      assertEquals([run.code, run.stdout], [code, ""]);
      assertStringIncludes(run.stderr, says);
      assert(!run.stderr.includes("    at "), run.stderr);
    }));
}

Deno.test("stop without any configuration says where it looked and how to write one", () =>
  withHookSite({}, async (site) => {
    await Deno.remove(`${site.dir}/slurm-ec2.yaml`);
    const { code, stderr } = await site.run(["stop", "c0"], { env: { SLURM_EC2_CONFIG: "" } });
    assertEquals(code, 2);
    assertStringIncludes(stderr, "looked for ./slurm-ec2.yaml");
    assertStringIncludes(stderr, "slurm-ec2 config init");
  }));

/** A process without a configuration, under a slurmctld that knows these nodes. */
function unconfigured(scontrol: InMemoryScontrol | Error) {
  const printed = { stdout: "", stderr: "" };
  const host = {
    ...fakeHost({}, new Map(), printed),
    now: Date.now,
    connect: {
      scontrol: () => scontrol instanceof Error ? Promise.reject(scontrol) : Promise.resolve(scontrol),
    } as unknown as ReturnType<typeof fakeHost>["connect"],
  };
  return { host, printed };
}

Deno.test("resume without a configuration gives the nodes back that wait for it, and no others", async () => {
  const scontrol = new InMemoryScontrol(["c0", "c1", "c2"]);
  scontrol.requestPowerUp(["c0", "c1"]);
  scontrol.nodes.get("c2")!.base = "ALLOCATED";
  const { host } = unconfigured(scontrol);
  const error = await resume.run(host, parseFlags(resume, ["c[0-2]"])).catch((error) => error);
  assert(error instanceof UsageError);
  assert(["c0", "c1"].every((name) => scontrol.nodes.get(name)!.flags.has("POWER_DOWN")));
  assertStringIncludes(
    scontrol.nodes.get("c0")!.reason,
    "Configuration: No configuration file",
  );
  assertEquals([scontrol.nodes.get("c2")!.base, scontrol.nodes.get("c2")!.reason], ["ALLOCATED", ""]);
});

Deno.test("resume without a configuration and without scontrol names the nodes that wait", async () => {
  const { host, printed } = unconfigured(new ScontrolError("missing", "Can't run /usr/bin/scontrol"));
  const error = await resume.run(host, parseFlags(resume, ["c[0-2]"])).catch((error) => error);
  assert(error instanceof UsageError);
  assertStringIncludes(printed.stderr, "nodes c[0-2] wait for ResumeTimeout");
  assertStringIncludes(printed.stderr, "Can't run /usr/bin/scontrol");
});

Deno.test("stop without a configuration tells slurmctld nothing", async () => {
  const scontrol = new InMemoryScontrol(["c0"]);
  const { host } = unconfigured(scontrol);
  const error = await stop.run(host, parseFlags(stop, ["c0"])).catch((error) => error);
  assert(error instanceof UsageError);
  assertEquals(scontrol.calls, []);
});
