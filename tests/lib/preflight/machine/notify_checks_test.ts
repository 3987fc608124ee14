import { checkNotify, type NotifyFacts } from "../../../../lib/preflight/machine/notify_checks.ts";
import { assertTold } from "./told.ts";

const PATH = "/etc/systemd/system/slurm-ec2-chip-notify.service";
const program = "/usr/local/sbin/page";

const CASES:
  readonly (readonly [what: string, facts: Omit<NotifyFacts, "program">, told: readonly string[]])[] = [
    ["all is well", { isProgram: true, callers: [{ path: PATH, state: "active", result: "success" }] }, [
      `pass: ${PATH}`,
    ]],
    ["not a program, and no timer", { isProgram: false, callers: [] }, [
      `warn: notify.command ${program} is not a program`,
      "warn: notify.command is set, and no timer",
    ]],
    ["stopped", { isProgram: undefined, callers: [{ path: PATH, state: "inactive" }] }, [
      `warn: ${PATH}: its timer is inactive`,
    ]],
    ["failed", {
      isProgram: true,
      callers: [{ path: PATH, state: "active", result: "exit-code", status: "3" }, { path: "/etc/cron.d/x" }],
    }, [`warn: ${PATH}: its last run failed (exit-code, status 3)`, "pass: /etc/cron.d/x"]],
    ["nobody looked", { isProgram: undefined, callers: { kind: "missing", program: "grep" } }, [
      "can't tell: there is no grep",
    ]],
  ];

for (const [what, facts, told] of CASES) {
  Deno.test(`checkNotify() says so when ${what}`, { permissions: "none" }, () => {
    assertTold(checkNotify({ program, ...facts }), told, what);
  });
}
