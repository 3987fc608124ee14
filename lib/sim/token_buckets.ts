import { type BucketLimits, requestLimits, resourceLimits } from "../aws/token_bucket.ts";

/** A bucket that calls share: its name, and what it holds. */
export interface NamedBucket {
  readonly name: string;
  readonly limits: BucketLimits;
}

/**
 * Parameter Store's default throughput, reads together, writes by themselves; how large a burst may be is not
 * documented, here it is a second's worth.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-throughput.html
 */
const PARAMETER_BUCKETS: Readonly<Record<"read" | "write", NamedBucket>> = {
  read: { name: "Parameter Store reads", limits: { size: 40, refill: 40 } },
  write: { name: "Parameter Store writes", limits: { size: 3, refill: 3 } },
};

/** The request bucket that a call of an action draws from; `narrowed`: it has a filter or a page size. */
export function requestBucket(action: string, narrowed: boolean): NamedBucket {
  if (action.includes("Parameter")) return PARAMETER_BUCKETS[action.startsWith("Get") ? "read" : "write"];
  const limits = requestLimits(action, narrowed);
  // Where both are the same, EC2 has one bucket for all calls of the action.
  const isOther = !narrowed && limits !== requestLimits(action, true);
  return { name: `${action} ${isOther ? "unfiltered requests" : "requests"}`, limits };
}

/** The resource bucket of an action; undefined for actions without one. */
export function resourceBucket(action: string): NamedBucket | undefined {
  const limits = resourceLimits(action);
  return limits && { name: `${action} resources`, limits };
}
