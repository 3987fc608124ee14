/** Stand-in for jsr:@std/assert where JSR can't be reached: the same names and signatures over node:assert. */
import { AssertionError as NodeAssertionError, deepStrictEqual, notDeepStrictEqual, strictEqual } from "node:assert/strict";

export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

function check(run: () => void, msg?: string): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof NodeAssertionError)) throw error;
    throw new AssertionError(msg === undefined ? error.message : `${msg}\n${error.message}`);
  }
}

export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg || "Expected a truthy value");
}

export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  check(() => deepStrictEqual(actual, expected), msg);
}

export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  check(() => notDeepStrictEqual(actual, expected), msg);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  check(() => strictEqual(actual, expected), msg);
}

export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) throw new AssertionError(msg ?? `Expected a value, got ${actual}`);
}

export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) {
    throw new AssertionError(`${msg ? `${msg}\n` : ""}Expected "${actual}" to contain "${expected}"`);
  }
}

export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) {
    throw new AssertionError(`${msg ? `${msg}\n` : ""}Expected "${actual}" to match ${expected}`);
  }
}

export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  // deno-lint-ignore no-explicit-any -- @std/assert's own signature
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes = "",
  msg?: string,
): E {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
  }
  return checkThrown(thrown, ErrorClass, msgIncludes, msg);
}

export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  // deno-lint-ignore no-explicit-any -- @std/assert's own signature
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes = "",
  msg?: string,
): Promise<E> {
  let thrown: unknown;
  try {
    await fn();
  } catch (error) {
    thrown = error;
  }
  return checkThrown(thrown, ErrorClass, msgIncludes, msg);
}

function checkThrown<E extends Error>(
  thrown: unknown,
  // deno-lint-ignore no-explicit-any -- @std/assert's own signature
  ErrorClass: abstract new (...args: any[]) => E,
  msgIncludes: string,
  msg?: string,
): E {
  const prefix = msg ? `${msg}\n` : "";
  if (thrown === undefined) throw new AssertionError(`${prefix}Expected ${ErrorClass.name} to be thrown, nothing was`);
  if (!(thrown instanceof ErrorClass)) {
    throw new AssertionError(`${prefix}Expected ${ErrorClass.name} to be thrown, got ${thrown}`, { cause: thrown });
  }
  if (!thrown.message.includes(msgIncludes)) {
    throw new AssertionError(`${prefix}Expected the message to contain "${msgIncludes}", got "${thrown.message}"`);
  }
  return thrown;
}
