import { errorRule, ZONES_AVOIDED } from "../aws/error_codes.ts";
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
 * @param wallOf the time of day of a time of the memory's clock, both in milliseconds
 */
export function noneLeft(rejected: readonly Rejected[], wallOf: (clock: number) => number): NoneLeft {
  const outs = [...new Set(rejected.flatMap(({ out }) => out ?? []))];
  if (outs.length === 0) {
    const reasons = [...new Set(rejected.map(({ reason }) => reason))];
    return { code: ZONES_AVOIDED, message: reasons.slice(0, NAMED_MAX).join("; ") };
  }
  const chief = outs.find(({ code }) => errorRule(code).level === "error") ?? outs[0]!;
  const { code, message } = chief;
  return { code, message: `${message.replace(/\.$/, "")}; asked for again: ${listed(outs, wallOf)}` };
}

/** Pools that a message names; more would not be read. */
const NAMED_MAX = 3;

function listed(outs: readonly OutOfCapacity[], wallOf: (clock: number) => number): string {
  const named = outs.slice(0, NAMED_MAX).map(({ what, until }) => `${what} from ${timeOf(wallOf(until))}`);
  const more = outs.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** `14:05:00Z`. */
function timeOf(wall: number): string {
  return `${new Date(Math.ceil(wall / 1000) * 1000).toISOString().slice(11, 19)}Z`;
}
