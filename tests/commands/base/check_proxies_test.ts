import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { checkProxies } from "../../../commands/base/check_proxies.ts";
import { CommandError } from "../../../commands/base/command.ts";

const pure = { permissions: "none" } as const;
const NET = { net: ["ec2"] } as const;
const host = (variables: Readonly<Record<string, string>>) => ({ env: (name: string) => variables[name] });

Deno.test("checkProxies() takes URLs of proxies, and none at all", pure, () => {
  for (const value of ["", "http://proxy:3128", "https://user:s3cr3t@proxy.example.com:8080/"]) {
    for (const name of ["HTTPS_PROXY", "http_proxy"]) checkProxies(host({ [name]: value }), NET);
  }
  checkProxies(host({}), NET);
  checkProxies(host({ HTTPS_PROXY: "user:s3cr3t@proxy:3128" }), { net: [] });
});

for (
  const value of [
    "user:s3cr3t@proxy:3128",
    "http://user:s3cr3t@bad host:3128",
    "s3cr3t",
    "ftp://s3cr3t@proxy",
  ]
) {
  Deno.test(`checkProxies() refuses ${value.replace("s3cr3t", "…")} without a word of it`, pure, () => {
    for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]) {
      const error = assertThrows(() => checkProxies(host({ [name]: value }), NET), CommandError);
      assertMatch(error.message, new RegExp(`^${name} is not the URL of a proxy, such as http://`));
      assert(!error.message.includes("s3cr3t"), error.message);
    }
  });
}

/** Values that hooks.env may hold, and a word in each that must stand nowhere. */
const SECRETS: Readonly<Record<string, string>> = {
  AWS_ACCESS_KEY_ID: "AKIAs3cr3t",
  AWS_SECRET_ACCESS_KEY: "s3cr3t-key",
  AWS_SESSION_TOKEN: "s3cr3t-token",
};

const MAIN = decodeURIComponent(new URL("../../../main.ts", import.meta.url).pathname);
const CONFIG = (dir: string) =>
  `cluster: chip
region: us-east-1
stateDir: ${dir}/state
logFile: ${dir}/log
slurm: {binDir: ${dir}}
defaults: {os: {distribution: Rocky, version: 9}, subnets: [subnet-0123456789abcdef0]}
nodeGroups: [{name: c, nodes: "c[0-3]", instanceTypes: [c7i.large]}]
`;

/** The command and the environment that hooks.env would give it; nothing of it reaches a network. */
const RUNS: readonly (readonly [args: readonly string[], env: Readonly<Record<string, string>>])[] = [
  [["ssm", "validate"], { HTTPS_PROXY: "http://user:s3cr3t@127.0.0.1:9" }],
  [["ssm", "validate"], { HTTPS_PROXY: "user:s3cr3t@127.0.0.1:9" }],
  [["ssm", "validate"], { AWS_ENDPOINT_URL: "s3cr3t" }],
  [["ssm", "validate"], { AWS_ENDPOINT_URL_SSM: "https://user:s3cr3t@127.0.0.1:9/s3cr3t" }],
  [["stop", "c0"], { HTTPS_PROXY: "user:s3cr3t@127.0.0.1:9" }],
  [["doctor", "--only", "credentials"], { AWS_ENDPOINT_URL: "http://user:s3cr3t@127.0.0.1:9/?s3cr3t" }],
  [["doctor", "--only", "credentials"], { AWS_ENDPOINT_URL_STS: "s3cr3t" }],
];

Deno.test("no value of hooks.env is ever logged, printed or kept", async (t) => {
  for (const [args, env] of RUNS) {
    await t.step(`${args.join(" ")} with ${Object.keys(env)}`, async () => {
      const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-secrets-" });
      try {
        await Deno.mkdir(`${dir}/state`);
        await Deno.writeTextFile(`${dir}/slurm-ec2.yaml`, CONFIG(dir));
        await Deno.writeTextFile(`${dir}/scontrol`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--frozen", MAIN, ...args, "--config", `${dir}/slurm-ec2.yaml`],
          env: { NO_COLOR: "1", NO_PROXY: "", ...SECRETS, ...env },
        }).output();
        const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        assert(said.length > 0);
        assertEquals(linesWithSecret("what is printed", said), []);
        assertEquals(await filesWithSecret(dir), []);
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    });
  }
});

function linesWithSecret(where: string, text: string): string[] {
  return text.split("\n").filter((line) => line.includes("s3cr3t")).map((line) => `${where}: ${line}`);
}

async function filesWithSecret(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesWithSecret(path));
    else found.push(...linesWithSecret(path, new TextDecoder().decode(await Deno.readFile(path))));
  }
  return found;
}
