import type { Limits } from "../config/model.ts";
import {
  type Bucket,
  type BucketLimits,
  requestLimits,
  resourceLimits,
  tokensIn,
} from "../aws/token_bucket.ts";

/**
 * What is known of RunInstances' two buckets: every call takes a request token, and a resource token for each instance
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html). Times are milliseconds of the caller's
 * clock; a bucket that is absent is taken for full.
 */
export interface LaunchTokens {
  /** The account's own figures; absent: those that every account has until AWS raises them. */
  readonly quota?: LaunchQuota;
  readonly requests?: Bucket;
  readonly resources?: Bucket;
  /** Instances of the calls that are under way; absent: none. */
  readonly underWay?: number;
  /** When calls were last made of a full bucket, whose answer has not come: it may have filled no further until then. */
  readonly fullAt?: number;
  /** EC2's last throttle. */
  readonly throttle?: Throttle;
  /** The size of call that is tried since a throttle that our own calls don't explain. */
  readonly probe?: Probe;
}

/** How large both buckets are, and how fast they fill. */
export interface LaunchQuota {
  readonly requests: BucketLimits;
  readonly resources: BucketLimits;
}

/** A call that EC2 refused for its rate. */
export interface Throttle {
  readonly at: number;
  /** No call is made before. */
  readonly until: number;
  readonly code: string;
  readonly message: string;
}

/** Which of the buckets is empty, EC2 does not say: smaller calls find out. */
export interface Probe {
  /** Instances of the next call. */
  readonly size: number;
  /** A smaller call went through. */
  readonly rising: boolean;
  /** A call is under way, and its answer says how to go on. */
  readonly pending: boolean;
}

/** What every account has until AWS raises it. */
const DEFAULT_QUOTA: LaunchQuota = {
  requests: requestLimits("RunInstances"),
  resources: resourceLimits("RunInstances")!,
};

function quotaOf({ quota }: LaunchTokens): LaunchQuota {
  return quota ?? DEFAULT_QUOTA;
}

/** The same buckets by the figures of `limits.apiQuota`; what is absent there is AWS's default. */
export function withQuota(
  tokens: LaunchTokens,
  given: Limits["apiQuota"],
): LaunchTokens {
  const quota = given && {
    requests: given.requests ?? DEFAULT_QUOTA.requests,
    resources: given.instances ?? DEFAULT_QUOTA.resources,
  };
  if (JSON.stringify(quota) === JSON.stringify(tokens.quota)) return tokens;
  const { quota: _, ...rest } = tokens;
  return quota === undefined ? rest : { ...rest, quota };
}

/** Instances of a call up to which one call is enough. AWS advises several smaller calls over one large one (RunInstances). */
const CALL_SIZE = 100;

/** Calls over which a launch that the bucket does not hold is spread at least, up to its deadline. */
const PARTS = 14;

/** Milliseconds before the deadline at which what has been refilled is taken for the last time. */
const LAST_CALL = 1_000;

/** Milliseconds to wait after a throttle, and up to as much again by chance: a request token comes back every half second. */
const THROTTLE_WAIT = 500;

/** Instances of the smallest call that is tried: smaller ones take as many request tokens. */
const PROBE_LEAST = 25;

/**
 * How much larger the next call is once a smaller one has gone through: of what is left when that one is refused, at
 * least half has then been launched.
 */
const PROBE_GROWTH = 2;

/** What is to be launched. */
export interface Demand {
  /** Instances that are wanted. */
  readonly left: number;
  /** Most instances of one call. */
  readonly batch: number;
  /** Until when a call is of use. */
  readonly deadline: number;
  /** Milliseconds from a request to its deadline. */
  readonly window: number;
  readonly now: number;
  /** Whether there are several pools, any of which may be short: half of the request tokens is left for the next. */
  readonly hasOthers?: boolean;
}

/** What may be launched now: a number of instances in a number of calls; none: when to ask again, or on the next answer. */
export interface Budget {
  readonly instances: number;
  readonly calls: number;
  readonly wakeAt?: number;
}

const NOTHING = { instances: 0, calls: 0 } as const;

/** Tokens of both buckets, not always whole. */
export function tokensHeld(
  tokens: LaunchTokens,
  now: number,
): { readonly requests: number; readonly resources: number } {
  const quota = quotaOf(tokens);
  return {
    requests: tokensIn(past(tokens.requests, now), quota.requests, now),
    resources: tokensIn(past(tokens.resources, now), quota.resources, now),
  };
}

/** A bucket from the future was written by a clock that has been set back since: it is taken for full. */
function past(bucket: Bucket | undefined, now: number): Bucket | undefined {
  return bucket === undefined || bucket.at > now ? undefined : bucket;
}

/**
 * What to launch now. What the bucket holds goes at once, in calls of about a hundred as far as request tokens go;
 * beyond that what is refilled until the deadline goes in equal parts, the last one just before it. Where there are
 * several pools, half of the request tokens stay in hand: what one has not is then asked of the next at once.
 */
export function launchBudget(tokens: LaunchTokens, demand: Demand): Budget {
  const { left, batch, deadline, now, hasOthers = false } = demand;
  const { throttle, probe } = tokens;
  if (left <= 0 || probe?.pending === true) return NOTHING;
  if (throttle !== undefined && throttle.at <= now && throttle.until > now) {
    return { ...NOTHING, wakeAt: throttle.until };
  }
  const { requests, resources } = tokensHeld(tokens, now);
  const quota = quotaOf(tokens);
  if (requests < 1) return { ...NOTHING, wakeAt: now + untilHeld(1 - requests, quota.requests.refill) };
  if (left > Math.floor(resources)) {
    const part = partOf(demand, resources, quota);
    const at = now + untilHeld(part - resources, quota.resources.refill);
    const last = deadline - LAST_CALL;
    if (resources < part && Math.min(at, last) > now) return { ...NOTHING, wakeAt: Math.min(at, last) };
    // The last call is made: what has come back since is not worth one.
    if (resources < part && (tokens.requests?.at ?? -Infinity) >= last) return NOTHING;
  }
  const most = Math.min(left, Math.floor(resources));
  // Too late to wait for more, and nothing is there.
  if (most < 1) return NOTHING;
  if (probe !== undefined) return { instances: Math.min(most, probe.size, batch), calls: 1 };
  const share = Math.floor(hasOthers ? requests / 2 : requests);
  const calls = Math.min(
    Math.floor(requests),
    Math.max(1, Math.ceil(most / batch), Math.min(share, Math.ceil(most / CALL_SIZE))),
  );
  return { instances: Math.min(most, calls * batch), calls };
}

/** Milliseconds until that number of tokens has come back. */
function untilHeld(tokens: number, refill: number): number {
  return Math.max(1, Math.ceil(tokens / refill * 1_000));
}

/** Instances of one of the equal parts in which the refill is used. */
function partOf({ left, batch, window }: Demand, held: number, { resources }: LaunchQuota): number {
  const parts = Math.max(PARTS, Math.ceil((left - held) / batch));
  return Math.min(left, batch, Math.max(1, Math.ceil(window / 1_000 * resources.refill / parts)));
}

/** The most instances that can be had until a deadline. */
export function launchableUntil(tokens: LaunchTokens, deadline: number, now: number): number {
  const seconds = Math.max(0, deadline - now) / 1_000;
  return Math.floor(tokensHeld(tokens, now).resources + seconds * quotaOf(tokens).resources.refill);
}

/** How the buckets limit launches, in words. */
export function bucketWords(tokens: LaunchTokens): string {
  const { size, refill } = quotaOf(tokens).resources;
  return `RunInstances gives ${size} instances at once and ${refill} more a second`;
}

/** A call of that number of instances is about to be made. */
export function spendTokens(tokens: LaunchTokens, size: number, now: number): LaunchTokens {
  const { requests, resources } = tokensHeld(tokens, now);
  return {
    ...tokens,
    requests: { tokens: Math.max(0, requests - 1), at: now },
    resources: { tokens: Math.max(0, resources - size), at: now },
    underWay: (tokens.underWay ?? 0) + size,
    ...(resources === quotaOf(tokens).resources.size && { fullAt: now }),
    ...(tokens.probe !== undefined && { probe: { ...tokens.probe, pending: true } }),
  };
}

/** A call of `size` instances was answered and launched `got` of them, none where EC2 refused it for another reason than its rate. */
export function tokensAnswered(
  tokens: LaunchTokens,
  { size, got, batch, sentAt, now }: {
    readonly size: number;
    readonly got: number;
    readonly batch: number;
    readonly sentAt: number;
    readonly now: number;
  },
): LaunchTokens {
  const { probe, ...rest } = answered(withoutLost(tokens, sentAt, now), { size, unused: size - got, now });
  if (probe === undefined || isBefore(tokens, sentAt, now)) return { ...rest, ...(probe && { probe }) };
  const next = PROBE_GROWTH * size;
  return next >= batch ? rest : { ...rest, probe: { size: next, rising: true, pending: false } };
}

/** No answer came to a call, or to any of those under way: they may have been carried out, so their tokens are gone. */
export function tokensUnanswered(tokens: LaunchTokens, size = Infinity): LaunchTokens {
  if (tokens.underWay === undefined) return tokens;
  const { probe, underWay, ...rest } = tokens;
  const others = Math.max(0, underWay - size);
  return {
    ...rest,
    ...(probe !== undefined && { probe: { ...probe, pending: false } }),
    ...(others > 0 && { underWay: others }),
  };
}

/**
 * EC2 refused a call for its rate: the request bucket is empty now. Where our own calls say that the other one holds
 * plenty, somebody else may have emptied either: half the size is tried, and smaller yet down to 25, until one goes through,
 * then twice as many each time; a throttle then, or where there is little left anyway, says that the resource bucket is empty.
 * @param call its size, when it was made, and a number in 0..1 by chance
 */
export function tokensThrottled(
  tokens: LaunchTokens,
  { size, sentAt, now, random, code, message }: {
    readonly size: number;
    readonly sentAt: number;
    readonly now: number;
    readonly random: number;
    readonly code: string;
    readonly message: string;
  },
): LaunchTokens {
  const { probe, ...rest } = answered(tokens, { size, unused: size, now });
  // Calls that were under way together are throttled together.
  if (isBefore(tokens, sentAt, now)) return { ...rest, ...(probe && { probe }) };
  const own = tokensHeld(rest, now).resources + (rest.underWay ?? 0);
  const isEmpty = probe?.rising === true || own < quotaOf(tokens).resources.size / 2;
  return {
    ...rest,
    requests: { tokens: 0, at: now },
    throttle: { at: now, until: now + Math.round(THROTTLE_WAIT * (1 + random)), code, message },
    ...(isEmpty ? { resources: { tokens: 0, at: now } } : {
      probe: {
        size: Math.max(Math.min(size, PROBE_LEAST), Math.floor(size / 2)),
        rising: false,
        pending: false,
      },
    }),
  };
}

/** EC2 takes tokens when a call arrives: what came back to a full bucket until then is lost, and that may be all until the answer. */
function withoutLost(tokens: LaunchTokens, sentAt: number, now: number): LaunchTokens {
  const { fullAt, ...rest } = tokens;
  if (fullAt !== sentAt) return tokens;
  const lost = (now - sentAt) / 1_000 * quotaOf(tokens).resources.refill;
  return { ...rest, resources: { tokens: Math.max(0, tokensHeld(tokens, now).resources - lost), at: now } };
}

/** Whether a call was made before the last throttle: its answer says nothing of what holds since. */
function isBefore({ throttle }: LaunchTokens, sentAt: number, now: number): boolean {
  return throttle !== undefined && throttle.at <= now && sentAt <= throttle.at;
}

/** Tokens of instances that were not launched are not taken. */
function answered(
  tokens: LaunchTokens,
  { size, unused, now }: { readonly size: number; readonly unused: number; readonly now: number },
): LaunchTokens {
  const { resources } = tokensHeld(tokens, now);
  const { underWay, ...rest } = tokens;
  const others = Math.max(0, (underWay ?? 0) - size);
  return {
    ...rest,
    resources: { tokens: Math.min(quotaOf(tokens).resources.size, resources + unused), at: now },
    ...(others > 0 && { underWay: others }),
  };
}

/** Whether a value that was read is what this program writes of the buckets. */
export function isLaunchTokens(value: unknown): value is LaunchTokens {
  if (!isRecord(value)) return false;
  const { requests, resources, throttle, probe, underWay, quota } = value;
  const isQuota = quota === undefined || isRecord(quota) &&
      [quota.requests, quota.resources].every((one) => hasNumbers(one, "size", "refill"));
  return isQuota &&
    [requests, resources].every((one) => one === undefined || hasNumbers(one, "tokens", "at")) &&
    (throttle === undefined || hasNumbers(throttle, "at", "until")) &&
    (probe === undefined || hasNumbers(probe, "size")) &&
    (underWay === undefined || Number.isFinite(underWay));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasNumbers(value: unknown, ...names: readonly string[]): boolean {
  return isRecord(value) && names.every((name) => Number.isFinite(value[name]));
}
