import { assertEquals } from "@std/assert";
import { findTimers, takePulse } from "../../../../lib/preflight/machine/timer_facts.ts";
import { fakeMachine } from "./fake_machine.ts";

const GREP = "grep -rlsE /supervisor +--timer /etc/systemd/system /usr/lib/systemd/system " +
  "/usr/local/lib/systemd/system /etc/crontab /etc/cron.d /var/spool/cron";

Deno.test(
  "findTimers() finds units and cron files, and what systemd says of them",
  { permissions: "none" },
  async () => {
    const unit = "/etc/systemd/system/slurm-ec2-chip.service";
    const machine = fakeMachine({
      [GREP]: `${unit}\n/etc/cron.d/chip\n`,
      "systemctl show slurm-ec2-chip.timer": "Id=x\nActiveState=active\n",
      "systemctl show slurm-ec2-chip.service": "Result=exit-code\nExecMainStatus=1\nActiveState=inactive\n",
    });
    assertEquals(await findTimers(machine), [
      { path: unit, state: "active", result: "exit-code", status: "1" },
      { path: "/etc/cron.d/chip" },
    ]);
    assertEquals(await findTimers(fakeMachine({})), []);
  },
);

const PROC = { "cat -- /proc/uptime": "1000.50 1.0\n", "cat -- /proc/sys/kernel/random/boot_id": "b\n" };

Deno.test(
  "takePulse() reads the timer's stamp and the worker's heartbeat",
  { permissions: "none" },
  async () => {
    const machine = fakeMachine({
      ...PROC,
      "cat -- /s/timer": "970.50 b\n",
      "cat -- /s/heartbeat": "42 990.50 b 1795000000000 lost      \n",
      "grep -qsa worker /proc/42/cmdline": "",
    });
    assertEquals(await takePulse(machine, "/s"), {
      stampAge: 30,
      worker: { pid: 42, silent: 10, lives: true, kept: false },
    });
  },
);

Deno.test("takePulse() takes nothing of another start of the machine, and nonsense for nothing", {
  permissions: "none",
}, async () => {
  const with_ = (timer: string, heartbeat: string) =>
    takePulse(fakeMachine({ ...PROC, "cat -- /s/timer": timer, "cat -- /s/heartbeat": heartbeat }), "/s");
  assertEquals(await with_("970.50 a\n", "42 990.50 a 1 kept\n"), {});
  assertEquals(await with_("x b\n", "x y b 1 kept\n"), {});
  assertEquals(await with_("", ""), {});
  assertEquals(await takePulse(fakeMachine({}), "/s"), undefined);
});
