import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  ENVIRONMENT,
  SYSTEM_FACTS,
  USUAL_SACCTS,
  USUAL_SCONTROLS,
} from "../../../commands/base/effective_permissions.ts";
import { compileArguments } from "../../../deploy/build/compile.ts";
import { VERSION } from "../../../lib/base/version.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { serveAws } from "../../../lib/sim/wire/server.ts";
import { endProcesses } from "../../fixtures/end_processes.ts";
import { atTerminal } from "../../fixtures/terminal.ts";
import { missingPrograms, takesRoot, testWhere } from "../../test_where.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const NOT_ROOT = takesRoot(missingPrograms("setpriv", "unshare", "mount"));

/** Where the one portable file of this run is; not under /tmp, which a test mounts over. */
let work = "";
let file = "";

Deno.test.beforeAll(async () => {
  work = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "slurm-ec2-compile-test-" });
  await Deno.chmod(work, 0o755);
  file = `${work}/slurm-ec2`;
  // A copy stays as it is while somebody works on the checkout.
  await copyTree(ROOT, `${work}/a checkout é`);
  const { code, out } = await compile(
    ["--portable", "--gzip", "1", "--out", file],
    {},
    `${work}/a checkout é`,
  );
  assertEquals(code, 0, out);
});

/** Puts there what a first start extracts, without the time that it takes. */
async function prime(home: string): Promise<string> {
  const source = `${work}/primed`;
  if (!exists(source)) {
    await Deno.mkdir(source, { mode: 0o700 });
    assertEquals((await run([file, "version"], { env: { SLURM_EC2_HOME: source } })).code, 0);
  }
  assertEquals((await run(["/bin/cp", "-a", `${source}/.`, home])).code, 0);
  return extracted(home);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test.afterAll(() => Deno.remove(work, { recursive: true }));

/** Copies a checkout without its history and what was built. */
async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  const script = 'tar -C "$1" --exclude=./.git --exclude=./dist -cf - . | tar -C "$2" -xf -';
  const { code, out } = await run(["/bin/sh", "-c", script, "sh", from, to]);
  assertEquals(code, 0, out);
}

/** Runs the build. */
async function compile(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  checkout: string = ROOT,
): Promise<Ran> {
  return await run(
    [Deno.execPath(), "run", "-A", "--frozen", `${checkout}/deploy/build/compile.ts`, ...args],
    {
      env: { ...Deno.env.toObject(), ...env },
    },
  );
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly stdout: string;
}

/** Runs a program with this environment and no other. */
async function run(
  argv: readonly string[],
  { env = {}, stdin = "" }: { env?: Readonly<Record<string, string>>; stdin?: string } = {},
): Promise<Ran> {
  const [program, ...args] = argv;
  const child = new Deno.Command(program!, {
    args,
    clearEnv: true,
    env: { ...env },
    cwd: "/",
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program that reads nothing may be gone before its input is written.
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  return { code, stdout: text, out: text + new TextDecoder().decode(stderr) };
}

/** A directory to extract to, removed afterwards. */
async function withHome(use: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ dir: work, prefix: "home-" });
  try {
    await use(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function extracted(home: string): string {
  const [only, ...others] = [...Deno.readDirSync(home)].map(({ name }) => name);
  assertEquals(others, []);
  assertMatch(only!, /^slurm-ec2-\d+-[0-9a-f]{16}$/);
  return `${home}/${only}`;
}

const SITUATIONS: readonly {
  readonly name: string;
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: number;
}[] = [
  { name: "with nothing in the environment" },
  { name: "under an odd time zone and language", env: { TZ: "Antarctica/Troll", LC_ALL: "tr_TR.UTF-8" } },
  { name: "under umask 077", under: ["/bin/sh", "-c", 'umask 077; exec "$@"', "sh"] },
  { name: "under umask 000", under: ["/bin/sh", "-c", 'umask 000; exec "$@"', "sh"] },
  { name: "without PATH, HOME a file that is not one", env: { HOME: "/nonexistent" } },
  { name: "as another user", under: AS_NOBODY, user: 65534 },
  {
    // Its files stay to be seen: the checkout may be among them.
    name: "with /tmp mounted noexec",
    under: [
      ...["unshare", "-m", "/bin/sh", "-c"],
      ...['mount --bind /tmp /tmp && mount -o remount,bind,noexec /tmp && exec "$@"', "sh"],
    ],
    user: 0,
  },
  {
    name: "on a read-only root",
    // The directory to extract to stays writable, as a state directory would.
    under: [
      ...["unshare", "-m", "/bin/sh", "-c"],
      ...[
        'mount --bind "$SLURM_EC2_HOME" "$SLURM_EC2_HOME" && mount -o remount,ro,bind / && ! touch /x 2>/dev/null && exec "$@"',
        "sh",
      ],
    ],
    user: 0,
  },
];

for (const { name, under = [], env = {}, user } of SITUATIONS) {
  testWhere(
    user === undefined ? undefined : NOT_ROOT,
    `the portable file works ${name}`,
    () =>
      withHome(async (home) => {
        if (user !== undefined) await Deno.chown(home, user, user);
        const start = (args: readonly string[]) =>
          run([...under, file, ...args], { env: { SLURM_EC2_HOME: home, ...env } });
        const version = await start(["version"]);
        assertEquals([version.code, version.out], [0, `slurm-ec2 ${VERSION}\n`]);
        const lint = await start(["config", "lint", `${ROOT}deploy/slurm-ec2.example.yaml`]);
        assertEquals(lint.code, 3, lint.out);
        const check = await start(["self", "check", "--json"]);
        assertEquals(check.code, 0, check.out);
        const report = JSON.parse(check.stdout);
        assertEquals([report.kind, report.problems, report.deno], ["portable", [], Deno.version.deno]);
        assertEquals(report.directory, `${extracted(home)}/app`);
        assert(report.parts.length > 10);
        for (const path of [extracted(home), `${extracted(home)}/app`]) {
          const { mode, uid } = Deno.statSync(path);
          assertEquals([mode! & 0o777, uid], [0o700, user ?? Deno.uid()]);
        }
      }),
  );
}

Deno.test("the portable file hands on 100 KB of arguments, and each as it is", () =>
  withHome(async (home) => {
    await prime(home);
    const words = Array.from({ length: 1000 }, (_, index) => `/no such "file" $(${index}) ${"x".repeat(80)}`);
    const { code, out } = await run([file, "config", "lint", ...words], { env: { SLURM_EC2_HOME: home } });
    assertEquals(code, 2, out.slice(0, 500));
    const unknown = await run([file, "version", "--it's\n*"], { env: { SLURM_EC2_HOME: home } });
    assertStringIncludes(unknown.out, "Unknown flag for version: --it's\n*");
  }));

Deno.test("the portable file writes what others must read for them, whatever the umask, and works with a PATH of no use", () =>
  withHome(async (home) => {
    await prime(home);
    const env = { SLURM_EC2_HOME: home, PATH: "/nowhere" };
    const written = await run(
      ["/bin/sh", "-c", 'umask 027; "$@"', "sh", file, "config", "init"].concat([
        ...[
          "--cluster",
          "c",
          "--region",
          "eu-west-1",
          "--subnet",
          "subnet-0123456789abcdef0",
          "--output",
          `${home}/made.yaml`,
        ],
      ]),
      { env },
    );
    assertEquals(written.code, 0, written.out);
    assertEquals(Deno.statSync(`${home}/made.yaml`).mode! & 0o777, 0o644);
  }));

Deno.test("uninstall --purge by the portable file removes what it has unpacked itself, and nothing next to it", () =>
  withHome(async (home) => {
    const env = { SLURM_EC2_HOME: home };
    await prime(home);
    const directory = extracted(home);
    const prefix = `${home}/prefix`;
    const installed = await run([file, "install", "--prefix", prefix], { env });
    assertEquals(installed.code, 0, installed.out);
    await Deno.mkdir(`${home}/slurm-ec2-0-theirs`);
    const shown = await run([file, "uninstall", "--prefix", prefix, "--purge", "--dry-run"], { env });
    assertStringIncludes(shown.out, `remove     ${directory}\n`);
    const gone = await run([file, "uninstall", "--prefix", prefix, "--purge", "--yes"], { env });
    assertEquals(gone.code, 0, gone.out);
    assertStringIncludes(gone.out, "slurm-ec2 is removed");
    assertEquals([...Deno.readDirSync(home)].map(({ name }) => name).sort(), ["slurm-ec2-0-theirs"]);
  }));

testWhere(
  missingPrograms("script", "stty"),
  "the portable file says that it extracts only where it does",
  () =>
    withHome(async (home) => {
      await Deno.mkdir(`${home}/open`);
      await Deno.chmod(`${home}/open`, 0o777);
      const refused = await atTerminal([file, "version"], { env: { SLURM_EC2_HOME: `${home}/open` } });
      assertEquals([refused.code, /this once/.test(refused.said)], [1, false], refused.said);
      assertStringIncludes(refused.said, `others may write to ${home}/open`);
      const first = await atTerminal([file, "version"], { env: { SLURM_EC2_HOME: `${home}/own` } });
      assertEquals(first.said, `slurm-ec2: extracting to ${home}/own, this once\nslurm-ec2 ${VERSION}\n`);
    }),
);

Deno.test("the portable file can be started first by eight at once", () =>
  withHome(async (home) => {
    const env = { SLURM_EC2_HOME: home };
    const all = await Promise.all(Array.from({ length: 8 }, () => run([file, "version"], { env })));
    assertEquals(all.map(({ code, out }) => [code, out]), all.map(() => [0, `slurm-ec2 ${VERSION}\n`]));
    extracted(home);
  }));

const TAMPERED: readonly (readonly [
  name: string,
  tamper: (directory: string) => Promise<void>,
  says: RegExp,
])[] = [
  [
    "a file has grown",
    (dir) => Deno.writeTextFile(`${dir}/app/main.js`, "\n", { append: true }),
    /its files are/,
  ],
  ["a file was added", (dir) => Deno.writeTextFile(`${dir}/app/more.js`, ""), /its files are not those/],
  ["a file is gone", (dir) => Deno.remove(`${dir}/app/deno`), /its files are not those/],
  ["a file may be written", (dir) => Deno.chmod(`${dir}/app/deno`, 0o722), /its files are not those/],
  ["a file is a link", async (dir) => {
    await Deno.rename(`${dir}/app/main.js`, `${dir}/main.js`);
    await Deno.symlink(`${dir}/main.js`, `${dir}/app/main.js`);
  }, /its files are not those/],
  ["others may write to it", (dir) => Deno.chmod(`${dir}/app`, 0o777), /app is not its user's alone/],
  ["others may read it", (dir) => Deno.chmod(dir, 0o755), /is not its user's alone \(owner \d+, mode 755\)/],
  [
    "others may write above it",
    (dir) => Deno.chmod(`${dir}/..`, 0o777),
    /others may write to .* \(mode 777\)/,
  ],
  ["its program is gone", (dir) => Deno.remove(`${dir}/app`, { recursive: true }), /it holds no program/],
];

for (const [name, tamper, says] of TAMPERED) {
  Deno.test(`the portable file refuses an extracted directory when ${name}`, () =>
    withHome(async (home) => {
      const env = { SLURM_EC2_HOME: home };
      const directory = await prime(home);
      assertEquals((await run([file, "version"], { env })).code, 0);
      if (Deno.uid() !== 0) {
        for (const part of ["main.js", "deno"]) await Deno.chmod(`${directory}/app/${part}`, 0o700);
      }
      await tamper(directory);
      const { code, out } = await run([file, "version"], { env });
      assertEquals(code, 1, out);
      assertStringIncludes(out, `slurm-ec2: refusing to run ${directory}: `);
      assertMatch(out, says);
      assert(!out.includes(`slurm-ec2 ${VERSION}`));
    }));
}

testWhere(NOT_ROOT, "the portable file refuses what another user extracted", () =>
  withHome(async (home) => {
    await Deno.chown(home, 65534, 65534);
    const env = { SLURM_EC2_HOME: home };
    assertEquals((await run([...AS_NOBODY, file, "version"], { env })).code, 0);
    const elsewhere = await run([file, "version"], { env });
    assertMatch(elsewhere.out, /found no place to extract to:\n {2}.*: .* belongs to user 65534\n/);
    const mine = extracted(home).replace("-65534-", "-0-");
    await Deno.rename(extracted(home), mine);
    const { code, out } = await run([file, "version"], { env });
    assertEquals(code, 1);
    assertMatch(out, /refusing to run .*-0-.*: .*(65534)/);
  }));

Deno.test("self check finds a file that was changed without a trace in size and time", () =>
  withHome(async (home) => {
    const env = { SLURM_EC2_HOME: home };
    const app = `${await prime(home)}/app`;
    const path = `${app}/${
      [...Deno.readDirSync(app)].map(({ name }) => name).find((name) => /^demo-/.test(name))
    }`;
    const { mtime, mode } = Deno.statSync(path);
    await Deno.chmod(path, 0o600);
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 2] = (bytes.at(-2)! + 1) % 128;
    await Deno.writeFile(path, bytes);
    await Deno.utime(path, mtime!, mtime!);
    await Deno.chmod(path, mode! & 0o777);
    const { code, stdout } = await run([file, "self", "check", "--json"], { env });
    assertEquals(code, 3, stdout);
    const { problems } = JSON.parse(stdout);
    assertEquals(problems.length, 1);
    assertMatch(problems[0], /^demo-\w+\.js has the checksum [0-9a-f]{64}, built with [0-9a-f]{64}: /);
  }));

Deno.test("the portable file refuses to extract when it is damaged", () =>
  withHome(async (home) => {
    const damaged = `${home}/damaged`;
    const bytes = await Deno.readFile(file);
    bytes[bytes.length - 1_000_000]! ^= 1;
    await Deno.writeFile(damaged, bytes, { mode: 0o755 });
    await Deno.mkdir(`${home}/in`, { mode: 0o700 });
    const { code, out } = await run([damaged, "version"], { env: { SLURM_EC2_HOME: `${home}/in` } });
    assertEquals(code, 1);
    assertStringIncludes(out, `${damaged} is damaged (its checksum is wrong): get it again`);
    assertEquals([...Deno.readDirSync(`${home}/in`)], []);
  }));

Deno.test("the portable file says where it looked when it finds no place of its own", async () => {
  const { code, out } = await run([file, "version"], { env: { SLURM_EC2_HOME: "/proc/none" } });
  assertEquals(code, 1);
  assertMatch(out, /^slurm-ec2: found no place to extract to:\n {2}\/proc\/none: .+\n/);
  assertStringIncludes(out, "name a directory of your own with SLURM_EC2_HOME=DIRECTORY");
});

/** Without a home and in a /var/tmp of the test's own, which it lists at the end; `prepare` puts things there before. */
function homeless(prepare: string, user: string): Promise<Ran> {
  const script = `mount -t tmpfs -o mode=755 tmpfs "$3" && cp "$1" "$3/slurm-ec2" &&
mount -t tmpfs -o mode=1777 tmpfs /var/tmp && mount -t tmpfs -o noexec,mode=1777 tmpfs /tmp &&
NAME=slurm-ec2-$2-$(sed -n 's/^name=slurm-ec2-$uid-//p;/^fail/q' "$3/slurm-ec2") && { ${
    prepare || ":"
  }; } || exit 99
setpriv --reuid="$2" --regid="$2" --clear-groups env -i "$3/slurm-ec2" version; code=$?
stat -c '%n %u %a' /var/tmp/* /tmp/* 2>/dev/null; exit $code`;
  return run(["unshare", "-m", "/bin/sh", "-c", script, "sh", file, user, "/mnt"], {
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
}

for (
  const [name, prepare, code, says] of [
    [
      "extracts to a directory of its user's own",
      "",
      0,
      /^slurm-ec2 [\d.]+\n\/var\/tmp\/slurm-ec2-54321-\w{16} 54321 700\n$/,
    ],
    [
      "extracts once more what a cleaner of old files has left half",
      "mkdir -m 700 -p /var/tmp/$NAME/app && chown -R 54321 /var/tmp/$NAME",
      0,
      /^slurm-ec2 [\d.]+\n\/var\/tmp\/slurm-ec2-54321-\w{16} 54321 700\n$/,
    ],
    [
      "never runs what another user put there under its name",
      "mkdir -m 700 -p /var/tmp/$NAME/app",
      1,
      /\/var\/tmp: it (?:holds no program|can't be read)[^]*\/tmp: programs can't be run there/,
    ],
    [
      "never follows a link that another user put there",
      "mkdir -m 700 -p /mnt/x/app && chown -R 54321 /mnt/x && ln -s /mnt/x /var/tmp/$NAME",
      1,
      /found no place to extract to:\n {2}\/var\/tmp: /,
    ],
    [
      "says so where /var/tmp and /tmp are mounted noexec",
      "mount -o remount,noexec /var/tmp",
      1,
      /found no place[^]*\/var\/tmp: programs can't be run there \(mounted noexec\?\)[^]*\/tmp: programs can't[^]*SLURM_EC2_HOME=DIRECTORY/,
    ],
    [
      "says so where the disk is full",
      "mount -o remount,size=4m /var/tmp",
      1,
      /\/var\/tmp: no room for the \d+ MB of it/,
    ],
  ] as const
) {
  testWhere(NOT_ROOT, `the portable file of a user without a home ${name}`, async () => {
    const { code: exit, out } = await homeless(prepare, "54321");
    assertEquals(exit, code, out);
    assertMatch(out, says);
    if (exit !== 0) assert(!/54321 700/.test(out), out);
  });
}

for (
  const [name, options, says] of [
    ["the disk is full", "size=20m,mode=700", /no room for the \d+ MB of it \(tar: .+\)/],
    ["it is mounted noexec", "noexec,mode=700", /programs can't be run there \(mounted noexec\?\)/],
  ] as const
) {
  testWhere(
    NOT_ROOT,
    `the portable file says so when ${name}, and leaves nothing behind`,
    () =>
      withHome(async (home) => {
        const script = `mount -t tmpfs -o ${options} tmpfs "$SLURM_EC2_HOME" || exit 99; "$@"; code=$?; ` +
          'ls -A "$SLURM_EC2_HOME"; exit $code';
        const { code, out, stdout } = await run(
          ["unshare", "-m", "/bin/sh", "-c", script, "sh", file, "version"],
          { env: { SLURM_EC2_HOME: home } },
        );
        assertEquals([code, stdout], [1, ""]);
        assertMatch(out, says);
        assertStringIncludes(out, "SLURM_EC2_HOME=DIRECTORY");
      }),
  );
}

/** slurmctld has two nodes, which power up until the file `down` is there, and down from then on. */
const SCONTROL = `#!/bin/sh
here=\${0%/*}
printf '%s\\n' "$*" >>"$here/scontrol.log"
case $1' '$2 in
  'show config') printf 'ResumeTimeout = 600 sec\\nSuspendTimeout = 60 sec\\n' ;;
  'show nodes')
    state=ALLOCATED+CLOUD+POWERING_UP
    [ ! -e "$here/down" ] || state=IDLE+CLOUD+POWERING_DOWN
    for node in c-0 c-1; do echo "NodeName=$node State=$state NodeAddr=$node NodeHostName=$node Partitions=cloud"; done ;;
esac
`;

Deno.test("the portable file powers nodes up with no more than its listed permissions", () =>
  withHome(async (home) => {
    await using aws = closing(serveAws({ parameters: PARAMETERS }));
    await writeSite(home, aws.url);
    const env = {
      SLURM_EC2_HOME: home,
      SLURM_EC2_CONFIG: `${home}/site.yaml`,
      HOME: "/nonexistent",
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
    };
    const { code, out, stdout } = await run([file, "resume", "--json", "--resume-file", "-", "c-[0-1]"], {
      env,
      stdin: '{"all_nodes_resume":"c-[0-1]","jobs":[]}',
    });
    assertEquals(code, 0, out);
    assertEquals(JSON.parse(stdout).nodes, { "c-0": "assigned", "c-1": "assigned" });
    assertStringIncludes(Deno.readTextFileSync(`${home}/scontrol.log`), "NodeName=c-[0-1] NodeAddr=");
    await Deno.writeTextFile(`${home}/down`, "");
    const stopped = await run([file, "stop", "--json", "c-[0-1]"], { env });
    assertEquals(JSON.parse(stopped.stdout).nodes, { "c-0": "terminated", "c-1": "terminated" });
  }));

testWhere(
  NOT_ROOT,
  "install extracts the portable file once: hooks run its program without the launcher",
  () =>
    withHome(async (home) => {
      await using aws = closing(serveAws({ parameters: PARAMETERS }));
      await writeSite(home, aws.url);
      await Deno.chmod(home, 0o755);
      const prefix = `${home}/prefix`;
      const env = { SLURM_EC2_HOME: `${home}/extracted`, HOME: home, PATH: "/usr/bin:/bin" };
      const args = ["--prefix", prefix, "--config", `${home}/site.yaml`, "--owner", "65534:65534"];
      const installed = await run([file, "install", ...args], { env });
      assertEquals(installed.code, 0, installed.out);
      // The program that ran made this release; one that is named makes the same.
      const named = await run([file, "install", ...args, "--program", file, "--check"], { env });
      assertEquals([named.code, named.out.includes("as slurm-ec2-")], [0, true], named.out);

      await Deno.chown(`${home}/log`, 65534, 65534);
      await Deno.chown(`${home}/scontrol.log`, 65534, 65534);
      const keys = "AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b\nSLURM_EC2_LOGGER=/bin/true\n";
      await Deno.writeTextFile(`${prefix}/etc/hooks.env`, keys);
      const live = () =>
        aws.simulator.instances().filter(({ state }) => state === "pending" || state === "running").length;
      for (const [hook, count] of [["resume", 2], ["stop", 0]] as const) {
        if (hook === "stop") await Deno.writeTextFile(`${home}/down`, "");
        const { code } = await run([...AS_NOBODY, `${prefix}/bin/${hook}`, "c-[0-1]"]);
        assertEquals(code, 0, hook);
        // The hook has written its request down; a worker serves it.
        for (let tries = 0; live() !== count; tries++) {
          assert(tries < 600, `${hook}: ${live()} instances live\n${Deno.readTextFileSync(`${home}/log`)}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
      await endProcesses(prefix);
      const state = [...Deno.readDirSync(`${home}/state`)].map(({ name }) => name);
      assertEquals(state.filter((name) => name.startsWith("slurm-ec2-")), [], "a hook has extracted");

      const program = `${prefix}/bin/slurm-ec2`;
      for (const umask of ["000", "077"]) {
        const under = ["/bin/sh", "-c", `umask ${umask}; cd /; exec "$@"`, "sh"];
        const odd = { TZ: "Antarctica/Troll", SLURM_EC2_CONFIG: `${home}/site.yaml`, HOME: `${home}/state` };
        const checked = await run([...AS_NOBODY, ...under, program, "config", "check"], { env: odd });
        assertEquals(checked.code, 0, checked.out);
        const long = await run([...AS_NOBODY, ...under, program, "stop", `x-[${"1,".repeat(50_000)}1]`], {
          env: odd,
        });
        assertEquals(long.code === 126, false, long.out.slice(0, 300));
        assertMatch(long.out, /Hostlist|not-ours|x-1/);
      }
      const check = await run([program, "self", "check", "--json"], { env: { HOME: home } });
      const report = JSON.parse(check.stdout);
      assertEquals([check.code, report.kind, report.problems, report.file], [0, "portable", [], undefined]);
      assertEquals(report.directory, await Deno.realPath(`${prefix}/lib/slurm-ec2`));
      // An installation can make another, and knows when it is not what was built.
      const other = ["install", "--prefix", `${home}/other`, "--config", `${home}/site.yaml`];
      const copied = await run([program, ...other, "--dry-run"], { env: { PATH: env.PATH, HOME: home } });
      assertEquals(copied.code, 0, copied.out);
      await Deno.writeTextFile(`${report.directory}/main.js`, "\n", { append: true });
      const changed = await run([program, "self", "check"], { env: { HOME: home } });
      assertMatch(changed.out, /main\.js has the checksum \w+, built with/);
      const refused = await run([program, ...other], { env: { PATH: env.PATH, HOME: home } });
      assertMatch(refused.out, /is not as it was built: main\.js; start the portable file again/);
    }),
);

const PARAMETERS = {
  [`/site/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/site/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/site/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

function closing<T extends { close(): Promise<void> }>(server: T): T & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

async function writeSite(home: string, url: string): Promise<void> {
  await Deno.writeTextFile(`${home}/scontrol`, SCONTROL, { mode: 0o755 });
  for (const log of ["log", "scontrol.log"]) await Deno.writeTextFile(`${home}/${log}`, "");
  await Deno.writeTextFile(
    `${home}/site.yaml`,
    `cluster: site
region: ${WORLD.region}
aws: { endpoints: { ec2: "${url}", ssm: "${url}" } }
slurm: { binDir: ${home} }
stateDir: ${home}/state
logFile: ${home}/log
limits: { launchCheckSeconds: 0 }
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups:
  - { name: c, nodes: "c-[0-9]", instanceTypes: [c7i.large], subnets: [${WORLD.subnetIds[0]}] }
partitions:
  - { name: cloud, nodeGroups: [c] }
`,
  );
}

Deno.test("compile --portable makes the same bytes from another checkout, and --for adds what the site's file names", () =>
  withHome(async (home) => {
    const copy = `${home}/another/place`;
    await copyTree(`${work}/a checkout é`, copy);
    const again = await compile(["--portable", "--gzip", "1", "--out", `${home}/again`], {}, copy);
    assertEquals(again.code, 0, again.out);
    assertEquals(await Deno.readTextFile(`${home}/again.sha256`), sumLine(`${file}.sha256`, "again"));
    await writeSite(home, "https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com");
    const site = await compile(
      ["--portable", "--gzip", "1", "--for", `${home}/site.yaml`, "--out", `${home}/site`],
      { HTTPS_PROXY: "http://user:secret@proxy.example.com:3128" },
    );
    assertEquals(site.code, 0, site.out);
    const launcher = head(`${home}/site`);
    assertMatch(
      launcher,
      /^net='.*,vpce-1\.ec2\.eu-west-1\.vpce\.amazonaws\.com:443,proxy\.example\.com:3128'/m,
    );
    assertMatch(launcher, new RegExp(`^run='.*,${home}/scontrol'`, "m"));
    assertMatch(launcher, new RegExp(`^saccts='.*,${home}/sacct'`, "m"));
    assert(!launcher.includes("user:secret"));
  }));

function sumLine(path: string, name: string): string {
  return Deno.readTextFileSync(path).replace(/ {2}.*\n/, `  ${name}\n`);
}

/** The launcher that a portable file begins with. */
function head(path: string): string {
  using opened = Deno.openSync(path);
  const bytes = new Uint8Array(100_000);
  opened.readSync(bytes);
  const text = new TextDecoder("latin1").decode(bytes);
  return text.slice(0, text.indexOf('"$@"\n', text.indexOf("\nexec ")) + 5);
}

testWhere(
  missingPrograms("shellcheck"),
  "the portable file's launcher passes shellcheck with all filled in",
  () =>
    withHome(async (home) => {
      await Deno.writeTextFile(`${home}/launcher`, head(file));
      const { code, out } = await run(["/usr/bin/env", "shellcheck", "--norc", `${home}/launcher`], {
        env: { PATH: Deno.env.get("PATH")! },
      });
      assertEquals([code, out], [0, ""]);
      assert(!/@[A-Z_]+@/.test(head(file)), "a placeholder is left");
    }),
);

/** What grants all of a kind that is listed elsewhere. */
const BARE = /--allow-(?:net|env|sys|ffi|all)(?!=)|-A\b/g;

Deno.test("the portable file's launcher never grants all of network, environment or system", () => {
  const launcher = head(file);
  // doctor looks at a site's own hosts, which no list holds.
  const [ofDoctor = "", ...more] = launcher.match(/^ {2}'doctor '.*$/gm) ?? [];
  assertEquals([ofDoctor.match(BARE), more], [["--allow-net"], []]);
  assertEquals(launcher.replace(ofDoctor, "").match(BARE), null);
  assertStringIncludes(
    launcher,
    `  'config lint') set -- --allow-write --allow-read "$app/main.js"`,
  );
  for (const hook of ["resume", "stop", "resume-fail"]) {
    assertStringIncludes(
      launcher,
      `  '${hook} '*) site; set -- --allow-net="$hosts" --allow-sys="$sys" --allow-run="$scontrol" ` +
        '--allow-write="$state,$log$more_write" --allow-read="$config,$aws,$state,$log,$app$more_read" ',
    );
  }
});

Deno.test("compile says what to do where denort can't be had", () =>
  withHome(async (home) => {
    const { code, out } = await compile(["--out", `${home}/slurm-ec2`], { DENORT_BIN: `${home}/none` });
    assertEquals(code, 1, out);
    assertMatch(out, /takes the denort of Deno [\d.]+ for \w+-unknown-linux-gnu, from DENORT_BIN or else/);
    assertStringIncludes(out, "deno task compile --portable");
    assertEquals([...Deno.readDirSync(home)], []);
  }));

for (
  const [says, denort, args] of [
    ["a program that is not a denort", "/bin/true", []],
    ["another machine's program", "/bin/true", [
      "--target",
      Deno.build.arch === "aarch64" ? "x86_64" : "aarch64",
    ]],
    ["no program at all", "/etc/passwd", []],
  ] as const
) {
  Deno.test(`compile makes nothing of ${says} in DENORT_BIN, and never a portable file instead`, () =>
    withHome(async (home) => {
      // What is there already is a portable file: not Deno's to overwrite, nor ours to lose.
      await Deno.writeTextFile(`${home}/slurm-ec2`, "portable");
      const { code, out } = await compile(["--out", `${home}/slurm-ec2`, ...args], { DENORT_BIN: denort });
      assertEquals(code, 1, out);
      assertMatch(out, /Can't compile: .*denort of Deno [\d.]+ for \w+-unknown-linux-gnu/);
      assert(!out.includes("already exists"), out);
      assertStringIncludes(out, "deno task compile --portable");
      assertEquals([...Deno.readDirSync(home)].map(({ name }) => name), ["slurm-ec2"]);
      assertEquals(await Deno.readTextFile(`${home}/slurm-ec2`), "portable");
    }));
}

for (const architecture of ["x86_64", "aarch64"] as const) {
  Deno.test(`compileArguments() for ${architecture} grant by lists alone, and ask nobody`, () => {
    const site = { net: ["vpce.example:443"], run: ["/opt/site/scontrol", "/opt/site/helper"] };
    const argv = compileArguments({ architecture, out: "/out", main: "/program/main.js" }, site);
    assertEquals(argv.slice(-5), [
      "--target",
      `${architecture}-unknown-linux-gnu`,
      "--output",
      "/out",
      "/program/main.js",
    ]);
    assertEquals(argv.filter((word) => /^(?:-A|--allow-\w+)$/.test(word)), ["--allow-read", "--allow-write"]);
    const grants = new Map(
      argv.filter((word) => word.includes("=")).map((word) => word.split("=") as [string, string]),
    );
    const list = (kind: string) => grants.get(`--allow-${kind}`)!.split(",");
    assertEquals(list("run"), [...USUAL_SCONTROLS, ...USUAL_SACCTS, ...site.run]);
    assertEquals(list("env"), [...ENVIRONMENT]);
    assertEquals(list("sys"), [...SYSTEM_FACTS]);
    for (const host of ["vpce.example:443", "ec2.cn-north-1.amazonaws.com.cn:443", "169.254.169.254:80"]) {
      assertEquals(list("net").filter((one) => one === host), [host]);
    }
    for (const flag of ["compile", "--no-prompt", "--ignore-env", "--no-npm", "--no-remote"]) {
      assertEquals(argv.filter((word) => word === flag), [flag]);
    }
  });
}

for (
  const [args, says] of [
    [["--target", "sparc"], 'Unknown target "sparc": x86_64 or aarch64'],
    [["--gzip", "1"], "Flag --gzip goes with --portable"],
    [["--portable", "--gzip", "10"], 'Flag --gzip takes a whole number from 1 to 9, got "10"'],
    [["--portable", "--for", "/nonexistent"], "Can't read /nonexistent (--for): "],
    [
      ["--portable", "--target", Deno.build.arch === "aarch64" ? "x86_64" : "aarch64"],
      "needs that machine's Deno: --deno FILE",
    ],
  ] as const
) {
  Deno.test(`compile ${args.join(" ")} is a wrong command line`, async () => {
    const { code, out } = await compile(args);
    assertEquals(code, 2, out);
    assertStringIncludes(out, says);
  });
}

// Deno fetches denort from its own site; a machine that has one says where.
if (Deno.env.get("DENORT_BIN")) {
  Deno.test("compile makes a binary that lints, checks itself, and holds what it may", () =>
    withHome(async (home) => {
      const built = await compile(["--out", `${home}/slurm-ec2`]);
      assertEquals(built.code, 0, built.out);
      const lint = await run([`${home}/slurm-ec2`, "config", "lint", `${ROOT}deploy/slurm-ec2.example.yaml`]);
      assertEquals(lint.code, 3, lint.out);
      const { code, stdout } = await run([`${home}/slurm-ec2`, "self", "check", "--json"]);
      assertEquals(code, 0, stdout);
      const { kind, permissions } = JSON.parse(stdout);
      assertEquals([kind, permissions.net, permissions.run], ["compiled", "none", "none"]);
    }));
}

Deno.test("the built program has of the AWS SDK what it uses, and loads none of Node that it doesn't need", () =>
  withHome(async (home) => {
    const app = `${await prime(home)}/app`;
    const files = [...Deno.readDirSync(app)].map(({ name }) => name).filter((name) => name.endsWith(".js"))
      .map((name) => [name, Deno.readTextFileSync(`${app}/${name}`)] as const);
    const holding = (pattern: RegExp) => files.filter(([, text]) => pattern.test(text)).map(([name]) => name);
    // Node's module system and HTTP/2 together take as long as Deno's own start.
    assertEquals(holding(/from\s*"node:(?:module|http2)"/), []);
    assertEquals(
      holding(/\bTerminateInstances\b/).filter((name) => name.startsWith("ec2_client-")).length,
      1,
    );
    // Names of the SDK's own; the simulator knows those of all actions.
    for (
      const unused of [/AllocateIpamPoolCidrRequest/, /CreateTransitGatewayRequest/, /MaintenanceWindowTask/]
    ) {
      assertEquals(holding(unused), []);
    }
  }));
