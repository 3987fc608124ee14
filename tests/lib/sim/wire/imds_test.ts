import { assertEquals, assertMatch } from "@std/assert";
import { WORLD } from "../../../../lib/sim/fresh_world.ts";
import { giveNotice, interruptSpot, scheduleEvent } from "../../../../lib/sim/life.ts";
import type { RunInstancesRequest } from "../../../../lib/sim/run_instances_request.ts";
import { metadataService } from "../../../../lib/sim/wire/imds.ts";
import { serveAws } from "../../../../lib/sim/wire/server.ts";
import { Story } from "../worlds.ts";

const pure = { permissions: "none" } as const;

/** An instance's metadata service, asked without a network. */
function service(changes: Partial<RunInstancesRequest> = {}) {
  const story = new Story();
  const [launched] = story.launch({ MaxCount: 2, ...changes }).slice(1);
  story.states();
  const find = () => {
    const instance = story.world.instances.get(launched!.instanceId);
    return instance && { world: story.world, instance };
  };
  const imds = metadataService(find, () => story.now);
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = imds.answer(new Request(`http://127.0.0.1:1${path}`, init));
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const giveToken = (headers: HeadersInit = { "x-aws-ec2-metadata-token-ttl-seconds": "60" }) =>
    ask("/latest/api/token", { method: "PUT", headers });
  const get = async (path: string) => {
    const { text: token } = await giveToken();
    return ask(path, { headers: { "x-aws-ec2-metadata-token": token } });
  };
  return { story, ask, get, giveToken, instance: launched! };
}

Deno.test("metadataService() answers nothing without a token", pure, async () => {
  const { ask } = service();
  const guesses: HeadersInit[] = [{}, { "x-aws-ec2-metadata-token": "guess" }, {
    "x-aws-ec2-metadata-token": "",
  }];
  for (const headers of guesses) {
    assertEquals((await ask("/latest/meta-data/instance-id", { headers })).status, 401);
  }
});

Deno.test(
  "metadataService() gives tokens for 1 to 21,600 seconds, and not through a proxy",
  pure,
  async () => {
    const { giveToken } = service();
    for (
      const [ttl, status] of [["1", 200], ["21600", 200], ["0", 400], ["21601", 400], ["x", 400]] as const
    ) {
      assertEquals((await giveToken({ "x-aws-ec2-metadata-token-ttl-seconds": ttl })).status, status, ttl);
    }
    assertEquals((await giveToken({})).status, 400);
    const proxied = { "x-aws-ec2-metadata-token-ttl-seconds": "60", "x-forwarded-for": "10.0.0.1" };
    assertEquals((await giveToken(proxied)).status, 403);
  },
);

Deno.test("metadataService() forgets a token when its time is over", pure, async () => {
  const { story, ask, giveToken } = service();
  const { text: token, headers: given } = await giveToken();
  assertEquals(given.get("x-aws-ec2-metadata-token-ttl-seconds"), "60");
  const headers = { "x-aws-ec2-metadata-token": token };
  story.now += 59_999;
  assertEquals((await ask("/latest/meta-data/instance-id", { headers })).status, 200);
  story.now += 1;
  assertEquals((await ask("/latest/meta-data/instance-id", { headers })).status, 401);
});

Deno.test("metadataService() has the instance's metadata, user data and tags", pure, async () => {
  const { get, instance } = service({
    UserData: btoa("#!/bin/sh\necho hi\n"),
    IamInstanceProfile: { Name: WORLD.instanceProfileName },
    MetadataOptions: { InstanceMetadataTags: "enabled" },
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "slurm-ec2:nodes", Value: "c[0-1]" }] }],
  });
  const table = [
    ["meta-data/ami-launch-index", "1"],
    ["meta-data/instance-id", instance.instanceId],
    ["meta-data/instance-type", "c7i.large"],
    ["meta-data/local-ipv4", "10.0.0.5"],
    ["meta-data/local-hostname", "ip-10-0-0-5.ec2.internal"],
    ["meta-data/placement/availability-zone", "us-east-1a"],
    ["meta-data/placement/region", "us-east-1"],
    ["meta-data/placement/", "availability-zone\navailability-zone-id\nregion"],
    ["meta-data/tags/", "instance/"],
    ["meta-data/tags/instance", "slurm-ec2:nodes"],
    ["meta-data/tags/instance/slurm-ec2:nodes", "c[0-1]"],
    ["meta-data/iam/security-credentials/", WORLD.instanceProfileName],
    ["meta-data/instance-life-cycle", "on-demand"],
    ["user-data", "#!/bin/sh\necho hi\n"],
    ["", "dynamic/\nmeta-data/\nuser-data"],
  ] as const;
  for (const [path, expected] of table) {
    const { status, text } = await get(`/latest/${path}`);
    assertEquals([status, text], [200, expected], path);
  }
  const credentials = JSON.parse(
    (await get(`/latest/meta-data/iam/security-credentials/${WORLD.instanceProfileName}`)).text,
  );
  assertEquals([credentials.Code, Object.keys(credentials).includes("Token")], ["Success", true]);
  const identity = JSON.parse((await get("/latest/dynamic/instance-identity/document")).text);
  assertEquals([identity.instanceId, identity.region, identity.accountId], [
    instance.instanceId,
    "us-east-1",
    WORLD.account,
  ]);
  assertEquals((await get("/2021-07-15/meta-data/instance-type")).text, "c7i.large");
});

Deno.test(
  "metadataService() says 404 where there is nothing, and hides tags unless they are enabled",
  pure,
  async () => {
    const { get } = service();
    const nothing = [
      "user-data",
      "meta-data/tags/instance",
      "meta-data/iam",
      "meta-data/nothing",
      "meta-data/instance-id/x",
      "meta-data/constructor",
    ];
    for (const path of nothing) assertEquals((await get(`/latest/${path}`)).status, 404, path);
    assertEquals((await get("/nonsense")).status, 404);
  },
);

Deno.test("metadataService() answers without a token only where IMDSv1 is allowed", pure, async () => {
  const { ask } = service({ MetadataOptions: { HttpTokens: "optional" } });
  assertEquals((await ask("/latest/meta-data/ami-launch-index")).text, "1");
  const wrong = { "x-aws-ec2-metadata-token": "guess" };
  assertEquals((await ask("/latest/meta-data/ami-launch-index", { headers: wrong })).status, 401);
});

Deno.test("metadataService() is closed where the endpoint is disabled", pure, async () => {
  const { giveToken, ask } = service({ MetadataOptions: { HttpEndpoint: "disabled" } });
  assertEquals([(await giveToken()).status, (await ask("/latest/meta-data/")).status], [403, 403]);
});

Deno.test("metadataService() hands out user data byte for byte", pure, async () => {
  const story = new Story();
  const bytes = new Uint8Array([0x1f, 0x8b, 0x00, 0xff, 0xfe]);
  const [instance] = story.launch({
    UserData: bytes.toBase64(),
    MetadataOptions: { HttpTokens: "optional" },
  });
  const imds = metadataService(() => ({ world: story.world, instance: instance! }), () => story.now);
  const response = imds.answer(new Request("http://127.0.0.1:1/latest/user-data"));
  assertEquals(new Uint8Array(await response.arrayBuffer()), bytes);
});

Deno.test(
  "serveAws() has a metadata port for each instance",
  { permissions: { net: ["127.0.0.1"] } },
  async () => {
    const aws = serveAws();
    try {
      const request = { ImageId: WORLD.imageIds.x86_64, InstanceType: "c7i.large", MinCount: 2, MaxCount: 2 };
      aws.simulator.call("RunInstances", request);
      const [first, second] = aws.simulator.instances();
      const urls = [first, second].map((i) => aws.imdsUrl(i!.instanceId));
      assertMatch(urls[0]!, /^http:\/\/127\.0\.0\.1:\d+$/);
      assertEquals(new Set(urls).size, 2);
      assertEquals(aws.imdsUrl(first!.instanceId), urls[0]);
      const indices = await Promise.all(urls.map(async (url) => {
        const headers = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
        const token = await (await fetch(`${url}/latest/api/token`, { method: "PUT", headers })).text();
        const answer = await fetch(`${url}/latest/meta-data/ami-launch-index`, {
          headers: { "x-aws-ec2-metadata-token": token },
        });
        return await answer.text();
      }));
      assertEquals(indices, ["0", "1"]);
    } finally {
      await aws.close();
    }
  },
);

Deno.test(
  "metadataService() says what EC2 is going to do to the instance, and nothing before",
  pure,
  async () => {
    const { story, get, instance } = service({ InstanceMarketOptions: { MarketType: "spot" } });
    const paths = ["spot/instance-action", "spot/termination-time", "events/recommendations/rebalance"];
    for (const path of paths) assertEquals((await get(`/latest/meta-data/${path}`)).status, 404, path);
    assertEquals((await get("/latest/meta-data/events/maintenance/scheduled")).text, "[]");
    const at = story.now + 120_000;
    story.world = interruptSpot(story.world, instance.instanceId, story.now, 120_000);
    story.world = giveNotice(story.world, instance.instanceId, { rebalance: story.now });
    const event = { code: "system-reboot", notBefore: at } as const;
    story.world = scheduleEvent(story.world, instance.instanceId, event, story.now);
    const time = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
    const text = async (path: string) => (await get(`/latest/meta-data/${path}`)).text;
    assertEquals(JSON.parse(await text("spot/instance-action")), { action: "terminate", time: time(at) });
    assertEquals(await text("spot/termination-time"), time(at));
    assertEquals(JSON.parse(await text("events/recommendations/rebalance")), { noticeTime: time(story.now) });
    const [scheduled] = JSON.parse(await text("events/maintenance/scheduled"));
    assertEquals([scheduled.Code, scheduled.State], ["system-reboot", "active"]);
    assertMatch(scheduled.NotBefore, /^\d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  },
);

Deno.test(
  "metadataService() has the interface, the key and the devices that boot scripts look for",
  pure,
  async () => {
    const { get, instance } = service({
      KeyName: WORLD.keyName,
      Placement: { GroupName: WORLD.placementGroupName },
      SecurityGroupIds: [WORLD.securityGroupId, WORLD.defaultSecurityGroupId],
      BlockDeviceMappings: [
        { DeviceName: "/dev/sdb", Ebs: { VolumeSize: 10 } },
        { DeviceName: "/dev/xvda", Ebs: { VolumeSize: 20 } },
        { DeviceName: "/dev/sdc", Ebs: { VolumeSize: 10 } },
      ],
    });
    const { macAddress: mac, networkInterfaceId } = instance.network!;
    const own = `network/interfaces/macs/${mac}`;
    const table = [
      ["network/interfaces/macs/", `${mac}/`],
      [`${own}/device-number`, "0"],
      [`${own}/interface-id`, networkInterfaceId],
      [`${own}/subnet-id`, WORLD.subnetIds[0]],
      [`${own}/subnet-ipv4-cidr-block`, "10.0.0.0/19"],
      [`${own}/vpc-id`, WORLD.vpcId],
      [`${own}/vpc-ipv4-cidr-blocks`, "10.0.0.0/16"],
      [`${own}/security-group-ids`, `${WORLD.securityGroupId}\n${WORLD.defaultSecurityGroupId}`],
      [`${own}/security-groups`, "cluster-nodes\ndefault"],
      [`${own}/local-ipv4s`, "10.0.0.5"],
      [`${own}/owner-id`, WORLD.account],
      ["public-keys/", "0=cluster-key"],
      ["public-keys/0/", "openssh-key"],
      ["block-device-mapping/", "ami\nebs1\nebs2\nroot"],
      ["block-device-mapping/root", "/dev/xvda"],
      ["block-device-mapping/ebs2", "/dev/sdc"],
      ["ami-manifest-path", "(unknown)"],
      ["profile", "default-hvm"],
      ["placement/group-name", WORLD.placementGroupName],
      ["system", "nitro"],
    ] as const;
    for (const [path, expected] of table) {
      const { status, text } = await get(`/latest/meta-data/${path}`);
      assertEquals([status, text], [200, expected], path);
    }
    assertMatch(
      (await get("/latest/meta-data/public-keys/0/openssh-key")).text,
      /^ssh-ed25519 [\w+/=]{68} cluster-key$/,
    );
    assertEquals((await get("/latest/meta-data/public-keys/0=cluster-key")).status, 404);
  },
);

Deno.test("metadataService() lists its versions, and answers under each and no other", pure, async () => {
  const { get, instance } = service();
  const versions = (await get("/")).text.split("\n");
  assertEquals([versions[0], versions.at(-1)], ["1.0", "latest"]);
  for (const version of versions) {
    assertEquals((await get(`/${version}/meta-data/instance-id`)).text, instance.instanceId, version);
  }
  const missing = await get("/2020-01-01/meta-data/instance-id");
  assertEquals([missing.status, missing.headers.get("connection")], [404, "close"]);
  assertEquals((await get("/latest/meta-data/public-keys/")).status, 404);
});
