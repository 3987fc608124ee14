import { assertEquals, assertStringIncludes } from "@std/assert";
import type { SecurityGroup, SecurityGroupRule } from "../../../../lib/aws/ec2_api.ts";
import { checkEfaRules } from "../../../../lib/preflight/parameters/efa_checks.ts";

const OWN = "sg-00000001";
const ALL = { ipProtocol: "-1", cidrs: [] };
const itself: SecurityGroupRule = { ...ALL, groupIds: [OWN] };
const anywhere: SecurityGroupRule = { ...ALL, cidrs: ["0.0.0.0/0"], groupIds: [] };

function check(ingress: readonly SecurityGroupRule[], egress: readonly SecurityGroupRule[]) {
  const group: SecurityGroup = { groupId: OWN, groupName: "nodes", vpcId: "vpc-1", ingress, egress };
  return checkEfaRules({ what: "x", region: "eu-west-1", groups: [group] });
}

Deno.test("checkEfaRules() wants one group that lets all traffic in from and out to itself", {
  permissions: "none",
}, () => {
  assertEquals(check([itself], [itself]).status, "pass");
  const noWayOut = check([itself], [anywhere]);
  assertEquals(noWayOut.status, "fail");
  assertStringIncludes(noWayOut.fix!, `authorize-security-group-egress --region eu-west-1 --group-id ${OWN}`);
  const noWayIn = check([anywhere], [itself]);
  assertStringIncludes(noWayIn.fix!, "authorize-security-group-ingress");
  assertEquals(check([{ ...itself, ipProtocol: "tcp" }], [itself]).status, "fail");
  assertEquals(check([{ ...itself, groupIds: ["sg-00000002"] }], [itself]).status, "fail");
});
