import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { takesRoot, testWhere } from "../test_where.ts";
import { type FakeNode, type Metadata, withFakeNode } from "./fake_node.ts";
import { nodeUserData } from "./node_user_data.ts";

/** Keys get owners. */
const NOT_ROOT = takesRoot();
const KEY = "0123456789abcdef".repeat(8);

/** A munge that works once munged has been started with a key. */
function fakeMunge(node: FakeNode): void {
  node.program("id", `case "$*" in -u) echo 0 ;; *) exit 1 ;; esac`);
  node.program(
    "munge",
    `[ -e ${node.dir}/munged ] && echo MUNGE:x || { echo "munge: Error: no socket" >&2; exit 1; }`,
  );
  // As the real one: nothing is said before a credential has come, or it is known that none will.
  node.program(
    "unmunge",
    `read -r credential || { echo "unmunge: Error: No credential specified" >&2; exit 1; }
echo 'STATUS: Success (0)'`,
  );
  node.program(
    "systemctl",
    `echo "systemctl $*" >>$record; [ -s ${node.dir}/etc/munge/munge.key ] && cp ${node.dir}/etc/munge/munge.key ${node.dir}/munged`,
  );
}

interface World {
  readonly key: string | ((dir: string) => string);
  readonly prepare?: (node: FakeNode) => void;
  readonly more?: Metadata["more"];
  readonly env?: (node: FakeNode) => Readonly<Record<string, string>>;
}

async function boot(
  { key, prepare = () => {}, more, env = () => ({}) }: World,
  judge: (node: FakeNode, booted: { code: number; said: string }) => void | Promise<void>,
): Promise<void> {
  const userData = (dir: string) => {
    const from = typeof key === "string" ? key : key(dir);
    return nodeUserData({ settings: from === "" ? {} : { MUNGE_KEY: from } });
  };
  await withFakeNode({ launchIndex: "0", userData, more }, async (node) => {
    fakeMunge(node);
    prepare(node);
    const booted = await node.run("boot", { SLURM_EC2_MUNGE: "", SLURM_EC2_IMDS_TRIES: "1", ...env(node) });
    assert(!booted.said.includes(KEY.slice(0, 32)), "the key is in the log");
    await judge(node, booted);
  });
}

function testMunge(name: string, ...args: Parameters<typeof boot>): void {
  testWhere(NOT_ROOT, name, () => boot(...args));
}

/** Mode and contents of what the node has in place. */
function inPlace(node: FakeNode): readonly [string, string, string] {
  const mode = (path: string) => (Deno.statSync(`${node.dir}/etc/${path}`).mode! & 0o7777).toString(8);
  return [mode("munge"), mode("munge/munge.key"), node.read("etc/munge/munge.key")];
}

const ofFile = (dir: string) => `${dir}/shared/munge.key`;
const share = (text = KEY, mode = 0o400) => (node: FakeNode) => node.write("shared/munge.key", text, mode);

testMunge("boot takes the munge key from a file, for munge alone to read, before munge starts", {
  key: ofFile,
  prepare(node) {
    share()(node);
    node.write("etc/munge/munge.key", "an old key of another cluster, long enough to be one", 0o644);
  },
}, (node, { code, said }) => {
  assertEquals(code, 0, said);
  assertEquals(inPlace(node), ["700", "400", KEY]);
  assertStringIncludes(said, `slurm-ec2: took the munge key from ${node.dir}/shared/munge.key\n`);
  assertEquals(node.read("munged"), KEY, "munge was started before it had the key");
  assertEquals(node.recorded(), ["systemctl restart munge.service", "slurmd -D -N c7i-0 -b"]);
  assertEquals([...Deno.readDirSync(`${node.dir}/etc/munge`)].length, 1, "a copy is left over");
});

testMunge("boot never lets others see a munge key on its way", {
  key: ofFile,
  prepare(node) {
    share()(node);
    node.program("cat", `/bin/cat "$@"; ls -lA ${node.dir}/etc/munge >>${node.dir}/modes 2>/dev/null`);
  },
}, (node) => {
  const modes = node.read("modes").split("\n").filter((line) => line.includes("munge.key"));
  assert(modes.length > 0);
  assertEquals(modes.filter((line) => !/^-r[w-]-------/.test(line)), []);
});

testMunge("boot leaves munge alone when its key is the right one and it works", {
  key: ofFile,
  prepare(node) {
    share()(node);
    node.write("etc/munge/munge.key", KEY, 0o400);
    node.write("munged", KEY);
  },
}, (node, { code }) => {
  assertEquals([code, node.recorded()], [0, ["slurmd -D -N c7i-0 -b"]]);
});

testMunge("boot uses a baked-in key, and fixes its mode", {
  key: "",
  prepare: (node) => node.write("etc/munge/munge.key", KEY, 0o644),
}, (node, { code, said }) => {
  assertEquals(code, 0, said);
  assertEquals(inPlace(node), ["700", "400", KEY]);
  assertMatch(said, /munge\.key had mode 644: it is 400 now/);
});

const FAILURES: readonly (readonly [when: string, world: World, says: RegExp])[] = [
  [
    "there is none",
    { key: "" },
    /there is no munge key in \S+; next step: set MUNGE_KEY in userData, or bake/,
  ],
  [
    "the file is not there",
    { key: ofFile },
    /no munge key at \S+: .*No such file.*; next step: see MUNGE_KEY/,
  ],
  [
    "everybody can read it",
    { key: ofFile, prepare: share(KEY, 0o444) },
    /can be read by everyone; next step: chmod 400 /,
  ],
  ["it is too short", { key: ofFile, prepare: share("short") }, /holds 5 bytes, which is not a munge key/],
  [
    "it is another file",
    { key: ofFile, prepare: share("x".repeat(70_000)) },
    /holds 70000 bytes, which is not a munge key/,
  ],
  [
    "user data holds it",
    { key: KEY },
    /MUNGE_KEY is not where the key is; next step: .*never the key itself/,
  ],
  [
    "munged does not start",
    { key: ofFile, prepare: (node) => (share()(node), node.program("systemctl", "")) },
    /munge does not work here: munge: Error: no socket; next step: see journalctl -u munge/,
  ],
  [
    "munged has another key than munge",
    {
      key: ofFile,
      prepare: (
        node,
      ) => (share()(node), node.program("unmunge", 'echo "unmunge: Error: Invalid credential"')),
    },
    /munge does not work here: unmunge: Error: Invalid credential/,
  ],
  [
    "the disk is full",
    { key: ofFile, prepare: (node) => (share()(node), node.program("chown", "exit 1")) },
    /cannot write \S+munge\.key; next step: see that there is a user munge, and room/,
  ],
];
for (const [when, world, says] of FAILURES) {
  testMunge(`boot fails with one line about the munge key when ${when}`, world, (node, { code, said }) => {
    assertEquals(code, 1, said);
    assertMatch(said, says);
    assertEquals(said.match(/boot failed/g)?.length, 1);
    assertEquals(node.recorded().filter((line) => line.startsWith("slurmd")), []);
  });
}

/** What a role has, and the domain of its partition. */
const ROLE: Metadata["more"] = {
  "meta-data/iam/security-credentials/": "SlurmNode",
  "meta-data/iam/security-credentials/SlurmNode":
    '{\n  "Code" : "Success",\n  "AccessKeyId" : "ASIAEXAMPLE",\n  "SecretAccessKey" : "s3cr3t/+key",\n  "Token" : "t0k/en=="\n}',
  "meta-data/services/domain": "amazonaws.com",
};
const SSM = "ssm:/chip/MungeKey";
const BASE64 = btoa(KEY);

interface Asked {
  readonly headers: Headers;
  readonly body: string;
}

/** Serves one answer as SSM would, and keeps what it was asked. */
async function withSsm(
  answer: { readonly status?: number; readonly body: unknown },
  use: (url: string, asked: readonly Asked[]) => Promise<void>,
): Promise<void> {
  const asked: Asked[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    asked.push({ headers: request.headers, body: await request.text() });
    return new Response(JSON.stringify(answer.body), { status: answer.status ?? 200 });
  });
  try {
    await use(`http://127.0.0.1:${server.addr.port}`, asked);
  } finally {
    await server.shutdown();
  }
}

/** A node whose AWS CLI, should the machine have one, does not work, and whose curl leaves its command lines. */
function withoutCli(node: FakeNode): void {
  node.program("aws", "exit 1");
  node.program("curl", `printf '%s\\n' "$*" >>${node.dir}/argv; exec /usr/bin/curl "$@"`);
}

const parameter = (changes: Record<string, unknown> = {}) => ({
  Parameter: {
    ARN: "arn:x",
    Name: "/chip/MungeKey",
    Type: "SecureString",
    Value: BASE64,
    Version: 1,
    ...changes,
  },
});

testWhere(
  NOT_ROOT,
  "boot reads the munge key from SSM with the role's own credentials, none of them on a command line",
  () =>
    withSsm({ body: parameter() }, (url, asked) =>
      boot({
        key: SSM,
        more: ROLE,
        prepare: withoutCli,
        env: () => ({ AWS_ENDPOINT_URL_SSM: url, http_proxy: "http://127.0.0.1:9", no_proxy: "127.0.0.1" }),
      }, (node, { code, said }) => {
        assertEquals(code, 0, said);
        assertEquals(inPlace(node), ["700", "400", KEY]);
        assertEquals(JSON.parse(asked[0]!.body), { Name: "/chip/MungeKey", WithDecryption: true });
        const { headers } = asked[0]!;
        assertEquals(headers.get("x-amz-target"), "AmazonSSM.GetParameter");
        assertEquals(headers.get("x-amz-security-token"), "t0k/en==");
        assertMatch(
          headers.get("authorization")!,
          /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE\/\d{8}\/eu-west-1\/ssm\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/,
        );
        const everywhere = node.read("argv") + node.read("run/node") + said;
        for (const secret of ["s3cr3t", "t0k/en", BASE64.slice(0, 32)]) {
          assert(!everywhere.includes(secret), secret);
        }
      })),
);

testMunge("boot reads the munge key from SSM by the AWS CLI where there is one", {
  key: SSM,
  prepare: (node) =>
    node.program(
      "aws",
      `[ "$1" = --version ] && exit; echo "aws $*" >>$record; printf 'SecureString\\t%s\\n' ${BASE64}`,
    ),
}, (node, { code, said }) => {
  assertEquals(code, 0, said);
  assertEquals(inPlace(node)[2], KEY);
  assertEquals(
    node.recorded()[0],
    "aws ssm get-parameter --region eu-west-1 --name /chip/MungeKey --with-decryption --query Parameter.[Type,Value] --output text",
  );
});

const CLI_FAILURES: readonly (readonly [when: string, aws: string, says: RegExp])[] = [
  [
    "the role may not",
    'echo >&2; echo "An error occurred (AccessDeniedException) when calling the GetParameter operation" >&2; exit 254',
    /cannot read ssm:\/chip\/MungeKey: An error occurred \(AccessDeniedException\) .*; next step: see that the node's role has/,
  ],
  [
    "it is not a SecureString",
    "printf 'String\\tx\\n'",
    /is not a SecureString; next step: write it again with --type SecureString/,
  ],
  [
    "it is not base64",
    `printf 'SecureString\\t%s\\n' '${KEY.replaceAll("0", "!")}'`,
    /does not hold base64; next step: write it with: base64 -w0/,
  ],
  ["the CLI says nothing", "exit 1", /cannot read ssm:\/chip\/MungeKey: aws: status 1/],
];
for (const [when, aws, says] of CLI_FAILURES) {
  testMunge(`boot fails with one line about SSM when ${when}`, {
    key: SSM,
    prepare: (node) => node.program("aws", `[ "$1" = --version ] && exit; ${aws}`),
  }, (node, { code, said }) => {
    assertEquals(code, 1);
    assertMatch(said, says);
    assertEquals(said.match(/boot failed/g)?.length, 1, said);
    assertEquals(node.recorded(), []);
  });
}

testWhere(
  NOT_ROOT,
  "boot quotes SSM's own word for a refusal",
  () =>
    withSsm({ status: 400, body: { __type: "com.amazonaws.ssm#ParameterNotFound" } }, (url) =>
      boot(
        { key: SSM, more: ROLE, prepare: withoutCli, env: () => ({ AWS_ENDPOINT_URL_SSM: url }) },
        (_, { code, said }) => {
          assertEquals(code, 1);
          assertMatch(said, /cannot read ssm:\/chip\/MungeKey: ParameterNotFound; next step/);
        },
      )),
);

testMunge("boot says what is missing where neither the AWS CLI nor curl can read SSM", {
  key: SSM,
  more: ROLE,
  prepare(node) {
    withoutCli(node);
    node.program("curl", `case "$*" in *--help*) echo old ;; *) exec /usr/bin/curl "$@" ;; esac`);
  },
}, (_, { code, said }) => {
  assertEquals(code, 1);
  assertMatch(
    said,
    /cannot read ssm:\/chip\/MungeKey: this needs the AWS CLI, or curl 7\.75 or later; next step/,
  );
});

testMunge(
  "boot says that an instance without a role can't read SSM",
  { key: SSM, prepare: withoutCli },
  (_, { said }) => {
    assertMatch(said, /cannot read ssm:\/chip\/MungeKey: the instance has no role; next step/);
  },
);
