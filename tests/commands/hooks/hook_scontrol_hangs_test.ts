import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseFlags } from "../../../commands/base/command.ts";
import type { Host } from "../../../commands/base/host.ts";
import { realHost } from "../../../commands/base/real_host.ts";
import { resume } from "../../../commands/hooks/resume.ts";
import { resumeFailCommand } from "../../../commands/hooks/resume_fail.ts";
import { stop } from "../../../commands/hooks/stop.ts";
import type { ScontrolApi } from "../../../lib/slurm/scontrol_api.ts";
import { scontrolProcess } from "../../../lib/slurm/scontrol_process.ts";
import { type HookSite, withHookSite } from "./hook_site.ts";

interface Impatient {
  readonly host: Host;
  readonly printed: { stdout: string };
  /** Waits for the calls of scontrol that a command has left behind: it ends without the answers to its questions. */
  rest(): Promise<unknown>;
}

/** The real process, but with a scontrol that may take a second only, and output that a test can read. */
function impatientHost(site: HookSite): Impatient {
  const printed = { stdout: "" };
  const calls: Promise<unknown>[] = [];
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
        Promise.resolve(
          noting(scontrolProcess(slurm, { timeLimit: 300, slurmConf: `${site.dir}/no-slurm.conf` }), calls),
        ),
    },
  };
  return { host, printed, rest: () => Promise.allSettled(calls) };
}

/** The same scontrol, whose calls are noted. */
function noting(api: ScontrolApi, calls: Promise<unknown>[]): ScontrolApi {
  return new Proxy(api, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        const call = method.apply(target, args);
        calls.push(call);
        return call;
      };
    },
  });
}

/** Makes the site's scontrol hang, without the start of another program that the time limit would not end. */
async function hang(site: HookSite): Promise<void> {
  await Deno.writeTextFile(`${site.dir}/scontrol`, "#!/bin/sh\nexec sleep 60\n");
}

Deno.test("resume whose scontrol hangs launches nothing blindly, and says that slurmctld does not answer", () =>
  withHookSite({}, async (site) => {
    await hang(site);
    const { host, printed, rest } = impatientHost(site);
    const args = ["--json", "--config", `${site.dir}/slurm-ec2.yaml`, "c0"];
    assertEquals(await resume.run(host, parseFlags(resume, args)), 1);
    await rest();
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
      const { host, printed, rest } = impatientHost(site);
      await command.run(
        host,
        parseFlags(command, ["--json", "--config", `${site.dir}/slurm-ec2.yaml`, "c0"]),
      );
      await rest();
      assertEquals(JSON.parse(printed.stdout).nodes, { c0: "terminated" });
      assertEquals(site.live(), []);
    }));
}
