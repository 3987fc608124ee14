import type { World } from "../world.ts";
import type { Statement } from "./statement.ts";

/** Statements of the policies of the latest call's caller; undefined: may do everything. */
export function policiesOf({ caller, policies, nodePolicies }: World): readonly Statement[] | undefined {
  return caller === "user" ? policies : nodePolicies;
}
