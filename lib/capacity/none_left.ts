import { errorRule, ZONES_AVOIDED } from "../aws/error_codes.ts";
import { utcTime } from "../base/utc_time.ts";
import type { OutOfCapacity } from "./exhausted.ts";
import type { Rejected } from "./rank.ts";

/** Why a group gets nothing now: every offering was refused a short while ago. */
export interface NoneLeft {
  readonly code: string;
  readonly message: string;
}

/**
 * The refusal of a group whose offerings are all out: the code that a person can act on, if there is one, then the most
 * preferred offering's.
 * @param now the time of the memory's clock, and the time of day then, milliseconds since 1970 UTC
 */
export function noneLeft(
  rejected: readonly Rejected[],
  now: { readonly clock: number; readonly wall: number },
): NoneLeft {
  const outs = [...new Set(rejected.flatMap(({ out }) => out ?? []))];
  if (outs.length === 0) {
    const reasons = [...new Set(rejected.map(({ reason }) => reason))];
    return { code: ZONES_AVOIDED, message: reasons.slice(0, NAMED_MAX).join("; ") };
  }
  const chief = outs.find(({ code }) => errorRule(code).level === "error") ?? outs[0]!;
  const { code, message } = chief;
  return { code, message: `${message.replace(/\.$/, "")}; asked for again: ${listed(outs, now)}` };
}

/** Pools that a message names; more would not be read. */
const NAMED_MAX = 3;

function listed(
  outs: readonly OutOfCapacity[],
  { clock, wall }: { readonly clock: number; readonly wall: number },
): string {
  const named = outs.slice(0, NAMED_MAX).map(({ what, until }) =>
    `${what} from ${timeOf(wall + (until - clock), wall)}`
  );
  const more = outs.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** `14:05:00Z`, or with its day where that is not today's; the next full second. */
function timeOf(wall: number, now: number): string {
  const time = utcTime(Math.ceil(wall / 1000) * 1000);
  const [day, clock] = time.split("T");
  return day === utcTime(now).split("T")[0] ? clock! : time;
}
