import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { FileSystem } from "../../lib/config/model.ts";
import { type FakeNode, withFakeNode } from "./fake_node.ts";
import { nodeUserData } from "./node_user_data.ts";

/** A file system of this node's own place. */
type Share = Pick<FileSystem, "source" | "mount"> & Partial<FileSystem>;

const HOME: Share = { source: "nas1:/export/home", mount: "/home" };
/** Give up at once, try for no longer than a second. */
const IMPATIENT = { SLURM_EC2_MOUNT_WAIT: "0", SLURM_EC2_KILL_AFTER: "0.2" };
/** Where a mount never answers. */
const BRIEF = { ...IMPATIENT, SLURM_EC2_MOUNT_LIMIT: "1" };

interface Booted {
  readonly node: FakeNode;
  readonly code: number;
  readonly said: string;
  /** Where the node's files are: taken out of what it said. */
  readonly mounted: readonly string[];
}

/** Boots a node that is to mount these, below its own directory. */
async function boot(
  shares: readonly Share[],
  prepare: (node: FakeNode, at: (path: string) => string) => void,
  judge: (booted: Booted) => void | Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  // The directory is known only once there is a node.
  const userData = (dir: string) =>
    nodeUserData({
      fileSystems: shares.map((share) => ({ type: "nfs4", ...share, mount: `${dir}/m${share.mount}` })),
    });
  await withFakeNode({ launchIndex: "0", userData }, async (node) => {
    const clean = (text: string) => text.replaceAll(`${node.dir}/m`, "");
    prepare(node, (path) => `${node.dir}/m${path}`);
    const { code, said } = await node.run("boot", env);
    const mounted = node.recorded().filter((line) => /^u?mount /.test(line)).map(clean);
    await judge({ node, code, said: clean(said), mounted });
  });
}

const nothing = () => {};

Deno.test("boot mounts what the launch says, outer directories first, with the file system's own options", () =>
  boot(
    [
      { ...HOME, mount: "/data/deep/er" },
      {
        ...HOME,
        source: "fs-1@tcp:/x",
        mount: "/data",
        type: "lustre",
        options: "noatime,_netdev,x-systemd.automount",
      },
      { ...HOME, mount: "/data/deep", options: "nofail,hard,nfsvers=4.1" },
      { ...HOME, mount: "/with blank/" },
    ],
    nothing,
    ({ code, said, mounted, node }) => {
      assertEquals(code, 0, said);
      assertEquals(mounted, [
        "mount -t lustre -o noatime -- fs-1@tcp:/x /data",
        "mount -t nfs4 -- nas1:/export/home /with blank",
        "mount -t nfs4 -o hard,nfsvers=4.1 -- nas1:/export/home /data/deep",
        "mount -t nfs4 -- nas1:/export/home /data/deep/er",
      ]);
      assertStringIncludes(said, "slurm-ec2: mounted fs-1@tcp:/x at /data\n");
      assert(!node.read("run/node").includes("READ_ONLY"));
    },
  ));

Deno.test("boot leaves alone what is mounted already, by any program and any name of the server", () =>
  boot(
    [HOME, { ...HOME, mount: "/apps" }, { source: "fs-1:/", mount: "/efs", type: "efs" }],
    (node, at) => {
      node.write(
        "proc/self/mountinfo",
        `22 1 259:1 / / rw - xfs /dev/nvme0n1p1 rw
30 22 0:50 / ${at("/home")} rw,relatime shared:5 - nfs4 nas1:/export/home/ rw
31 22 0:51 / ${at("/apps")} rw,relatime - nfs nas1.example.com:/export/home rw
32 22 0:52 / ${at("/efs")} rw - nfs4 127.0.0.1:/ rw
`,
      );
      for (const path of ["home", "apps", "efs"]) Deno.mkdirSync(at(`/${path}`), { recursive: true });
      node.write("run/mounted", `${at("/efs")}\n`);
    },
    ({ code, said, mounted }) => {
      assertEquals([code, mounted], [0, []], said);
      assertStringIncludes(
        said,
        "slurm-ec2: /apps is mounted from nas1.example.com:/export/home, which is taken for nas1:/export/home\n",
      );
    },
  ));

Deno.test("boot does not mount what it has mounted before when slurmd is restarted", () =>
  boot([HOME], nothing, async ({ node }) => {
    await node.run("boot");
    assertEquals(node.recorded().filter((line) => line.startsWith("mount")).length, 1);
  }));

Deno.test("boot tries again until a server is up", () =>
  boot(
    [HOME],
    (node) => {
      node.program("really-mount", Deno.readTextFileSync(`${node.dir}/bin/mount`));
      node.program(
        "mount",
        `[ -e ${node.dir}/tried ] || { touch ${node.dir}/tried; echo "Connection refused" >&2; exit 32; }
exec ${node.dir}/bin/really-mount "$@"`,
      );
    },
    ({ code, said, mounted }) => assertEquals([code, mounted.length], [0, 1], said),
  ));

/** A server that lets nobody write. */
function refusing(node: FakeNode, words: string): void {
  node.program("really-mount", Deno.readTextFileSync(`${node.dir}/bin/mount`));
  node.program(
    "mount",
    `case "$*" in
  *ro\\ --*) exec ${node.dir}/bin/really-mount "$@" ;;
  *) echo "mount $*" >>$record; echo "${words}" >&2; exit 32 ;;
esac`,
  );
}

for (
  const words of [
    "mount.nfs4: access denied by server while mounting nas1:/export/home",
    "mount: /home: cannot mount nas1:/export/home read-write, is write-protected.",
    "mount.nfs4: mounting nas1:/export/home failed, reason given by server: Read-only file system",
  ]
) {
  Deno.test(`boot mounts read-only, and says so, where it may not write: ${words}`, () =>
    boot(
      [{ ...HOME, options: "hard" }],
      (node) => refusing(node, words),
      async ({ code, said, mounted, node }) => {
        assertEquals(code, 0, said);
        assertEquals(mounted.at(-1), "mount -t nfs4 -o hard,ro -- nas1:/export/home /home");
        assertStringIncludes(
          said,
          "slurm-ec2: mounted nas1:/export/home at /home read-only: nas1 does not let this node write\n",
        );
        assertStringIncludes(node.read("run/node"), `\nREAD_ONLY=${node.dir}/m/home\n`);
        const again = await node.run("boot");
        assertStringIncludes(again.said, "/home is read-only: nas1 does not let this node write\n");
        assertStringIncludes(node.read("run/node"), `\nREAD_ONLY=${node.dir}/m/home\n`);
      },
    ));
}

Deno.test("boot does not go on with what the image mounted read-only where the options ask for rw", () =>
  boot(
    [{ ...HOME, options: "rw" }],
    (node, at) => {
      node.write("proc/self/mountinfo", `30 22 0:50 / ${at("/home")} ro - nfs4 nas1:/export/home rw\n`);
      Deno.mkdirSync(at("/home"), { recursive: true });
    },
    ({ code, said }) => {
      assertEquals(code, 1);
      assertStringIncludes(
        said,
        "boot failed: /home is read-only; next step: see that nas1 lets this node write /export/home",
      );
    },
  ));

Deno.test("boot does not go on read-only where the options ask for rw", () =>
  boot(
    [{ ...HOME, options: "rw" }],
    (node) => refusing(node, "access denied by server"),
    ({ code, said, mounted }) => {
      assertEquals([code, mounted.length], [1, 1], said);
      assertMatch(
        said,
        /cannot mount nas1:\/export\/home at \/home: access denied by server; next step: see that nas1 exports \/export\/home/,
      );
    },
    IMPATIENT,
  ));

const FAILURES: readonly (readonly [when: string, mount: string, says: RegExp])[] = [
  [
    "the server refuses",
    'echo "mount.nfs4: access denied by server while mounting nas1:/export/home" >&2; exit 32',
    /access denied by server while mounting \S+; next step: see that nas1 exports \/export\/home to this node's address/,
  ],
  [
    "the server is not there",
    'echo >&2; echo "  mount.nfs4: Connection timed out for nas1:/export/home on /home" >&2; echo dmesg >&2; exit 32',
    /: mount\.nfs4: Connection timed out for .*; next step: see that nas1 is up, .* \(NFS: port 2049\)/,
  ],
  ["the server hangs", "sleep 60", /: no answer within 1 s; next step: see that nas1 is up/],
  [
    "the server's processes can't be ended by SIGTERM",
    "trap '' TERM; sleep 60",
    /: no answer within 1 s; next step: see that nas1 is up/,
  ],
  [
    "the image has no NFS client",
    `echo "mount: /home: unknown filesystem type 'nfs4'." >&2; exit 32`,
    /unknown filesystem type 'nfs4'\.; next step: install the nfs4 client in the image \(NFS: nfs-utils\)/,
  ],
  [
    "the server's name is unknown to mount",
    'echo "mount.nfs4: Failed to resolve server nas1: Name or service not known" >&2; exit 32',
    /next step: see that this node's resolver knows nas1/,
  ],
];
for (const [when, mount, says] of FAILURES) {
  Deno.test(`boot fails with one line that names server and path when ${when}`, () =>
    boot([HOME], (node) => node.program("mount", mount), ({ code, said, node }) => {
      assertEquals(code, 1);
      assertMatch(said, /^slurm-ec2: boot failed: cannot mount nas1:\/export\/home at \/home: /m);
      assertMatch(said, says);
      assertEquals(said.match(/boot failed/g)?.length, 1, said);
      assertEquals(node.recorded().filter((line) => line.startsWith("slurmd")), []);
    }, says.source.includes("no answer within 1 s") ? BRIEF : IMPATIENT));
}

Deno.test("boot goes on without an optional file system, and says so", () =>
  boot(
    [{ ...HOME, options: "nofail" }],
    (node) => node.program("mount", "echo no route >&2; exit 32"),
    ({ code, said }) => {
      assertEquals(code, 0, said);
      assertStringIncludes(
        said,
        "slurm-ec2: cannot mount nas1:/export/home at /home: no route; going on without it (nofail)\n",
      );
    },
    IMPATIENT,
  ));

Deno.test("boot does not run on another file system than the launch says", () =>
  boot(
    [HOME],
    (node, at) =>
      node.write("proc/self/mountinfo", `30 22 0:50 / ${at("/home")} rw - nfs4 nas1:/export/old rw\n`),
    ({ code, said }) => {
      assertEquals(code, 1);
      assertStringIncludes(
        said,
        "boot failed: /home is nas1:/export/old, not nas1:/export/home; next step: fix /etc/fstab",
      );
    },
  ));

/** A mount whose server is gone: stat says so, or nothing at all. */
function stale(node: FakeNode, at: (path: string) => string, stat: string): void {
  node.write("proc/self/mountinfo", `30 22 0:50 / ${at("/home")} rw - nfs4 nas1:/export/home rw\n`);
  Deno.mkdirSync(at("/home"), { recursive: true });
  node.program("stat", `[ -e ${node.dir}/fixed ] || { ${stat}; }; exec /usr/bin/stat "$@"`);
  node.program(
    "umount",
    `echo "umount $*" >>$record; touch ${node.dir}/fixed; : >${node.dir}/proc/self/mountinfo`,
  );
}

for (
  const [what, stat, says] of [
    [
      "stale",
      `echo "stat: cannot statx '/home': Stale file handle" >&2; exit 1`,
      /\(stat: .*Stale file handle\)/,
    ],
    ["hung", "sleep 60", /\(no answer within 3 s\)/],
  ] as const
) {
  Deno.test(`boot mounts again what is ${what} before anything runs`, () =>
    boot([HOME], (node, at) => stale(node, at, stat), ({ code, said, mounted }) => {
      assertEquals(code, 0, said);
      assertMatch(said, says);
      assertEquals(mounted, ["umount -l -- /home", "mount -t nfs4 -- nas1:/export/home /home"]);
    }, { SLURM_EC2_ANSWER_LIMIT: "3" }));

  Deno.test(`boot touches nothing that is ${what} when slurmd was running: its jobs are there`, () =>
    boot(
      [HOME],
      (node, at) => {
        stale(node, at, stat);
        node.write("run/started", "");
      },
      ({ code, said, mounted }) => {
        assertEquals([code, mounted], [1, []]);
        assertMatch(said, /boot failed: \/home does not answer: .*; next step: see that nas1 is up/);
      },
      { SLURM_EC2_ANSWER_LIMIT: "3" },
    ));
}

Deno.test("boot runs nothing that a mount's values hold", () =>
  boot(
    [{ source: "nas1:/$(touch${IFS}$record)`x`;\"'", mount: "/a*b", options: "a=$HOME" }],
    nothing,
    ({ code, said, mounted }) => {
      assertEquals(code, 0, said);
      assertEquals(mounted, ["mount -t nfs4 -o a=$HOME -- nas1:/$(touch${IFS}$record)`x`;\"' /a*b"]);
    },
  ));
