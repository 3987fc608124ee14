import { currentBuild } from "./build.ts";
import type { Grants } from "./effective_permissions.ts";
import { grantedBy, revocations } from "./revocations.ts";

/** Gives up what this process holds beyond `keep`, for good: nothing in Deno brings a revoked permission back. */
export function dropPermissions(keep: Grants): void {
  const build = currentBuild();
  for (const permission of revocations(keep, grantedBy(build))) Deno.permissions.revokeSync(permission);
  // From sources, modules that a command loads later may still have to come from a registry's cache.
  if (build.kind !== "source") Deno.permissions.revokeSync({ name: "import" });
}
