/** Stand-in for jsr:@std/assert where JSR can't be reached: the names that we use, with their signatures, over node:assert. */
import {
  AssertionError as NodeAssertionError,
  deepStrictEqual,
  notDeepStrictEqual,
  strictEqual,
} from "node:assert/strict";

/** Class of the errors wanted. */
// deno-lint-ignore no-explicit-any -- @std/assert's own signature
type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** What every failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg || "Expected a truthy value");
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  compare(() => deepStrictEqual(actual, expected), msg);
}

export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  compare(() => notDeepStrictEqual(actual, expected), msg);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  compare(() => strictEqual(actual, expected), msg);
}

export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) fail(`Expected a value, got ${actual}`, msg);
}

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) fail(`Expected "${actual}" to contain "${expected}"`, msg);
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) fail(`Expected "${actual}" to match ${expected}`, msg);
}

export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error>(
  fn: () => unknown,
  classOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  try {
    fn();
  } catch (error) {
    return checkError(error, classOrMsg, msgIncludes, msg);
  }
  return fail("Expected function to throw", typeof classOrMsg === "string" ? classOrMsg : msg);
}

export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<E> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const message = typeof classOrMsg === "string" ? classOrMsg : msg;
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    throw new AssertionError(`${prefix(message)}Expected function to reject, but it threw: ${error}`, {
      cause: error,
    });
  }
  try {
    await promise;
  } catch (error) {
    return checkError(error, classOrMsg, msgIncludes, msg);
  }
  return fail("Expected function to reject", message);
}

function checkError<E extends Error>(
  error: unknown,
  wanted: ErrorClass<E> | string | undefined,
  msgIncludes = "",
  msg?: string,
): unknown {
  if (wanted === undefined || typeof wanted === "string") return error;
  if (!(error instanceof wanted)) {
    throw new AssertionError(`${prefix(msg)}Expected error to be instance of ${wanted.name}, got ${error}`, {
      cause: error,
    });
  }
  if (!error.message.includes(msgIncludes)) {
    fail(`Expected error message to include "${msgIncludes}", got "${error.message}"`, msg);
  }
  return error;
}

function compare(run: () => void, msg?: string): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof NodeAssertionError)) throw error;
    fail(error.message, msg);
  }
}

function fail(message: string, msg?: string): never {
  throw new AssertionError(prefix(msg) + message);
}

function prefix(msg?: string): string {
  return msg ? `${msg}\n` : "";
}
