import { utcTime } from "../../base/utc_time.ts";
import { visible } from "../../base/visible.ts";
import { type WaitClass, waitClassOf, waitMeaning } from "../../cluster/wait_class.ts";

/** Why something waits, or that it does not. */
export interface Why {
  readonly class: WaitClass;
  /** AWS's code, one of ours, or slurmctld's own word. */
  readonly code: string;
  /** What is the case; without a final period. */
  readonly sentence: string;
  /** Since when: milliseconds since 1970 UTC; absent: not known. */
  readonly since?: number;
  /** What happens next; without a final period. */
  readonly next: string;
  /** When that is, as far as it is known: milliseconds since 1970 UTC. */
  readonly at?: number;
}

/** An answer from a refusal's code and message, e.g. of a node's reason. */
export function whyRefused(
  { code, message }: { readonly code: string; readonly message: string },
  rest: Omit<Why, "class" | "code" | "sentence">,
): Why {
  const known = waitClassOf(code);
  return {
    class: known,
    code: code === "" ? "Unknown" : code,
    sentence: `${waitMeaning(known)}${message === "" ? "" : `: ${message}`}`,
    ...rest,
  };
}

/** An answer as a person reads it, in lines that can't steer a terminal. */
export function whyLines({ class: name, code, sentence, since, next, at }: Why): string[] {
  return [
    `${name}:${code} – ${sentence}`,
    ...(since === undefined ? [] : [`since ${utcTime(since)}`]),
    `next  ${next}${at === undefined ? "" : `: ${utcTime(at)}`}`,
  ].map(visible);
}
