import { assertEquals } from "@std/assert";
import { isAddress } from "../../../lib/base/ip_address.ts";

Deno.test("isAddress() tells addresses from names", { permissions: "none" }, () => {
  assertEquals(["10.0.0.1", "::1", "ctl", "10.example"].map(isAddress), [true, true, false, false]);
  for (const text of ["0.0.0.0", "255.255.255.255", "fd00:ec2::254", "2001:db8::10.0.0.1"]) {
    assertEquals(isAddress(text), true, text);
  }
  for (const text of ["256.0.0.1", "10.0.0", "10.0.0.1.2", "10.0.0.1:53", "::g", "", " 10.0.0.1", "nas:1"]) {
    assertEquals(isAddress(text), false, text);
  }
});
