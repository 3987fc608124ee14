import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { HelperRuns } from "../../../lib/aws/helper_runs.ts";
import { credentialHelpers } from "../../../lib/aws/credentials_client.ts";
import { ec2Client } from "../../../lib/aws/ec2_client.ts";
import { ssmClient } from "../../../lib/aws/ssm_client.ts";
import { cannedServer, ec2Answer, withEnv } from "./canned_server.ts";

interface Site {
  readonly dir: string;
  /** A helper with a name that takes quotes; notes every run in `runs`. */
  readonly helper: string;
  runs(): number;
  /** Whose keys the last request was signed with. */
  signedBy(): string;
  readonly endpoint: string;
}

/** Files of a home directory, a helper, and a server that looks at who asks. */
async function withSite(
  config: (helper: string) => string,
  use: (site: Site) => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2 home-" });
  const helper = `${dir}/credential helper`;
  const answer = { Version: 1, AccessKeyId: "AKIDHELPER", SecretAccessKey: "s", SessionToken: "t", ...more };
  await Deno.writeTextFile(
    helper,
    `#!/bin/sh\necho "$@" >>"\${0%/*}/runs"\necho '${JSON.stringify(answer)}'\n`,
    { mode: 0o755 },
  );
  await Deno.mkdir(`${dir}/.aws`);
  await Deno.writeTextFile(`${dir}/.aws/config`, config(helper));
  let authorization = "";
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    authorization = request.headers.get("authorization") ?? "";
    await request.body?.cancel();
    if (request.headers.has("x-amz-target")) return Response.json({ Parameters: [], InvalidParameters: [] });
    return ec2Answer("DescribeInstances", "<reservationSet/>")();
  });
  try {
    await withEnv({ HOME: dir, AWS_EC2_METADATA_DISABLED: "true" }, () =>
      use({
        dir,
        helper,
        runs: () => Deno.readTextFileSync(`${dir}/runs`).trim().split("\n").length,
        signedBy: () => /Credential=(\w+)\//.exec(authorization)?.[1] ?? "",
        endpoint: `http://127.0.0.1:${server.addr.port}`,
      }));
  } finally {
    await server.shutdown();
    await Deno.remove(dir, { recursive: true });
  }
}

const settings = ({ endpoint }: Site, aws: Readonly<Record<string, unknown>> = {}) => ({
  region: "eu-west-1",
  aws: { ...aws, endpoints: { ec2: endpoint, ssm: endpoint } },
});

Deno.test("clients ask the helper of the default profile, once for all of them", () =>
  withSite((helper) => `[default]\ncredential_process = "${helper}" get\n`, async (site) => {
    const both = { ...settings(site), helperRuns: new HelperRuns() };
    const [ec2, ssm] = [ec2Client(both), ssmClient(both)];
    await Promise.all([ec2.describeInstances({}), ssm.getParameters({ Names: ["x"] })]);
    assertEquals([site.signedBy(), site.runs()], ["AKIDHELPER", 1]);
    assertEquals(await credentialHelpers({}), [site.helper]);
    ec2.destroy();
    ssm.destroy();
    const other = ec2Client(settings(site));
    await other.describeInstances({});
    assertEquals(site.runs(), 2, "a client of other settings takes nothing from these");
    other.destroy();
  }));

Deno.test("clients ask the helper again when what it gave is about to end", () =>
  withSite((helper) => `[default]\ncredential_process = "${helper}" get\n`, async (site) => {
    const both = { ...settings(site), helperRuns: new HelperRuns() };
    const runs: number[] = [];
    for (let round = 0; round < 2; round++) {
      const ec2 = ec2Client(both);
      await ec2.describeInstances({});
      runs.push(site.runs());
      ec2.destroy();
    }
    // How often the SDK asks for what ends soon is its own business.
    assert(runs[1]! > runs[0]!, `${runs}`);
    assertEquals(site.signedBy(), "AKIDHELPER");
  }, { Expiration: new Date(Date.now() + 60_000).toISOString() }));

Deno.test("clients ask the helper of the profile and file that the settings name, whatever keys there are", () =>
  withSite(
    () => "[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = x\n",
    (site) =>
      withEnv({ AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "x", HOME: site.dir }, async () => {
        const configFile = `${site.dir}/other`;
        await Deno.writeTextFile(configFile, `[profile s]\ncredential_process = '${site.helper}' s\n`);
        const ec2 = ec2Client(settings(site, { profile: "s", configFile }));
        await ec2.describeInstances({});
        assertEquals(site.signedBy(), "AKIDHELPER");
        assertEquals(await credentialHelpers({ profile: "s", configFile }), [site.helper]);
        assertEquals(await credentialHelpers({}), []);
        ec2.destroy();
      }),
  ));

Deno.test("clients assume the role of a profile whose source profile names a helper", () =>
  withSite(
    (helper) =>
      "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/slurm\nsource_profile = base\nexternal_id = e\n" +
      `[profile base]\ncredential_process = "${helper}" base\n`,
    async (site) => {
      await using sts = cannedServer(() =>
        new Response(
          "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>" +
            "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z" +
            "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
        )
      );
      const { region, aws } = settings(site, { profile: "role" });
      const ec2 = ec2Client({ region, aws: { ...aws, endpoints: { ...aws.endpoints, sts: sts.url } } });
      await ec2.describeInstances({});
      assertEquals([site.signedBy(), site.runs()], ["ASIAROLE", 1]);
      const asked = new URLSearchParams(sts.requests[0]);
      assertEquals([asked.get("RoleArn"), asked.get("ExternalId")], [
        "arn:aws:iam::111122223333:role/slurm",
        "e",
      ]);
      ec2.destroy();
    },
  ));

for (
  const [says, config, message] of [
    [
      "a relative path",
      () => "credential_process = helper get",
      /profile default: .*"helper" is not an absolute path/,
    ],
    [
      "a pipe",
      (helper: string) => `credential_process = "${helper}" | cat`,
      /profile default: .*takes a shell/,
    ],
    [
      "a program that fails",
      () => "credential_process = /bin/false",
      /profile default: credential helper \/bin\/false: exit status 1/,
    ],
  ] as const
) {
  Deno.test(`clients say what is wrong with ${says} as credential_process, and take nothing else instead`, () =>
    withSite((helper) => `[default]\n${config(helper)}\n`, async (site) => {
      const ec2 = ec2Client(settings(site));
      const error = await ec2.describeInstances({}).then(() => undefined, (error) => error);
      assertEquals(error.code, "CredentialsNotFound");
      assertMatch(error.message, message);
      assertStringIncludes(error.message, "No AWS credentials for EC2 DescribeInstances");
      ec2.destroy();
    }));
}
