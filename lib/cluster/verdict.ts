import { ERROR_CLASSES, type ErrorClass } from "../aws/error_codes.ts";

/**
 * What becomes of a node that could not be powered up. `down`: a cooldown, the node stays out of scheduling
 * until a time; `powered-down`: given back at once, the scheduler may try again.
 */
export type FailureVerdict = {
  readonly kind: "down";
  readonly reason: string;
  /** Milliseconds since 1970 UTC. */
  readonly until: number;
} | {
  readonly kind: "powered-down";
  readonly reason: string;
};

/** Every reason that we write begins with this, so that we only ever clear our own. */
export const REASON_MARK = "slurm-ec2";

/**
 * The verdict on nodes that got no instance, from the refusal's code, class and message.
 * @param clock the time in milliseconds since 1970 UTC, and `limits.cooldown` in seconds
 */
export function failureVerdict(
  refusal: { readonly code: string; readonly message: string },
  errorClass: ErrorClass,
  clock: { readonly now: number; readonly cooldown: number },
): FailureVerdict {
  const { rest } = ERROR_CLASSES[errorClass];
  if (rest === 0) return tryAgain(refusal);
  const until = clock.now + rest * clock.cooldown * 1000;
  return { kind: "down", reason: `${REASON_MARK} until=${utcSeconds(until)} ${text(refusal)}`, until };
}

/** The verdict by which nodes go back to Slurm at once. */
export function tryAgain(refusal: { readonly code: string; readonly message: string }): FailureVerdict {
  return { kind: "powered-down", reason: `${REASON_MARK} ${text(refusal)}` };
}

function text({ code, message }: { readonly code: string; readonly message: string }): string {
  return `(Code:${oneLine(code)}) ${oneLine(message)}`;
}

/** The time until which a reason of ours keeps its node down; undefined for any other reason. */
export function untilOfReason(reason: string): number | undefined {
  const match = /^slurm-ec2 until=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) /.exec(reason);
  return match === null ? undefined : Date.parse(match[1]!);
}

/**
 * Nodes whose cooldown is over; one that ends later than any cooldown lasts was written by a clock that has
 * gone backwards since, so it counts as over too.
 */
export function dueCooldowns(
  cooldowns: Readonly<Record<string, number>>,
  { now, cooldown }: { readonly now: number; readonly cooldown: number },
): string[] {
  const longest = Math.max(...Object.values(ERROR_CLASSES).map(({ rest }) => rest)) * cooldown * 1000;
  return Object.entries(cooldowns).filter(([, until]) => until <= now || until > now + longest).map((
    [node],
  ) => node);
}

function utcSeconds(milliseconds: number): string {
  return new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Longest message kept in a reason, in characters: sinfo -R shows reasons in a table. */
const REASON_MESSAGE_MAX = 300;

/** Slurm keeps a reason as one line; quotes would be kept as part of it. */
function oneLine(message: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is replaced
  return message.replace(/[\x00-\x1f\x7f]+/g, " ").replace(/["'`]/g, "").trim().slice(0, REASON_MESSAGE_MAX);
}
