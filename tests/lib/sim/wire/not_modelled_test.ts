import * as sdk from "@aws-sdk/client-ec2";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../../../lib/sim/fresh_world.ts";
import { EC2_ACTIONS } from "../../../../lib/sim/wire/ec2_actions.ts";
import { serveAws } from "../../../../lib/sim/wire/server.ts";
import { authorization, ec2, ssm, texts } from "./requests.ts";

const LAUNCH = {
  Action: "RunInstances",
  ImageId: WORLD.imageIds.x86_64,
  InstanceType: "c7i.large",
  MinCount: "1",
  MaxCount: "1",
};

/** EC2 has each of these, the simulator does not: it says so in its own name, never in EC2's words for "there is none". */
const NOT_MODELLED: readonly Readonly<Record<string, string>>[] = [
  ...[
    "DescribeTags",
    "DescribeRegions",
    "DescribeVpcs",
    "DescribeVolumes",
    "DescribeInstanceAttribute",
    "DescribeSpotPriceHistory",
    "DescribeAccountAttributes",
    "CreateFleet",
    "RebootInstances",
  ].map((Action) => ({ Action })),
  { Action: "AssumeRole", Version: "2011-06-15" },
  ...["affinity", "kernel-id", "network-interface.requester-id", "product-code", "tpm-support"].map((
    name,
  ) => ({
    Action: "DescribeInstances",
    "Filter.1.Name": name,
    "Filter.1.Value.1": "x",
  })),
  { Action: "DescribeInstanceStatus", "Filter.1.Name": "operator.managed", "Filter.1.Value.1": "true" },
  { Action: "DescribeImages", "Filter.1.Name": "owner-alias", "Filter.1.Value.1": "amazon" },
  { Action: "DescribeSubnets", "Filter.1.Name": "outpost-arn", "Filter.1.Value.1": "x" },
  { Action: "DescribeInstanceTypes", "Filter.1.Name": "hibernation-supported", "Filter.1.Value.1": "true" },
  { Action: "DescribeKeyPairs", "KeyPairId.1": "key-0a000000000000001" },
  { Action: "DescribeImages", "ExecutableBy.1": "self" },
  { ...LAUNCH, "LaunchTemplate.LaunchTemplateName": "x" },
  { ...LAUNCH, "Placement.PartitionNumber": "1" },
  {
    ...LAUNCH,
    "BlockDeviceMapping.1.DeviceName": "/dev/sdb",
    "BlockDeviceMapping.1.Ebs.SnapshotId": "snap-1",
  },
  { ...LAUNCH, "CpuOptions.AmdSevSnp": "enabled" },
  { ...LAUNCH, "InstanceMarketOptions.MarketType": "capacity-block" },
  { ...LAUNCH, "MetadataOptions.HttpProtocolIpv6": "enabled" },
  { ...LAUNCH, "PrivateDnsNameOptions.HostnameType": "resource-name" },
];

Deno.test("serveAws() says in its own name what EC2 has and it does not model", async () => {
  const aws = serveAws();
  try {
    for (const parameters of NOT_MODELLED) {
      const { status, text } = await ec2(aws, parameters);
      const [message] = texts(text, "Message");
      assertEquals(
        [status, texts(text, "Code")],
        [400, ["UnsupportedOperation"]],
        JSON.stringify(parameters),
      );
      assertMatch(message!, /^The simulator does not model /);
    }
    assertEquals(aws.simulator.instances().length, 0);
    const fields = [
      ["PutParameter", { Name: "/x", Value: "v", Type: "String", Policies: "[]" }, "Policies"],
      ["GetParameter", { Name: "/x", Colour: "red" }, "Colour"],
      [
        "GetParametersByPath",
        { Path: "/x", ParameterFilters: [{ Key: "Type", Value: "x" }] },
        "ParameterFilters",
      ],
    ] as const;
    for (const [operation, body, field] of fields) {
      const { status, text } = await ssm(aws, operation, body);
      const { __type, message } = JSON.parse(text);
      assertEquals([status, __type], [400, "UnsupportedOperation"], text);
      assertStringIncludes(message, `The simulator does not model the field ${field}`);
    }
  } finally {
    await aws.close();
  }
});

Deno.test("serveAws() finds what instances have by filters that few callers use", async () => {
  const aws = serveAws();
  try {
    await ec2(aws, {
      ...LAUNCH,
      SubnetId: WORLD.subnetIds[0],
      KeyName: WORLD.keyName,
      EbsOptimized: "true",
      "Monitoring.Enabled": "true",
      "MaintenanceOptions.AutoRecovery": "disabled",
      "BlockDeviceMapping.1.DeviceName": "/dev/sdb",
      "BlockDeviceMapping.1.Ebs.VolumeSize": "10",
    });
    const finds: readonly (readonly [filter: string, value: string, count: number])[] = [
      ["owner-id", WORLD.account, 1],
      ["owner-id", "999999999999", 0],
      ["dns-name", "*", 0],
      ["hypervisor", "xen", 1],
      ["platform", "windows", 0],
      ["block-device-mapping.device-name", "/dev/sdb", 1],
      ["block-device-mapping.volume-id", "vol-*", 1],
      ["block-device-mapping.delete-on-termination", "false", 0],
      ["network-interface.status", "in-use", 1],
      ["instance.group-name", "default", 1],
      ["metadata-options.instance-metadata-tags", "disabled", 1],
      ["capacity-reservation-id", "*", 0],
      ["ebs-optimized", "true", 1],
      ["monitoring-state", "disabled", 0],
      ["maintenance-options.auto-recovery", "disabled", 1],
    ];
    for (const [name, value, count] of finds) {
      const filter = { "Filter.1.Name": name, "Filter.1.Value.1": value };
      const { text } = await ec2(aws, { Action: "DescribeInstances", ...filter });
      assertEquals(texts(text, "Code"), [], name);
      assertEquals(texts(text, "instanceType").length, count, `${name}=${value}`);
    }
    const { text } = await ec2(aws, { Action: "DescribeInstances" });
    assertEquals(texts(text, "deviceName"), ["/dev/xvda", "/dev/sdb"]);
    assertEquals(new Set(texts(text, "volumeId")).size, 2);
    const keys = async (flag: object) =>
      texts((await ec2(aws, { Action: "DescribeKeyPairs", ...flag })).text, "publicKey").length;
    assertEquals([await keys({}), await keys({ IncludePublicKey: "true" })], [0, 1]);
  } finally {
    await aws.close();
  }
});

Deno.test("serveAws() obeys a launch's protection from being stopped", async () => {
  const aws = serveAws();
  try {
    await ec2(aws, { ...LAUNCH, DisableApiStop: "true" });
    const { instanceId } = aws.simulator.instances()[0]!;
    const { text } = await ec2(aws, { Action: "StopInstances", "InstanceId.1": instanceId });
    assertEquals(texts(text, "Code"), ["OperationNotPermitted"]);
  } finally {
    await aws.close();
  }
});

Deno.test("EC2_ACTIONS has every action that the SDK has, and nothing of another service", () => {
  const commands = Object.keys(sdk).filter((name) => /^[A-Z]\w+Command$/.test(name));
  const missing = commands.map((name) => name.replace(/Command$/, "")).filter((name) =>
    !EC2_ACTIONS.has(name)
  );
  assertEquals(missing, []);
  assertEquals(["GetParameter", "DescribeUnicorns", ""].filter((name) => EC2_ACTIONS.has(name)), []);
});

Deno.test("a world in another partition names no other partition's resources or hosts anywhere", async () => {
  for (
    const [region, partition, domain] of [
      ["cn-north-1", "aws-cn", "amazonaws.com.cn"],
      ["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
      ["eusc-de-east-1", "aws-eusc", "amazonaws.eu"],
    ] as const
  ) {
    const aws = serveAws({ region, parameters: { "/hpc/a": "1" }, policies: undefined });
    try {
      const answers = [
        await ec2(aws, { ...LAUNCH, "IamInstanceProfile.Name": WORLD.instanceProfileName }),
        ...await Promise.all([
          "DescribeInstances",
          "DescribeInstanceStatus",
          "DescribeSubnets",
          "DescribeImages",
          "DescribeKeyPairs",
          "DescribeSecurityGroups",
          "DescribeAvailabilityZones",
        ].map((Action) => ec2(aws, { Action }))),
        await ec2(aws, { Action: "GetCallerIdentity", Version: "2011-06-15" }),
        await ssm(aws, "GetParameter", { Name: "/hpc/a" }),
        await ssm(aws, "GetParametersByPath", { Path: "/", Recursive: true }),
        await ssm(aws, "ListServiceQuotas", { ServiceCode: "ec2" }, {
          authorization: authorization(),
          "x-amz-target": "ServiceQuotasV20190624.ListServiceQuotas",
        }),
      ];
      const imds = await metadataOf(aws.imdsUrl(aws.simulator.instances()[0]!.instanceId));
      const all = [...answers.map(({ text }) => text), ...imds.values()].join("\n");
      const arns = [...all.matchAll(/\barn:(aws[\w-]*):/g)].map((match) => match[1]);
      assertEquals([...new Set(arns)], [partition], region);
      assertEquals(arns.length > 8, true, region);
      assertEquals(imds.get("services/domain"), domain);
      assertEquals(imds.get("services/partition"), partition);
    } finally {
      await aws.close();
    }
  }
});

/** Every value of an instance's metadata, by its path. */
async function metadataOf(url: string): Promise<Map<string, string>> {
  const put = { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" } };
  const token = await (await fetch(`${url}/latest/api/token`, put)).text();
  const values = new Map<string, string>();
  const read = async (path: string): Promise<void> => {
    const headers = { "x-aws-ec2-metadata-token": token };
    const response = await fetch(`${url}/latest/meta-data/${path}`, { headers });
    const text = await response.text();
    if (!path.endsWith("/") && path !== "") values.set(path, text);
    else {for (const name of text.split("\n")) {
        if (!name.includes("=") && response.ok) await read(`${path}${name}`);
      }}
  };
  await read("");
  return values;
}
