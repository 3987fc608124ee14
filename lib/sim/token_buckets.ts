/** A token bucket as it was at some moment. */
export interface Bucket {
  readonly tokens: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/** Size of a token bucket, and how many tokens come back each second. */
export interface BucketLimits {
  readonly size: number;
  readonly refill: number;
}

/**
 * Request token buckets that differ from their class
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
 */
const REQUEST_LIMITS: Readonly<Record<string, BucketLimits>> = {
  RunInstances: { size: 5, refill: 2 },
  StartInstances: { size: 5, refill: 2 },
  TerminateInstances: { size: 100, refill: 5 },
  CreateTags: { size: 100, refill: 10 },
};
const MUTATING: BucketLimits = { size: 50, refill: 5 };
const NON_MUTATING: BucketLimits = { size: 100, refill: 20 };
const UNFILTERED: BucketLimits = { size: 50, refill: 10 };
/** Describes that get the smaller bucket when they neither filter nor page (same page, "Non-mutating actions"). */
const UNFILTERED_ACTIONS = new Set(["DescribeInstances", "DescribeSecurityGroups"]);

/**
 * Parameter Store's default throughput, reads together, writes by themselves; how large a burst may be is not
 * documented, here it is a second's worth.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-throughput.html
 */
const PARAMETER_LIMITS = {
  read: { name: "Parameter Store reads", limits: { size: 40, refill: 40 } },
  write: { name: "Parameter Store writes", limits: { size: 3, refill: 3 } },
} as const;

/** Resource token buckets: one token for every instance touched (same page, "Resource token bucket sizes"). */
const RESOURCE_LIMITS: Readonly<Record<string, BucketLimits>> = {
  RunInstances: { size: 1000, refill: 2 },
  StartInstances: { size: 1000, refill: 2 },
  StopInstances: { size: 1000, refill: 20 },
  TerminateInstances: { size: 1000, refill: 20 },
};

/** Name and limits of the request bucket that a call of an action draws from. */
export function requestBucket(
  action: string,
  narrowed: boolean,
): { readonly name: string; readonly limits: BucketLimits } {
  if (action.includes("Parameter")) return PARAMETER_LIMITS[action.startsWith("Get") ? "read" : "write"];
  if (UNFILTERED_ACTIONS.has(action) && !narrowed) {
    return { name: `${action} unfiltered requests`, limits: UNFILTERED };
  }
  const limits = REQUEST_LIMITS[action] ?? (/^(Describe|Get)/.test(action) ? NON_MUTATING : MUTATING);
  return { name: `${action} requests`, limits };
}

/** Name and limits of the resource bucket of an action; undefined for actions without one. */
export function resourceBucket(
  action: string,
): { readonly name: string; readonly limits: BucketLimits } | undefined {
  const limits = RESOURCE_LIMITS[action];
  return limits && { name: `${action} resources`, limits };
}

/** The bucket after taking tokens at a moment, full at first; undefined when it holds too few. */
export function take(
  bucket: Bucket | undefined,
  limits: BucketLimits,
  tokens: number,
  now: number,
): Bucket | undefined {
  const elapsed = bucket ? Math.max(0, now - bucket.at) / 1000 : 0;
  const held = bucket ? Math.min(limits.size, bucket.tokens + elapsed * limits.refill) : limits.size;
  return held >= tokens ? { tokens: held - tokens, at: now } : undefined;
}
