import { assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { type CallCounts, countCalls } from "../../../lib/aws/call_counter.ts";
import { CallLedger } from "../../../lib/controller_run/call_ledger.ts";

Deno.test("CallLedger notes each call once, and throttled ones apart", { permissions: "none" }, async () => {
  const counts: CallCounts = {};
  const throttled: CallCounts = {};
  let clock = 0;
  const ledger = new CallLedger(counts, throttled, () => clock);
  const codes = ["RequestLimitExceeded", "UnauthorizedOperation", "", ""];
  const api = countCalls(
    {
      runInstances() {
        const code = codes.shift();
        if (!code) return Promise.resolve(1);
        return Promise.reject(new AwsError({ code, message: "no", operation: "RunInstances" }));
      },
    },
    counts,
    throttled,
  );
  for (let i = 0; i < 2; i++) await assertRejects(() => api.runInstances(), AwsError);
  await api.runInstances();
  assertEquals(ledger.due(), []);
  clock = 300_000;
  assertEquals(ledger.due(), [{
    kind: "calls",
    calls: { RunInstances: 3 },
    throttled: { RunInstances: 1 },
  }]);
  assertEquals(ledger.due(), []);
  assertEquals(ledger.rest(), []);
  await api.runInstances();
  assertEquals(ledger.rest(), [{ kind: "calls", calls: { RunInstances: 1 }, throttled: {} }]);
  clock = 900_000;
  assertEquals(ledger.due(), []);
});
