import { assertEquals, assertMatch } from "@std/assert";
import { PLACES_MARK, placesPart } from "../../lib/install/places_part.ts";
import { takesRoot, testWhere } from "../test_where.ts";

const DEPLOY = new URL("../../deploy/", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, DEPLOY));

interface Ran {
  readonly stderr: string;
  /** The environment that the program got. */
  readonly env: ReadonlyMap<string, string>;
}

/** Runs bin/slurm-ec2 of an installation, whose Deno only shows its environment. */
async function start(
  command: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly stateOwner?: number } = {},
): Promise<Ran> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-people-" });
  try {
    await Deno.chmod(dir, 0o755);
    for (const name of ["bin", "etc", "state"]) await Deno.mkdir(`${dir}/${name}`);
    const text = read("install/slurm-ec2").replace(
      PLACES_MARK,
      () => placesPart(read("hooks/hook"), read("install/differences.sh")),
    );
    await Deno.writeTextFile(`${dir}/bin/slurm-ec2`, text, { mode: 0o755 });
    await Deno.writeTextFile(`${dir}/deno`, "#!/bin/sh\nexec env\n", { mode: 0o755 });
    await Deno.writeTextFile(`${dir}/etc/slurm-ec2.yaml`, `region: eu-west-1\nstateDir: ${dir}/state\n`);
    await Deno.writeTextFile(
      `${dir}/etc/hooks.env`,
      "AWS_PROFILE=slurm\nHTTPS_PROXY=http://proxy.example.com:3128\nnot a secret line\n",
    );
    if (options.stateOwner !== undefined) {
      await Deno.chown(`${dir}/state`, options.stateOwner, options.stateOwner);
    }
    const { stdout, stderr } = await new Deno.Command(`${dir}/bin/slurm-ec2`, {
      args: [...command.split(" ")],
      clearEnv: true,
      env: { HOME: dir, ...options.env },
    }).output();
    const lines = new TextDecoder().decode(stdout).split("\n").map((line) =>
      line.split("=") as [string, string]
    );
    return { stderr: new TextDecoder().decode(stderr), env: new Map(lines) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

for (const command of ["doctor", "ssm validate", "iam policy", "config check"]) {
  Deno.test(`slurm-ec2 ${command} of an installation sees the hooks' settings, proxy and credentials`, async () => {
    const { stderr, env } = await start(command);
    assertEquals(
      [env.get("AWS_PROFILE"), env.get("HTTPS_PROXY"), env.get("NODE_USE_ENV_PROXY")],
      ["slurm", "http://proxy.example.com:3128", "1"],
    );
    // What can't be read is said by its line alone: it may hold a secret.
    assertMatch(stderr, /^slurm-ec2: \S+\/etc\/hooks\.env:3: not KEY=VALUE: left out\n$/);
  });
}

for (
  const [what, env, says] of [
    ["another profile", { AWS_PROFILE: "me" }, /they don't have this environment's AWS_PROFILE\n/],
    ["keys of its own", { AWS_ACCESS_KEY_ID: "a" }, /they don't have this environment's AWS_ACCESS_KEY_ID\n/],
    ["another proxy", { HTTPS_PROXY: "http://other:1" }, /they don't have this environment's HTTPS_PROXY\n/],
  ] as const
) {
  Deno.test(`slurm-ec2 doctor says so where its environment has ${what}`, async () => {
    const { stderr } = await start("doctor", { env });
    assertMatch(stderr, says);
    assertMatch(stderr, /to see what they see: sudo -u \S+ env -i \S+\/bin\/slurm-ec2 …\n$/);
    // Other commands do not compare themselves with the hooks.
    assertEquals(/environment's/.test((await start("config check", { env })).stderr), false);
  });
}

Deno.test("slurm-ec2 doctor says nothing of a variable that hooks.env says alike", async () => {
  assertEquals(
    /environment's/.test((await start("doctor", { env: { AWS_PROFILE: "slurm" } })).stderr),
    false,
  );
});

testWhere(takesRoot(), "slurm-ec2 ssm validate by root says whose files the hooks see", async () => {
  const { stderr } = await start("ssm validate", { stateOwner: 65534 });
  assertMatch(stderr, /they run as nobody, whose files this user may not see\n.*sudo -u nobody env -i/);
});
