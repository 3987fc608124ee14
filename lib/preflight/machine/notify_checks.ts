import type { CheckResult } from "../check_result.ts";
import type { Unanswered } from "./machine.ts";
import { type Caller, callerTrouble } from "./timer_checks.ts";
import { cannotTell, found } from "./unanswered.ts";

/** What is known of `notify.command`. */
export interface NotifyFacts {
  /** Its path. */
  readonly program: string;
  /** Whether that is a file that this user may run; undefined where nothing could be asked. */
  readonly isProgram: boolean | undefined;
  /** Units and cron lines that run `slurm-ec2 notify`. */
  readonly callers: readonly Caller[] | Unanswered;
}

/** Does anybody learn what happened? */
export function checkNotify({ program, isProgram, callers }: NotifyFacts): CheckResult[] {
  const about = { check: "timer", what: "notify" };
  const findings = isProgram === false
    ? [
      found(
        about,
        "warn",
        `notify.command ${program} is not a program that can be run`,
        `chmod a+x ${program}`,
      ),
    ]
    : [];
  if ("kind" in callers) return [...findings, cannotTell(about, callers)];
  if (callers.length === 0) {
    return [
      ...findings,
      found(
        about,
        "warn",
        "notify.command is set, and no timer or cron line runs slurm-ec2 notify: nothing is reported",
        "run slurm-ec2 install, and enable the -notify units that it writes to etc/",
      ),
    ];
  }
  return [
    ...findings,
    ...callers.map((caller) =>
      callerTrouble(about, caller, "; slurm-ec2 notify --test") ?? found(about, "pass", caller.path)
    ),
  ];
}
