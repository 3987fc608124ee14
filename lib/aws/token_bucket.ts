/** Size of a token bucket, and how many tokens come back each second. */
export interface BucketLimits {
  /** Tokens of a full bucket. */
  readonly size: number;
  /** Tokens a second. */
  readonly refill: number;
}

/** A bucket as it was at some moment; an absent bucket is a full one. */
export interface Bucket {
  /** Tokens that were left; not always whole. */
  readonly tokens: number;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

/**
 * Request tokens: every call takes one. Figures are the defaults of every account and Region, a bucket for each
 * operation (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html); an account's own are in
 * Service Quotas.
 */
const REQUEST_LIMITS: Readonly<Record<string, BucketLimits>> = {
  RunInstances: { size: 5, refill: 2 },
  StartInstances: { size: 5, refill: 2 },
  TerminateInstances: { size: 100, refill: 5 },
  CreateTags: { size: 100, refill: 10 },
};

/** Operations that change something and are not listed by name (same page, "mutating actions"). */
const MUTATING: BucketLimits = { size: 50, refill: 5 };

/** Describes and gets, filtered or paged (same page, "non-mutating actions"). */
const NON_MUTATING: BucketLimits = { size: 100, refill: 20 };

/** Some describes without filter and without page size (same page, "unfiltered and unpaginated"). */
const UNFILTERED: BucketLimits = { size: 50, refill: 10 };
const UNFILTERED_OPERATIONS: ReadonlySet<string> = new Set([
  "DescribeInstances",
  "DescribeInstanceStatus",
  "DescribeSecurityGroups",
]);

/** Resource tokens: a call takes one for each instance that it touches, besides its request token (same page). */
const RESOURCE_LIMITS: Readonly<Record<string, BucketLimits>> = {
  RunInstances: { size: 1000, refill: 2 },
  StartInstances: { size: 1000, refill: 2 },
  StopInstances: { size: 1000, refill: 20 },
  TerminateInstances: { size: 1000, refill: 20 },
};

/**
 * Request token bucket of an EC2 operation.
 * @param narrowed Whether the call has a filter or a page size; naming ids alone counts as neither.
 */
export function requestLimits(operation: string, narrowed = true): BucketLimits {
  if (!narrowed && UNFILTERED_OPERATIONS.has(operation)) return UNFILTERED;
  return REQUEST_LIMITS[operation] ?? (/^(Describe|Get)/.test(operation) ? NON_MUTATING : MUTATING);
}

/** Resource token bucket of an EC2 operation; undefined for those that have none. */
export function resourceLimits(operation: string): BucketLimits | undefined {
  return RESOURCE_LIMITS[operation];
}

/** Tokens in a bucket at a moment; a clock that went back refills nothing. */
export function tokensIn(bucket: Bucket | undefined, limits: BucketLimits, now: number): number {
  if (bucket === undefined) return limits.size;
  const seconds = Math.max(0, now - bucket.at) / 1000;
  return Math.min(limits.size, bucket.tokens + seconds * limits.refill);
}

/** The bucket after taking tokens, or undefined when it holds too few: then nothing is taken. */
export function take(
  bucket: Bucket | undefined,
  limits: BucketLimits,
  tokens: number,
  now: number,
): Bucket | undefined {
  const held = tokensIn(bucket, limits, now);
  return held >= tokens ? { tokens: held - tokens, at: Math.max(now, bucket?.at ?? now) } : undefined;
}
