import { assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { limitCalls } from "../../../lib/aws/limit_calls.ts";

const pure = { permissions: "none" } as const;

Deno.test("limitCalls() hands input and answer through, and leaves no timer behind", pure, async () => {
  const api = { add: (input: { n: number }) => Promise.resolve(input.n + 1) };
  assertEquals(await limitCalls(api, 60).add({ n: 1 }), 2);
});

Deno.test(
  "limitCalls() ends a call that never answers, even one that does not listen to its signal",
  pure,
  async () => {
    let signal: AbortSignal | undefined;
    const api = {
      hang(_: object, options?: { signal?: AbortSignal }) {
        signal = options?.signal;
        return new Promise<void>(() => {});
      },
    };
    const error = await assertRejects(() => limitCalls(api, 0.01).hang({}), AwsError);
    assertEquals([error.code, error.operation, signal?.aborted], ["RequestAborted", "Hang", true]);
  },
);
