import { checkTimer, type Pulse, type TimerFacts } from "../../../../lib/preflight/machine/timer_checks.ts";
import { assertTold } from "./told.ts";

const PATH = "/etc/systemd/system/slurm-ec2-chip.service";
const WORKER: NonNullable<Pulse["worker"]> = { pid: 7, silent: 3, lives: false, kept: true };
const RUNS: Pulse = { stampAge: 30, worker: WORKER };

const CASES: readonly (readonly [what: string, facts: TimerFacts, told: readonly string[]])[] = [
  ["nothing", { callers: [], pulse: {} }, [
    "warn: no timer or cron line runs bin/supervisor --timer",
    "info: none has run since this machine started",
  ]],
  [
    "all is well",
    { callers: [{ path: PATH, state: "active", result: "success", status: "0" }], pulse: RUNS },
    [
      `pass: ${PATH}, last run 30 s ago`,
      "pass: none is at work, the last one gave a sign of life 3 s ago",
    ],
  ],
  ["inactive", { callers: [{ path: PATH, state: "inactive" }], pulse: RUNS }, [
    `warn: ${PATH}: its timer is inactive`,
    "pass: none",
  ]],
  ["failed", { callers: [{ path: PATH, state: "active", result: "exit-code", status: "1" }], pulse: RUNS }, [
    `warn: ${PATH}: its last run failed (exit-code, status 1)`,
    "pass: none",
  ]],
  ["late", { callers: [{ path: PATH, state: "active" }], pulse: { ...RUNS, stampAge: 600 } }, [
    `warn: ${PATH} last ran 10 min ago, and should each minute`,
    "pass: none",
  ]],
  ["never", { callers: [{ path: PATH, state: "active" }], pulse: {} }, [
    `warn: ${PATH} has not run since this machine started, and should each minute`,
    "info: none",
  ]],
  ["its worker has been busy for long", {
    callers: [{ path: PATH, state: "active" }],
    pulse: { stampAge: 9000, worker: { ...WORKER, lives: true } },
  }, [`pass: ${PATH}`, "pass: process 7 is at work"]],
  ["stuck", {
    callers: [{ path: "/etc/cron.d/chip" }],
    pulse: { ...RUNS, worker: { ...WORKER, lives: true, silent: 75.5 } },
  }, [
    "pass: /etc/cron.d/chip",
    "warn: process 7 has given no sign of life for 75 s",
  ]],
  ["state is lost", {
    callers: [{ path: "/etc/cron.d/chip" }],
    pulse: { ...RUNS, worker: { ...WORKER, kept: false } },
  }, [
    "pass: /etc/cron.d/chip, last run 30 s ago",
    "warn: process 7 could not keep its state",
  ]],
  ["nobody looked", { callers: { kind: "missing", program: "grep" }, pulse: undefined }, [
    "can't tell: there is no grep",
  ]],
];

for (const [what, facts, told] of CASES) {
  Deno.test(`checkTimer() tells of a timer and its worker: ${what}`, { permissions: "none" }, () => {
    assertTold(checkTimer(facts), told, what);
  });
}
