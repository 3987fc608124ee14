import type { CheckResult } from "../check_result.ts";
import type { Clock } from "./machine.ts";
import { cannotTell, found } from "./unanswered.ts";

/**
 * Milliseconds by which a clock may be off before AWS refuses signatures ("within 5 minutes") and munged refuses
 * credentials (a time to live of 300 s):
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 * https://github.com/dun/munge/wiki/Man-7-munge
 */
const REFUSED = 300_000;
/** Milliseconds from which jobs and logs suffer: a node registers with its boot time, which must not lie before its power-up request. */
const NOTICED = 10_000;

/** Another clock, and how far this machine's is ahead of it. */
export interface ClockFacts {
  /** As findings call it, e.g. `AWS` or `slurmctld`. */
  readonly other: string;
  readonly clock: Clock;
}

/** What a time service says of itself. */
export type TimeService =
  | { readonly kind: "synchronized"; readonly by: string; readonly detail: string }
  | { readonly kind: "adrift"; readonly by: string; readonly detail: string }
  | { readonly kind: "unknown" };

/** Is this clock right enough for signatures, credentials and registrations? */
export function checkClock({ other, clock }: ClockFacts): CheckResult {
  const about = { check: "clock", what: `clock compared with ${other}'s` };
  switch (clock.kind) {
    case "failed":
      return {
        ...found(about, "can't tell", `${other} can't be asked for its time: ${clock.words}`),
        code: "Clock",
        fix: "see the sections dns and ports; a proxy is taken from HTTPS_PROXY",
      };
    case "read": {
      const [off, text] = [Math.abs(clock.ahead), aheadText(clock)];
      if (off <= Math.max(NOTICED, clock.within)) return found(about, "pass", text);
      const fix =
        "chronyc makestep, and see that chronyd runs (systemctl enable --now chronyd); in AWS its server is 169.254.169.123";
      return off + clock.within < REFUSED
        ? found(about, "warn", `${text}: registrations and logs go wrong`, fix)
        : found(about, "fail", `${text}: past 300 s AWS refuses signatures and munge credentials`, fix);
    }
    default:
      return cannotTell(about, clock);
  }
}

function aheadText({ ahead, within }: { readonly ahead: number; readonly within: number }): string {
  const off = Math.abs(ahead);
  if (off <= within) return `the same within ${seconds(within)} s`;
  return `${seconds(off)} s ${ahead > 0 ? "ahead" : "behind"}, within ${seconds(within)} s`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

/** Does something keep the clock right? */
export function checkTimeService(service: TimeService): CheckResult {
  const about = { check: "clock", what: "time service" };
  switch (service.kind) {
    case "synchronized":
      return found(about, "pass", `${service.by}: ${service.detail}`);
    case "adrift":
      return found(
        about,
        "warn",
        `${service.by}: ${service.detail}`,
        "systemctl enable --now chronyd (in AWS: server 169.254.169.123 prefer iburst), then chronyc waitsync 10",
      );
    case "unknown":
      return found(
        about,
        "can't tell",
        "neither chronyc nor timedatectl says whether anything sets the clock",
      );
  }
}

/** What `chronyc -c tracking` says: comma-separated, the leap status last (chronyc(1)). */
export function readTracking(text: string): TimeService | undefined {
  const fields = text.trim().split(",");
  const [, server = "", stratum = ""] = fields;
  const leap = fields.at(-1);
  if (fields.length < 10 || leap === undefined) return undefined;
  return leap === "Not synchronised"
    ? { kind: "adrift", by: "chronyd", detail: "not synchronized with any server" }
    : { kind: "synchronized", by: "chronyd", detail: `follows ${server || fields[0]}, stratum ${stratum}` };
}

/** What `timedatectl show` says. */
export function readTimedatectl(text: string): TimeService | undefined {
  const value = /^NTPSynchronized=(yes|no)$/m.exec(text)?.[1];
  if (value === undefined) return undefined;
  return value === "yes"
    ? { kind: "synchronized", by: "timedatectl", detail: "clock synchronized" }
    : { kind: "adrift", by: "timedatectl", detail: "clock not synchronized" };
}
