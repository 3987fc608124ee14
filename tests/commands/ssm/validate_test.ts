import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ssmPut } from "../../../commands/ssm/put.ts";
import { ssmValidate } from "../../../commands/ssm/validate.ts";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import type { Image } from "../../../lib/aws/ec2_api.ts";
import { CALL_LIMITS } from "../../../lib/aws/limit_calls.ts";
import type { CheckResult } from "../../../lib/preflight/check_result.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { InMemoryAws, InMemoryOptions } from "../../../lib/sim/in_memory.ts";
import { replacing } from "../../fixtures/rig.ts";
import { type AwsWorld, runWithAws } from "../aws_host.ts";
import { NAMES, PARAMETERS, SSM_CONFIG, ssmWorld } from "./world.ts";

const REGION = WORLD.region;
const { image: IMAGE, keyPair: KEY_PAIR, securityGroups: SECURITY_GROUPS } = NAMES;
const CONFIG = SSM_CONFIG;
/** The group of every world lets its own members in. */
const CONTROLLER = ["--controller", WORLD.securityGroupId];

async function validate(
  { aws, clock, config = CONFIG, args = CONTROLLER }: {
    readonly aws: AwsWorld["aws"];
    readonly clock?: { now: number };
    readonly config?: string;
    readonly args?: readonly string[];
  },
): Promise<{ readonly exit: number; readonly findings: readonly CheckResult[]; readonly stderr: string }> {
  const ran = await runWithAws(ssmValidate, ["--json", ...args], {
    aws,
    clock,
    files: { "./slurm-ec2.yaml": config, "values.yaml": "" },
  });
  return {
    exit: ran.exit,
    stderr: ran.stderr,
    findings: ran.stdout === "" ? [] : JSON.parse(ran.stdout).findings,
  };
}

const notPassed = (findings: readonly CheckResult[]) => findings.filter(({ status }) => status !== "pass");

Deno.test("ssm validate passes a world where all is right", async () => {
  const { exit, findings } = await validate(ssmWorld());
  assertEquals([exit, notPassed(findings)], [0, []]);
  assertEquals(findings.map(({ check }) => check), [
    "parameter",
    "image",
    "parameter",
    "key-pair",
    "parameter",
    "security-group",
    "ports",
    "ports",
    "ports",
  ]);
  assertEquals(findings[0]!.evidence, `holds "${WORLD.imageIds.x86_64}" (String, version 1)`);
});

/** A world with one thing wrong, and the finding that says so. */
interface Broken {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly options?: InMemoryOptions;
  readonly config?: string;
  readonly args?: readonly string[];
  /** Changes the simulated AWS. */
  readonly spoil?: (aws: InMemoryAws) => Partial<InMemoryAws> | void | Promise<void>;
  readonly says: Partial<CheckResult>;
  readonly exit?: number;
}

const image = (changes: Partial<Image>): Image => ({
  imageId: "ami-0123456789abcdef0",
  name: "built",
  architecture: "x86_64",
  state: "available",
  ownerId: WORLD.account,
  bootMode: "uefi-preferred",
  rootDeviceName: "/dev/xvda",
  rootDeviceType: "ebs",
  ...changes,
});
const withImage = (changes: Partial<Image>): Pick<Broken, "parameters" | "options"> => ({
  parameters: { ...PARAMETERS, [IMAGE]: "ami-0123456789abcdef0" },
  options: { images: [image(changes)] },
});
const withRules = (ingress: readonly object[], egress?: readonly object[]): Broken["spoil"] => (aws) => {
  const { ec2 } = aws;
  return {
    ec2: replacing(ec2, {
      async describeSecurityGroups(input) {
        const { items } = await ec2.describeSecurityGroups(input);
        return {
          items: items.map((group) => ({ ...group, ingress, ...(egress && { egress }) })) as typeof items,
        };
      },
    }),
  };
};
const denied = (name: string) => (aws: InMemoryAws) => ({
  ssm: replacing(aws.ssm, {
    getParameters(input) {
      if (!input.Names.includes(name)) return aws.ssm.getParameters(input);
      const message = `User is not authorized to perform: ssm:GetParameters on resource: ${name}`;
      throw new AwsError({
        code: "AccessDeniedException",
        operation: "GetParameters",
        message,
        httpStatus: 400,
      });
    },
  }),
});
const retyped =
  (type: "StringList" | "SecureString", value: string = WORLD.keyName) => async (aws: InMemoryAws) => {
    await aws.ssm.putParameter({ Name: KEY_PAIR, Value: value, Type: type });
  };
const without = (name: string) =>
  Object.fromEntries(Object.entries(PARAMETERS).filter(([key]) => key !== name));

const BROKEN: readonly Broken[] = [
  {
    name: "a missing parameter",
    parameters: without(KEY_PAIR),
    says: { check: "parameter", status: "fail", what: KEY_PAIR, evidence: "is missing" },
  },
  {
    name: "a parameter in the other spelling",
    parameters: { ...without(IMAGE), [IMAGE.replace("Ami/", "Amis/")]: WORLD.imageIds.x86_64 },
    says: {
      check: "parameter",
      status: "fail",
      what: IMAGE,
      evidence: `is missing; "${
        IMAGE.replace("Ami/", "Amis/")
      }" is there, which this configuration does not read (ssm.prefix, ssm.spelling)`,
      fix:
        `aws ssm put-parameter --region ${REGION} --overwrite --type String --name ${IMAGE} --value ${WORLD.imageIds.x86_64} # or set ssm: {prefix: chip, spelling: SlurmNodeAmis} in the configuration`,
    },
  },
  {
    name: "a parameter under the cluster's name where a prefix is configured",
    config: `${CONFIG}ssm: {prefix: stack}\n`,
    says: {
      what: `/stack/SlurmNodeEc2KeyPairs/${REGION}`,
      evidence:
        `is missing; "${KEY_PAIR}" is there, which this configuration does not read (ssm.prefix, ssm.spelling)`,
    },
  },
  {
    name: "a parameter with a slip of the pen",
    parameters: { ...without(IMAGE), [IMAGE.replace("Rocky", "Roky")]: WORLD.imageIds.x86_64 },
    says: {
      what: IMAGE,
      evidence: `is missing; a similar name is there: "${IMAGE.replace("Rocky", "Roky")}"`,
    },
  },
  {
    name: "UNDEFINED",
    parameters: { ...PARAMETERS, [IMAGE]: "UNDEFINED" },
    says: {
      check: "value",
      status: "fail",
      evidence: 'holds "UNDEFINED", which the legacy stack writes until its image build has ended',
    },
  },
  {
    name: "white space around a value",
    parameters: { ...PARAMETERS, [IMAGE]: ` ${WORLD.imageIds.x86_64}\n` },
    says: {
      check: "value",
      status: "warn",
      fix:
        `aws ssm put-parameter --region ${REGION} --overwrite --type String --name ${IMAGE} --value ${WORLD.imageIds.x86_64}`,
    },
  },
  {
    name: "ids separated by spaces",
    parameters: { ...PARAMETERS, [SECURITY_GROUPS]: "sg-12345678 sg-87654321" },
    says: {
      status: "fail",
      evidence: 'holds "sg-12345678 sg-87654321": several ids are separated by commas, not by spaces',
      fix:
        `aws ssm put-parameter --region ${REGION} --overwrite --type String --name ${SECURITY_GROUPS} --value sg-12345678,sg-87654321`,
    },
  },
  {
    name: "a value in quotes",
    parameters: { ...PARAMETERS, [KEY_PAIR]: '"cluster-key"' },
    says: {
      status: "fail",
      evidence: 'holds "cluster-key": the quotes are part of the value',
      fix:
        `aws ssm put-parameter --region ${REGION} --overwrite --type String --name ${KEY_PAIR} --value cluster-key`,
    },
  },
  {
    name: "a value of another kind",
    parameters: { ...PARAMETERS, [IMAGE]: "snap-0123456789abcdef0" },
    says: {
      status: "fail",
      evidence: 'holds "snap-0123456789abcdef0", not an AMI id such as ami-0123456789abcdef0',
    },
  },
  {
    name: "several images in one parameter",
    parameters: { ...PARAMETERS, [IMAGE]: "ami-12345678,ami-87654321" },
    says: {
      status: "fail",
      evidence: 'holds "ami-12345678,ami-87654321": one AMI id is wanted, without spaces or commas',
    },
  },
  {
    name: "a StringList",
    parameters: without(KEY_PAIR),
    spoil: retyped("StringList"),
    says: {
      check: "value",
      status: "warn",
      evidence: "is a StringList, and one value is wanted: type String says so",
    },
  },
  {
    name: "a SecureString",
    parameters: without(KEY_PAIR),
    spoil: retyped("SecureString"),
    says: { check: "value", status: "info", what: KEY_PAIR },
    exit: 0,
  },
  {
    name: "a SecureString, whose wrong value it does not show",
    parameters: without(KEY_PAIR),
    spoil: retyped("SecureString", '"hunter2"'),
    says: { status: "fail", evidence: "holds what it must not (hidden: SecureString)" },
  },
  {
    name: "a parameter that only IAM denies",
    spoil: denied(KEY_PAIR),
    says: {
      check: "parameter",
      status: "can't tell",
      what: KEY_PAIR,
      code: "AccessDeniedException",
      evidence:
        `AWS refused to say: AccessDeniedException: User is not authorized to perform: ssm:GetParameters on resource: ${KEY_PAIR}`,
    },
  },
  {
    name: "an image that is not there",
    parameters: { ...PARAMETERS, [IMAGE]: "ami-0123456789abcdef0" },
    says: {
      check: "image",
      status: "fail",
      what: IMAGE,
      evidence: `ami-0123456789abcdef0 does not exist in ${REGION}, or is not shared with this account`,
    },
  },
  {
    name: "an image id of impossible length",
    parameters: { ...PARAMETERS, [IMAGE]: "ami-0123456789" },
    says: { check: "image", status: "fail" },
  },
  {
    name: "an image of another architecture",
    parameters: { ...PARAMETERS, [IMAGE]: WORLD.imageIds.arm64 },
    says: {
      check: "image",
      status: "fail",
      evidence: `${WORLD.imageIds.arm64} is of architecture arm64; node group a needs x86_64`,
    },
  },
  {
    name: "an image that is still being made",
    ...withImage({ state: "pending" }),
    says: {
      check: "image",
      status: "fail",
      fix: `aws ec2 wait image-available --region ${REGION} --image-ids ami-0123456789abcdef0`,
    },
  },
  {
    name: "an image that failed",
    ...withImage({ state: "failed" }),
    says: {
      check: "image",
      status: "fail",
      evidence: "ami-0123456789abcdef0 is failed, so that nothing can be launched from it",
    },
  },
  {
    name: "a deprecated image",
    ...withImage({ deprecationTime: "2025-12-31T00:00:00.000Z" }),
    says: {
      check: "image",
      status: "warn",
      evidence: "ami-0123456789abcdef0 is deprecated since 2025-12-31; its owner may take it away",
    },
  },
  {
    name: "an image that is deprecated soon",
    ...withImage({ deprecationTime: "2026-01-20T00:00:00.000Z" }),
    says: {
      check: "image",
      status: "info",
      evidence: "ami-0123456789abcdef0 becomes deprecated on 2026-01-20",
    },
    exit: 0,
  },
  {
    name: "an image that is encrypted",
    ...withImage({ encryptedSnapshotId: "snap-0123456789abcdef0", ownerId: "999988887777" }),
    says: {
      check: "encryption",
      status: "info",
      evidence:
        "ami-0123456789abcdef0 of account 999988887777 is encrypted (snap-0123456789abcdef0): unless its KMS key is the " +
        "account's own aws/ebs, the hooks' role must be allowed to use it, and the policy of another account's key must " +
        "let this one in",
    },
    exit: 0,
  },
  {
    name: "an arm64 image with a BIOS",
    config: CONFIG.replace("c7i", "c7g"),
    parameters: { ...PARAMETERS, [IMAGE.replace("x86_64", "arm64")]: "ami-0123456789abcdef0" },
    options: { images: [image({ architecture: "arm64", bootMode: "legacy-bios" })] },
    says: {
      check: "image",
      status: "fail",
      evidence: "ami-0123456789abcdef0 boots by legacy-bios, and c7g.large by uefi only",
    },
  },
  {
    name: "an image that boots by UEFI, of a group of bare metal",
    config: CONFIG.replace("c7i.large", "c7i.large, m6i.metal"),
    parameters: { ...PARAMETERS, [IMAGE]: "ami-0123456789abcdef0" },
    options: { images: [image({ bootMode: "uefi" })] },
    says: {
      check: "image",
      status: "fail",
      evidence: "ami-0123456789abcdef0 boots by uefi, and m6i.metal by legacy-bios only",
    },
  },
  {
    name: "an instance-store image of a group that stops",
    ...withImage({ rootDeviceType: "instance-store" }),
    config: CONFIG.replace("name: a,", "name: a, powerDownAction: stop,"),
    says: { check: "image", status: "fail", fix: "Use an EBS-backed image, or powerDownAction: terminate" },
  },
  {
    name: "a root volume on another device",
    config: CONFIG.replace("name: a,", "name: a, rootVolume: {deviceName: /dev/sda1},"),
    says: {
      check: "image",
      status: "warn",
      fix: "Set rootVolume.deviceName: /dev/xvda in the configuration",
    },
  },
  {
    name: "a key pair that is not there",
    parameters: { ...PARAMETERS, [KEY_PAIR]: "other key" },
    says: { check: "key-pair", status: "fail", evidence: `Key pair "other key" does not exist in ${REGION}` },
  },
  {
    name: "a security group that is not there",
    parameters: { ...PARAMETERS, [SECURITY_GROUPS]: `${WORLD.securityGroupId},sg-0123456789abcdef0` },
    says: {
      check: "security-group",
      status: "fail",
      evidence: `sg-0123456789abcdef0 does not exist in ${REGION}`,
    },
  },
  {
    name: "a security group of another VPC",
    spoil: ({ ec2 }) => ({
      ec2: replacing(ec2, {
        async describeSecurityGroups(input) {
          const { items } = await ec2.describeSecurityGroups(input);
          return { items: items.map((group) => ({ ...group, vpcId: "vpc-other" })) };
        },
      }),
    }),
    says: {
      check: "security-group",
      status: "fail",
      evidence: `${WORLD.securityGroupId} is of vpc-other, subnet ${WORLD.subnetIds[0]} of ${WORLD.vpcId}`,
    },
  },
  {
    name: "a subnet that is not there",
    config: CONFIG.replace(WORLD.subnetIds[0], "subnet-0123456789abcdef0"),
    says: {
      check: "subnet",
      status: "fail",
      what: "nodeGroups a: subnets",
      evidence: `subnet-0123456789abcdef0 does not exist in ${REGION}`,
    },
  },
  {
    name: "an image of the configuration itself",
    config: CONFIG.replace("name: a,", "name: a, imageId: ami-0123456789abcdef0,"),
    says: { check: "image", status: "fail", what: "nodeGroups a: imageId" },
  },
  {
    name: "slurmd's port closed to all",
    spoil: withRules([{ ipProtocol: "tcp", fromPort: 22, toPort: 22, cidrs: ["0.0.0.0/0"], groupIds: [] }]),
    args: ["--controller", "10.1.2.3"],
    says: {
      check: "ports",
      status: "fail",
      fix:
        `aws ec2 authorize-security-group-ingress --region ${REGION} --group-id ${WORLD.securityGroupId} --ip-permissions 'IpProtocol=tcp,FromPort=6818,ToPort=6818,IpRanges=[{CidrIp=10.1.2.3/32}]'`,
    },
  },
  {
    name: "slurmd's port closed to the controller",
    spoil: withRules([
      { ipProtocol: "tcp", fromPort: 6818, toPort: 6818, cidrs: ["10.0.0.0/16"], groupIds: [] },
      { ipProtocol: "-1", cidrs: [], groupIds: [WORLD.securityGroupId] },
    ]),
    args: ["--controller", "10.1.2.3"],
    says: {
      check: "ports",
      status: "fail",
      evidence: `tcp 6818 is open to 10.0.0.0/16, ${WORLD.securityGroupId}, not to 10.1.2.3`,
    },
  },
  {
    name: "nodes closed to each other",
    spoil: withRules([{
      ipProtocol: "tcp",
      fromPort: 6818,
      toPort: 6818,
      cidrs: ["10.1.2.3/32"],
      groupIds: [],
    }]),
    args: ["--controller", "10.1.2.3"],
    says: { check: "ports", status: "warn" },
  },
  {
    name: "nodes that can't call slurmctld",
    spoil: withRules([{ ipProtocol: "-1", cidrs: ["0.0.0.0/0"], groupIds: [] }], [
      { ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrs: ["0.0.0.0/0"], groupIds: [] },
    ]),
    says: {
      check: "ports",
      status: "fail",
      evidence: "No rule lets nodes out to tcp 6817: they can't register",
    },
  },
  {
    name: "a controller that nobody named",
    args: [],
    says: {
      check: "ports",
      status: "can't tell",
      fix: "slurm-ec2 ssm validate --controller 10.1.2.3 # its address, block or security group",
    },
    exit: 0,
  },
  {
    name: "EC2 that may not be asked",
    spoil: ({ simulator }) =>
      simulator.addFault({
        kind: "error",
        action: "DescribeImages",
        times: 9,
        code: "UnauthorizedOperation",
      }),
    says: { check: "image", status: "can't tell", code: "UnauthorizedOperation" },
  },
  {
    name: "an unused parameter of another region",
    parameters: { ...PARAMETERS, [KEY_PAIR.replace(REGION, "eu-west-1")]: "key" },
    says: {
      check: "unused",
      status: "info",
      what: KEY_PAIR.replace(REGION, "eu-west-1"),
      evidence: `is not read by this configuration, whose region is ${REGION}`,
    },
    exit: 0,
  },
  {
    name: "a listing that IAM denies",
    spoil: ({ simulator }) =>
      simulator.addFault({
        kind: "error",
        action: "GetParametersByPath",
        times: 1,
        code: "AccessDeniedException",
      }),
    says: { check: "unused", status: "can't tell", what: "/chip/", code: "AccessDeniedException" },
  },
];

for (const { name, parameters, options, config, args, spoil, says, exit = 3 } of BROKEN) {
  Deno.test(`ssm validate finds ${name}`, async () => {
    const { aws, clock } = ssmWorld(parameters, options);
    const changed = await spoil?.(aws);
    const ran = await validate({ aws: { ...aws, ...changed }, clock, config, args });
    const matching = ran.findings.filter((finding) =>
      Object.entries(says).every(([key, value]) => finding[key as keyof CheckResult] === value)
    );
    assertEquals(matching.length > 0, true, JSON.stringify(notPassed(ran.findings), null, 1) + ran.stderr);
    assertEquals(ran.exit, exit, JSON.stringify(notPassed(ran.findings), null, 1));
  });
}

Deno.test("ssm validate hides no other value behind one that IAM denies", async () => {
  const { aws, clock } = ssmWorld();
  const { findings } = await validate({ aws: { ...aws, ...denied(KEY_PAIR)(aws) }, clock });
  assertEquals(notPassed(findings).map(({ what }) => what), [KEY_PAIR]);
  assert(findings.some(({ check, status }) => check === "image" && status === "pass"));
});

Deno.test("ssm validate asks for at most ten names a call and reads every page", async () => {
  const more = Object.fromEntries(
    Array.from({ length: 25 }, (_, i) => [`/chip/SlurmNodeAmi/Rocky/${i}/x/r`, "ami-1"]),
  );
  const groups = Array.from(
    { length: 12 },
    (_, i) =>
      `  - { name: g${i}, nodes: "g${i}-[0-9]", os: { distribution: Rocky, version: ${i} }, instanceTypes: [c7i.large], subnets: [${
        WORLD.subnetIds[0]
      }] }`,
  ).join("\n");
  const { aws, clock } = ssmWorld({ ...PARAMETERS, ...more });
  const { findings } = await validate({
    aws,
    clock,
    config: `cluster: chip\nregion: ${REGION}\nnodeGroups:\n${groups}\n`,
  });
  assertEquals(findings.filter(({ check }) => check === "unused").length, 25);
  assertEquals(findings.filter(({ evidence }) => evidence === "is missing").length, 11);
  assertEquals(aws.simulator.calls().GetParameters, 3);
});

Deno.test("ssm validate never looks below a name that Parameter Store keeps for itself", async () => {
  const { aws, clock } = ssmWorld();
  const config = `${CONFIG.replace("cluster: chip", "cluster: ssm-chip")}ssm: {prefix: chip}\n`;
  const { exit, findings } = await validate({ aws, clock, config });
  assertEquals([exit, notPassed(findings)], [0, []]);
});

Deno.test("ssm validate waits out throttling", async () => {
  const { aws, clock } = ssmWorld();
  for (const action of ["GetParameters", "GetParametersByPath", "DescribeImages"]) {
    aws.simulator.addFault({ kind: "throttle", action, times: 4 });
  }
  const began = clock.now;
  const { exit, findings } = await validate({ aws, clock });
  assertEquals([exit, notPassed(findings)], [0, []]);
  assert(clock.now > began);
});

Deno.test("ssm validate reads nothing below the prefix but our families", async () => {
  const { aws, clock } = ssmWorld({ ...PARAMETERS, "/chip/MungeKey": "c2VjcmV0", "/chip/a/b/c": "x" });
  const read: string[] = [];
  const ssm = replacing(aws.ssm, {
    async getParametersByPath(input) {
      const answer = await aws.ssm.getParametersByPath(input);
      read.push(...answer.items.map(({ name }) => name));
      return answer;
    },
  });
  const { exit } = await validate({ aws: { ...aws, ssm }, clock });
  assertEquals(exit, 0);
  assert(read.length >= 3, read.join());
  assertEquals(read.filter((name) => !name.startsWith("/chip/SlurmNode")), []);
});

Deno.test("ssm validate and ssm put keep within Parameter Store's 40 reads and 3 writes a second", async () => {
  // 120 images in four spellings each are 48 calls, and what lies below the prefix fills 60 pages.
  const groups = Array.from(
    { length: 120 },
    (_, i) =>
      `  - { name: g${i}, nodes: "g${i}-[0-9]", os: { distribution: Rocky, version: "${i}" }, ` +
      `instanceTypes: [c7i.large], subnets: [${WORLD.subnetIds[0]}] }`,
  );
  const config = `cluster: chip\nregion: ${WORLD.region}\nssm: { prefix: stack }\nnodeGroups:\n${
    groups.join("\n")
  }\n`;
  const extra = Object.fromEntries(
    Array.from({ length: 600 }, (_, i) => [`/stack/SlurmNodeAmi/other/${i}`, "x"]),
  );
  const { aws, clock } = ssmWorld(extra, { requestTokens: true });
  const began = clock.now;
  const missing = await validate({ aws, clock, config });
  assertEquals(
    missing.findings.filter(({ check, status }) => check === "parameter" && status === "fail").length,
    122,
  );
  assert(clock.now - began > 1000, "nothing was throttled");
  const before = clock.now;
  const values = [0, 1, 2, 3].map((i) =>
    `/stack/SlurmNodeAmi/Rocky/${i}/x86_64/${REGION}: ${WORLD.imageIds.x86_64}\n`
  );
  const put = await runWithAws(ssmPut, ["--from", "values.yaml", "--apply"], {
    aws,
    clock,
    files: { "./slurm-ec2.yaml": config, "values.yaml": values.join("") },
  });
  assertEquals([put.exit, put.stdout.split("\n").at(-2)], [0, "Wrote 4 of 4"], put.stderr);
  assert(clock.now > before, "no write was throttled");
});

Deno.test("ssm validate exits 1 when AWS can't be asked", async () => {
  for (const credentials of ["expired", "invalid"] as const) {
    const { aws, clock } = ssmWorld(PARAMETERS, { credentials });
    const { exit, findings, stderr } = await validate({ aws, clock });
    assertEquals([exit, findings], [1, []]);
    assert(stderr.length > 0);
  }
});

Deno.test("ssm validate asks nothing of SSM where the configuration says all", async () => {
  const { aws, clock } = ssmWorld({});
  const config = CONFIG.replace(
    "name: a,",
    `name: a, imageId: ${WORLD.imageIds.x86_64}, keyPair: none, securityGroups: [${WORLD.securityGroupId}],`,
  );
  const { exit, findings } = await validate({ aws, clock, config });
  assertEquals([exit, notPassed(findings)], [0, []]);
  assertEquals(Object.keys(aws.simulator.calls()).filter((action) => action.includes("Parameter")), []);
});

const offline = (values: string, args: readonly string[] = []) =>
  runWithAws(ssmValidate, ["--offline", "values.yaml", ...args], {
    aws: new Proxy({} as AwsWorld["aws"], {
      get: () => {
        throw new Error("AWS was asked");
      },
    }),
    files: { "./slurm-ec2.yaml": CONFIG, "values.yaml": values },
  });

Deno.test("ssm validate --offline decides what a file can, without AWS", async () => {
  const good = await offline(`
${IMAGE}: ami-0123456789abcdef0
${KEY_PAIR}: 007
${SECURITY_GROUPS}: [sg-12345678, sg-87654321]
`);
  assertEquals([good.exit, good.stderr], [0, ""]);
  assertStringIncludes(good.stdout, 'holds "007" (String)');
  assertStringIncludes(good.stdout, 'holds "sg-12345678,sg-87654321" (String)');
  assertStringIncludes(good.stdout, "was not asked");
  const bad = await offline(`${IMAGE}: UNDEFINED\n${KEY_PAIR}: key\n`, ["--format", "github"]);
  assertEquals(bad.exit, 3);
  assertStringIncludes(bad.stdout, `::error title=slurm-ec2 ssm validate::${IMAGE}: holds "UNDEFINED"`);
  assertStringIncludes(bad.stdout, `${SECURITY_GROUPS}: is missing%0AFix: aws ssm put-parameter`);
});

Deno.test("ssm validate --offline tells what is wrong with the file", async () => {
  const { exit, stderr } = await offline(`${IMAGE}: {a: b}\n${KEY_PAIR}:\nname: x\n`);
  assertEquals(exit, 2);
  assertEquals(
    stderr,
    [
      `values.yaml:1:1: Parameter ${IMAGE} must have a text or a list of texts`,
      `values.yaml:2:1: Parameter ${KEY_PAIR} must have a text or a list of texts`,
      "values.yaml:3:1: Parameter name must begin with a slash",
      "",
    ].join("\n"),
  );
});

Deno.test("ssm validate prints a table with the way to fix each thing", async () => {
  const { aws, clock } = ssmWorld({ ...PARAMETERS, [KEY_PAIR]: "lost\u001b[2J" });
  const { stdout, exit } = await runWithAws(ssmValidate, CONTROLLER, {
    aws,
    clock,
    files: { "./slurm-ec2.yaml": CONFIG },
  });
  assertEquals(exit, 3);
  assert(!stdout.includes("\u001b"), "a value must not steer the terminal");
  assertStringIncludes(stdout, "RESULT  WHAT");
  assertStringIncludes(stdout, "fix: aws ec2 import-key-pair");
  assertStringIncludes(stdout, "\n1 fail, 8 pass\n");
});

const MISTAKES: readonly (readonly [args: readonly string[], says: string])[] = [
  [["--format", "xml"], 'Unknown value of --format: "xml"; it takes text, json, github'],
  [["--json", "--format", "github"], "--json and --format github exclude each other"],
  [
    ["--controller", "ctl1"],
    'Not an IPv4 address, block or security group: "ctl1"; e.g. --controller 10.1.2.3, 10.1.0.0/16 or sg-0123456789abcdef0',
  ],
  [["--slurmd-port", "0"], 'Flag --slurmd-port takes a port from 1 to 65535, got "0"'],
  [
    ["--slurmctld-port", "6817-6820"],
    'Flag --slurmctld-port takes a port from 1 to 65535, got "6817-6820"',
  ],
  [["extra"], 'Command ssm validate takes no arguments, got "extra"'],
];
for (const [args, says] of MISTAKES) {
  Deno.test(`ssm validate refuses ${args.join(" ")}`, async () => {
    const ran = await runWithAws(ssmValidate, args, { ...ssmWorld(), files: { "./slurm-ec2.yaml": CONFIG } });
    assertEquals([ran.exit, ran.stderr], [2, `${says}\n`]);
  });
}

Deno.test("ssm validate waits for a call as long as hooks do, and no longer", async () => {
  const { aws, clock } = ssmWorld({});
  const real = globalThis.setTimeout;
  const limits: number[] = [];
  globalThis.setTimeout = ((run: () => void, milliseconds = 0) => {
    limits.push(milliseconds);
    return real(run, milliseconds);
  }) as typeof setTimeout;
  try {
    await runWithAws(ssmValidate, [], { aws, clock, files: { "./slurm-ec2.yaml": SSM_CONFIG } });
  } finally {
    globalThis.setTimeout = real;
  }
  assert(limits.includes(CALL_LIMITS.ssm * 1000) && limits.includes(CALL_LIMITS.ec2 * 1000), String(limits));
});
