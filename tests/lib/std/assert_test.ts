import {
  assert,
  assertEquals,
  assertExists,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

/** The error of a check, found without any check of @std/assert. */
function failure(check: () => unknown): string | undefined {
  try {
    check();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
}

async function rejection(check: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await check();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
}

function expect(condition: boolean, message: string): void {
  if (!condition) throw new Error(message);
}

class OwnError extends TypeError {}

const boom = () => {
  throw new OwnError("boom at column 3");
};

const PASSES: Readonly<Record<string, () => unknown>> = {
  "assert(1)": () => assert(1),
  "assertEquals of equal objects": () =>
    assertEquals({ a: [1, { b: new Date(0) }] }, { a: [1, { b: new Date(0) }] }),
  "assertEquals of NaN": () => assertEquals(NaN, NaN),
  "assertEquals of maps and sets": () =>
    assertEquals(new Map([["a", new Set([1])]]), new Map([["a", new Set([1])]])),
  "assertEquals of bytes": () => assertEquals(new Uint8Array([1]), new Uint8Array([1])),
  "assertNotEquals": () => assertNotEquals<unknown>({ a: 1 }, { a: 2 }),
  "assertStrictEquals": () => assertStrictEquals("a", "a"),
  "assertExists of false and 0": () => [assertExists(0), assertExists(false), assertExists("")],
  "assertStringIncludes": () => assertStringIncludes("abc", "b"),
  "assertMatch": () => assertMatch("abc", /^a.c$/),
  "assertThrows": () => assertThrows(boom),
  "assertThrows with class": () => assertThrows(boom, TypeError),
  "assertThrows with class and message": () => assertThrows(boom, OwnError, "column 3"),
};

for (const [name, check] of Object.entries(PASSES)) {
  Deno.test(`${name} passes`, { permissions: "none" }, () => void check());
}

const FAILURES: Readonly<Record<string, () => unknown>> = {
  "assert(0)": () => assert(0, "why"),
  "assertEquals of unequal objects": () => assertEquals<unknown>({ a: 1 }, { a: 2 }, "why"),
  "assertEquals of unequal types": () => assertEquals<unknown>(1, "1", "why"),
  "assertEquals of a missing key": () => assertEquals<unknown>({ a: undefined }, {}, "why"),
  "assertEquals of -0 and 0": () => assertEquals(-0, 0, "why"),
  "assertNotEquals of equal objects": () => assertNotEquals({ a: 1 }, { a: 1 }, "why"),
  "assertStrictEquals of two objects": () => assertStrictEquals({}, {}, "why"),
  "assertExists of null": () => assertExists(null, "why"),
  "assertStringIncludes": () => assertStringIncludes("abc", "x", "why"),
  "assertMatch": () => assertMatch("abc", /x/, "why"),
  "assertThrows of nothing thrown": () => assertThrows(() => {}, Error, "", "why"),
  "assertThrows of another class": () => assertThrows(boom, RangeError, "", "why"),
  "assertThrows of another message": () => assertThrows(boom, OwnError, "column 4", "why"),
  "assertThrows of no error": () =>
    assertThrows(
      () => {
        throw "text";
      },
      Error,
      "",
      "why",
    ),
};

for (const [name, check] of Object.entries(FAILURES)) {
  Deno.test(`${name} fails and says why`, { permissions: "none" }, () => {
    const message = failure(check);
    expect(message !== undefined, "did not fail");
    expect(message!.includes("why"), message!);
  });
}

Deno.test("assertThrows() and assertRejects() answer the error", { permissions: "none" }, async () => {
  const error: OwnError = assertThrows(boom, OwnError);
  assertEquals(error.message, "boom at column 3");
  assertEquals((await assertRejects(() => Promise.reject(error), OwnError)) === error, true);
  assertEquals(await assertRejects(() => Promise.reject(7)), 7);
});

Deno.test("assertRejects() fails on what is not a rejection", { permissions: "none" }, async () => {
  const checks: (() => Promise<unknown>)[] = [
    () => assertRejects(() => Promise.resolve(1), Error),
    () => assertRejects(() => Promise.reject(new RangeError("a")), TypeError),
    () => assertRejects(() => Promise.reject(new RangeError("a")), RangeError, "b"),
    () => assertRejects(boom as () => Promise<unknown>, OwnError),
  ];
  for (const [i, check] of checks.entries()) {
    expect(await rejection(check) !== undefined, `check ${i} passed`);
  }
});
