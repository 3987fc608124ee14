import { assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { type Patience, patiently } from "../../../lib/aws/patiently.ts";

const pure = { permissions: "none" } as const;

function awsError(code: string): AwsError {
  return new AwsError({ code, message: `${code}!`, operation: "RunInstances" });
}

/** A clock that only sleeping moves. */
function clock(deadline: number): Patience & { readonly slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    now: () => now,
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
    random: () => 1,
    deadline,
    slept,
  };
}

/** A call that fails with these codes one after another, then answers. */
function failing(...codes: readonly string[]) {
  const left = [...codes];
  const call = () => {
    call.made++;
    const code = left.shift();
    return code === undefined ? Promise.resolve("answer") : Promise.reject(awsError(code));
  };
  call.made = 0;
  return call;
}

Deno.test("patiently() does not wait when the call succeeds", pure, async () => {
  const patience = clock(1e6);
  assertEquals(await patiently(patience, failing()), "answer");
  assertEquals(patience.slept, []);
});

Deno.test(
  "patiently() waits twice as long each time while AWS throttles, up to 4 seconds",
  pure,
  async () => {
    const patience = clock(1e6);
    const call = failing(...Array(6).fill("RequestLimitExceeded"));
    assertEquals(await patiently(patience, call), "answer");
    assertEquals(patience.slept, [500, 1000, 2000, 4000, 4000, 4000]);
  },
);

Deno.test("patiently() never sleeps past its deadline", pure, async () => {
  const patience = clock(10_000);
  const call = failing(...Array(99).fill("ThrottlingException"));
  await assertRejects(() => patiently(patience, call), AwsError, "ThrottlingException!");
  assertEquals(patience.slept, [500, 1000, 2000, 4000]);
  assertEquals(call.made, 5);
});

Deno.test("patiently() makes one try when the deadline has passed", pure, async () => {
  const call = failing("InternalError");
  await assertRejects(() => patiently(clock(-1), call), AwsError);
  assertEquals(call.made, 1);
});

for (
  const [code, tries] of [
    ["InternalError", 100],
    ["ServiceUnavailable", 100],
    ["EndpointUnreachable", 3],
    ["InvalidResponse", 3],
    ["ResponseTimeout", 3],
    ["RequestAborted", 3],
    ["InsufficientInstanceCapacity", 1],
    ["UnauthorizedOperation", 1],
    ["ExpiredToken", 1],
    ["VcpuLimitExceeded", 1],
    ["InvalidAMIID.NotFound", 1],
    ["ACodeThatNobodyKnows", 1],
  ] as const
) {
  Deno.test(
    `patiently() makes a call that meets ${code} ${tries === 100 ? "until it passes" : `${tries} times`}`,
    pure,
    async () => {
      const call = failing(...Array(99).fill(code));
      const result = await patiently(clock(Infinity), call).catch((error) => error.code);
      assertEquals([call.made, result], [tries, tries === 100 ? "answer" : code]);
    },
  );
}

Deno.test("patiently() counts only the tries that nobody answered against its three", pure, async () => {
  const call = failing(
    ...Array(9).fill("RequestLimitExceeded"),
    "ResponseTimeout",
    "InternalError",
    "ResponseTimeout",
  );
  assertEquals(await patiently(clock(Infinity), call), "answer");
  assertEquals(call.made, 13);
  const dead = failing("ResponseTimeout", "RequestLimitExceeded", ...Array(9).fill("ResponseTimeout"));
  await assertRejects(() => patiently(clock(Infinity), dead), AwsError, "ResponseTimeout!");
  assertEquals(dead.made, 4);
});

Deno.test("patiently() passes on at once what is not an answer of AWS", pure, async () => {
  let made = 0;
  const call = () => {
    made++;
    return Promise.reject(new TypeError("a defect"));
  };
  await assertRejects(() => patiently(clock(1e6), call), TypeError, "a defect");
  assertEquals(made, 1);
});
