import { assertEquals } from "@std/assert";
import { refusalScope } from "../../../lib/aws/refusal_scope.ts";

const pure = { permissions: "none" } as const;

for (
  const [code, scope] of [
    ["InsufficientInstanceCapacity", "pool"],
    ["Server.InsufficientInstanceCapacity", "pool"],
    ["InsufficientFreeAddressesInSubnet", "subnet"],
    ["VcpuLimitExceeded", "capacity-type"],
    ["MaxSpotInstanceCountExceeded", "capacity-type"],
    ["VolumeLimitExceeded", "account"],
    ["Client.VolumeLimitExceeded", "account"],
    ["AuthFailure.ServiceLinkedRoleCreationNotPermitted", "capacity-type"],
    ["UnauthorizedOperation", "group"],
    ["ExpiredToken", "account"],
  ] as const
) {
  Deno.test(`refusalScope() of ${code} is ${scope}`, pure, () => {
    assertEquals(refusalScope(code), scope);
  });
}
