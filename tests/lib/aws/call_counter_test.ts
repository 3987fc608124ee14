import { assertEquals, assertRejects } from "@std/assert";
import { type CallCounts, countCalls } from "../../../lib/aws/call_counter.ts";

const pure = { permissions: "none" } as const;

class Api {
  #answer = 42;
  readonly region = "us-east-1";
  runInstances(count: number): Promise<number> {
    return Promise.resolve(this.#answer + count);
  }
  stopInstances(): Promise<never> {
    return Promise.reject(new Error("refused"));
  }
}

Deno.test(
  "countCalls() counts calls by AWS's names, the failed ones too, and answers as the port does",
  pure,
  async () => {
    const counts: CallCounts = {};
    const api = countCalls(new Api(), counts);
    assertEquals(await api.runInstances(1), 43);
    assertEquals(await api.runInstances(2), 44);
    await assertRejects(() => api.stopInstances(), Error, "refused");
    assertEquals(counts, { RunInstances: 2, StopInstances: 1 });
  },
);

Deno.test("countCalls() counts neither a method that is only looked at nor a field", pure, () => {
  const counts: CallCounts = {};
  const api = countCalls(new Api(), counts);
  assertEquals(typeof api.runInstances, "function");
  assertEquals(api.region, "us-east-1");
  assertEquals(counts, {});
});

Deno.test("countCalls() adds to counts that it is given", pure, async () => {
  const counts: CallCounts = { RunInstances: 5 };
  await countCalls(new Api(), counts).runInstances(0);
  await countCalls(new Api(), counts).runInstances(0);
  assertEquals(counts, { RunInstances: 7 });
});
