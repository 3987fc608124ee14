import { checkOutput } from "../check_output.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { CheckResult } from "../../../lib/preflight/check_result.ts";
import { EXPIRED_ACCESS_KEY, serveAws, type WireOptions } from "../../../lib/sim/wire/server.ts";
import { AWS_SECTIONS, DOCTOR_CONFIG, DOCTOR_PARAMETERS } from "./world.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Whoever runs the tests runs hooks here. */
const USER = new TextDecoder().decode(new Deno.Command("id", { args: ["-un"] }).outputSync().stdout).trim();

/** A simulated AWS, and a directory of a controller that uses it; disposing ends both. */
async function site(
  options: { readonly accessKey?: string; readonly dead?: boolean; readonly aws?: WireOptions } = {},
) {
  const aws = serveAws({ parameters: DOCTOR_PARAMETERS, pendingMs: 300, ...options.aws });
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-doctor-" });
  const url = options.dead ? "http://127.0.0.1:1" : aws.url;
  const endpoints = ["ec2", "ssm", "sts", "quotas"].map((name) => `${name}: "${url}"`).join(", ");
  const settings =
    `{ profile: slurm, credentialsFile: ${directory}/credentials, configFile: ${directory}/config, ` +
    `endpoints: { ${endpoints}, pricing: "http://127.0.0.1:1" } }`;
  await Deno.writeTextFile(
    `${directory}/slurm-ec2.yaml`,
    `${DOCTOR_CONFIG.replace(/aws: .*/, `aws: ${settings}`)}slurm: { user: ${USER} }\n`,
  );
  const key = options.accessKey ?? "AKIDEXAMPLE";
  await Deno.writeTextFile(
    `${directory}/credentials`,
    `[slurm]\naws_access_key_id = ${key}\naws_secret_access_key = x\n`,
  );
  await Deno.writeTextFile(`${directory}/config`, "");
  return {
    aws,
    directory,
    command: (...args: readonly string[]) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--frozen", "--no-prompt", `${ROOT}main.ts`, "doctor", ...args],
        cwd: directory,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }),
    async [Symbol.asyncDispose]() {
      await aws.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

const SECTIONS = AWS_SECTIONS.flatMap((name) => ["--only", name]);

function findingsOf(stdout: Uint8Array): readonly (CheckResult & { readonly section: string })[] {
  const printed = JSON.parse(new TextDecoder().decode(stdout));
  checkOutput("doctor", printed);
  return printed.findings;
}

Deno.test("doctor as a process asks through the AWS SDK with the permissions it declares", async () => {
  await using here = await site();
  const { code, stdout, stderr } = await here.command(...SECTIONS, "--json").output();
  assertEquals(new TextDecoder().decode(stderr), "");
  const findings = findingsOf(stdout);
  assertEquals(findings.filter(({ status }) => status === "warn" || status === "fail"), []);
  assertEquals(code, 0);
  const what = new Map(findings.map((one) => [one.what, one]));
  assertEquals(what.get("user")?.evidence, `runs as ${USER}, as the hooks do`);
  assertEquals(
    what.get("credentials")?.evidence.startsWith(`profile "slurm" of ${here.directory}/credentials`),
    true,
  );
  assertEquals(what.get("pricing:GetProducts")?.status, "info");
  assertEquals(here.aws.simulator.instances(), []);
});

for (
  const [what, options, code] of [
    ["expired credentials", { accessKey: EXPIRED_ACCESS_KEY }, "ExpiredToken"],
    ["an endpoint that is dead", { dead: true }, "EndpointUnreachable"],
  ] as const
) {
  Deno.test(`doctor as a process tells of ${what}`, async () => {
    await using here = await site(options);
    const ran = await here.command(...SECTIONS, "--json").output();
    const caller = findingsOf(ran.stdout).find(({ what }) => what === "caller")!;
    assertEquals([caller.code, ran.code], [code, 3]);
    if (options === undefined) return;
    if ("dead" in options) assertStringIncludes(caller.evidence, "http://127.0.0.1:1");
  });
}

Deno.test("doctor --launch as a process sees what the real boot script finds in the metadata", async () => {
  const runDirectory = await Deno.makeTempDir({ prefix: "slurm-ec2-doctor-run-" });
  const boot = `SLURM_EC2_RUN_DIR=${runDirectory}/$INSTANCE_ID ${ROOT}deploy/node/boot; exec sleep 60`;
  await using here = await site({
    aws: { guests: { command: ["/bin/sh", "-c", boot], env: {}, align: false, graceMs: 1_000 } },
  });
  try {
    const { code, stdout } = await here.command("--launch", "2", "--yes", "--json").output();
    const findings = findingsOf(stdout);
    const found = findings.filter(({ what }) => what.startsWith("metadata service")).map(({ status }) =>
      status
    );
    assertEquals([found, code], [["pass", "pass"], 0], JSON.stringify(findings, null, 1));
    const states = here.aws.simulator.instances().map(({ state }) => state);
    assertEquals(states, ["terminated", "terminated"]);
  } finally {
    await Deno.remove(runDirectory, { recursive: true });
  }
});

Deno.test("doctor --launch as a process ends its instances on SIGINT", async () => {
  await using here = await site();
  const child = here.command("--launch", "2", "--yes", "--json").spawn();
  const output = new Response(child.stdout).bytes();
  let said = "";
  for await (
    const text of child.stderr.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
  ) {
    said += text;
    if (said.includes("waiting for the consoles")) child.kill("SIGINT");
  }
  const { code } = await child.status;
  assertEquals(code, 3, said);
  assert(findingsOf(await output).some(({ code }) => code === "Interrupted"));
  assertEquals(here.aws.simulator.instances().map(({ state }) => state), ["terminated", "terminated"]);
});
