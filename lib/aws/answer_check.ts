import { NotAnAnswer } from "./sdk_error.ts";

/** How a service's answers look on the wire. */
export type WireFormat = "xml" | "json";

/** Enough of an answer to know its kind, in bytes. */
const HEAD_BYTES = 400;

/**
 * EC2 and STS answer with `<OperationResponse …>`, errors with `<Response>` or `<ErrorResponse>`
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/making-api-requests.html).
 */
const XML_ANSWER = /^\s*(<\?xml[^>]*\?>\s*)?<\w*Response[\s>\/]/;

/**
 * Throws {@link NotAnAnswer} unless the bytes begin like an answer of the service: an empty body or a
 * well-formed page of a proxy would otherwise be read as "no instances".
 */
export function checkAnswer(body: Uint8Array, format: WireFormat): void {
  const head = new TextDecoder().decode(body.subarray(0, HEAD_BYTES));
  const valid = format === "xml" ? XML_ANSWER.test(head) : /^\s*\{/.test(head);
  if (!valid) throw new NotAnAnswer(`Answer is not ${format.toUpperCase()} of an AWS service`);
}
