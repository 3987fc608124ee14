import { AwsError } from "./aws_error.ts";
import {
  CLIENT_FAILURE,
  CREDENTIALS_NOT_FOUND,
  ENDPOINT_UNREACHABLE,
  errorClass,
  INVALID_RESPONSE,
  REQUEST_ABORTED,
  RESPONSE_TIMEOUT,
} from "./error_codes.ts";

/** Which call failed: for the message. */
export interface CallSite {
  /** As people write it: `EC2`, `SSM`, … */
  readonly service: string;
  /** As AWS names it. */
  readonly operation: string;
  /** Where the request went, as `https://host:port`; absent when it never got that far. */
  readonly endpoint?: string;
  /** Where credentials were looked for, in words. */
  readonly credentialSources: string;
  /** The caller's signal, to tell its end from others. */
  readonly signal?: AbortSignal;
}

/** What the SDK, its HTTP handler or Deno may have thrown; every field may be missing. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  /** Error code as the service's answer has it. */
  readonly Code?: unknown;
  /** Node's code, such as `ECONNREFUSED`. */
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly $fault?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/** The SDK's names for an error answer without a code: some server answered that is not AWS. */
const NAMES_WITHOUT_CODE: ReadonlySet<unknown> = new Set(["Unknown", "UnknownError", "NotFound"]);

/** Names of what is thrown where there are no credentials. */
const NO_CREDENTIALS: ReadonlySet<unknown> = new Set([
  ...["CredentialsProviderError", "TokenProviderError", "HelperError"],
]);

/** Thrown by the check of an answer's first bytes; converted like any other failure. */
export class NotAnAnswer extends Error {
  /** Always `NotAnAnswer`. */
  override readonly name = "NotAnAnswer";
}

/** Thrown where a `credential_process` gave no credentials: no other place was looked at. */
export class HelperError extends Error {
  /** Always `HelperError`. */
  override readonly name = "HelperError";
}

/**
 * Code of whatever the SDK threw: AWS's own, or one of ours where AWS never answered. Node and SDK failures are
 * distinguished by name and code, never by text.
 */
export function sdkErrorCode(error: unknown, signal?: AbortSignal): string {
  const thrown = (error ?? {}) as Thrown;
  if (signal?.aborted || thrown.name === "AbortError") return REQUEST_ABORTED;
  if (NO_CREDENTIALS.has(thrown.name)) return CREDENTIALS_NOT_FOUND;
  if (thrown.name === "NotAnAnswer") return INVALID_RESPONSE;
  if (thrown.$fault !== undefined) return answeredCode(thrown);
  if (thrown.name === "NotCapable") return ENDPOINT_UNREACHABLE;
  if (thrown.name === "TimeoutError" && thrown.code === "ETIMEDOUT" && thrown.syscall === undefined) {
    return RESPONSE_TIMEOUT;
  }
  if (typeof thrown.code === "string" || thrown.name === "TimeoutError") return ENDPOINT_UNREACHABLE;
  return thrown.$metadata?.httpStatusCode !== undefined ? INVALID_RESPONSE : CLIENT_FAILURE;
}

function answeredCode(thrown: Thrown): string {
  if (typeof thrown.Code === "string" && thrown.Code !== "") return thrown.Code;
  return typeof thrown.name !== "string" || NAMES_WITHOUT_CODE.has(thrown.name)
    ? INVALID_RESPONSE
    : thrown.name;
}

/** Whatever a call of the SDK threw, as the one error that callers of the ports know. */
export function toAwsError(error: unknown, site: CallSite): AwsError {
  if (error instanceof AwsError) return error;
  const code = sdkErrorCode(error, site.signal);
  const metadata = (error as Thrown | undefined)?.$metadata;
  return new AwsError({
    code,
    message: message(code, error, site),
    operation: site.operation,
    httpStatus: metadata?.httpStatusCode,
    requestId: metadata?.requestId,
    cause: error,
  });
}

/** AWS's own words where AWS spoke; else what happened, at which host and to which call. */
function message(code: string, error: unknown, site: CallSite): string {
  const detail = detailOf(error);
  const status = (error as Thrown | undefined)?.$metadata?.httpStatusCode;
  const call = `${site.service} ${site.operation}`;
  const endpoint = site.endpoint === undefined ? "the endpoint" : `"${site.endpoint}"`;
  switch (code) {
    case REQUEST_ABORTED:
      return `${call} was ended before an answer came${
        site.endpoint === undefined ? "" : ` from ${endpoint}`
      }: ${detailOf(site.signal?.reason ?? error)}`;
    case CREDENTIALS_NOT_FOUND:
      if (error instanceof HelperError) return `No AWS credentials for ${call}: ${detail}`;
      return `No AWS credentials for ${call}: looked in ${site.credentialSources}. ` +
        `Set aws.profile or aws.credentialsFile, or give this host an instance role: ${detail}`;
    case ENDPOINT_UNREACHABLE:
      return `${call} could not reach ${endpoint}: ${detail}`;
    case RESPONSE_TIMEOUT:
      return `${call} got no answer in time from ${endpoint}: it may have been carried out all the same`;
    case INVALID_RESPONSE:
      return `${call} got an answer from ${endpoint} that is not ${site.service}'s (HTTP status ${
        status ?? "?"
      }): ` +
        "a proxy, or a wrong endpoint URL?";
    case CLIENT_FAILURE:
      return `${call} failed before anything was sent: ${detail}`;
    default:
      return errorClass(code) === "credentials"
        ? `${detail} (credentials from ${site.credentialSources})`
        : readable(detail);
  }
}

/**
 * A refusal without its encoded part, of some hundred characters, that only STS can read and that CloudTrail has as well
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html).
 */
function readable(message: string): string {
  return message.replace(/\.?\s*Encoded authorization failure message:.*$/, "");
}

/** What a URL of the environment may hold: a password in it, or all of one that can't be read. */
function withoutSecrets(text: string): string {
  return text.replace(
    /(Invalid (?:proxy )?URL):? .*$/i,
    "$1 in the environment (AWS_ENDPOINT_URL…, HTTPS_PROXY); it is not shown",
  )
    .replace(/(:\/\/)[^\s/@]*@/g, "$1");
}

/** An error's own words; several addresses tried in vain have theirs one level down. */
function detailOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(detailOf).join(", ");
  const text = error instanceof Error ? error.message : String(error);
  return withoutSecrets(text.split("\n")[0]!.trim());
}
