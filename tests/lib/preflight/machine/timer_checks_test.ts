import { checkTimer } from "../../../../lib/preflight/machine/timer_checks.ts";
import { assertTold } from "./told.ts";

const PATH = "/etc/systemd/system/slurm-ec2-reconcile.service";

Deno.test("checkTimer() tells what a missing or a useless timer means", { permissions: "none" }, () => {
  const without = (callers: Parameters<typeof checkTimer>[0]["callers"]) =>
    checkTimer({ callers, hasReconcile: false });
  const having = (callers: Parameters<typeof checkTimer>[0]["callers"]) =>
    checkTimer({ callers, hasReconcile: true });
  assertTold(without([]), ["info: this release has no such command: cooldowns end"], "neither");
  assertTold(without([{ path: PATH }]), [
    `warn: ${PATH} runs slurm-ec2 reconcile, which this release does not have`,
  ], "early");
  assertTold(having([]), ["warn: no timer or cron line runs slurm-ec2 reconcile"], "no timer");
  assertTold(
    having([{ path: PATH, state: "active", lastRun: "today" }]),
    [`pass: ${PATH}, last run today`],
    "active",
  );
  assertTold(
    having([{ path: PATH, state: "inactive" }]),
    [`warn: ${PATH}: its timer is inactive`],
    "inactive",
  );
  assertTold(having([{ path: "/etc/cron.d/slurm-ec2" }]), ["pass: /etc/cron.d/slurm-ec2"], "cron");
  assertTold(
    without({ kind: "missing", program: "grep" }),
    ["can't tell: there is no grep"],
    "nobody looked",
  );
});
