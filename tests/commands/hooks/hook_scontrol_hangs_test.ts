import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import { realHost } from "../../../commands/base/real_host.ts";
import { resume } from "../../../commands/hooks/resume.ts";
import { resumeFailCommand } from "../../../commands/hooks/resume_fail.ts";
import { stop } from "../../../commands/hooks/stop.ts";
import { scontrolProcess } from "../../../lib/slurm/scontrol_process.ts";
import { type HookSite, withHookSite } from "./hook_site.ts";

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
