import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Bucket,
  emptyBucket,
  requestLimits,
  resourceLimits,
  take,
  tokensIn,
  waitFor,
} from "../../../lib/aws/token_bucket.ts";

const RUN = requestLimits("RunInstances");

Deno.test("take() gives the burst at once, then nothing until the refill", { permissions: "none" }, () => {
  let bucket: Bucket | undefined;
  for (let call = 0; call < 5; call++) {
    bucket = take(bucket, RUN, 1, 1000);
    assert(bucket !== undefined);
  }
  assertEquals(take(bucket, RUN, 1, 1000), undefined);
  assertEquals(waitFor(bucket, RUN, 1, 1000), 500);
  assertEquals(take(bucket, RUN, 1, 1500), { tokens: 0, at: 1500 });
});

Deno.test("waitFor() says when 1,500 instances can have been launched", { permissions: "none" }, () => {
  const limits = resourceLimits("RunInstances")!;
  const bucket = take(undefined, limits, 1000, 0);
  assertEquals(waitFor(bucket, limits, 500, 0), 250_000);
  assertEquals(waitFor(bucket, limits, 1001, 0), Infinity);
});

Deno.test(
  "requestLimits() gives describes without filter the smaller bucket",
  { permissions: "none" },
  () => {
    assertEquals(requestLimits("DescribeInstances"), { size: 100, refill: 20 });
    assertEquals(requestLimits("DescribeInstances", false), { size: 50, refill: 10 });
    assertEquals(requestLimits("DescribeImages", false), { size: 100, refill: 20 });
    assertEquals(requestLimits("StopInstances"), { size: 50, refill: 5 });
    assertEquals(requestLimits("TerminateInstances"), { size: 100, refill: 5 });
    assertEquals(resourceLimits("CreateTags"), undefined);
  },
);

Deno.test("take() never goes back in time nor below zero nor over the size", { permissions: "none" }, () => {
  const steps = fc.array(
    fc.record({ tokens: fc.integer({ min: 0, max: 8 }), now: fc.integer({ min: 0, max: 20_000 }) }),
  );
  fc.assert(fc.property(steps, (all) => {
    let bucket: Bucket | undefined;
    let at = -1;
    for (const { tokens, now } of all) {
      const before = tokensIn(bucket, RUN, now);
      const next = take(bucket, RUN, tokens, now);
      assertEquals(next !== undefined, before >= tokens);
      assertEquals(waitFor(bucket, RUN, tokens, now) === 0, before >= tokens);
      bucket = next ?? bucket;
      if (bucket === undefined) continue;
      assert(bucket.tokens >= 0 && bucket.tokens <= RUN.size && bucket.at >= at);
      at = bucket.at;
    }
  }));
});

Deno.test("waitFor() is enough and not too much after a throttled call", { permissions: "none" }, () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), (tokens) => {
    const wait = waitFor(emptyBucket(0), RUN, tokens, 0);
    assert(take(emptyBucket(0), RUN, tokens, wait) !== undefined);
    assertEquals(take(emptyBucket(0), RUN, tokens, wait - 1), undefined);
  }));
});
