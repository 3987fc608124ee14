import { assert, assertEquals } from "@std/assert";
import { KNOWN_ERROR_CODES } from "../../../lib/aws/error_codes.ts";
import { WAIT_CLASSES, WAIT_OF_ERROR, waitClassOf, waitMeaning } from "../../../lib/cluster/wait_class.ts";

const CASES = [
  ["InsufficientInstanceCapacity", "CAPACITY"],
  ["InsufficientFreeAddressesInSubnet", "CAPACITY"],
  ["VcpuLimitExceeded", "QUOTA"],
  ["RequestLimitExceeded", "THROTTLED"],
  ["UnauthorizedOperation", "PERMISSION"],
  ["ExpiredToken", "PERMISSION"],
  ["InvalidAMIID.NotFound", "REQUEST"],
  ["BootFailureBreaker", "IMAGE"],
  ["ResumeTimeout", "IMAGE"],
  ["EndpointUnreachable", "AWS"],
  ["Client.InstanceInitiatedShutdown", "INSTANCE"],
  ["NeverSeenBefore", "AWS"],
] as const;

for (const [code, expected] of CASES) {
  Deno.test(`waitClassOf() is ${expected} for ${code}`, { permissions: "none" }, () => {
    assertEquals(waitClassOf(code), expected);
  });
}

Deno.test("waitClassOf() has a class with a meaning for every known code", { permissions: "none" }, () => {
  for (const [code, errorClass] of KNOWN_ERROR_CODES) {
    assertEquals(waitClassOf(code), WAIT_OF_ERROR[errorClass], code);
    assert(waitMeaning(waitClassOf(code)).length > 10);
  }
});

Deno.test("WAIT_CLASSES are words for a terminal, and their meanings end without a period", {
  permissions: "none",
}, () => {
  for (const name of WAIT_CLASSES) {
    assert(/^[A-Z]+$/.test(name));
    assert(!waitMeaning(name).endsWith("."));
  }
});
