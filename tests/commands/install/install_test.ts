import { CommandError } from "../../../commands/base/command.ts";
import type { InstallFlags } from "../../../commands/install/flags.ts";
import { findOwner } from "../../../commands/install/request.ts";
import type { Config } from "../../../lib/config/model.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { checkJson } from "../check_output.ts";
import { payload } from "../../../commands/install/payload.ts";
import { READY_PRICE } from "../../../lib/slurm/ready_price.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { serveAws } from "../../../lib/sim/wire/server.ts";
import { missingPrograms, takesRoot, testWhere } from "../../test_where.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

interface Place {
  readonly dir: string;
  readonly prefix: string;
  /** A stand-in for a bundle: small, so that a disk can be too small for it and copies take no time. */
  readonly program: string;
  run(...args: readonly string[]): Promise<Ran>;
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function spawn(command: readonly string[], options: Deno.CommandOptions = {}): Promise<Ran> {
  const [program, ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program!, { args, stdin: "null", ...options })
    .output();
  const text = new TextDecoder().decode(stdout);
  const words = command.slice(command.findIndex((word) => ["install", "uninstall"].includes(word)));
  if (words.length < command.length) checkJson(words, text);
  return { code, stdout: text, stderr: new TextDecoder().decode(stderr) };
}

const CLI = [Deno.execPath(), "run", "-A", "--frozen", "--config", `${ROOT}deno.json`, `${ROOT}main.ts`];

async function withPlace(use: (place: Place) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-install-test-" });
  const program = `${dir}/program`;
  try {
    await Deno.chmod(dir, 0o755);
    await Deno.mkdir(program);
    await Deno.writeTextFile(`${program}/main.js`, "// one");
    await Deno.writeTextFile(`${program}/deno`, "#!/bin/sh\n", { mode: 0o755 });
    await Deno.writeTextFile(`${dir}/c.yaml`, configText(dir, "http://127.0.0.1:9"));
    await use({ dir, prefix: `${dir}/prefix`, program, run: (...args) => spawn([...CLI, ...args]) });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function configText(dir: string, url: string): string {
  return `cluster: bio
region: ${WORLD.region}
aws:
  endpoints: { ec2: "${url}", ssm: "${url}" }
slurm:
  version: "24.05"
  binDir: ${dir}/slurm
  user: nobody
stateDir: ${dir}/state
logFile: ${dir}/state/slurm-ec2.log
defaults:
  os: { distribution: Rocky, version: "9" }
nodeGroups:
  - name: c
    nodes: c[0-3]
    instanceTypes: [c7i.xlarge]
    subnets: [${WORLD.subnetIds[0]}]
partitions:
  - name: cloud
    nodeGroups: [c]
limits: { launchCheckSeconds: 0 }
`;
}

/** Every path below a directory, sorted. */
function tree(directory: string, below = ""): string[] {
  return [...Deno.readDirSync(`${directory}/${below}`)].flatMap(({ name, isDirectory }) => {
    const path = below === "" ? name : `${below}/${name}`;
    return isDirectory ? [path, ...tree(directory, path)] : [path];
  }).sort();
}

Deno.test("install carries every file of deploy/ that belongs to hooks and nodes", async () => {
  const paths = (await payload("1", { files: [{ path: "main.js" }] }, "")).map(({ path }) => path);
  const names = [...Deno.readDirSync(`${ROOT}deploy/node`)].filter(({ isFile }) => isFile);
  for (const { name } of names) assert(paths.includes(`node/${name}`), `node/${name} is not installed`);
  assertEquals(paths.filter((path) => /^(bin|VERSION)/.test(path)).sort(), [
    "VERSION",
    "bin/hook",
    "bin/ready",
    "bin/slurm-ec2",
  ]);
});

Deno.test("install, --check, upgrade, --rollback and uninstall work in this order, whatever the umask", () =>
  withPlace(async ({ dir, prefix, program, run }) => {
    const args = ["--prefix", prefix, "--program", program, "--config", `${dir}/c.yaml`];
    const dry = await run("install", ...args, "--dry-run", "--render");
    assertMatch(dry.stdout, /^render +\S+\/etc\/power_save\.conf \(new\)$/m);
    assertEquals(
      [dry.code, tree(dir)],
      [0, ["c.yaml", "program", "program/deno", "program/main.js"]],
      dry.stderr,
    );

    const first = await spawn([
      "sh",
      "-c",
      'umask 077; exec "$@"',
      "sh",
      ...CLI,
      "install",
      ...args,
      "--render",
      "--json",
    ]);
    assertEquals(first.code, 0, first.stderr);
    const { release, notes } = JSON.parse(first.stdout);
    assertStringIncludes(notes.join(), `${prefix}/bin/ready starts jobs as soon as their nodes are up`);
    assertStringIncludes(notes.join(), `${READY_PRICE} longer`);
    assertEquals(await Deno.readLink(`${prefix}/lib/slurm-ec2`), release);
    for (const name of ["resume", "stop", "resume-fail", "slurm_ec2_resume.py", "slurm-ec2"]) {
      assertEquals(Deno.statSync(`${prefix}/bin/${name}`).mode! & 0o7777, 0o755, name);
    }
    for (const path of ["", "/bin", "/lib", "/etc", "/node"]) {
      assertEquals(Deno.statSync(prefix + path).mode! & 0o7777, 0o755, path);
    }
    for (const name of ["slurm-ec2.yaml", "power_save.conf", "slurm_nodes.conf"]) {
      assertEquals(Deno.statSync(`${prefix}/etc/${name}`).mode! & 0o7777, 0o644, name);
    }
    assertMatch(await Deno.readTextFile(`${prefix}/VERSION`), /^\d+\.\d+\.\d+/);
    assertEquals(
      await Deno.readTextFile(`${prefix}/etc/slurm-ec2.yaml`),
      await Deno.readTextFile(`${dir}/c.yaml`),
    );
    assertEquals((await run("install", ...args, "--check")).code, 0);

    await Deno.chmod(`${prefix}/lib/slurm-ec2/bin/hook`, 0o775);
    const check = await run("install", ...args, "--check", "--json");
    assertEquals(check.code, 3, check.stderr);
    assertEquals(JSON.parse(check.stdout).differences, [
      { path: "lib/slurm-ec2/bin/hook", what: "mode", wanted: "0755", found: "0775" },
    ]);
    const refused = await run("uninstall", "--prefix", prefix);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "bin/hook is not as install left it");
    await Deno.chmod(`${prefix}/lib/slurm-ec2/bin/hook`, 0o755);

    await Deno.writeTextFile(`${prefix}/etc/hooks.env`, "# mine\n");
    await Deno.writeTextFile(`${program}/main.js`, "// two");
    assertEquals((await run("install", ...args)).code, 0);
    assertEquals(await Deno.readTextFile(`${prefix}/lib/slurm-ec2/main.js`), "// two");
    assertEquals(await Deno.readTextFile(`${prefix}/etc/hooks.env`), "# mine\n");
    const back = await run("install", "--prefix", prefix, "--rollback");
    assertEquals(back.code, 0, back.stderr);
    assertEquals(await Deno.readTextFile(`${prefix}/lib/slurm-ec2/main.js`), "// one");

    await Deno.writeTextFile(`${prefix}/bin/squeue`, "theirs");
    const before = tree(dir);
    const unasked = await run("uninstall", "--prefix", prefix, "--purge");
    assertEquals([unasked.code, tree(dir)], [2, before]);
    assertStringIncludes(unasked.stderr, "--yes");
    assertStringIncludes(unasked.stderr, `${dir}/state`);
    const gone = await run("uninstall", "--prefix", prefix, "--purge", "--yes", "--json");
    assertEquals(gone.code, 0, gone.stderr);
    assertStringIncludes(
      JSON.parse(gone.stdout).notes.join(),
      `PrologSlurmctld must not name ${prefix}/bin/ready`,
    );
    assertEquals(tree(dir), [
      "c.yaml",
      "prefix",
      "prefix/bin",
      "prefix/bin/squeue",
      "program",
      "program/deno",
      "program/main.js",
    ]);
    assertEquals((await run("uninstall", "--prefix", prefix)).code, 1);
  }));

Deno.test("install is whole after installs that were killed at any time", () =>
  withPlace(async ({ prefix, program }) => {
    // Large enough for a kill to fall into the copying.
    await Deno.writeFile(`${program}/deno`, new Uint8Array(30_000_000), { mode: 0o755 });
    const command = [...CLI, "install", "--prefix", prefix, "--program", program];
    const started = performance.now();
    assertEquals((await spawn([...command, "--dry-run"])).code, 0);
    const usual = performance.now() - started;
    for (const part of [0.7, 0.8, 0.9, 1, 1.1, 1.2]) {
      await Deno.writeTextFile(`${program}/main.js`, `// ${part}`);
      const child = new Deno.Command(command[0]!, { args: command.slice(1), stdout: "null", stderr: "null" })
        .spawn();
      const timer = setTimeout(() => child.kill("SIGKILL"), usual * part);
      const killed = !(await child.status).success;
      clearTimeout(timer);
      const current = linkIn(`${prefix}/lib/slurm-ec2`);
      if (!killed) assert(current !== undefined);
      // Whatever a hook would find now is whole.
      if (current !== undefined) assertEquals(Deno.statSync(`${prefix}/lib/slurm-ec2/deno`).size, 30_000_000);
    }
    const last = await spawn(command);
    assertEquals(last.code, 0, last.stderr);
    assertEquals((await spawn([...command, "--check"])).code, 0);
    assertEquals([...Deno.readDirSync(`${prefix}/lib`)].filter(({ name }) => name.includes("-new")), []);
  }));

function linkIn(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}

for (
  const [name, options, says] of [
    ["full", "size=64k", "the disk is full"],
    ["read-only", "ro", "the file system is read-only"],
  ] as const
) {
  testWhere(
    takesRoot(await whyNoMounts()),
    `install says what to do on a ${name} disk, and leaves nothing half`,
    () =>
      withPlace(async ({ dir, program }) => {
        await Deno.writeFile(`${program}/deno`, new Uint8Array(200_000), { mode: 0o755 });
        await Deno.mkdir(`${dir}/disk`);
        const script =
          'mount -t tmpfs -o "$2",mode=755 none "$1" && d=$1 && shift 2 && { "$@"; code=$?; find "$d" -name "*-new*"; exit $code; }';
        const { code, stdout, stderr } = await spawn([
          ...["unshare", "--mount", "sh", "-c", script, "sh", `${dir}/disk`, options],
          ...[...CLI, "install", "--prefix", `${dir}/disk/prefix`, "--program", program],
        ]);
        assertEquals([code, stdout], [1, ""], stderr);
        assertStringIncludes(stderr, says);
        assertStringIncludes(stderr, `Can't write ${dir}/disk/prefix`);
        assertEquals(stderr.includes("    at "), false, stderr);
      }),
  );
}

async function whyNoMounts(): Promise<string | undefined> {
  const missing = missingPrograms("unshare", "mount");
  if (missing !== undefined) return missing;
  const { code } = await spawn(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"]);
  return code === 0 ? undefined : "mounts are not permitted here";
}

Deno.test("install refuses a prefix below a directory that others may write", () =>
  withPlace(async ({ dir, program, run }) => {
    await Deno.mkdir(`${dir}/open`);
    await Deno.chmod(`${dir}/open`, 0o777);
    // Its group may be root's, whose members are trusted; everybody is not.
    const open = await run("install", "--prefix", `${dir}/open/prefix`, "--program", program);
    assertEquals(open.code, 1);
    assertStringIncludes(open.stderr, `chmod go-w ${dir}/open`);
    assertEquals(tree(`${dir}/open`), []);
  }));

/**
 * What slurmctld does to its hooks and what an administrator's machine adds: no environment, signals blocked,
 * /dev/null for input and output, a strict umask, a directory that can't be entered, and a user without rights.
 */
const HOSTILE = `cd "$1" && umask 077 && exec setpriv --reuid=nobody --regid=nogroup --clear-groups \\
  env -i --block-signal SLURM_CONF=/nowhere/slurm.conf "$2" "$3" </dev/null >/dev/null 2>/dev/null`;

/** Writes down how it was called. */
/** slurmctld has two nodes, each powering up until it is said to be off. */
const FAKE_SCONTROL = `#!/bin/sh
here=\${0%/*}
echo "$@" >>"$here/called"
case $1' '$2 in
  'show config') printf 'ResumeTimeout = 600 sec\\nSuspendTimeout = 60 sec\\n' ;;
  'show nodes')
    for node in c0 c1; do
      state=ALLOCATED+CLOUD+POWERING_UP
      [ ! -e "$here/off-$node" ] || state=IDLE+CLOUD+POWERING_DOWN
      echo "NodeName=$node State=$state NodeAddr=$node NodeHostName=$node Partitions=cloud"
    done ;;
esac
`;

testWhere(
  takesRoot(missingPrograms("setpriv")),
  "installed hooks launch and terminate in slurmctld's environment, during an upgrade too",
  () =>
    withPlace(async ({ dir, prefix, run }) => {
      const aws = serveAws({ parameters: PARAMETERS });
      try {
        await Deno.writeTextFile(`${dir}/c.yaml`, configText(dir, aws.url));
        await Deno.mkdir(`${dir}/slurm`);
        await Deno.chmod(`${dir}/slurm`, 0o777);
        await Deno.writeTextFile(`${dir}/slurm/scontrol`, FAKE_SCONTROL, { mode: 0o755 });
        await Deno.mkdir(`${dir}/private`, { mode: 0o700 });
        const installed = await run("install", "--prefix", prefix, "--config", `${dir}/c.yaml`, "--render");
        assertEquals(installed.code, 0, installed.stderr);
        const keys =
          "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nAWS_SECRET_ACCESS_KEY=x\nAWS_EC2_METADATA_DISABLED=true\n";
        await Deno.writeTextFile(`${prefix}/etc/hooks.env`, keys);
        const conf = await Deno.readTextFile(`${prefix}/etc/power_save.conf`);
        const hook = async (key: string, hostlist: string) => {
          const program = new RegExp(`^${key}=(.*)$`, "m").exec(conf)![1]!;
          const { code } = await spawn(["sh", "-c", HOSTILE, "sh", `${dir}/private`, program, hostlist]);
          assertEquals(code, 0, logOf(dir));
        };
        const live = () =>
          aws.simulator.instances().filter(({ state }) => /pending|running/.test(state)).length;
        // A hook writes its request down; a worker serves it.
        const until = async (what: string, probe: () => boolean) => {
          for (let tries = 0; !probe(); tries++) {
            assert(tries < 600, `not ${what}, ${live()} instances live\n${logOf(dir)}`);
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        };
        const called = () => Deno.readTextFileSync(`${dir}/slurm/called`);
        await Promise.all([
          hook("ResumeProgram", "c[0-1]"),
          run("install", "--prefix", prefix, "--program", `${prefix}/lib/slurm-ec2`),
        ]);
        await until("launched", () => live() === 2);
        await until("reported", () => /^update NodeName=c\[0-1\] NodeAddr=/m.test(called()));
        await Deno.writeTextFile(`${dir}/slurm/off-c0`, "");
        await hook("SuspendProgram", "c0");
        await until("stopped", () => live() === 1);
        await Deno.writeTextFile(`${dir}/slurm/off-c1`, "");
        await hook("ResumeFailProgram", "c1");
        await until("ended", () => live() === 0);
        assert(tree(`${dir}/state/deno`).length > 0, "the hooks have no cache of their own");

        const nobody = [
          "setpriv",
          "--reuid=nobody",
          "--regid=nogroup",
          "--clear-groups",
          "env",
          `HOME=${dir}/state`,
        ];
        const version = await spawn([...nobody, `${prefix}/bin/slurm-ec2`, "config", "check", "--json"], {
          cwd: "/",
        });
        assertEquals(version.code, 0, version.stderr);
        const denied = await spawn([
          ...nobody,
          `${prefix}/bin/slurm-ec2`,
          "install",
          "--prefix",
          `${dir}/other`,
        ]);
        assertEquals([denied.code, denied.stdout], [1, ""]);
        assertStringIncludes(denied.stderr, `Can't write ${dir}/other: permission denied; run this as root`);
      } finally {
        await aws.close();
      }
    }),
);

const PARAMETERS = {
  [`/bio/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/bio/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/bio/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

function logOf(dir: string): string {
  return ["slurm-ec2.log", "hooks.log"].map((name) => {
    try {
      return Deno.readTextFileSync(`${dir}/state/${name}`);
    } catch {
      return `no ${name}\n`;
    }
  }).join("");
}

Deno.test("install and uninstall refuse what is not a prefix, user or program", () =>
  withPlace(async ({ prefix, program, dir, run }) => {
    for (
      const [args, code, says] of [
        [["install", "--prefix", "opt"], 2, "Prefix is not absolute"],
        [["install", "--prefix", "/"], 2, "Prefix is the root directory"],
        [["install", "--prefix", prefix, "--owner", "no such"], 2, 'Unknown user: "no such"'],
        [["install", "--prefix", prefix, "--program", `${dir}/nothing`], 1, "No program at"],
        [["install", "--prefix", prefix, "--program", `${dir}/c.yaml`], 1, "is not a slurm-ec2"],
        [["install", "--prefix", prefix, "--check", "--dry-run"], 2, "exclude each other"],
        [["install", "--prefix", prefix, "--rollback"], 1, "no release before"],
        [["install", "--prefix", `${dir}/c.yaml/x`, "--program", program], 1, "Not a directory"],
        [["uninstall"], 2, "Give --prefix DIR"],
        [["uninstall", "--prefix", prefix], 1, "is not installed"],
      ] as const
    ) {
      const ran = await run(...args);
      assertEquals(ran.code, code, ran.stderr);
      assertStringIncludes(ran.stderr, says);
    }
    assertEquals(tree(dir), ["c.yaml", "program", "program/deno", "program/main.js"]);
  }));

Deno.test("install tells hooks where the state is, writes the timer's units, and refuses another cluster's stateDir", () =>
  withPlace(async ({ dir, prefix, program, run }) => {
    const owner = `${Deno.uid()}:${Deno.gid()}`;
    const text = Deno.readTextFileSync(`${dir}/c.yaml`);
    Deno.writeTextFileSync(`${dir}/c.yaml`, text.replace(/^logFile: .*$/m, `logFile: ${dir}/logs/bio/a.log`));
    const first = await run(
      ...["install", "--prefix", prefix, "--config", `${dir}/c.yaml`, "--program", program, "--owner", owner],
    );
    assertEquals(first.code, 0, first.stderr);
    assertStringIncludes(
      Deno.readTextFileSync(`${prefix}/etc/hooks.env`),
      `\nSLURM_EC2_STATE_DIR=${dir}/state\n`,
    );
    assertStringIncludes(
      Deno.readTextFileSync(`${prefix}/etc/slurm-ec2-bio.service`),
      `ExecStart=/usr/bin/env -i /bin/sh ${prefix}/bin/supervisor --timer\n`,
    );
    assertStringIncludes(first.stderr, "systemctl enable --now slurm-ec2-bio.timer");
    assertEquals(JSON.parse(Deno.readTextFileSync(`${dir}/state/cluster.json`)), "bio");
    assertEquals(Deno.statSync(`${dir}/state/queue`).isDirectory, true);
    const { mode, uid } = Deno.statSync(`${dir}/logs/bio`);
    assertEquals([mode! & 0o777, uid], [0o750, Deno.uid()]);
    const other = configText(dir, "http://127.0.0.1:9").replace("cluster: bio", "cluster: chip");
    Deno.writeTextFileSync(`${dir}/other.yaml`, other);
    const second = await run(
      ...["install", "--prefix", `${dir}/second`, "--config", `${dir}/other.yaml`, "--program", program],
    );
    assertEquals(second.code, 1);
    assertStringIncludes(
      second.stderr,
      `stateDir ${dir}/state belongs to cluster "bio": give "chip" a stateDir of its own`,
    );
    assertEquals([...Deno.readDirSync(dir)].filter(({ name }) => name === "second"), []);
  }));

/** A release as those before the worker have it: its hook acts by itself. */
async function installFormer({ dir, prefix, program, run }: Place): Promise<void> {
  const ran = await run("install", "--prefix", prefix, "--config", `${dir}/c.yaml`, "--program", program);
  assertEquals(ran.code, 0, ran.stderr);
  await Deno.writeTextFile(`${prefix}/lib/slurm-ec2/bin/hook`, "#!/bin/sh\nexit 0\n");
}

Deno.test("install names once what a release without a worker did not obey, when it comes from one", () =>
  withPlace(async (place) => {
    const { dir, prefix, program, run } = place;
    const limited = (await Deno.readTextFile(`${dir}/c.yaml`)).replace("limits: {", "limits: { maxNodes: 3,");
    await Deno.writeTextFile(`${dir}/c.yaml`, limited);
    await installFormer(place);
    await Deno.writeTextFile(`${program}/main.js`, "// two");
    const install = () =>
      run("install", "--prefix", prefix, "--config", `${dir}/c.yaml`, "--program", program);
    const [first, second] = [await install(), await install()];
    assertEquals([first.code, second.code], [0, 0], first.stderr);
    assertStringIncludes(first.stderr, "limits.maxNodes (3) holds from this release on, and did not before");
    assert(!second.stderr.includes("holds from this release on"), second.stderr);
  }));

Deno.test("install --rollback to a release without a worker hands back first, and switches nothing when that fails", () =>
  withPlace(async (place) => {
    const { dir, prefix, program, run } = place;
    await run("install", "--prefix", prefix, "--config", `${dir}/c.yaml`, "--program", program);
    const current = Deno.readLinkSync(`${prefix}/lib/slurm-ec2`);
    const hook = `${prefix}/lib/${current}/bin/hook`;
    // Which release is a former one is told by its hook alone; its files must be as they were installed.
    await Deno.writeTextFile(`${program}/main.js`, "// two");
    await run("install", "--prefix", prefix, "--config", `${dir}/c.yaml`, "--program", program);
    const next = Deno.readLinkSync(`${prefix}/lib/slurm-ec2`);
    await former(prefix, hook);
    // The program of this test is none, so that nothing can be handed back.
    const refused = await run("install", "--prefix", prefix, "--rollback");
    assertEquals([refused.code, Deno.readLinkSync(`${prefix}/lib/slurm-ec2`)], [1, next], refused.stderr);
    assertStringIncludes(refused.stderr, "Nothing was changed: the worker in use could not hand its work");
    assertStringIncludes(refused.stderr, "go back all the same with --force");
    const forced = await run("install", "--prefix", prefix, "--rollback", "--force");
    assertEquals([forced.code, Deno.readLinkSync(`${prefix}/lib/slurm-ec2`)], [0, current], forced.stderr);
    assertStringIncludes(forced.stderr, "has no worker");
  }));

/** Makes an installed release's hook one that acts by itself, in the manifest, too. */
async function former(prefix: string, hook: string): Promise<void> {
  const text = "#!/bin/sh\nexit 0\n";
  await Deno.writeTextFile(hook, text);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const manifest = JSON.parse(await Deno.readTextFile(`${prefix}/lib/slurm-ec2.manifest.json`));
  const release = hook.split("/").at(-3)!;
  manifest.releases[release]["bin/hook"].sha256 = new Uint8Array(digest).toHex();
  await Deno.writeTextFile(`${prefix}/lib/slurm-ec2.manifest.json`, JSON.stringify(manifest));
}

Deno.test("findOwner() says what an ordinary user's installation can't be, and refuses to promise it by --owner", async () => {
  const flags = (owner?: string) => ({ get: () => owner, has: () => false }) as unknown as InstallFlags;
  const config = { slurm: { user: "root" } } as Config;
  const { user, notes } = await findOwner(flags(), config, 54321);
  assertEquals([user, notes.length], [undefined, 1]);
  assertStringIncludes(notes[0]!, "Only root can give files to root (slurm.user)");
  assertEquals((await findOwner(flags(), config, 0)).user, { uid: 0, gid: 0 });
  await assertRejects(
    () => findOwner(flags("root"), undefined, 54321),
    CommandError,
    "Nothing was installed: only root",
  );
  assertEquals((await findOwner(flags("54321:54321"), undefined, 54321)).user, { uid: 54321, gid: 54321 });
});
