import type { ErrorClass } from "../aws/error_codes.ts";

/** Why a subject has to wait: AWS's class of the refusal, slurmctld's, or a fault of our own. */
export type Why = ErrorClass | "slurmctld-away" | "slurmctld-refused" | "fault";

/** The first pause after a refusal and the longest one, milliseconds; each try doubles it. */
interface Pause {
  readonly first: number;
  readonly longest: number;
}

/**
 * EC2's smallest bucket, RunInstances, refills 2 tokens a second: less than half a second gains nothing, and five
 * calls that wait for 2 to 3 seconds take what it refills
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
 */
const THROTTLED: Pause = { first: 500, longest: 1_500 };
/** Where only a person can change the answer, asking often only costs calls. */
const NEEDS_PERSON: Pause = { first: 15_000, longest: 120_000 };

/** The compiler holds this table complete. */
const PAUSES: Readonly<Record<Why, Pause>> = {
  "throttle": THROTTLED,
  "transient": { first: 500, longest: 4_000 },
  "network": { first: 1_000, longest: 15_000 },
  "deadline": { first: 1_000, longest: 15_000 },
  // Renewed by a person or by a helper, and each second of a node that is to end costs money.
  "credentials": { first: 2_000, longest: 15_000 },
  // Mostly an id that EC2 does not show yet.
  "not-found": { first: 500, longest: 5_000 },
  "state": { first: 2_000, longest: 15_000 },
  "pool": NEEDS_PERSON,
  "subnet": NEEDS_PERSON,
  "quota": NEEDS_PERSON,
  "permission": NEEDS_PERSON,
  "request": NEEDS_PERSON,
  "split": { first: 500, longest: 4_000 },
  "dry-run": NEEDS_PERSON,
  "ended": NEEDS_PERSON,
  "limit": NEEDS_PERSON,
  "paused": NEEDS_PERSON,
  "unknown": { first: 5_000, longest: 60_000 },
  "slurmctld-away": { first: 1_000, longest: 10_000 },
  "slurmctld-refused": { first: 2_000, longest: 60_000 },
  "fault": { first: 5_000, longest: 60_000 },
};

/** Milliseconds to wait after the `tries`th refusal in a row (counted from 1): a pause, and up to as much again by chance. */
export function pauseAfter(why: Why, tries: number, random: number): number {
  const { first, longest } = PAUSES[why];
  const pause = Math.min(longest, first * 2 ** Math.min(tries - 1, 20));
  return Math.round(pause + random * pause);
}

/**
 * When each subject may be tried again. Subjects of one refused call share their wait, so that they can share a
 * call again. Times are those of {@link Now.clock}.
 */
export class Pace {
  readonly #waits = new Map<string, { readonly tries: number; readonly until: number }>();

  /** These were refused by one call; `random` is in 0..1. */
  refused(
    subjects: readonly string[],
    why: Why,
    { now, random }: { readonly now: number; readonly random: number },
  ) {
    for (const subject of subjects) {
      const tries = (this.#waits.get(subject)?.tries ?? 0) + 1;
      this.#waits.set(subject, { tries, until: now + pauseAfter(why, tries, random) });
    }
  }

  /** These went through: the next refusal counts as the first. They are not asked for again before `rest` milliseconds. */
  done(subjects: readonly string[], now: number, rest: number): void {
    for (const subject of subjects) {
      if (rest > 0) this.#waits.set(subject, { tries: 0, until: now + rest });
      else this.#waits.delete(subject);
    }
  }

  /** From when on a subject may be tried; 0: at once. */
  readyAt(subject: string): number {
    return this.#waits.get(subject)?.until ?? 0;
  }

  /** Forgets what has long been over, so that subjects that come no more take no memory. */
  forgetBefore(clock: number): void {
    for (const [subject, { until }] of this.#waits) if (until < clock) this.#waits.delete(subject);
  }
}
