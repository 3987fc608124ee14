import { assertEquals, assertStringIncludes } from "@std/assert";
import { type HookSite, withHookSite } from "./hook_site.ts";

const HOSTS = ["ctl1(10.0.0.1)", "ctl2(10.0.0.2)"];
const on = (host: string) => ({ env: { SLURM_EC2_HOSTNAME: host } });

/** Calls that change something. */
function changes(site: HookSite): unknown {
  const { RunInstances, TerminateInstances, StopInstances } = site.aws.simulator.calls();
  return [RunInstances ?? 0, TerminateInstances ?? 0, StopInstances ?? 0, updates(site)];
}

function updates(site: HookSite): number {
  return site.slurm().calls.filter(([verb]) => verb === "update").length;
}

function queued(site: HookSite): string[] {
  try {
    return [...Deno.readDirSync(`${site.dir}/state/queue`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

for (
  const [what, change, host, why] of [
    [
      "stands by",
      { hosts: HOSTS, standsBy: true },
      "ctl2",
      "this host's slurmctld is not in charge of the cluster, or does not answer",
    ],
    [
      "is not in slurm.conf",
      { hosts: HOSTS },
      "login1",
      "slurm.conf names ctl1, ctl2 as SlurmctldHost, and this host is login1",
    ],
    ["has no name", { hosts: HOSTS }, "", "set SLURM_EC2_HOSTNAME to what uname -n prints"],
  ] as const
) {
  Deno.test(`resume, stop, resume-fail and reconcile --apply change nothing on a host that ${what}, and say so`, () =>
    withHookSite({}, async (site) => {
      await site.run(["resume", "c[0-1]"]);
      const before = changes(site);
      site.changeSlurm(change);
      for (
        const argv of [["resume", "c2"], ["stop", "c0"], ["resume-fail", "c1"], ["reconcile", "--apply"]]
      ) {
        const env = host === "" ? {} : on(host);
        const { code, stderr } = await site.run(argv, env);
        assertEquals([code, changes(site)], [1, before], argv.join(" "));
        assertStringIncludes(stderr, "Nothing was changed: ");
        assertStringIncludes(stderr, why);
        assertStringIncludes(stderr, "run it on the host whose slurmctld is in charge");
      }
      assertEquals([queued(site), site.live().length], [[], 2]);
    }));
}

Deno.test("resume on a host that stands by shows with --dry-run what it would do", () =>
  withHookSite({}, async (site) => {
    site.changeSlurm({ hosts: HOSTS, standsBy: true });
    const { code, stdout } = await site.run(["resume", "--dry-run", "c0"], on("ctl2"));
    assertEquals(code, 0);
    assertStringIncludes(stdout, "Would ");
  }));

Deno.test("resume and stop on the host in charge list EC2 first, and ask before each step", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c0"]);
    site.changeSlurm({ hosts: HOSTS });
    const listings = site.aws.simulator.calls().DescribeInstances ?? 0;
    const up = await site.run(["resume", "--json", "c1"], on("ctl1.hpc.example"));
    assertEquals([up.code, up.json().nodes], [0, { c1: "assigned" }]);
    assertEquals((site.aws.simulator.calls().DescribeInstances ?? 0) > listings, true);
    assertStringIncludes(
      Deno.readTextFileSync(`${site.dir}/state/own-slurm.conf`),
      "SlurmctldHost=ctl1(10.0.0.1)\n",
    );
    const down = await site.run(["stop", "--json", "c[0-1]"], on("ctl1"));
    assertEquals([down.code, down.json().nodes, site.live()], [
      0,
      { c0: "terminated", c1: "terminated" },
      [],
    ]);
  }));

Deno.test("stop goes on while slurmctld is away where slurm.conf names one host, and stops nothing where it names two", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c[0-1]"]);
    const scontrol = await Deno.readTextFile(`${site.dir}/scontrol`);
    const away = "#!/bin/sh\necho 'Unable to contact slurm controller (connect failure)' >&2\nexit 1\n";
    await Deno.writeTextFile(`${site.dir}/scontrol`, away);
    assertEquals((await site.run(["stop", "c0"], on("login1"))).code, 0);
    assertEquals(site.live().length, 1);
    await Deno.writeTextFile(`${site.dir}/scontrol`, scontrol);
    site.changeSlurm({ hosts: HOSTS });
    await site.run(["resume", "c2"], on("ctl1"));
    await Deno.writeTextFile(`${site.dir}/scontrol`, away);
    const { code, stderr } = await site.run(["stop", "c1"], on("ctl1"));
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Nothing was changed: ");
    assertEquals(site.live().length, 2);
  }));
