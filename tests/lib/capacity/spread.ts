import { type Bucket, requestLimits, resourceLimits, take } from "../../../lib/aws/token_bucket.ts";
import {
  launchBudget,
  type LaunchTokens,
  spendTokens,
  tokensAnswered,
  tokensThrottled,
} from "../../../lib/capacity/tokens.ts";

/** How EC2 and the launch differ from the usual. */
export interface SpreadOptions {
  readonly nodes: number;
  /** Seconds from the request to the last launch. */
  readonly window?: number;
  readonly batch?: number;
  /** Resource tokens that somebody else has taken before, unknown to us. */
  readonly gone?: number;
  /** Somebody else takes so many resource tokens every 20 seconds. */
  readonly others?: number;
  /** Calls that are throttled whatever the buckets hold. */
  readonly throttles?: number;
  /** A number in 0..1. */
  readonly random?: () => number;
}

/** What came of it. */
export interface Spread {
  readonly launched: number;
  readonly calls: number;
  readonly throttled: number;
  /** Milliseconds after the request at which the last was launched. */
  readonly last: number;
}

const LATENCY = 150;
const LIMITS = { requests: requestLimits("RunInstances"), resources: resourceLimits("RunInstances")! };

/** Launches against EC2's buckets on a clock of its own, as the controller does: plan, call, learn from the answer. */
export function spread(options: SpreadOptions): Spread {
  const { nodes, window = 420, batch = 500, gone = 0, others = 0, random = () => 0.5 } = options;
  let requests: Bucket | undefined;
  let resources: Bucket | undefined = { tokens: LIMITS.resources.size - gone, at: 0 };
  let tokens: LaunchTokens = {};
  let [left, launched, calls, throttled, last, fails] = [nodes, 0, 0, 0, 0, options.throttles ?? 0];
  const deadline = window * 1_000;
  const open: { readonly at: number; readonly size: number; readonly sentAt: number }[] = [];
  let nextOther = 20_000;
  for (let now = 0; now <= deadline;) {
    for (; others > 0 && nextOther <= now; nextOther += 20_000) {
      resources = take(resources, LIMITS.resources, others, nextOther) ?? resources;
    }
    for (const { size, sentAt } of open.splice(0, open.findLastIndex(({ at }) => at <= now) + 1)) {
      const paid: Bucket | undefined = take(requests, LIMITS.requests, 1, sentAt);
      requests = paid ?? requests;
      const given: Bucket | undefined = paid === undefined || fails > 0
        ? undefined
        : take(resources, LIMITS.resources, size, sentAt);
      if (fails > 0) fails--;
      if (given === undefined) {
        throttled++;
        left += size;
        const answer = { size, sentAt, now, random: random(), code: "RequestLimitExceeded", message: "no" };
        tokens = tokensThrottled(tokens, answer);
      } else {
        resources = given;
        launched += size;
        last = now;
        tokens = tokensAnswered(tokens, { size, got: size, batch, sentAt, now });
      }
    }
    let wakeAt = Infinity;
    while (left > 0) {
      const budget = launchBudget(tokens, { left, batch, deadline, window: deadline, now });
      wakeAt = budget.wakeAt ?? Infinity;
      if (budget.calls === 0) break;
      let { instances } = budget;
      const each = Math.ceil(instances / budget.calls);
      while (instances > 0) {
        const size = Math.min(each, instances);
        instances -= size;
        left -= size;
        calls++;
        tokens = spendTokens(tokens, size, now);
        open.push({ at: now + LATENCY, size, sentAt: now });
      }
    }
    now = Math.min(wakeAt, open[0]?.at ?? Infinity);
    if (now === Infinity) break;
  }
  return { launched, calls, throttled, last };
}
