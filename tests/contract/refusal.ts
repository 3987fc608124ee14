import { assertEquals, assertRejects } from "@std/assert";
import { AwsError } from "../../lib/aws/aws_error.ts";
import { classOfError, type ErrorClass } from "../../lib/aws/error_codes.ts";

/** Asserts that a call is refused with a code; a call that is refused at once counts as well. */
export async function assertCode(call: () => Promise<unknown>, code: string): Promise<void> {
  assertEquals((await refusalOf(call)).code, code);
}

/** Asserts that a call is refused with a code of a class. */
export async function assertClass(call: () => Promise<unknown>, errorClass: ErrorClass): Promise<void> {
  const error = await refusalOf(call);
  assertEquals(classOfError(error), errorClass, error.code);
}

/** The error of a call that must be refused by AWS. */
export async function refusalOf(call: () => Promise<unknown>): Promise<AwsError> {
  return await assertRejects(async () => await call(), AwsError);
}
