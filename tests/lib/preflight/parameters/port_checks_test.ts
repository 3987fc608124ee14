import { assertEquals } from "@std/assert";
import type { SecurityGroupRule } from "../../../../lib/aws/ec2_api.ts";
import { parseCidr } from "../../../../lib/preflight/parameters/cidr.ts";
import {
  checkPorts,
  type Controller,
  DEFAULT_PORTS,
} from "../../../../lib/preflight/parameters/port_checks.ts";

const OWN = "sg-00000001";
const rule = (changes: Partial<SecurityGroupRule>): SecurityGroupRule => ({
  ipProtocol: "tcp",
  fromPort: 6818,
  toPort: 6818,
  cidrs: [],
  groupIds: [],
  ...changes,
});
const at = (text: string): Controller => ({ kind: "cidr", text, cidr: parseCidr(text)! });
const ALL_OUT = [{ ipProtocol: "-1", cidrs: ["0.0.0.0/0"], groupIds: [] }];

function statuses(
  ingress: readonly SecurityGroupRule[],
  controller?: Controller,
  egress: readonly SecurityGroupRule[] = ALL_OUT,
  ports = DEFAULT_PORTS,
): string[] {
  const subnets = [{
    subnetId: "subnet-1",
    vpcId: "vpc-1",
    availabilityZone: "a",
    availabilityZoneId: "a",
    cidrBlock: "10.0.0.0/19",
    availableIpAddressCount: 1,
  }];
  const groups = [{ groupId: OWN, groupName: "nodes", vpcId: "vpc-1", ingress, egress }];
  return checkPorts({ what: "x", region: "us-east-1", groups, subnets, controller, ports }).map((
    { status },
  ) => status);
}

const CASES: readonly (readonly [
  name: string,
  ingress: readonly SecurityGroupRule[],
  controller: Controller | undefined,
  statuses: readonly string[],
])[] = [
  ["no rule", [], undefined, ["fail", "warn", "pass"]],
  ["another port", [rule({ fromPort: 22, toPort: 22, cidrs: ["0.0.0.0/0"] })], undefined, [
    "fail",
    "warn",
    "pass",
  ]],
  ["UDP only", [rule({ ipProtocol: "udp", cidrs: ["0.0.0.0/0"] })], undefined, ["fail", "warn", "pass"]],
  ["everyone", [rule({ cidrs: ["0.0.0.0/0"] })], undefined, ["pass", "pass", "pass"]],
  [
    "a range of ports, by number",
    [rule({ ipProtocol: "6", fromPort: 6000, toPort: 7000, cidrs: ["0.0.0.0/0"] })],
    undefined,
    [
      "pass",
      "pass",
      "pass",
    ],
  ],
  ["itself, no controller known", [rule({ groupIds: [OWN] })], undefined, ["can't tell", "pass", "pass"]],
  ["itself, a controller by address", [rule({ groupIds: [OWN] })], at("10.9.9.9"), ["fail", "pass", "pass"]],
  ["itself, the controller a member", [rule({ groupIds: [OWN] })], { kind: "group", groupId: OWN }, [
    "pass",
    "pass",
    "pass",
  ]],
  ["the controller's block", [rule({ cidrs: ["10.9.0.0/16"] })], at("10.9.9.9"), ["pass", "warn", "pass"]],
  ["a smaller block than the controller's", [rule({ cidrs: ["10.9.9.0/24"] })], at("10.9.0.0/16"), [
    "fail",
    "warn",
    "pass",
  ]],
  ["a group that the controller may be in", [rule({ groupIds: ["sg-2"] })], at("10.9.9.9"), [
    "can't tell",
    "warn",
    "pass",
  ]],
  ["a block that the controller's group may be in", [rule({ cidrs: ["10.0.0.0/8"] })], {
    kind: "group",
    groupId: "sg-2",
  }, [
    "can't tell",
    "pass",
    "pass",
  ]],
  ["half of the subnet", [rule({ cidrs: ["10.0.0.0/20"] })], at("10.0.0.1"), ["pass", "warn", "pass"]],
  ["IPv6 only", [rule({ cidrs: ["::/0"] })], at("10.0.0.1"), ["fail", "warn", "pass"]],
];
for (const [name, ingress, controller, expected] of CASES) {
  Deno.test(`checkPorts() judges what lets in ${name}`, { permissions: "none" }, () => {
    assertEquals(statuses(ingress, controller), expected);
  });
}

Deno.test("checkPorts() judges what nodes may call", { permissions: "none" }, () => {
  const open = [rule({ cidrs: ["0.0.0.0/0"] })];
  const out = (egress: readonly SecurityGroupRule[], controller?: Controller) =>
    statuses(open, controller, egress)[2];
  assertEquals(out([]), "fail");
  assertEquals(out([rule({ fromPort: 6817, toPort: 6817, cidrs: ["10.9.0.0/16"] })]), "can't tell");
  assertEquals(out([rule({ fromPort: 6817, toPort: 6817, cidrs: ["10.9.0.0/16"] })], at("10.9.1.1")), "pass");
  assertEquals(out([rule({ fromPort: 443, toPort: 443, cidrs: ["0.0.0.0/0"] })], at("10.9.1.1")), "fail");
});

Deno.test("checkPorts() looks at the ports that slurm.conf sets", { permissions: "none" }, () => {
  const only = (port: number) => rule({ fromPort: port, toPort: port, cidrs: ["0.0.0.0/0"] });
  const ports = { slurmctld: 7001, slurmd: 7002 };
  assertEquals(statuses([only(7002)], undefined, [only(7001)], ports), ["pass", "pass", "pass"]);
  assertEquals(statuses([only(6818)], undefined, [only(6817)], ports), ["fail", "warn", "fail"]);
});
