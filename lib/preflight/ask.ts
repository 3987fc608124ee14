import { AwsError } from "../aws/aws_error.ts";
import { classOfError, ERROR_CLASSES, isNotFound } from "../aws/error_codes.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
import { chunk } from "../base/chunk.ts";
import { isolate } from "../base/isolate.ts";
import type { Answer } from "./answer.ts";

/** How things are asked for by name, several a call. */
export interface Question<T> {
  readonly names: Iterable<string>;
  /** Names that one call takes. */
  readonly perCall: number;
  /** What exists of the names, by name. A name that does not may fail the whole call. */
  readonly call: (names: readonly string[]) => Promise<ReadonlyMap<string, T>>;
}

/**
 * Asks for each name once, waiting out throttling. A call that fails for one name is halved until that name stands
 * alone, so that one unknown id, or one parameter that IAM denies, hides no other.
 * @throws {AwsError} when nobody could be asked: credentials, network, throttled beyond patience.
 */
export async function askEach<T>(patience: Patience, question: Question<T>): Promise<Map<string, Answer<T>>> {
  const answers = new Map<string, Answer<T>>();
  for (const names of chunk([...new Set(question.names)], question.perCall)) {
    const failures = await isolate(names, async (part) => {
      const found = await patiently(patience, () => question.call(part));
      for (const name of part) {
        answers.set(name, found.has(name) ? { kind: "found", value: found.get(name)! } : { kind: "missing" });
      }
    }, isHopeless);
    for (const { item, error } of failures) answers.set(item, failureAnswer(error));
  }
  return answers;
}

/** Asks one thing that has no parts; throws as {@link askEach} does. */
export async function askOnce<T>(patience: Patience, call: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: "found", value: await patiently(patience, call) };
  } catch (error) {
    return failureAnswer(error);
  }
}

function failureAnswer(error: unknown): Answer<never> {
  if (!(error instanceof AwsError) || isHopeless(error)) throw error;
  if (isNotFound(error.code) || error.code.endsWith(".Malformed")) return { kind: "missing" };
  return { kind: "refused", code: error.code, message: error.message };
}

/**
 * Whether asking for less would fail alike. AuthFailure is also what EC2 says of one image that is not shared with
 * the caller (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
 */
function isHopeless(error: unknown): boolean {
  if (!(error instanceof AwsError)) return true;
  if (error.code === "AuthFailure") return false;
  return ERROR_CLASSES[classOfError(error)].scope === "account";
}
