import { assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { askEach, askOnce } from "../../../lib/preflight/ask.ts";

const failure = (code: string) => new AwsError({ code, operation: "GetParameters", message: "No" });
const patience = () => {
  let now = 0;
  const sleep = (milliseconds: number) => Promise.resolve(void (now += milliseconds));
  return { now: () => now, sleep, random: () => 1, deadline: 60_000 };
};

Deno.test("askEach() asks in batches and tells what is missing", { permissions: "none" }, async () => {
  const calls: string[][] = [];
  const answers = await askEach(patience(), {
    names: ["a", "b", "c", "a"],
    perCall: 2,
    call: (names) => {
      calls.push([...names]);
      return Promise.resolve(new Map(names.filter((name) => name !== "b").map((name) => [name, name])));
    },
  });
  assertEquals(calls, [["a", "b"], ["c"]]);
  assertEquals([...answers], [
    ["a", { kind: "found", value: "a" }],
    ["b", { kind: "missing" }],
    ["c", { kind: "found", value: "c" }],
  ]);
});

for (
  const [code, kind] of [
    ["AccessDeniedException", "refused"],
    ["InvalidAMIID.NotFound", "missing"],
    ["InvalidAMIID.Malformed", "missing"],
    ["AuthFailure", "refused"],
    ["Novelty", "refused"],
  ] as const
) {
  Deno.test(`askEach() finds the one name that gets ${code}`, { permissions: "none" }, async () => {
    const names = Array.from({ length: 9 }, (_, i) => `n${i}`);
    const answers = await askEach(patience(), {
      names,
      perCall: 10,
      call: (part) =>
        part.includes("n4")
          ? Promise.reject(failure(code))
          : Promise.resolve(new Map(part.map((name) => [name, 1]))),
    });
    assertEquals(names.filter((name) => answers.get(name)?.kind !== "found"), ["n4"]);
    assertEquals(answers.get("n4")?.kind, kind);
  });
}

for (const code of ["ExpiredTokenException", "EndpointUnreachable", "UnrecognizedClientException"]) {
  Deno.test(`askEach() gives up at ${code}`, { permissions: "none" }, async () => {
    const ask = () =>
      askEach(patience(), { names: ["a", "b"], perCall: 2, call: () => Promise.reject(failure(code)) });
    const error = await assertRejects(ask, AwsError);
    assertEquals((error as AwsError).code, code);
  });
}

Deno.test("askEach() gives up when throttled beyond its patience", { permissions: "none" }, async () => {
  const clock = patience();
  await assertRejects(
    () =>
      askEach(clock, {
        names: ["a", "b"],
        perCall: 2,
        call: () => Promise.reject(failure("ThrottlingException")),
      }),
    AwsError,
  );
  assertEquals(clock.now() > 30_000, true);
});

Deno.test(
  "askOnce() takes a refusal for an answer, and no fault of ours",
  { permissions: "none" },
  async () => {
    assertEquals(await askOnce(patience(), () => Promise.reject(failure("AccessDeniedException"))), {
      kind: "refused",
      code: "AccessDeniedException",
      message: "No",
    });
    await assertRejects(() => askOnce(patience(), () => Promise.reject(new TypeError("bug"))), TypeError);
  },
);
