import type { CheckResult } from "../check_result.ts";
import type { Unanswered } from "./machine.ts";
import { cannotTell, found } from "./unanswered.ts";

/** A unit or cron file that starts the worker by the clock. */
export interface Caller {
  readonly path: string;
  /** systemd's word on the timer: `active`, `inactive`, …; absent for cron and where systemd does not say. */
  readonly state?: string;
  /** systemd's word on the last run of the service: `success`, `exit-code`, …. */
  readonly result?: string;
  /** Exit status of that run. */
  readonly status?: string;
}

/** What the timer and the worker have left behind. */
export interface Pulse {
  /** Seconds since the timer last ran; absent: not since the machine started. */
  readonly stampAge?: number;
  /** The last worker; absent: none since the machine started. */
  readonly worker?: {
    readonly pid: number;
    /** Seconds since its last sign of life. */
    readonly silent: number;
    /** Whether the process is there. */
    readonly lives: boolean;
    /** Whether its state outlives it. */
    readonly kept: boolean;
  };
}

/** What is known of the timer and of the worker. */
export interface TimerFacts {
  readonly callers: readonly Caller[] | Unanswered;
  /** Undefined where nobody knows. */
  readonly pulse: Pulse | undefined;
}

/** Seconds without the timer after which something keeps it: it runs each minute. */
const LATE = 180;

/** Seconds of silence after which a worker is stuck; the supervisor ends it then. */
const STUCK = 60;

/** Does anything look after EC2 and Slurm while no hook runs, and is the worker well? */
export function checkTimer({ callers, pulse }: TimerFacts): CheckResult[] {
  return [...timerFindings(callers, pulse), ...(pulse === undefined ? [] : [workerFinding(pulse)])];
}

function timerFindings(callers: TimerFacts["callers"], pulse: Pulse | undefined): CheckResult[] {
  const about = { check: "timer", what: "timer" };
  if ("kind" in callers) return [cannotTell(about, callers)];
  if (callers.length > 0) return callers.map((caller) => callerFinding(caller, pulse));
  return [
    found(
      about,
      "warn",
      "no timer or cron line runs bin/supervisor --timer: ended cooldowns, failed stops and instances that died wait for the next hook",
      "enable the units that slurm-ec2 install writes to etc/: lib/slurm-ec2/systemd/README.md below the prefix has the commands",
    ),
  ];
}

/**
 * What is wrong with a unit by systemd's word: its timer is off, or its last run failed; undefined: nothing.
 * @param about the check, and what it looks at
 * @param look what shows more than the unit's journal
 */
export function callerTrouble(
  about: { readonly check: string; readonly what: string },
  { path, state, result, status }: Caller,
  look: string,
): CheckResult | undefined {
  const unit = unitOf(path);
  if (state !== undefined && state !== "active") {
    return found(about, "warn", `${path}: its timer is ${state}`, `systemctl enable --now ${unit}.timer`);
  }
  if (result !== undefined && result !== "success") {
    const how = status === undefined ? result : `${result}, status ${status}`;
    return found(
      about,
      "warn",
      `${path}: its last run failed (${how})`,
      `journalctl -u ${unit}.service${look}`,
    );
  }
  return undefined;
}

/** The name that a service and its timer share. */
function unitOf(path: string): string {
  return path.split("/").at(-1)!.replace(/\.service$/, "");
}

function callerFinding(caller: Caller, pulse: Pulse | undefined): CheckResult {
  const about = { check: "timer", what: "timer" };
  const trouble = callerTrouble(about, caller, ", and logFile");
  if (trouble !== undefined) return trouble;
  const { path } = caller;
  const unit = unitOf(path);
  // A worker that the timer has started keeps it from running again for as long as there is something to do.
  if (pulse === undefined || pulse.worker?.lives) return found(about, "pass", path);
  if (pulse.stampAge === undefined || pulse.stampAge > LATE) {
    const when = pulse.stampAge === undefined
      ? "has not run since this machine started"
      : `last ran ${ago(pulse.stampAge)}`;
    return found(
      about,
      "warn",
      `${path} ${when}, and should each minute`,
      `systemctl status ${unit}.timer ${unit}.service`,
    );
  }
  return found(about, "pass", `${path}, last run ${ago(pulse.stampAge)}`);
}

function workerFinding({ worker }: Pulse): CheckResult {
  const about = { check: "timer", what: "worker" };
  if (worker === undefined) return found(about, "info", "none has run since this machine started");
  const { pid, silent, lives, kept } = worker;
  if (lives && silent > STUCK) {
    return found(
      about,
      "warn",
      `process ${pid} has given no sign of life for ${Math.floor(silent)} s`,
      `the next hook or run of the timer ends it; at once: kill -KILL ${pid}`,
    );
  }
  if (!kept) {
    return found(
      about,
      "warn",
      `process ${pid} could not keep its state`,
      "make room in stateDir, or make it writable: see logFile",
    );
  }
  return found(
    about,
    "pass",
    lives ? `process ${pid} is at work` : `none is at work, the last one gave a sign of life ${ago(silent)}`,
  );
}

function ago(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return whole < 120 ? `${whole} s ago` : `${Math.floor(whole / 60)} min ago`;
}
