import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { PARTITIONS } from "../../lib/aws/partition.ts";
import { serviceHosts } from "../../lib/aws/service_hosts.ts";
import { missingPrograms, testWhere } from "../test_where.ts";

const HOOKS = new URL("../../deploy/hooks/", import.meta.url).pathname;

/** Stands in for Deno: writes down how it was called. */
const FAKE_DENO = `#!/bin/sh
out=\${0%/*}/called
{
  for argument in "$@"; do printf 'arg %s\\n' "$argument"; done
  env | sed 's/^/env /'
  printf 'stdin %s\\n' "$(cat)"
  grep SigBlk /proc/self/status
  printf 'umask %s\\n' "$(umask)"
} >"$out"
echo "from the program" >&2
`;

interface Site {
  readonly dir: string;
  /** Calls a hook with an environment of its own, as slurmctld does. */
  call(name: string, args: readonly string[], options?: CallOptions): Promise<Deno.CommandOutput>;
  /** What the fake Deno wrote down, by kind of line. */
  called(kind: "arg" | "env" | "stdin" | "SigBlk:" | "umask"): string[];
  log(): string;
}

interface CallOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Runs before the hook, e.g. `env --block-signal=TERM`. */
  readonly under?: readonly string[];
}

async function withSite(
  parts: { config?: string; hooksEnv?: string },
  use: (site: Site) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-hook-test-" });
  try {
    await makeSite(dir, parts);
    await use({
      dir,
      call: (name, args, { env = {}, cwd = "/", under = [] } = {}) => {
        // What a person types runs in the foreground, with the settings and permissions that the worker has.
        const [program, ...rest] = [...under, `${dir}/bin/${name}`, "--json", ...args];
        return new Deno.Command(program!, { args: rest, clearEnv: true, env: { ...env }, cwd, stdin: "null" })
          .output();
      },
      called: (kind) =>
        Deno.readTextFileSync(`${dir}/called`).split("\n").filter((line) => line.startsWith(kind)).map((
          line,
        ) => line.slice(kind.length + 1).trim()),
      log: () => Deno.readTextFileSync(`${dir}/log`),
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function makeSite(
  dir: string,
  { config, hooksEnv = "" }: { config?: string; hooksEnv?: string },
): Promise<void> {
  for (const name of ["bin", "etc", "lib", "lib/slurm-ec2", "state"]) await Deno.mkdir(`${dir}/${name}`);
  await Deno.copyFile(`${HOOKS}hook`, `${dir}/bin/hook`);
  for (const { name, isSymlink } of Deno.readDirSync(HOOKS)) {
    if (isSymlink) await Deno.symlink(await Deno.readLink(HOOKS + name), `${dir}/bin/${name}`);
  }
  await Deno.writeTextFile(`${dir}/deno`, FAKE_DENO, { mode: 0o755 });
  await Deno.writeTextFile(`${dir}/lib/slurm-ec2/main.js`, "");
  const text = config ?? `region: eu-west-1\nstateDir: ${dir}/state\nlogFile: ${dir}/log\n`;
  await Deno.writeTextFile(`${dir}/etc/slurm-ec2.yaml`, text);
  await Deno.writeTextFile(`${dir}/etc/hooks.env`, `SLURM_EC2_DENO=${dir}/deno\n${hooksEnv}`);
}

function granted(site: Site, name: string): string[] {
  const flag = site.called("arg").find((arg) => arg.startsWith(`--allow-${name}=`));
  return flag?.slice(`--allow-${name}=`.length).split(",") ?? [];
}

for (
  const [name, command] of [
    ["resume", "resume"],
    ["stop", "stop"],
    ["resume-fail", "resume-fail"],
    ["slurm_ec2_resume.py", "resume"],
    ["slurm_ec2_stop.py", "stop"],
    ["slurm_ec2_resume_fail.py", "resume-fail"],
  ] as const
) {
  Deno.test(`hook runs ${command} when called as ${name}`, () =>
    withSite({}, async (site) => {
      const { code } = await site.call(name, ["--added-later", "c[0-3]"]);
      assertEquals(code, 0);
      const args = site.called("arg");
      assertEquals(args.slice(args.indexOf(`${site.dir}/bin/../lib/slurm-ec2/main.js`) + 1), [
        command,
        "--json",
        "--added-later",
        "c[0-3]",
      ]);
    }));
}

Deno.test("hook refuses a name that is not a hook's", () =>
  withSite({}, async (site) => {
    const { code, stderr } = await site.call("hook", ["c0"]);
    assertEquals(code, 2);
    assertStringIncludes(new TextDecoder().decode(stderr), "no hook is called hook");
  }));

Deno.test("hook grants no more than region and paths of the configuration ask for", () =>
  withSite({}, async (site) => {
    await site.call("stop", ["c0"]);
    assertEquals(granted(site, "net"), [
      ...["ec2", "ssm", "sts"].flatMap((
        name,
      ) => [`${name}.eu-west-1.amazonaws.com:443`, `${name}.eu-west-1.api.aws:443`]),
      "169.254.169.254:80",
      "[fd00:ec2::254]:80",
    ]);
    assertEquals(granted(site, "write"), [`${site.dir}/state`, `${site.dir}/log`]);
    assertEquals(granted(site, "run"), ["/usr/bin/scontrol"]);
    assertEquals(granted(site, "sys"), ["osRelease"]);
    const home = Deno.env.get("HOME");
    assertEquals(granted(site, "read").map((path) => path.replace(`${home}/`, "~/")), [
      `${site.dir}/bin/../etc/slurm-ec2.yaml`,
      `${site.dir}/state`,
      // The program's own parts.
      `${site.dir}/bin/../lib/slurm-ec2`,
      "~/.aws/credentials",
      "~/.aws/config",
    ]);
    for (const flag of ["--no-prompt", "--cached-only", "--no-remote", "--no-npm", "--ignore-env"]) {
      assertEquals(site.called("arg").filter((arg) => arg === flag), [flag]);
    }
    assertEquals(
      site.called("arg").filter((arg) => /^(-A|--allow-(all|net|read|write|run|env|sys|ffi))$/.test(arg)),
      [],
    );
  }));

Deno.test("hook grants the hosts that the program knows, in every partition of AWS", async () => {
  for (const { prefix } of PARTITIONS) {
    const region = prefix === "" ? "us-east-2" : `${prefix}east-1`;
    await withSite({ config: `region: ${region}\n` }, async (site) => {
      await site.call("stop", ["c0"]);
      assertEquals(
        granted(site, "net").filter((host) => host.includes(region)),
        (["ec2", "ssm", "sts"] as const).flatMap((service) =>
          serviceHosts(service, region).filter((host) => !host.includes("-fips"))
        ),
      );
    });
  }
});

Deno.test("hook finds endpoints, paths and credentials in whatever style the configuration is written", () =>
  withSite({
    config: `{"region": "cn-north-1", # the region: us-east-1
      aws: {endpoints: {ec2: "https://ec2.example.com/x", ssm: 'http://[::1]:8080'}, credentialsFile: /srv/aws/credentials},
      # stateDir: /not/this
      "stateDir":"/srv/state", logFile: '/srv/log', slurm: {binDir: /opt/slurm/bin}}`,
  }, async (site) => {
    await site.call("stop", ["c0"], {
      env: { AWS_ENDPOINT_URL_STS: "http://127.0.0.1:9", HTTPS_PROXY: "http://user:pass@proxy:3128" },
    });
    const net = granted(site, "net");
    for (
      const host of [
        "ec2.example.com:443",
        "[::1]:8080",
        "127.0.0.1:9",
        "proxy:3128",
        "ssm.cn-north-1.amazonaws.com.cn:443",
      ]
    ) {
      assertEquals(net.filter((each) => each === host), [host]);
    }
    assertEquals(granted(site, "write"), ["/srv/state", "/srv/log"]);
    assertEquals(granted(site, "run"), ["/opt/slurm/bin/scontrol"]);
    assertEquals(granted(site, "read").at(-2), "/srv/aws/credentials");
  }));

for (
  const [says, files, env, helper] of [
    ["of the default profile", { config: "[default]\ncredential_process = /opt/aws/helper get --x\n" }, {}, [
      "/opt/aws/helper",
    ]],
    [
      "in quotes, of the profile that the environment names",
      {
        config: "[profile a]\ncredential_process=/opt/a\n[profile  b]\n" +
          '  credential_process = "/opt/my helpers/b" --role x # why\n',
      },
      { AWS_PROFILE: "b" },
      ["/opt/my helpers/b"],
    ],
    [
      "of the credentials file, before that of the other",
      {
        config: "[default]\ncredential_process = /opt/a",
        credentials: "[default]\ncredential_process = '/opt/b'",
      },
      {},
      ["/opt/b"],
    ],
    [
      "that a role's source profile names",
      {
        config: "[profile role]\nrole_arn = r\nsource_profile = base\n[profile base]\n" +
          "role_arn = q\nsource_profile = root\n[profile root]\ncredential_process = /opt/root x\n",
      },
      { AWS_PROFILE: "role" },
      ["/opt/root"],
    ],
    ["not of another profile", { config: "[profile a]\ncredential_process = /opt/a\n" }, {}, []],
    ["not where keys come first", { config: "[default]\ncredential_process = /opt/a\n" }, {
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    }, []],
    [
      "not where the profile has keys",
      {
        credentials:
          "[default]\naws_access_key_id = a\naws_secret_access_key = b\ncredential_process = /opt/a\n",
      },
      {},
      [],
    ],
    ["not one without an absolute path", { config: "[default]\ncredential_process = helper x\n" }, {}, []],
    ["not one behind a comment", { config: "[default]\n# credential_process = /opt/a\n" }, {}, []],
    [
      "never twice round a circle",
      {
        config:
          "[default]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = default\n",
      },
      {},
      [],
    ],
  ] as const
) {
  Deno.test(`hook grants the credential helper ${says}`, () =>
    withSite({}, async (site) => {
      await Deno.mkdir(`${site.dir}/.aws`);
      for (const [name, text] of Object.entries(files)) {
        await Deno.writeTextFile(`${site.dir}/.aws/${name}`, text);
      }
      await site.call("stop", ["c0"], { env: { HOME: site.dir, ...env } });
      assertEquals(granted(site, "run"), ["/usr/bin/scontrol", ...helper]);
    }));
}

Deno.test("hook grants the credential helper of the files and the profile that the configuration names", () =>
  withSite({}, async (site) => {
    await Deno.writeTextFile(`${site.dir}/aws`, "[profile slurm]\ncredential_process = /opt/helper\n");
    await Deno.writeTextFile(
      `${site.dir}/etc/slurm-ec2.yaml`,
      `region: eu-west-1\nlogFile: ${site.dir}/log\naws: { profile: slurm, configFile: ${site.dir}/aws }\n`,
    );
    const env = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_PROFILE: "other" };
    await site.call("stop", ["c0"], { env });
    assertEquals(granted(site, "run"), ["/usr/bin/scontrol", "/opt/helper"]);
  }));

Deno.test("hook hands SLURM_RESUME_FILE on as standard input when slurmctld names one", () =>
  withSite({}, async (site) => {
    await Deno.writeTextFile(`${site.dir}/resume_file`, `{"all_nodes":"c0"}`);
    await site.call("resume", ["c0"], { env: { SLURM_RESUME_FILE: `${site.dir}/resume_file` } });
    assertEquals(site.called("stdin"), [`{"all_nodes":"c0"}`]);
    assertEquals(site.called("arg").slice(-5), ["resume", "--resume-file", "-", "--json", "c0"]);
  }));

Deno.test("hook goes on and says so when SLURM_RESUME_FILE can't be opened", () =>
  withSite({}, async (site) => {
    const { code } = await site.call("resume", ["c0"], { env: { SLURM_RESUME_FILE: "/nonexistent/file" } });
    assertEquals(code, 0);
    assertEquals(site.called("arg").slice(-3), ["resume", "--json", "c0"]);
    assertStringIncludes(site.log(), "cannot open SLURM_RESUME_FILE /nonexistent/file");
  }));

Deno.test("hook reads hooks.env without running it, and lets the environment win", () =>
  withSite({
    hooksEnv:
      "# a comment\nAWS_PROFILE=batch\nAWS_REGION=$(touch /tmp/never)\nSLURM_EC2_NET=a:1,b:2\nnot a setting\nPATH=/nowhere\nLAST=no newline",
  }, async (site) => {
    await site.call("stop", ["c0"], { env: { AWS_PROFILE: "mine" } });
    const env = site.called("env");
    assertEquals(env.filter((line) => line.startsWith("AWS_")).sort(), [
      "AWS_PROFILE=mine",
      "AWS_REGION=$(touch /tmp/never)",
    ]);
    assertEquals(env.filter((line) => line.startsWith("LAST=")), ["LAST=no newline"]);
    assertEquals(env.filter((line) => line.startsWith("PATH=/nowhere")), []);
    assertEquals(granted(site, "net").slice(-2), ["a:1", "b:2"]);
    assertMatch(site.log(), /hooks\.env:6: not KEY=VALUE: left out\n/);
  }));

Deno.test("hook gives the program PATH, HOME, a DENO_DIR under stateDir, its own path and the configuration's", () =>
  withSite({}, async (site) => {
    await site.call("stop", ["c0"]);
    const env = new Map(
      site.called("env").map((line) => [line.split("=")[0]!, line.slice(line.indexOf("=") + 1)]),
    );
    assertMatch(env.get("PATH")!, /^\/usr\/sbin:\/usr\/bin:/);
    assertEquals(await Deno.stat(env.get("HOME")!).then((info) => info.isDirectory), true);
    assertEquals(env.get("DENO_DIR"), `${site.dir}/state/deno`);
    assertEquals(env.get("SLURM_EC2_PROGRAM"), `${site.dir}/bin/stop`);
    assertEquals(env.get("SLURM_EC2_CONFIG"), `${site.dir}/bin/../etc/slurm-ec2.yaml`);
    assertEquals(env.get("NO_COLOR"), "1");
  }));

Deno.test("hook keeps what the program says on standard error in the log", () =>
  withSite({}, async (site) => {
    const { stderr } = await site.call("stop", ["c0"]);
    assertEquals(site.log(), "from the program\n");
    assertEquals(stderr.length, 0);
  }));

Deno.test("hook logs next to the state when the log file can't be written", () =>
  withSite({}, async (site) => {
    await Deno.mkdir(`${site.dir}/log`);
    await site.call("stop", ["c0"]);
    assertEquals(await Deno.readTextFile(`${site.dir}/state/hooks.log`), "from the program\n");
  }));

testWhere(
  missingPrograms("env"),
  "hook unblocks the signals that slurmctld blocks",
  () =>
    withSite({}, async (site) => {
      await site.call("stop", ["c0"], { under: ["env", "--block-signal=TERM,HUP,INT,ALRM,USR1"] });
      assertEquals(site.called("SigBlk:"), ["0000000000000000"]);
    }),
);

Deno.test("hook works from a directory that has been removed, under umask 077", () =>
  withSite({}, async (site) => {
    const script = `umask 077; mkdir "$1/gone"; cd "$1/gone"; rmdir "$1/gone"; exec "$1/bin/stop" --json c0`;
    const { code } = await site.call("hook", [], { under: ["/bin/sh", "-c", script, "sh", site.dir] });
    assertEquals(code, 0);
    assertEquals(site.called("umask"), ["0077"]);
    assertEquals(site.called("arg").at(-1), "c0");
  }));

testWhere(
  missingPrograms("bash"),
  "hook does the same where sh is bash",
  () =>
    withSite({ hooksEnv: "AWS_PROFILE=batch\nbad line\n" }, async (site) => {
      await Deno.writeTextFile(`${site.dir}/resume_file`, "{}");
      const env = { SLURM_RESUME_FILE: `${site.dir}/resume_file` };
      const seen = [];
      for (const under of [[], ["/bin/bash", "--posix"]]) {
        const { code } = await site.call("resume", ["--new", "c[0-3]"], { env, under });
        seen.push([code, ...site.called("arg"), ...site.called("stdin")]);
      }
      assertEquals(seen[1], seen[0]);
      assertEquals(
        site.log().split("\n").filter((line) => line.includes("hooks.env:3: not KEY=VALUE: left out")).length,
        2,
      );
    }),
);

testWhere(
  missingPrograms("bash"),
  "hook goes on where sh is bash and SLURM_RESUME_FILE can't be opened",
  () =>
    withSite({}, async (site) => {
      const env = { SLURM_RESUME_FILE: "/nonexistent/file" };
      const { code } = await site.call("resume", ["c0"], { env, under: ["/bin/bash", "--posix"] });
      assertEquals(code, 0);
      assertStringIncludes(site.log(), "cannot open SLURM_RESUME_FILE");
    }),
);

Deno.test("hook runs the binary next to it rather than Deno", () =>
  withSite({}, async (site) => {
    await Deno.writeTextFile(`${site.dir}/bin/slurm-ec2`, `#!/bin/sh\necho "$@" >${site.dir}/binary\n`, {
      mode: 0o755,
    });
    await site.call("resume", ["c0"]);
    assertEquals(await Deno.readTextFile(`${site.dir}/binary`), "resume --json c0\n");
  }));

Deno.test("hook says what is missing when there is no program", () =>
  withSite({}, async (site) => {
    await Deno.remove(`${site.dir}/lib/slurm-ec2/main.js`);
    const { code } = await site.call("resume", ["c0"]);
    assertEquals(code, 1);
    assertMatch(
      site.log(),
      /^slurm-ec2: no program found for .*\/bin\/resume: .*; put one there, or set SLURM_EC2_MAIN in .*\n$/,
    );
  }));

for (const [status, lines] of [[0, 0], [1, 1], [3, 1]] as const) {
  Deno.test(`hook writes ${lines} lines to syslog when the program exits with ${status}`, () =>
    withSite({}, async (site) => {
      await Deno.writeTextFile(`${site.dir}/deno`, `#!/bin/sh\nexit ${status}\n`, { mode: 0o755 });
      await Deno.writeTextFile(`${site.dir}/logger`, `#!/bin/sh\nprintf '%s|' "$@" >>${site.dir}/syslog\n`, {
        mode: 0o755,
      });
      const { code } = await site.call("stop", ["--new", "c[0-3]"], {
        env: { SLURM_EC2_LOGGER: `${site.dir}/logger` },
      });
      assertEquals(code, status);
      const said = await Deno.readTextFile(`${site.dir}/syslog`).catch(() => "");
      const wanted =
        `-t|slurm-ec2|-p|daemon.err|stop c[0-3]: exit status ${status} (1 failed, 2 usage, 3 partly done), see ${site.dir}/log|`;
      assertEquals(said, lines === 0 ? "" : wanted);
    }));
}
