import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import { realHost } from "../../../commands/base/real_host.ts";
import { resume } from "../../../commands/hooks/resume.ts";
import { resumeFailCommand } from "../../../commands/hooks/resume_fail.ts";
import { stop } from "../../../commands/hooks/stop.ts";
import { scontrolProcess } from "../../../lib/slurm/scontrol_process.ts";
import { type HookSite, withHookSite } from "./hook_site.ts";

Deno.test("resume without scontrol launches nothing, and says which program is missing", () =>
  withHookSite({}, async (site) => {
    await Deno.remove(`${site.dir}/scontrol`);
    const { code, stderr } = await site.run(["resume", "c0"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `Can't run ${site.dir}/scontrol`);
    assertStringIncludes(stderr, "check slurm.binDir");
    assertStringIncludes(site.log(), "ERROR resume failed: Can't run");
    assertEquals(site.aws.simulator.calls(), {});
  }));

for (const [hook, verdict] of [["stop", "terminated"], ["resume-fail", "terminated"]] as const) {
  Deno.test(`${hook} without scontrol ends the instance all the same`, () =>
    withHookSite({}, async (site) => {
      await site.run(["resume", "c0"]);
      assertEquals(site.live().length, 1);
      await Deno.remove(`${site.dir}/scontrol`);
      const { json } = await site.run([hook, "--json", "c0"]);
      assertEquals(json().nodes, { c0: verdict });
      assertEquals(site.live(), []);
      assertStringIncludes(site.log(), `Can't run ${site.dir}/scontrol`);
    }));
}

Deno.test("resume whose scontrol refuses keeps the instances for the next pass, and says what to do", () =>
  withHookSite({}, async (site) => {
    site.changeSlurm({ refuses: true, resumeTimeout: 15 });
    const { code, json } = await site.run(["resume", "--json", "c[0-1]"]);
    assertEquals([code, json().nodes], [1, { c0: "unsettled", c1: "unsettled" }]);
    const troubles = json().troubles.join();
    for (const node of ["c0", "c1"]) {
      assertStringIncludes(troubles, `Slurm refused "scontrol update NodeName=${node} `);
    }
    assertStringIncludes(troubles, "Access/permission denied");
    assertEquals(site.live().length, 2);

    site.changeSlurm({ refuses: false, resumeTimeout: 600 });
    const again = await site.run(["resume", "--json", "c[0-1]"]);
    assertEquals([again.code, again.json().troubles], [0, []]);
    assertEquals(site.live().length, 2);
    for (const node of ["c0", "c1"]) {
      assertEquals(site.slurm().nodes[node]!.address, again.json().details[node]!.nodeAddr);
    }
  }));

Deno.test("resume of nodes that slurmctld does not know launches the others, and nothing for those", () =>
  withHookSite({}, async (site) => {
    site.changeSlurm({ resumeTimeout: 15 });
    const { code, json } = await site.run(["resume", "--json", "c[0-1],c50"]);
    assertEquals([code, json().nodes], [3, { c0: "assigned", c1: "assigned", c50: "unsettled" }]);
    assertStringIncludes(String(json().details.c50!.reason), "slurm-ec2 status shows what goes on");
    for (const node of ["c0", "c1"]) assert(site.slurm().nodes[node]!.address.startsWith("10."));
    assertEquals(site.live().length, 2);
  }));

/** The real process, but with a scontrol that may take a second only, and output that a test can read. */
function impatientHost(site: HookSite): { host: Host; printed: { stdout: string } } {
  const printed = { stdout: "" };
  const real = realHost();
  const output = (write: (text: string) => void) => ({ write, isTerminal: false, columns: 80 });
  const host: Host = {
    ...real,
    env: () => undefined,
    stdout: output((text) => void (printed.stdout += text)),
    stderr: output(() => {}),
    connect: {
      ...real.connect,
      scontrol: ({ slurm }) =>
        Promise.resolve(scontrolProcess(slurm, { timeLimit: 300, slurmConf: `${site.dir}/no-slurm.conf` })),
    },
  };
  return { host, printed };
}

/** Makes the site's scontrol hang, without the start of another program that the time limit would not end. */
async function hang(site: HookSite): Promise<void> {
  await Deno.writeTextFile(`${site.dir}/scontrol`, "#!/bin/sh\nexec sleep 60\n");
}

Deno.test("resume whose scontrol hangs launches nothing blindly, and says that slurmctld does not answer", () =>
  withHookSite({}, async (site) => {
    await hang(site);
    const { host, printed } = impatientHost(site);
    const args = ["--json", "--config", `${site.dir}/slurm-ec2.yaml`, "c0"];
    assertEquals(await resume.run(host, parseFlags(resume, args)), 1);
    const { nodes, troubles } = JSON.parse(printed.stdout);
    assertEquals(nodes, { c0: "unsettled" });
    assertStringIncludes(troubles.join(), "No answer to");
    assertStringIncludes(troubles.join(), "check slurmctld with");
    assertStringIncludes(site.log(), "slurmctld does not tell its timeouts, taking Slurm's defaults");
    assertEquals(site.live(), []);
  }));

for (const command of [stop, resumeFailCommand]) {
  Deno.test(`${command.name} whose scontrol hangs ends the instance all the same`, () =>
    withHookSite({}, async (site) => {
      await site.run(["resume", "c0"]);
      await hang(site);
      const { host, printed } = impatientHost(site);
      await command.run(
        host,
        parseFlags(command, ["--json", "--config", `${site.dir}/slurm-ec2.yaml`, "c0"]),
      );
      assertEquals(JSON.parse(printed.stdout).nodes, { c0: "terminated" });
      assertEquals(site.live(), []);
    }));
}
