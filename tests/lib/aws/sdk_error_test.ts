import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { type CallSite, NotAnAnswer, sdkErrorCode, toAwsError } from "../../../lib/aws/sdk_error.ts";

const SITE: CallSite = {
  service: "EC2",
  operation: "RunInstances",
  endpoint: "https://ec2.us-east-1.amazonaws.com",
  credentialSources: 'profile "slurm"',
};

function thrown(fields: object, message = "Words"): Error {
  return Object.assign(new Error(message), fields);
}

const CODES: readonly (readonly [what: string, error: unknown, code: string])[] = [
  [
    "AWS's code",
    thrown({ $fault: "client", name: "InvalidParameterValue", Code: "InvalidParameterValue" }),
    "InvalidParameterValue",
  ],
  [
    "the name where JSON has no Code",
    thrown({ $fault: "client", name: "ParameterNotFound" }),
    "ParameterNotFound",
  ],
  ["an answer without code", thrown({ $fault: "server", name: "Unknown" }), "InvalidResponse"],
  ["a 404 of another server", thrown({ $fault: "client", name: "NotFound" }), "InvalidResponse"],
  ["an answer that could not be read", thrown({ $metadata: { httpStatusCode: 200 } }), "InvalidResponse"],
  ["the check of the first bytes", new NotAnAnswer("Answer is not XML"), "InvalidResponse"],
  ["a refused connection", thrown({ code: "ECONNREFUSED", syscall: "connect" }), "EndpointUnreachable"],
  ["an unknown host", thrown({ code: "ENOTFOUND" }), "EndpointUnreachable"],
  ["a bad certificate", thrown({ code: "CERT_HAS_EXPIRED" }), "EndpointUnreachable"],
  ["a proxy that refuses", thrown({ code: "ERR_PROXY_TUNNEL" }), "EndpointUnreachable"],
  ["a connection that never stood", thrown({ name: "TimeoutError" }), "EndpointUnreachable"],
  [
    "the kernel's connect timeout",
    thrown({ name: "TimeoutError", code: "ETIMEDOUT", syscall: "connect" }),
    "EndpointUnreachable",
  ],
  ["no answer in time", thrown({ name: "TimeoutError", code: "ETIMEDOUT" }), "ResponseTimeout"],
  ["a host that we may not call", thrown({ name: "NotCapable" }), "EndpointUnreachable"],
  ["no credentials", thrown({ name: "CredentialsProviderError" }), "CredentialsNotFound"],
  ["an expired SSO session", thrown({ name: "TokenProviderError" }), "CredentialsNotFound"],
  [
    "a refused role",
    thrown({ $fault: "client", name: "AccessDenied", Code: "AccessDenied" }),
    "AccessDenied",
  ],
  ["an aborted request", thrown({ name: "AbortError" }), "RequestAborted"],
  ["a setting that can't work", new TypeError("Invalid URL"), "ClientFailure"],
  ["nothing at all", undefined, "ClientFailure"],
];

for (const [what, error, code] of CODES) {
  Deno.test(`sdkErrorCode() of ${what} is ${code}`, { permissions: "none" }, () => {
    assertEquals(sdkErrorCode(error), code);
  });
}

Deno.test("toAwsError() keeps AWS's words, status and request id", { permissions: "none" }, () => {
  const error = thrown({
    $fault: "client",
    name: "InvalidAMIID.NotFound",
    Code: "InvalidAMIID.NotFound",
    $metadata: { httpStatusCode: 400, requestId: "r-1" },
  }, "The image id '[ami-1]' does not exist");
  const converted = toAwsError(error, SITE);
  assertEquals(
    [converted.code, converted.operation, converted.httpStatus, converted.requestId, converted.message],
    ["InvalidAMIID.NotFound", "RunInstances", 400, "r-1", "The image id '[ami-1]' does not exist"],
  );
  assertEquals(converted.cause, error);
});

Deno.test("toAwsError() names host and operation where AWS did not speak", { permissions: "none" }, () => {
  for (const code of ["ECONNREFUSED", "ENOTFOUND"]) {
    const { message } = toAwsError(thrown({ code }, `connect ${code}`), SITE);
    assertEquals(
      message,
      `EC2 RunInstances could not reach "https://ec2.us-east-1.amazonaws.com": connect ${code}`,
    );
  }
  const timeout = toAwsError(thrown({ name: "TimeoutError", code: "ETIMEDOUT" }), SITE);
  assertMatch(timeout.message, /RunInstances got no answer in time from .*may have been carried out/);
});

Deno.test("toAwsError() tells of every address that was tried in vain", { permissions: "none" }, () => {
  const errors = [new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")];
  const { message } = toAwsError(Object.assign(new AggregateError(errors), { code: "ECONNREFUSED" }), SITE);
  assertStringIncludes(message, "connect ECONNREFUSED ::1:1, connect ECONNREFUSED 127.0.0.1:1");
});

Deno.test("toAwsError() leaves an AwsError as it is", { permissions: "none" }, () => {
  const error = new AwsError({ code: "InvalidResponse", message: "m", operation: "o" });
  assertEquals(toAwsError(error, SITE), error);
});

Deno.test(
  "toAwsError() calls everything after the caller's abort a deadline",
  { permissions: "none" },
  () => {
    const signal = AbortSignal.abort(new Error("Verdict is due"));
    const converted = toAwsError(thrown({ code: "ECONNRESET" }), { ...SITE, signal });
    assertEquals(converted.code, "RequestAborted");
    assertStringIncludes(converted.message, "Verdict is due");
  },
);
