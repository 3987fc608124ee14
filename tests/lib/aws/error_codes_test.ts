import { assert, assertEquals, assertMatch } from "@std/assert";
import { classAdvice } from "../../../lib/aws/advice.ts";
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
    if (code.startsWith("Client.")) assert(codes.errorClass(code) !== "pool", code);
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

/** Codes whose class has a quality, and codes whose class has not. */
const QUALITIES: readonly (readonly [
  what: string,
  has: (rule: codes.ErrorRule) => boolean,
  yes: readonly string[],
  no: readonly string[],
])[] = [
  [
    "is repeated without anybody's doing",
    ({ repeat }) => repeat !== "never",
    ["RequestLimitExceeded", "InternalError", "EndpointUnreachable", "RequestAborted"],
    ["InsufficientInstanceCapacity", "InvalidParameterValue", "VcpuLimitExceeded", "ExpiredToken", "Odd"],
  ],
  [
    "leaves open whether it was carried out",
    ({ outcomeUnknown }) => outcomeUnknown,
    ["InternalError", "Unavailable", "ResponseTimeout", "InvalidResponse", "RequestAborted"],
    ["RequestLimitExceeded", "InsufficientInstanceCapacity", "UnauthorizedOperation", "Odd"],
  ],
  [
    "may go through for fewer",
    ({ smallerHelps }) => smallerHelps,
    ["InsufficientFreeAddressesInSubnet", "VcpuLimitExceeded", "ResourceCountExceeded"],
    ["RequestLimitExceeded", "InsufficientInstanceCapacity", "UnauthorizedOperation", "ExpiredToken"],
  ],
  [
    "speaks for everything that the account asks",
    ({ scope }) => scope === "account",
    ["RequestLimitExceeded", "ExpiredToken", "EndpointUnreachable", "Unavailable", "RequestAborted"],
    ["InvalidAMIID.NotFound", "UnauthorizedOperation", "IncorrectInstanceState", "Odd", "VcpuLimitExceeded"],
  ],
  [
    "keeps its node down for a while",
    ({ rest }) => rest > 0,
    ["InsufficientInstanceCapacity", "InsufficientFreeAddressesInSubnet", "VcpuLimitExceeded", "Odd"],
    ["RequestLimitExceeded", "Unavailable", "RequestAborted", "ResourceCountExceeded"],
  ],
];

for (const [what, has, yes, no] of QUALITIES) {
  Deno.test(`errorRule() says which error ${what}`, { permissions: "none" }, () => {
    for (const code of yes) assert(has(codes.errorRule(code)), code);
    for (const code of no) assert(!has(codes.errorRule(code)), code);
  });
}

Deno.test("ERROR_CLASSES keeps a node down longest where a person must act", { permissions: "none" }, () => {
  const restOf = (code: string) => codes.errorRule(code).rest;
  assertEquals(
    ["InsufficientInstanceCapacity", "ExpiredToken", "EndpointUnreachable"].map(restOf),
    [1, 1, 0.2],
  );
  assertEquals(["VcpuLimitExceeded", "UnauthorizedOperation", "InvalidAMIID.NotFound"].map(restOf), [
    2,
    2,
    2,
  ]);
});

Deno.test(
  "isUnauthorized() and isDryRunAllowed() answer for their own class",
  { permissions: "none" },
  () => {
    for (
      const [predicate, own] of [
        [codes.isUnauthorized, "permission"],
        [codes.isDryRunAllowed, "dry-run"],
      ] as const
    ) {
      for (const [code, errorClass] of codes.KNOWN_ERROR_CODES) {
        assertEquals(predicate(code), errorClass === own, `${predicate.name} ${code}`);
      }
    }
  },
);

/** Classes among which a source chooses outside of a table that names them all. */
function chosenClasses(source: string): string[] {
  const outside = source.replace(/: Readonly<\s*Record<(?:ErrorClass|RefusalScope|Why),[^]*?\n\};/g, "");
  const classes = Object.keys(codes.ERROR_CLASSES).join("|");
  const asked = new RegExp(`(?:[=!]==|case|[[,(])\\s*"(${classes})"(?!\\s*\\|(?!\\|))`, "g");
  return [...new Set([...outside.matchAll(asked)].map(([, one]) => one!))];
}

Deno.test("chosenClasses() sees lists, comparisons and cases", { permissions: "none" }, () => {
  for (
    const source of [
      '["subnet", "quota"].includes(errorClass(code))',
      'kind === "subnet" || kind === "quota"',
      'switch (kind) { case "subnet": case "quota": }',
      'new Set<ErrorClass>([\n  "subnet",\n  "quota",\n])',
    ]
  ) {
    assertEquals(chosenClasses(source), ["subnet", "quota"], source);
  }
  assertEquals(
    chosenClasses('const A: Readonly<Record<ErrorClass, number>> = {\n  "subnet": f("quota"),\n};'),
    [],
  );
  assertEquals(chosenClasses('type A = Omit<B, "quota" | "subnet">;'), []);
});

Deno.test("no file chooses among error classes but by a table that the compiler holds complete", () => {
  const root = new URL("../../../", import.meta.url);
  const seen: string[] = [];
  const wrong: string[] = [];
  const visit = (directory: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(directory, root))) {
      const path = `${directory}${name}`;
      if (isDirectory) visit(`${path}/`);
      else if (path.endsWith(".ts") && path !== "lib/aws/error_codes.ts") {
        const text = Deno.readTextFileSync(new URL(path, root));
        if (!/^(?:import|\})[^;]*error_codes\.ts"/m.test(text)) continue;
        seen.push(path);
        const chosen = chosenClasses(text);
        if (chosen.length > 1) wrong.push(`${path} chooses among ${chosen.join(", ")}`);
      }
    }
  };
  visit("lib/");
  visit("commands/");
  assert(seen.length > 10, seen.join());
  assertEquals(wrong, []);
});

Deno.test("isNotFound() knows ids, names and parameters", { permissions: "none" }, () => {
  for (const code of ["InvalidInstanceID.NotFound", "InvalidAMIID.NotFound", "ParameterNotFound"]) {
    assert(codes.isNotFound(code), code);
  }
  for (const code of ["InvalidInstanceID.Malformed", "CredentialsNotFound"]) {
    assert(!codes.isNotFound(code), code);
  }
});

Deno.test(
  "classAdvice() has a sentence for every class, without a final period",
  { permissions: "none" },
  () => {
    const classes = new Set<codes.ErrorClass>([
      ...codes.KNOWN_ERROR_CODES.map(([, errorClass]) => errorClass),
      "unknown",
    ]);
    assertEquals(classes.size, 18);
    assertEquals([...classes].sort(), Object.keys(codes.ERROR_CLASSES).sort());
    for (const errorClass of classes) assertMatch(classAdvice(errorClass), /^[A-Z].{30,}[^.]$/);
  },
);
