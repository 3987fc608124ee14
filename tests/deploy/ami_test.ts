import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DRY_RUNS, dryRun, GOLDEN } from "./ami_cases.ts";
import { type FakeImage, type Machine, withFakeImage } from "./fake_image.ts";
import { takesRoot, testWhere } from "../test_where.ts";

const ROCKY: Machine = {
  os: ["rocky", "9.4"],
  files: { "/etc/selinux/config": "SELINUX=enforcing\n", "/etc/fstab": "LABEL=root / xfs defaults 0 0\n" },
};
const INSTALL = ["install", "--slurm-version", "24.05", "--slurm-uid", "401"];
/** Files get owners. */
const NOT_ROOT = takesRoot();

/** A test on a machine of its own where files can be given away. */
function testImage(name: string, use: (image: FakeImage) => Promise<void>, machine = ROCKY): void {
  testWhere(NOT_ROOT, name, () => withFakeImage(machine, use));
}

Deno.test("every distribution has a golden dry run for either architecture", () => {
  const names = [...Deno.readDirSync(GOLDEN)].map(({ name }) => name).filter((name) => name.endsWith(".txt"));
  assertEquals(names.sort(), DRY_RUNS.map(({ name }) => name).sort());
  assertEquals(names.length, 10);
});

for (const test of DRY_RUNS) {
  Deno.test(`provision --dry-run says what it would do, and does nothing: ${test.name}`, async () => {
    const { said, ran } = await dryRun(test);
    assertEquals(said, Deno.readTextFileSync(new URL(test.name, GOLDEN)));
    assertEquals(ran.filter((line) => !line.startsWith("getsebool")), []);
  });
}

Deno.test("provision --dry-run leaves no file behind", () =>
  withFakeImage(ROCKY, async (image) => {
    const before = tree(image.root);
    assertEquals((await image.run(...INSTALL, "--dry-run", ...image.node)).code, 0);
    assertEquals(tree(image.root), before);
  }));

/** Every path below a directory, with its content. */
function tree(directory: string): Record<string, string> {
  return Object.fromEntries([...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    return isDirectory ? Object.entries(tree(path)) : [[path, Deno.readTextFileSync(path)]];
  }));
}

testImage(
  "provision install makes the users before the packages, which would choose other numbers",
  async (image) => {
    const { code, said } = await image.run(...INSTALL, "--munge-uid", "402", ...image.node);
    assertEquals(code, 0, said);
    const ran = image.recorded();
    const at = (start: string) => ran.findIndex((line) => line.startsWith(start));
    assert(at("useradd --system --uid 401 --gid 401 ") < at("dnf -y install munge"));
    assert(at("useradd --system --uid 402 --gid 402 ") < at("dnf -y install munge"));
    assertMatch(image.read("/etc/passwd"), /^slurm:[^:]*:401:401:/m);
    assertEquals(mode(image, "/etc/munge"), "700 402");
    assertEquals(mode(image, "/var/log/slurm"), "755 401");
  },
);

function mode(image: FakeImage, path: string): string {
  const { mode, uid } = Deno.statSync(image.root + path);
  return `${(mode! & 0o7777).toString(8)} ${uid}`;
}

testImage("provision install fails when a unit can't be enabled", async (image) => {
  image.program("systemctl", "exit 1");
  const { code, said } = await image.run(...INSTALL, ...image.node);
  assertEquals(code, 1);
  assertMatch(said, /image failed: cannot enable chronyd\.service; next step: see systemctl status chronyd/);
});

testImage("provision install makes an image that its own check passes", async (image) => {
  image.write("/units/slurmd.service", "");
  await image.run(...INSTALL, ...image.node);
  for (const name of ["boot", "guard", "notice", "names", "prolog", "provision"]) {
    assertEquals(mode(image, `/usr/local/libexec/slurm-ec2/${name}`), "755 0");
  }
  assertEquals([...Deno.readDirSync(`${image.root}/units`)].map(({ name }) => name).sort(), [
    "chronyd.service",
    "slurm-ec2-guard.service",
    "slurm-ec2-node.service",
  ]);
  assertEquals(await image.run("check"), { code: 0, said: "slurm-ec2: image check passed\n" });
});

Deno.test("provision install takes all of deploy/node, to where its units look for it", () =>
  withFakeImage(ROCKY, async (image) => {
    const { said } = await image.run(...INSTALL, "--dry-run");
    const directory = new URL("../../deploy/node/", import.meta.url);
    for (const { name } of Deno.readDirSync(directory)) {
      assertStringIncludes(said, `copy ${name} to `);
      const text = Deno.readTextFileSync(new URL(name, directory));
      const [, program] = name.endsWith(".service") ? text.match(/^ExecStart=(\S+)/m)! : [];
      if (program !== undefined) assertStringIncludes(said, ` to ${program} (mode 755)`);
    }
  }));

testImage("provision install changes nothing when it has been run before", async (image) => {
  const options = [
    ...INSTALL,
    "--slurm-repo",
    "file:///opt/rpms",
    "--mount",
    "nas1:/export/home /home nfs4",
    ...image.node,
  ];
  assertEquals((await image.run(...options)).code, 0);
  const before = tree(image.root);
  image.recorded();
  const { code, said } = await image.run(...options);
  assertEquals(code, 0, said);
  assertEquals(tree(image.root), before);
  assertEquals(said.match(/^(write|copy|directory|remove|run) .*/gm), null);
  // dnf itself sees that there is nothing to do.
  assertEquals(image.recorded().filter((line) => !/^(dnf|crb|restorecon|ldd|getsebool) /.test(line)), []);
});

testImage("provision install corrects what differs from the time before", async (image) => {
  await image.run(...INSTALL, "--mount", "nas1:/export/home /home nfs4", ...image.node);
  const { said } = await image.run(
    ...["install", "--slurm-version", "24.05", "--slurm-uid", "403"],
    ...["--mount", "nas2:/home /home nfs4 soft", ...image.node],
  );
  assertMatch(image.read("/etc/passwd"), /^slurm:[^:]*:403:403:/m);
  assertEquals(mode(image, "/var/log/slurm"), "755 403", said);
  assertEquals(
    image.read("/etc/fstab"),
    `LABEL=root / xfs defaults 0 0
# slurm-ec2 begin
nas2:/home /home nfs4 soft,_netdev,x-systemd.mount-timeout=120s 0 0
# slurm-ec2 end
`,
  );
  await image.run(...INSTALL, ...image.node);
  assertEquals(image.read("/etc/fstab"), "LABEL=root / xfs defaults 0 0\n");
});

testImage("provision install tries a mirror three times, and then fails with one line", async (image) => {
  image.program(
    "dnf",
    'echo "dnf $*" >>$record; echo "Error: Failed to download metadata for repo x" >&2; exit 1',
  );
  const { code, said } = await image.run(...INSTALL, ...image.node);
  assertEquals(code, 1);
  assertMatch(
    said,
    /\nslurm-ec2: image failed: cannot install dnf-plugins-core epel-release: Failed to download .*; next step: see the network, .*\n$/,
  );
  assertEquals(image.recorded().length, 3);
});

/** What dnf 4 and 5 say when an installation fails, and what is made of it. */
const DNF_SAYS: readonly (readonly [what: string, says: string, cause: RegExp])[] = [
  [
    "a package's signature is not known",
    "Public key for slurm-24.05.3-1.el9.x86_64.rpm is not installed. Failing package is: slurm-24.05.3-1.el9.x86_64\nError: GPG check FAILED",
    /Slurm 24\.05: Public key for slurm-24\.05\.3-1\.el9\.x86_64\.rpm is not installed.*; next step: the packages are there, but .*--slurm-repo-key/,
  ],
  [
    "dnf 5 refuses a signature",
    'OpenPGP check for package "slurm-24.05.3-1.x86_64" (/x.rpm) from repo "slurm-ec2" has failed: No corresponding key was found.',
    /OpenPGP check for package .*; next step: the packages are there/,
  ],
  [
    "no repository has the packages",
    "No match for argument: slurm-24.05*\nError: Unable to find a match: slurm-24.05* slurm-slurmd-24.05*",
    /Slurm 24\.05: No match for argument: slurm-24\.05\*; next step: no repository has it: build Slurm's/,
  ],
  [
    "a dependency is missing",
    "Error: \n Problem: conflicting requests\n  - nothing provides libjwt.so.1 needed by slurm-24.05.3-1.el9.x86_64 from slurm-ec2",
    /Slurm 24\.05: nothing provides libjwt\.so\.1 needed by slurm.*; next step: a package that it needs is in no repository/,
  ],
  [
    "the repository can't be reached",
    "Errors during downloading metadata for repository 'slurm-ec2':\nError: Failed to download metadata for repo 'slurm-ec2': Cannot download repomd.xml",
    /Failed to download metadata for repo 'slurm-ec2'.*; next step: see the network/,
  ],
  [
    "the disk is full",
    "Error: Transaction test error:\n  installing package x needs 12MB more space on the / filesystem",
    /needs 12MB more space.*; next step: give the image a larger disk/,
  ],
  [
    "dnf fails otherwise",
    "Error: This command has to be run under the root user.",
    /Slurm 24\.05: This command has to be run under the root user\.; next step: see dnf's own words above/,
  ],
];
for (const [what, says, cause] of DNF_SAYS) {
  testImage(`provision install names the cause when ${what}`, async (image) => {
    image.program("dnf", `case "$*" in *slurm-slurmd*) cat >&2 <<'END'\n${says}\nEND\nexit 1 ;; esac`);
    const { code, said } = await image.run(...INSTALL, ...image.node);
    assertEquals(code, 1);
    assertMatch(said, cause);
    assertEquals(said.match(/image failed/g)?.length, 1);
  });
}

testImage("provision install goes on when a mirror comes back", async (image) => {
  image.program("dnf", "[ -e $root/tried ] || { touch $root/tried; exit 1; }");
  assertEquals((await image.run(...INSTALL, ...image.node)).code, 0);
});

/** A slurmd that was built without D-Bus, on a machine with cgroup v2. */
const START_FAILS = `case $1 in
  -V) echo slurm 24.05.3 ;;
  -h) echo "   -G                         Print node's GRES configuration and exit." ;;
  -G) grep -q ^NodeName=image "$5" && cat >&2 <<END && exit 1
slurmd: error: cannot find cgroup plugin for cgroup/v2
slurmd: error: cannot create cgroup context for cgroup/v2
slurmd: error: slurmd initialization failed
END
    ;;
esac`;

const FAILURES: readonly (readonly [string, (image: FakeImage) => readonly string[], RegExp])[] = [
  ["the distribution is unknown", (image) => {
    image.write("/etc/os-release", "ID=debian\nVERSION_ID=12\n");
    return INSTALL;
  }, /"debian 12" is not supported; next step: take AlmaLinux/],
  ["the version of the distribution is too old", (image) => {
    image.write("/etc/os-release", "ID=amzn\nVERSION_ID=2\n");
    return INSTALL;
  }, /"amzn 2" is not supported/],
  ["the machine is unknown", (image) => {
    image.program("uname", "echo riscv64");
    return INSTALL;
  }, /machine "riscv64" is not supported; next step: take arm64 or x86_64/],
  [
    "another user has slurm's uid",
    () => ["install", "--slurm-version", "24.05", "--slurm-uid", "74", "--slurm-gid", "401"],
    /uid 74 belongs to user sshd here/,
  ],
  [
    "another group has slurm's gid",
    () => ["install", "--slurm-version", "24.05", "--slurm-uid", "401", "--slurm-gid", "74"],
    /gid 74 belongs to group sshd here/,
  ],
  ["Slurm is of another version", (image) => {
    image.program("slurmd", "echo slurm 23.11.1");
    return INSTALL;
  }, /slurmd is "slurm 23\.11\.1", not 24\.05; next step: give the cluster's own version/],
  ["a version begins like the cluster's", (image) => {
    image.program("slurmd", "echo slurm 24.051.1");
    return INSTALL;
  }, /not 24\.05;/],
  ["libraries are missing", (image) => {
    image.program("ldd", 'echo "  libjwt.so.1 => not found"; echo "  libc.so.6 => /lib/libc.so.6"');
    return INSTALL;
  }, /slurmd wants libraries that are not here: libjwt\.so\.1; next step: .*--package/],
  ["slurmd can't start", (image) => {
    image.program("slurmd", START_FAILS);
    return INSTALL;
  }, /slurmd cannot start: cannot find cgroup plugin for cgroup\/v2; .*dbus-devel; next step/],
  [
    "the munge key can't be read",
    () => [...INSTALL, "--munge-key", "/nowhere"],
    /cannot read the munge key \/nowhere/,
  ],
  [
    "there is no boot script",
    () => [...INSTALL, "--node", "/nowhere"],
    /no boot script in \/nowhere; next step: give .* --node/,
  ],
];

for (const [when, prepare, says] of FAILURES) {
  testImage(`provision install fails with one clear line when ${when}`, async (image) => {
    const args = prepare(image);
    const { code, said } = await image.run(...args, ...(args.includes("--node") ? [] : image.node));
    assertEquals(code, 1, said);
    const lines = said.trimEnd().split("\n");
    assertEquals(lines.filter((line) => line.includes("image failed")).length, 1, said);
    assertMatch(lines.at(-1)!, says);
  });
}

const MISUSES: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /nothing asked for/],
  [["bake"], /unknown "bake"/],
  [["install", "--slurm-uid", "401"], /--slurm-version is missing/],
  [["install", "--slurm-version", "24.05"], /--slurm-uid is missing/],
  [["install", "--slurm-version", "new"], /"new" is not like 24\.05/],
  [["install", "--slurm-version", "24.05; reboot"], /is not like 24\.05/],
  [[...INSTALL, "--munge-uid", "munge"], /--munge-uid "munge" is not a number/],
  [[...INSTALL, "--slurm-prefix", "slurm"], /"slurm" is not an absolute path/],
  [[...INSTALL, "--slurm-prefix", "/opt/a b"], /holds more than letters/],
  [[...INSTALL, "--slurm-repo", "/opt/rpms"], /"\/opt\/rpms" is not a URL/],
  [[...INSTALL, "--package", "-y"], /"-y" is not a name of a package/],
  [[...INSTALL, "--package", "a b"], /"a b" is not a name of a package/],
  [[...INSTALL, "--mount", "nas1:/home"], /is not SOURCE DIR TYPE/],
  [[...INSTALL, "--mount", "nas1:/home home nfs4"], /is not SOURCE DIR TYPE/],
  [[...INSTALL, "--time-limit", "soon"], /"soon" is not a number of seconds/],
  [[...INSTALL, "--slurm-repo"], /--slurm-repo takes a value/],
  [[...INSTALL, "--fast", "yes"], /unknown option --fast/],
];

for (const [args, says] of MISUSES) {
  Deno.test(`provision ${args.join(" ")} is refused before anything is done`, () =>
    withFakeImage(ROCKY, async (image) => {
      const { code, said } = await image.run(...args);
      assertEquals(code, 2, said);
      assertMatch(said, says);
      assertEquals(image.recorded(), []);
    }));
}

for (const umask of [0o022, 0o027, 0o077]) {
  testImage(
    `provision install makes what users go through under umask ${umask.toString(8)}`,
    async (image) => {
      const before = Deno.umask(umask);
      try {
        const { code, said } = await image.run(
          ...[...INSTALL, "--mount", "nas:/x /opt/slurm/chip nfs4 ro", ...image.node],
        );
        assertEquals(code, 0, said);
      } finally {
        Deno.umask(before);
      }
      for (
        const path of ["/opt/slurm", "/opt/slurm/chip", "/usr/local/libexec/slurm-ec2", "/etc/systemd/system"]
      ) {
        assertEquals(mode(image, path).split(" ")[0], "755", path);
      }
    },
  );
}

testImage("provision install bakes a munge key only when asked, for munge alone to read", async (image) => {
  image.write("/site.key", "secret\n", 0o644);
  image.program("cp", 'umask >>$root/umasks; exec /bin/cp "$@"');
  await image.run(...INSTALL, "--munge-uid", "402", ...image.node);
  assert(!image.exists("/etc/munge/munge.key"));
  const { said } = await image.run(
    ...[...INSTALL, "--munge-uid", "402", "--munge-key", `${image.root}/site.key`, ...image.node],
  );
  assertEquals(mode(image, "/etc/munge/munge.key"), "400 402");
  assertEquals(
    [...new Set(image.read("/umasks").trim().split("\n"))],
    ["0077"],
    "a key others could read for a moment",
  );
  assert(!said.includes("secret"));
  assert(image.exists("/units/munge.service"));
  assertEquals((await image.run("check")).code, 0);
});

const BROKEN: readonly (readonly [string, (image: FakeImage) => void, RegExp])[] = [
  [
    "the image is of another machine",
    (image) => image.program("uname", "echo aarch64"),
    /made for Rocky 9 x86_64, but/,
  ],
  [
    "slurm has another uid",
    (image) => image.write("/etc/passwd", "root:x:0:0::/:\nmunge:x:9:9::/:\n"),
    /slurm has uid ""/,
  ],
  [
    "a program is missing",
    (image) => Deno.removeSync(image.root.replace(/root$/, "bin/munged")),
    /no munged in PATH/,
  ],
  [
    "slurmd is another",
    (image) => image.program("slurmd", "echo slurm 24.11.0"),
    /slurm 24\.11\.0", not 24\.05/,
  ],
  [
    "others may write the boot script",
    (image) => Deno.chmodSync(`${image.root}/usr/local/libexec/slurm-ec2/boot`, 0o775),
    /boot is not root's with mode 755/,
  ],
  [
    "a part of the boot script is missing",
    (image) => Deno.removeSync(`${image.root}/usr/local/libexec/slurm-ec2/mounts.sh`),
    /mounts\.sh is not root's with mode 644/,
  ],
  [
    "the boot unit is off",
    (image) => Deno.removeSync(`${image.root}/units/slurm-ec2-node.service`),
    /slurm-ec2-node\.service is not enabled/,
  ],
  [
    "slurmd's own unit is on",
    (image) => image.write("/units/slurmd.service", ""),
    /slurmd\.service is enabled next to/,
  ],
  [
    "a munge key lies in it",
    (image) => image.write("/etc/munge/munge.key", "key", 0o400),
    /a munge key that nobody asked for/,
  ],
];

for (const [when, damage, says] of BROKEN) {
  testImage(`provision check fails when ${when}`, async (image) => {
    await image.run(...INSTALL, ...image.node);
    damage(image);
    const { code, said } = await image.run("check");
    assertEquals(code, 1, said);
    assertMatch(said, says);
    assertEquals(said.match(/image check failed: /g)?.length, 1, said);
  });
}

testImage("provision check reports everything at once", async (image) => {
  await image.run(...INSTALL, ...image.node);
  image.program("uname", "echo aarch64");
  image.write("/units/slurmd.service", "");
  assertEquals((await image.run("check")).said.match(/image check failed: /g)?.length, 2);
});

testImage("provision check lets a node that has booted hold its munge key", async (image) => {
  await image.run(...INSTALL, ...image.node);
  image.write("/etc/munge/munge.key", "key", 0o400);
  image.write("/run/slurm-ec2/node", "");
  assertEquals((await image.run("check")).code, 0);
});

/** What a machine gathers that no two nodes may share. */
const PERSONAL = [
  "/etc/ssh/ssh_host_ed25519_key",
  "/etc/ssh/ssh_host_ed25519_key.pub",
  "/etc/munge/munge.key",
  "/var/lib/munge/munge.seed",
  "/var/lib/systemd/random-seed",
  "/var/lib/dbus/machine-id",
  "/var/log/munge/munged.log",
  "/var/log/slurm/slurmd.log",
  "/root/.ssh/authorized_keys",
  "/home/rocky/.ssh/authorized_keys",
  "/home/rocky/.bash_history",
];

testImage("provision clean takes away what no two nodes may share", async (image) => {
  await image.run(...INSTALL, ...image.node);
  for (const path of PERSONAL) image.write(path, "x");
  image.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  image.recorded();
  const { code, said } = await image.run("clean");
  assertEquals(code, 0, said);
  assertEquals(PERSONAL.filter(image.exists), []);
  assertEquals(image.read("/etc/machine-id"), "");
  assertEquals(image.recorded(), ["dnf clean all", "cloud-init clean --logs"]);
  assertEquals((await image.run("check")).code, 0);
  assertEquals((await image.run("clean")).said.match(/^(remove|empty)/gm), null);
});

testImage("provision clean keeps a munge key that was asked for", async (image) => {
  image.write("/site.key", "secret\n");
  await image.run(...INSTALL, "--munge-key", `${image.root}/site.key`, ...image.node);
  await image.run("clean");
  assertEquals(image.read("/etc/munge/munge.key"), "secret\n");
});

testImage("provision clean touches nothing of a machine that is not an image of ours", async (image) => {
  for (const path of PERSONAL) image.write(path, "x");
  const { code, said } = await image.run("clean");
  assertEquals(code, 1);
  assertMatch(said, /this machine is not an image of ours/);
  assertEquals(PERSONAL.filter((path) => !image.exists(path)), []);
});

testWhere(
  NOT_ROOT ?? otherDisk(),
  "provision clean leaves a mounted /home alone",
  () =>
    withFakeImage(ROCKY, async (image) => {
      await image.run(...INSTALL, ...image.node);
      const share = await Deno.makeTempDir({ dir: "/dev/shm" });
      try {
        Deno.mkdirSync(`${share}/ann/.ssh`, { recursive: true });
        Deno.writeTextFileSync(`${share}/ann/.ssh/authorized_keys`, "hers");
        Deno.symlinkSync(share, `${image.root}/home`);
        await image.run("clean");
        assertEquals(Deno.readTextFileSync(`${share}/ann/.ssh/authorized_keys`), "hers");
      } finally {
        await Deno.remove(share, { recursive: true });
      }
    }),
);

/** Why there is no second file system to try it with. */
function otherDisk(): string | undefined {
  try {
    return Deno.statSync("/dev/shm").dev === Deno.statSync("/tmp").dev ? "/dev/shm is /tmp's" : undefined;
  } catch {
    return "no /dev/shm";
  }
}

/** A dnf that takes its time, and leaves a word when nobody ended it. */
const SLOW = 'echo $$ >"$root/pid"; sleep 600; touch "$root/went-on"';

/** Whether SLOW was ended: it is gone, now or in a moment, and has not gone on. */
async function wasEnded(image: FakeImage): Promise<boolean> {
  const pid = image.read("/pid").trim();
  for (let i = 0; i < 3_000; i++) {
    if (![...Deno.readDirSync("/proc")].some(({ name }) => name === pid)) return !image.exists("/went-on");
    await new Promise((done) => setTimeout(done, 20));
  }
  return false;
}

testImage(
  "provision ends what it runs when it takes too long, and says so in its last line",
  async (image) => {
    image.program("dnf", SLOW);
    const { code, said } = await image.run(...INSTALL, ...image.node, "--time-limit", "1");
    assertEquals(code, 1);
    assertMatch(
      said,
      /\nslurm-ec2: image failed: not done within 1 s; next step: see what the last line above waits for.*\n$/,
    );
    assert(await wasEnded(image));
  },
);

testImage("provision ends what it runs when it is stopped", async (image) => {
  image.program("dnf", SLOW);
  const running = image.start(...INSTALL, ...image.node);
  while (!image.exists("/pid") || image.read("/pid") === "") {
    await new Promise((done) => setTimeout(done, 20));
  }
  running.kill("SIGTERM");
  const { code, said } = await running.ended;
  assertEquals(code, 1);
  assertMatch(said, /\nslurm-ec2: image failed: stopped from outside; next step: run it again.*\n$/);
  assert(await wasEnded(image));
});

testImage("provision clean --dry-run removes nothing", async (image) => {
  await image.run(...INSTALL, ...image.node);
  for (const path of PERSONAL) image.write(path, "x");
  const { said } = await image.run("clean", "--dry-run");
  assertEquals(PERSONAL.filter((path) => !image.exists(path)), []);
  for (const path of PERSONAL) assertStringIncludes(said, `remove ${path}\n`);
});
