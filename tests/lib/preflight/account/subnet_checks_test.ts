import { assertEquals, assertMatch } from "@std/assert";
import type { Subnet } from "../../../../lib/aws/ec2_api.ts";
import type { Answer } from "../../../../lib/preflight/answer.ts";
import { checkAddresses, type SubnetFacts } from "../../../../lib/preflight/account/subnet_checks.ts";
import { testConfig } from "../../../fixtures/test_config.ts";
import { testGroup } from "../../../fixtures/test_group.ts";

const subnet = (
  subnetId: string,
  free: number,
  vpcId = "vpc-1",
  availabilityZone = "us-east-1a",
): readonly [string, Answer<Subnet>] => [subnetId, {
  kind: "found",
  value: {
    subnetId,
    vpcId,
    availabilityZone,
    availabilityZoneId: "use1-az1",
    cidrBlock: "10.0.0.0/26",
    availableIpAddressCount: free,
  },
}];

const { limits } = testConfig();
const CONFIG = {
  region: "us-east-1",
  limits,
  nodeGroups: [
    testGroup({ name: "a", nodes: "a[0-9]", subnets: ["subnet-1"] }),
    testGroup({ name: "b", nodes: "b[0-19]", subnets: ["subnet-1", "subnet-2"] }),
  ],
  partitions: [
    { name: "all", nodeGroups: ["a", "b"], options: {} },
    { name: "small", nodeGroups: ["a"], options: {} },
  ],
};

const up = (nodeGroup: string, count: number) =>
  Array.from({ length: count }, () => ({ nodeGroup, subnetId: "subnet-1" }));

const OFFERED = [{ instanceType: "c7i.large", location: "us-east-1a" }];

interface Case {
  readonly what: string;
  readonly subnets: SubnetFacts["subnets"];
  readonly instances?: SubnetFacts["instances"];
  readonly maxNodes?: number;
  readonly offerings?: SubnetFacts["offerings"];
  readonly told: readonly string[];
  readonly evidence?: RegExp;
}

const CASES: readonly Case[] = [
  { what: "enough for all", subnets: new Map([subnet("subnet-1", 10), subnet("subnet-2", 20)]), told: [] },
  {
    what: "too few for the largest partition",
    subnets: new Map([subnet("subnet-1", 10), subnet("subnet-2", 19)]),
    told: ["warn partition all"],
    evidence: /30 nodes, 0 have an address, 30 more are wanted, 29 are free in subnet-1, subnet-2/,
  },
  {
    what: "nodes that are up have an address",
    subnets: new Map([subnet("subnet-1", 9), subnet("subnet-2", 19)]),
    instances: [...up("a", 1), ...up("b", 1)],
    told: [],
  },
  {
    what: "a ceiling on nodes",
    subnets: new Map([subnet("subnet-1", 5), subnet("subnet-2", 0)]),
    maxNodes: 5,
    told: [],
  },
  {
    what: "one subnet is full",
    subnets: new Map([subnet("subnet-1", 0), subnet("subnet-2", 30)]),
    told: ["fail partition small"],
    evidence: /10 more are wanted, 0 are free in subnet-1/,
  },
  {
    what: "two VPCs",
    subnets: new Map([subnet("subnet-1", 30), subnet("subnet-2", 30, "vpc-2")]),
    told: ["fail nodeGroups b: subnets"],
    evidence: /subnet-1 of vpc-1, subnet-2 of vpc-2/,
  },
  {
    what: "a zone lacks the instance type",
    subnets: new Map([subnet("subnet-1", 30), subnet("subnet-2", 30, "vpc-1", "us-east-1b")]),
    told: ["warn nodeGroups b: instanceTypes"],
    evidence: /^c7i\.large is not offered in us-east-1b \(subnet-2\)$/,
  },
  {
    what: "all zones lack the instance type",
    subnets: new Map([subnet("subnet-1", 30), subnet("subnet-2", 30)]),
    offerings: [],
    told: ["fail nodeGroups a: instanceTypes", "fail nodeGroups b: instanceTypes"],
  },
  {
    what: "a subnet is missing",
    subnets: new Map([subnet("subnet-1", 30), ["subnet-2", { kind: "missing" }]]),
    told: ["fail nodeGroups b: subnets"],
    evidence: /subnet-2 does not exist/,
  },
];

for (const { what, subnets, instances = [], offerings = OFFERED, maxNodes, told, evidence } of CASES) {
  Deno.test(`checkAddresses(): ${what}`, { permissions: "none" }, () => {
    const findings = checkAddresses({ ...CONFIG, limits: { ...limits, maxNodes } }, {
      subnets,
      instances,
      offerings,
    });
    const bad = findings.filter(({ status }) => ["warn", "fail"].includes(status));
    assertEquals(bad.map(({ status, what }) => `${status} ${what}`), [...told]);
    if (evidence) assertMatch(bad[0]!.evidence, evidence);
    for (const { fix } of bad) assertMatch(fix!, /./);
  });
}

Deno.test("checkAddresses() counts the cluster's instances in a subnet, or says that it can't", {
  permissions: "none",
}, () => {
  const subnets = new Map([subnet("subnet-1", 30), subnet("subnet-2", 30)]);
  const of = (instances: SubnetFacts["instances"]) =>
    checkAddresses(CONFIG, { subnets, instances, offerings: undefined }).map(({ evidence }) => evidence);
  assertMatch(of(up("a", 3))[0]!, /^30 of 59 addresses free in 10\.0\.0\.0\/26.*; 3 are this cluster's/);
  assertMatch(of(undefined).join("\n"), /how many have an address is not known/);
});
