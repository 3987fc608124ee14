import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { ROLE_ACCESS_KEY } from "../../lib/sim/wire/imds.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { EVERYTHING_PARAMETERS, everythingConfig } from "../fixtures/everything_config.ts";
import { hookBundle } from "../fixtures/hook_bundle.ts";
import { type HookName, prepareNodes } from "../fixtures/hook_site.ts";
import { type LoopbackSlurmctld, serveSlurmctld } from "../fixtures/loopback_slurmctld.ts";

/** What a process printed, and how it ended. */
interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A controller on which our commands run as processes, and a slurmctld of its own. */
interface Controller extends AsyncDisposable {
  readonly dir: string;
  readonly slurmctld: LoopbackSlurmctld;
  run(url: string, ...args: readonly string[]): Promise<Ran>;
}

async function makeController(): Promise<Controller> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-policy-" });
  await Deno.mkdir(`${dir}/bin`);
  const nodes = expandHostlist("r[0-9],p[0-9],s[0-9],w[0-9]");
  const slurmctld = await serveSlurmctld(nodes, `${dir}/bin/scontrol`);
  const places =
    `slurm: { version: "22.05", binDir: ${dir}/bin }\nstateDir: ${dir}/state\nlogFile: ${dir}/log`;
  await Deno.writeTextFile(
    `${dir}/slurm-ec2.yaml`,
    everythingConfig(`${places}\nlimits: { launchCheckSeconds: 1 }`),
  );
  const main = `${await hookBundle()}/main.js`;
  return {
    dir,
    slurmctld,
    async run(url, ...args) {
      const env = {
        PATH: "/usr/bin:/bin",
        HOME: dir,
        AWS_ENDPOINT_URL: url,
        AWS_ACCESS_KEY_ID: "simulated",
        AWS_SECRET_ACCESS_KEY: "simulated",
      };
      const command = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-prompt", main, ...args],
        cwd: dir,
        clearEnv: true,
        env,
        stdin: "null",
      });
      const { code, stdout, stderr } = await command.output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code, stdout: text(stdout), stderr: text(stderr) };
    },
    async [Symbol.asyncDispose]() {
      await slurmctld[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** `slurm-ec2 simulate` as a process, with policies; disposing of it ends it. */
async function simulate(...flags: readonly string[]): Promise<AsyncDisposable & { readonly url: string }> {
  const parameters = Object.entries(EVERYTHING_PARAMETERS).map(([name, value]) =>
    `--parameter=${name}=${value}`
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-prompt",
      `${await hookBundle()}/main.js`,
      "simulate",
      ...parameters,
      ...flags,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) text += (await lines.read()).value ?? "";
  await lines.cancel();
  return {
    url: JSON.parse(text.split("\n")[0]!).url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** What our commands do on AWS one after the other, and what they say then. */
const STEPS: readonly (readonly [args: readonly string[], says: string])[] = [
  [["resume", "r[0-1],p[0-1],s[0-1],w[0-1]"], "assigned         8"],
  [["stop", "r[0-1],w[0-1]"], "stopped          2  w[0-1]"],
  [["resume", "w[0-1]"], "StartInstances 1"],
  [["resume-fail", "p[0-1]"], "GetConsoleOutput 2"],
  [["ssm", "put", "--ami-from", "slurm-node-x86_64"], "Nothing to write"],
  [
    ["ssm", "put", "--security-groups", WORLD.defaultSecurityGroupId, "--overwrite", "--apply"],
    "Wrote 1 of 1",
  ],
  [["ssm", "diff", "--from-prefix", "legacy"], "different"],
  [["ssm", "validate", "--controller", "10.0.0.9"], "8 pass"],
  [["config", "render", "--aws", "--weight-by-size"], "NodeName=r[0-9]"],
];

function isHook(name: string): name is HookName {
  return name === "resume" || name === "stop" || name === "resume-fail";
}

for (const format of ["json", "cloudformation"]) {
  Deno.test(`Our commands need no more than iam policy --format ${format} prints`, async () => {
    await using controller = await makeController();
    const flags = ["--with-put", "--from-prefix", "legacy", ...(format === "json" ? ["--split"] : [])];
    const printed = await controller.run("", "iam", "policy", "--format", format, ...flags);
    assertEquals(printed.code, 0, printed.stderr);
    await Deno.writeTextFile(`${controller.dir}/policy`, printed.stdout);
    await using aws = await simulate(`--policy=${controller.dir}/policy`);
    for (const [[name = "", ...args], says] of STEPS) {
      if (isHook(name)) prepareNodes(controller.slurmctld, name, expandHostlist(args.at(-1)!));
      const { stdout, stderr } = await controller.run(aws.url, name, ...args);
      assertStringIncludes(stdout, says, `${name} ${args.join(" ")}: ${stdout}${stderr}`);
      assert(!/not authorized|NotPermitted/.test(stdout + stderr), stdout + stderr);
    }
  });
}

Deno.test("Without its policy a command is refused, and says what to do", async () => {
  await using controller = await makeController();
  const { stdout } = await controller.run("", "iam", "policy");
  await Deno.writeTextFile(`${controller.dir}/policy`, stdout);
  await using aws = await simulate(`--policy=${controller.dir}/policy`);
  const put = await controller.run(
    aws.url,
    ...["ssm", "put", "--security-groups", WORLD.defaultSecurityGroupId, "--overwrite", "--apply"],
  );
  assertEquals(put.code, 1);
  assertStringIncludes(put.stdout, "AccessDeniedException");
  assertStringIncludes(put.stdout, "iam policy --with-put");
});

Deno.test("The node policy allows the munge key and nothing else, and the controller's does not", async () => {
  await using controller = await makeController();
  const files = await Promise.all(["controller", "node"].map(async (who) => {
    const { stdout } = await controller.run("", "iam", "policy", "--for", who);
    await Deno.writeTextFile(`${controller.dir}/${who}`, stdout);
    return `${controller.dir}/${who}`;
  }));
  await using aws = await simulate(`--policy=${files[0]}`, `--node-policy=${files[1]}`);
  const get = async (accessKey: string, Name: string) => {
    const headers = {
      "x-amz-target": "AmazonSSM.GetParameter",
      "authorization": `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/us-east-1/ssm/aws4_request`,
    };
    const body = JSON.stringify({ Name, WithDecryption: true });
    const response = await fetch(aws.url, { method: "POST", headers, body });
    return (await response.json()).__type;
  };
  const image = Object.keys(EVERYTHING_PARAMETERS)[0]!;
  const denied = "AccessDeniedException";
  assertEquals(await get(ROLE_ACCESS_KEY, "/chip/MungeKey"), "ParameterNotFound");
  assertEquals(await get(ROLE_ACCESS_KEY, image), denied);
  assertEquals(await get("AKIA0000000000EXAMPLE", "/chip/MungeKey"), denied);
  assertEquals(await get("AKIA0000000000EXAMPLE", image), undefined);
});
