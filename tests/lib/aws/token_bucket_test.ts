import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Bucket, requestLimits, resourceLimits, take, tokensIn } from "../../../lib/aws/token_bucket.ts";

const RUN = requestLimits("RunInstances");

Deno.test("take() gives the burst at once, then nothing until the refill", { permissions: "none" }, () => {
  let bucket: Bucket | undefined;
  for (let call = 0; call < 5; call++) {
    bucket = take(bucket, RUN, 1, 1000);
    assert(bucket !== undefined);
  }
  assertEquals(take(bucket, RUN, 1, 1000), undefined);
  assertEquals(take(bucket, RUN, 1, 1499), undefined);
  assertEquals(take(bucket, RUN, 1, 1500), { tokens: 0, at: 1500 });
});

Deno.test("take() lets 1,500 instances be launched in 250 seconds, and never more than the size at once", {
  permissions: "none",
}, () => {
  const limits = resourceLimits("RunInstances")!;
  const bucket = take(undefined, limits, 1000, 0);
  assertEquals(take(bucket, limits, 500, 249_999), undefined);
  assertEquals(take(bucket, limits, 500, 250_000), { tokens: 0, at: 250_000 });
  assertEquals(take(undefined, limits, 1001, Number.MAX_SAFE_INTEGER), undefined);
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
      bucket = next ?? bucket;
      if (bucket === undefined) continue;
      assert(bucket.tokens >= 0 && bucket.tokens <= RUN.size && bucket.at >= at);
      at = bucket.at;
    }
  }));
});

Deno.test(
  "take() gives nothing too early and all in time after a throttled call",
  { permissions: "none" },
  () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), (tokens) => {
      const empty: Bucket = { tokens: 0, at: 0 };
      const wait = tokens / RUN.refill * 1000;
      assert(take(empty, RUN, tokens, wait) !== undefined);
      assertEquals(take(empty, RUN, tokens, wait - 1), undefined);
    }));
  },
);
