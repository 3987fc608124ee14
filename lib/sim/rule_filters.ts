import type { SecurityGroup, SecurityGroupRule } from "../aws/ec2_api.ts";
import type { FilterTable } from "./filters.ts";
import type { World } from "./world.ts";

/** Filters by the rules of a group's one direction, each by any of its rules. */
export function ruleFilters(
  world: World,
  prefix: "" | "egress.",
  rulesOf: (group: SecurityGroup) => readonly SecurityGroupRule[],
): FilterTable<SecurityGroup> {
  const columns: Readonly<Record<string, (rule: SecurityGroupRule) => readonly (string | undefined)[]>> = {
    "cidr": ({ cidrs }) => cidrs.filter((cidr) => !cidr.includes(":")),
    "from-port": ({ fromPort }) => [fromPort === undefined ? undefined : String(fromPort)],
    "group-id": ({ groupIds }) => groupIds,
    "ipv6-cidr": ({ cidrs }) => cidrs.filter((cidr) => cidr.includes(":")),
    "protocol": ({ ipProtocol }) => [ipProtocol],
    "to-port": ({ toPort }) => [toPort === undefined ? undefined : String(toPort)],
    "user-id": ({ groupIds }) => groupIds.map(() => world.settings.account),
  };
  return Object.fromEntries(
    Object.entries(columns).map(([name, valuesOf]) => [
      `${prefix}ip-permission.${name}`,
      (group: SecurityGroup) => rulesOf(group).flatMap(valuesOf),
    ]),
  );
}
