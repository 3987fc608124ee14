import type { Finding } from "../finding.ts";
import type { NotKnown } from "./machine.ts";
import { found, notKnown } from "./not_known.ts";

/** A unit or cron file that calls `slurm-ec2 reconcile`. */
export interface Caller {
  readonly path: string;
  /** systemd's word on the timer: `active`, `inactive`, …; absent for cron and where systemd does not say. */
  readonly state?: string;
  /** When the timer last ran, in systemd's words. */
  readonly lastRun?: string;
}

/** What is known of a timer that mends drift. */
export interface TimerFacts {
  readonly callers: readonly Caller[] | NotKnown;
  /** Whether this release has the command at all. */
  readonly hasReconcile: boolean;
}

/** Does anything mend drift between Slurm and EC2 while no hook runs? */
export function checkTimer({ callers, hasReconcile }: TimerFacts): Finding[] {
  const about = { check: "timer", what: "reconcile" };
  if ("kind" in callers) return [notKnown(about, callers)];
  if (!hasReconcile) {
    const without =
      "cooldowns end, and failed stops are tried again, when the next hook runs, not by the clock";
    return callers.length === 0
      ? [found(about, "info", `this release has no such command: ${without}`)]
      : callers.map(({ path }) =>
        found(
          about,
          "warn",
          `${path} runs slurm-ec2 reconcile, which this release does not have: ${without}`,
          `take it out of ${path}`,
        )
      );
  }
  if (callers.length === 0) {
    return [
      found(
        about,
        "warn",
        "no timer or cron line runs slurm-ec2 reconcile: drift between Slurm and EC2 stays until the next hook",
        "run it by a systemd timer or from cron, as SlurmUser",
      ),
    ];
  }
  return callers.map(({ path, state, lastRun }) =>
    state !== undefined && state !== "active"
      ? found(
        about,
        "warn",
        `${path}: its timer is ${state}`,
        `systemctl enable --now ${path.split("/").at(-1)!.replace(/service$/, "timer")}`,
      )
      : found(about, "pass", `${path}${lastRun ? `, last run ${lastRun}` : ""}`)
  );
}
