import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parse } from "yaml";
import { parameterNames } from "../../lib/cluster/ssm_parameters.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import type { OsDistribution } from "../../lib/config/model.ts";
import type { SecurityGroup } from "../../lib/aws/ec2_api.ts";
import { parseCidr } from "../../lib/preflight/parameters/cidr.ts";
import { checkPorts, type Controller, DEFAULT_PORTS } from "../../lib/preflight/parameters/port_checks.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { missingPrograms, testWhere } from "../test_where.ts";
import { parseTemplate, resolveTemplate, type Resource } from "./cloudformation_template.ts";
import { NETWORK_TEMPLATE, readTemplate, TEMPLATES } from "./cloudformation_templates.ts";

const CFN_LINT = Deno.env.get("SLURM_EC2_CFN_LINT") ?? "cfn-lint";

testWhere(
  CFN_LINT.includes("/") ? undefined : missingPrograms(CFN_LINT),
  "the CloudFormation templates pass cfn-lint",
  async () => {
    const { stdout, stderr, code } = await new Deno.Command(CFN_LINT, {
      args: ["--regions", "us-east-1", "--include-checks", "W", "--", ...TEMPLATES.map(({ path }) => path)],
    }).output();
    assertEquals(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr), "");
    assertEquals(code, 0);
  },
);

for (const { name, text } of TEMPLATES) {
  Deno.test(`${name} fits into one call and uses every parameter and condition`, () => {
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    assert(text.length < 51_200);
    const { Parameters, Conditions } = parseTemplate(text);
    for (const one of Object.keys({ ...Parameters, ...Conditions })) {
      assert(text.split(new RegExp(`\\b${one}\\b`)).length > 2, `${one} is not used`);
    }
  });
}

const DISTRIBUTIONS: readonly (readonly [OsDistribution, string])[] = [
  ["AlmaLinux", "9"],
  ["Amazon", "2023"],
  ["CentOS", "10"],
  ["RedHat", "8"],
  ["Rocky", "9"],
  ["Ubuntu", "24.04"],
];

for (const [distribution, version] of DISTRIBUTIONS) {
  for (const architecture of ["x86_64", "arm64"] as const) {
    Deno.test(`image.yaml writes the parameter that a launch of ${distribution} on ${architecture} reads`, () => {
      const { resources, outputs } = resolveTemplate(readTemplate("image.yaml"), {
        parameters: {
          SsmPrefix: "chip",
          Distribution: distribution,
          MajorVersion: version,
          [architecture === "arm64" ? "ImageArm64" : "ImageX8664"]: "ami-0123456789abcdef0",
        },
        region: "eu-west-1",
      });
      const config = configWith(outputs.SlurmEc2Yaml!, architecture);
      assertEquals(values(resources), {
        [parameterNames(config, config.nodeGroups[0]!).image!]: "ami-0123456789abcdef0",
      });
    });
  }
}

/** A whole configuration around the lines that a template gives out. */
function configWith(lines: string, architecture = "x86_64") {
  const { defaults, ...rest } = parse(lines);
  const yaml = {
    cluster: "chip",
    region: "eu-west-1",
    nodeGroups: [{
      name: "a",
      nodes: "a[0-1]",
      instanceTypes: [architecture === "arm64" ? "c7g.large" : "c7i.large"],
      subnets: ["subnet-0123456789abcdef0"],
    }],
    partitions: [{ name: "cloud", nodeGroups: ["a"] }],
    defaults: { os: { distribution: "Rocky", version: "9" }, ...defaults },
    ...rest,
  };
  return parseConfig(JSON.stringify(yaml), "slurm-ec2.yaml");
}

/** SSM parameters by name. */
function values(resources: Readonly<Record<string, Resource>>): Record<string, unknown> {
  const parameters = Object.values(resources).filter(({ Type }) => Type === "AWS::SSM::Parameter");
  return Object.fromEntries(parameters.map(({ Properties }) => [Properties.Name, Properties.Value]));
}

Deno.test("image.yaml takes ids of images only, and says which kind of value a parameter holds", () => {
  const parameters = { SsmPrefix: "chip", Distribution: "Rocky", MajorVersion: "9" };
  const image = (ImageX8664: string) =>
    resolveTemplate(readTemplate("image.yaml"), { parameters: { ...parameters, ImageX8664 } });
  assertThrows(() => image("UNDEFINED"), Error, "does not match");
  assertThrows(() => image("ami-123 "), Error, "does not match");
  assertEquals(image("").resources, {});
  // Checked by SSM: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-ec2-aliases.html
  assertEquals(image("ami-0123456789abcdef0").resources.X8664!.Properties.DataType, "aws:ec2:image");
});

const NETWORK = { SsmPrefix: "chip", VpcId: WORLD.vpcId };
const ON_PREM = { ...NETWORK, OnPremCidr: "10.20.0.0/16" };

type Rule = Readonly<Record<string, unknown>>;

/** Rules of all groups, each with the group that it is of. */
function rules(resources: Readonly<Record<string, Resource>>, way: "Ingress" | "Egress"): Rule[] {
  return Object.entries(resources).flatMap(([name, { Type, Properties }]) => {
    if (Type === `AWS::EC2::SecurityGroup${way}`) return [{ group: Properties.GroupId, ...Properties }];
    const inline = Type === "AWS::EC2::SecurityGroup" ? Properties[`SecurityGroup${way}`] ?? [] : [];
    return (inline as Rule[]).map((rule) => ({ group: name, ...rule }));
  });
}

/** What may come in, e.g. `NodeSecurityGroup <- ControllerSecurityGroup tcp 6818`. */
function openings(parameters: Readonly<Record<string, string>>): string[] {
  const { resources } = resolveTemplate(NETWORK_TEMPLATE, { parameters });
  return rules(resources, "Ingress").map((rule) => {
    const { group, IpProtocol, FromPort, ToPort, SourceSecurityGroupId, CidrIp } = rule;
    const ports = FromPort === undefined
      ? ""
      : FromPort === ToPort
      ? ` ${FromPort}`
      : ` ${FromPort}-${ToPort}`;
    return `${group} <- ${SourceSecurityGroupId ?? CidrIp} ${
      IpProtocol === "-1" ? "all" : IpProtocol
    }${ports}`
      .replaceAll("SecurityGroup", "");
  }).sort();
}

/** The nodes' group as EC2 would describe it. */
function nodeGroup(parameters: Readonly<Record<string, string>>): SecurityGroup {
  const { resources } = resolveTemplate(NETWORK_TEMPLATE, { parameters });
  const described = (way: "Ingress" | "Egress") =>
    rules(resources, way).filter(({ group }) => group === "NodeSecurityGroup").map((rule) => ({
      ipProtocol: rule.IpProtocol as string,
      ...(rule.FromPort === undefined
        ? {}
        : { fromPort: Number(rule.FromPort), toPort: Number(rule.ToPort) }),
      cidrs: rule.CidrIp === undefined ? [] : [rule.CidrIp as string],
      groupIds: [rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId]
        .filter((id) => id !== undefined) as string[],
    }));
  return {
    groupId: "NodeSecurityGroup",
    groupName: "nodes",
    vpcId: WORLD.vpcId,
    ingress: described("Ingress"),
    egress: described("Egress"),
  };
}

Deno.test("network.yaml's node group is one that ssm validate has nothing against", () => {
  const check = (parameters: Readonly<Record<string, string>>, controller: Controller) =>
    checkPorts({
      what: "a",
      region: WORLD.region,
      groups: [nodeGroup(parameters)],
      subnets: [],
      controller,
      ports: DEFAULT_PORTS,
    }).map(({ status }) => status);
  const site = "10.20.1.2/32";
  const controllers: readonly (readonly [Readonly<Record<string, string>>, Controller])[] = [
    [NETWORK, { kind: "group", groupId: "ControllerSecurityGroup" }],
    [ON_PREM, { kind: "cidr", text: site, cidr: parseCidr(site)! }],
  ];
  for (const [parameters, controller] of controllers) {
    assertEquals(check(parameters, controller), ["pass", "pass", "pass"]);
  }
  assertEquals(check(NETWORK, controllers[1]![1])[0], "can't tell");
});

const IN_VPC = [
  "Controller <- Controller tcp 60001-63000",
  "Controller <- Controller tcp 6817",
  "Controller <- Controller tcp 6819",
  "Controller <- Node tcp 60001-63000",
  "Controller <- Node tcp 6817",
  "Controller <- Node tcp 6819",
  "FileSystem <- Controller tcp 111",
  "FileSystem <- Controller tcp 2049",
  "FileSystem <- Controller udp 111",
  "FileSystem <- Node tcp 111",
  "FileSystem <- Node tcp 2049",
  "FileSystem <- Node udp 111",
  "Node <- Controller tcp 22",
  "Node <- Controller tcp 60001-63000",
  "Node <- Controller tcp 6818",
  "Node <- Node all",
];
const FROM_SITE = [
  "Controller <- 10.20.0.0/16 tcp 60001-63000",
  "Controller <- 10.20.0.0/16 tcp 6817",
  "Controller <- 10.20.0.0/16 tcp 6819",
  "FileSystem <- 10.20.0.0/16 tcp 111",
  "FileSystem <- 10.20.0.0/16 tcp 2049",
  "FileSystem <- 10.20.0.0/16 udp 111",
  "Node <- 10.20.0.0/16 tcp 22",
  "Node <- 10.20.0.0/16 tcp 60001-63000",
  "Node <- 10.20.0.0/16 tcp 6818",
];

Deno.test("network.yaml opens Slurm's and NFS's ports within the VPC, and nothing else", () => {
  assertEquals(openings(NETWORK), IN_VPC);
});

Deno.test("network.yaml opens the same to a site's own addresses, when given", () => {
  assertEquals(openings(ON_PREM), [...IN_VPC, ...FROM_SITE].sort());
});

Deno.test("network.yaml opens the ports that slurm.conf names", () => {
  const opened = openings({
    ...ON_PREM,
    SlurmctldPort: "7001",
    SlurmctldPortLast: "7004",
    SlurmdPort: "7010",
    SlurmdbdPort: "7011",
    SrunPortFirst: "50000",
    SrunPortLast: "50999",
  }).join("\n");
  assertEquals(opened.match(/6817|6818|6819|60001/), null);
  assertMatch(opened, /Controller <- Node tcp 7001-7004\n/);
  assertMatch(opened, /Node <- Controller tcp 7010\n/);
  assertMatch(opened, /Node <- 10\.20\.0\.0\/16 tcp 50000-50999\n/);
});

Deno.test("network.yaml opens the ports of ONTAP and of Lustre only when asked", () => {
  const extra = (parameter: string) =>
    openings({ ...NETWORK, [parameter]: "yes" }).filter((opening) => !IN_VPC.includes(opening));
  assertEquals(
    extra("OntapPorts"),
    ["Controller", "Node"].flatMap((from) => [
      `FileSystem <- ${from} tcp 4045-4046`,
      `FileSystem <- ${from} tcp 635`,
      `FileSystem <- ${from} udp 4045-4046`,
      `FileSystem <- ${from} udp 635`,
    ]),
  );
  assertEquals(
    extra("LustrePorts"),
    ["FileSystem <- Controller", "FileSystem <- FileSystem", "FileSystem <- Node", "Node <- FileSystem"]
      .flatMap((way) => [`${way} tcp 1018-1023`, `${way} tcp 988`]),
  );
});

Deno.test("network.yaml describes rules in the characters that EC2 takes", () => {
  // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
  const allowed = /^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}$/;
  const { resources } = resolveTemplate(NETWORK_TEMPLATE, {
    parameters: { ...ON_PREM, OntapPorts: "yes", LustrePorts: "yes" },
  });
  const texts = JSON.stringify(resources).matchAll(/"(?:Group)?Description":("(?:[^"\\]|\\.)*")/g);
  const found = [...texts].map(([, text]) => JSON.parse(text!) as string);
  assert(found.length > 30);
  for (const text of found) assertMatch(text, allowed);
});

Deno.test("network.yaml writes the parameters that a launch reads", () => {
  const { resources, outputs } = resolveTemplate(NETWORK_TEMPLATE, {
    parameters: { ...NETWORK, KeyPair: "login" },
    region: "eu-west-1",
  });
  const config = configWith("{}");
  const { keyPair, securityGroups } = parameterNames(config, config.nodeGroups[0]!);
  assertEquals(values(resources), { [keyPair!]: "login", [securityGroups!]: "NodeSecurityGroup" });
  assertEquals(parse(outputs.SlurmEc2Yaml!), { defaults: { securityGroups: ["NodeSecurityGroup"] } });
  const without = values(resolveTemplate(NETWORK_TEMPLATE, { parameters: NETWORK }).resources);
  assertEquals(Object.keys(without).length, 1);
});
