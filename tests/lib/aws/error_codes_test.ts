import { assert, assertEquals, assertMatch } from "@std/assert";
import { errorAdvice } from "../../../lib/aws/advice.ts";
import * as codes from "../../../lib/aws/error_codes.ts";

const CLASSES: readonly (readonly [code: string, errorClass: codes.ErrorClass])[] = [
  ["RequestLimitExceeded", "throttle"],
  ["ThrottlingException", "throttle"],
  ["ThrottledSomethingNew", "throttle"],
  ["InsufficientInstanceCapacity", "pool"],
  ["Server.InsufficientInstanceCapacity", "pool"],
  ["InsufficientReservedInstancesCapacity", "pool"],
  ["InsufficientQuantumCapacity", "pool"],
  ["Unsupported", "pool"],
  ["UnsupportedOperation", "request"],
  ["Server.SpotInstanceTermination", "pool"],
  ["InsufficientFreeAddressesInSubnet", "subnet"],
  ["InsufficientAddressCapacity", "subnet"],
  ["VcpuLimitExceeded", "quota"],
  ["MaxSpotInstanceCountExceeded", "quota"],
  ["Client.VolumeLimitExceeded", "quota"],
  ["SecurityGroupLimitExceeded", "quota"],
  ["UnauthorizedOperation", "permission"],
  ["AccessDeniedException", "permission"],
  ["AuthFailure.ServiceLinkedRoleCreationNotPermitted", "permission"],
  ["AuthFailure", "credentials"],
  ["ExpiredToken", "credentials"],
  ["CredentialsNotFound", "credentials"],
  ["InvalidParameterValue", "request"],
  ["InvalidAMIID.NotFound", "request"],
  ["InvalidAMIID.Malformed", "request"],
  ["InvalidSubnetID.NotFound", "request"],
  ["InvalidKeyPair.NotFound", "request"],
  ["MissingParameter", "request"],
  ["IdempotentParameterMismatch", "request"],
  ["ParameterNotFound", "request"],
  ["Client.InternalError", "request"],
  ["Client.InvalidSnapshot.NotFound", "request"],
  ["InternalError", "transient"],
  ["Server.InternalError", "transient"],
  ["Unavailable", "transient"],
  ["ResourceCountExceeded", "split"],
  ["IncorrectInstanceState", "state"],
  ["InvalidInstanceID.NotFound", "not-found"],
  ["InvalidInstanceID.Malformed", "request"],
  ["DryRunOperation", "dry-run"],
  ["EndpointUnreachable", "network"],
  ["InvalidResponse", "network"],
  ["ResponseTimeout", "network"],
  ["RequestAborted", "deadline"],
  ["Client.UserInitiatedShutdown", "ended"],
  ["SomethingElse", "unknown"],
  ["", "unknown"],
];

Deno.test("errorClass() sorts codes, families and state reasons", { permissions: "none" }, () => {
  for (const [code, expected] of CLASSES) assertEquals(codes.errorClass(code), expected, code);
});

Deno.test("errorClass() never calls a death at birth a lack of capacity", { permissions: "none" }, () => {
  for (const [code] of codes.KNOWN_ERROR_CODES) {
    if (code.startsWith("Client.")) assert(!codes.isInsufficientCapacity(code), code);
  }
});

Deno.test("KNOWN_ERROR_CODES has each code in one class only", { permissions: "none" }, () => {
  const names = codes.KNOWN_ERROR_CODES.map(([code]) => code);
  assertEquals(names.filter((name, index) => names.indexOf(name) !== index), []);
});

Deno.test("classOfError() reads the HTTP status of an unknown code only", { permissions: "none" }, () => {
  assertEquals(codes.classOfError({ code: "Odd", httpStatus: 500 }), "transient");
  assertEquals(codes.classOfError({ code: "Odd", httpStatus: 403 }), "permission");
  assertEquals(codes.classOfError({ code: "Odd", httpStatus: 400 }), "unknown");
  assertEquals(codes.classOfError({ code: "Odd" }), "unknown");
  assertEquals(codes.classOfError({ code: "InsufficientInstanceCapacity", httpStatus: 500 }), "pool");
  assertEquals(codes.classOfError({ code: "RequestLimitExceeded", httpStatus: 503 }), "throttle");
});

Deno.test("predicates answer for their own class", { permissions: "none" }, () => {
  const cases: readonly (readonly [(code: string) => boolean, string])[] = [
    [codes.isThrottled, "RequestLimitExceeded"],
    [codes.isInsufficientCapacity, "InsufficientInstanceCapacity"],
    [codes.isSubnetFull, "InsufficientFreeAddressesInSubnet"],
    [codes.isQuota, "VcpuLimitExceeded"],
    [codes.isUnauthorized, "UnauthorizedOperation"],
    [codes.isCredentials, "ExpiredToken"],
    [codes.isTooLarge, "ResourceCountExceeded"],
    [codes.isDryRunAllowed, "DryRunOperation"],
  ];
  for (const [predicate] of cases) {
    assertEquals(cases.filter(([, code]) => predicate(code)).length, 1, predicate.name);
  }
});

Deno.test("isNotFound() knows ids, names and parameters", { permissions: "none" }, () => {
  for (const code of ["InvalidInstanceID.NotFound", "InvalidAMIID.NotFound", "ParameterNotFound"]) {
    assert(codes.isNotFound(code), code);
  }
  for (const code of ["InvalidInstanceID.Malformed", "CredentialsNotFound"]) {
    assert(!codes.isNotFound(code), code);
  }
});

Deno.test("isRetryable() leaves capacity and requests alone", { permissions: "none" }, () => {
  assert(codes.isRetryable("InternalError") && codes.isRetryable("EndpointUnreachable"));
  assert(!codes.isRetryable("InsufficientInstanceCapacity") && !codes.isRetryable("InvalidParameterValue"));
});

Deno.test(
  "errorAdvice() has a sentence for every class, without a final period",
  { permissions: "none" },
  () => {
    const classes = new Set<codes.ErrorClass>([
      ...codes.KNOWN_ERROR_CODES.map(([, errorClass]) => errorClass),
      "unknown",
    ]);
    assertEquals(classes.size, 16);
    for (const errorClass of classes) assertMatch(errorAdvice(errorClass), /^[A-Z].{30,}[^.]$/);
  },
);
