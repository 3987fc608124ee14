import { assertEquals } from "@std/assert";
import { whyNoHosts, withHosts } from "../../fixtures/host_pair.ts";
import { takesRoot, testWhere } from "../../test_where.ts";

const missing = takesRoot(
  whyNoHosts("python3", "findmnt").missing ?? (isThere("/dev/fuse") ? undefined : "no /dev/fuse"),
);

testWhere(
  missing,
  "doctor --only mounts tells right file systems from all that can be wrong with one",
  () =>
    withHosts(async ({ dir, node }) => {
      const at = (name: string) => `${dir}/${name}`;
      await Deno.writeTextFile(at("hang.py"), HANG);
      await Deno.writeTextFile(`${dir}/hosts.c0`, "10.77.0.20 nas1 nas1-alias\n10.77.0.21 nas2\n");
      await node.sh(`cd ${dir}; mkdir right wrong alias subtree ro missing hung stale type other
      mount -t tmpfs -o mode=2775,gid=7 nas1:/home right
      ln -s right link; mount -t tmpfs nas2:/home wrong
      mount -t tmpfs nas1-alias:/home alias
      mkdir right/inner; mount --bind right/inner subtree
      mount -t tmpfs -o ro nas1:/tools ro
      mount -t ramfs nas1:/home type
      mount -t tmpfs nas1:/home other; mount -t tmpfs nas1:/top other`);
      assertEquals(await node.start(`exec python3 ${at("hang.py")} ${at("hung")}`), "mounted");
      assertEquals(await node.start(`exec python3 ${at("hang.py")} ${at("stale")} stale`), "mounted");
      const wanted = [
        ...["right", "link", "wrong", "alias", "subtree", "missing", "type"].map((
          name,
        ) => [name, "nas1:/home"]),
        ...[["ro", "nas1:/tools"], ["hung", "nas1:/hung"], ["stale", "nas1:/hung"], ["other", "nas1:/top"], [
          "absent",
          "nas1:/absent",
        ]],
      ];
      const config = `slurm: { confDir: ${dir}, binDir: /nonexistent }\nfileSystems:\n${
        wanted.map(([name, source]) => `  - { source: "${source}", mount: ${at(name!)}, type: tmpfs }\n`)
          .join("")
      }`;
      // The controller saw another owner of one.
      const roots = { uid: 0, gid: 7, mode: 0o2775 };
      const facts = {
        users: {},
        mounts: { [at("right")]: roots, [at("other")]: { uid: 500, gid: 500, mode: 0o755 } },
      };
      await Deno.writeTextFile(at("controller.json"), JSON.stringify({ facts }));
      const { code, lines } = await node.doctor({
        config,
        only: ["mounts"],
        flags: ["--node", "--against", at("controller.json")],
      });
      assertEquals(code, 3);
      assertEquals(lines.map((line) => line.replaceAll(`${dir}/`, "")), [
        "pass right: nas1:/home (tmpfs)",
        "pass right (owner): uid 0, gid 7, mode 02775, as on the controller",
        "pass link: nas1:/home (tmpfs)",
        "fail wrong: nas2:/home (tmpfs), where the configuration has nas1:/home",
        "warn alias: nas1-alias:/home (tmpfs): another name of nas1",
        "fail subtree: nas1:/home[/inner] (tmpfs), where the configuration has nas1:/home",
        "fail missing: nothing is mounted here: an empty place in the way of the jobs' files",
        "fail type: nas1:/home (ramfs), where the configuration has type tmpfs",
        "pass ro: nas1:/tools (tmpfs)",
        "fail ro (access): mounted read-only, which the configuration does not ask for: jobs can't write",
        "fail hung: nas1:/hung hangs: stat had not ended after 5 s",
        "fail stale: nas1:/hung: stale file handle: the server no longer knows this directory",
        "pass other: nas1:/top (tmpfs)",
        "fail other (owner): uid 0, gid 0, mode 01777 here, uid 500, gid 500, mode 0755 on the controller",
        "fail absent: there is no such directory",
      ]);
    }),
);

testWhere(
  missing,
  "doctor ends when slurm.conf, stateDir and the log hang, and names them",
  () =>
    withHosts(async ({ dir, controller }) => {
      await Deno.mkdir(`${dir}/hung`);
      await Deno.writeTextFile(`${dir}/hang.py`, HANG);
      assertEquals(await controller.start(`exec python3 ${dir}/hang.py ${dir}/hung`), "mounted");
      const state = `stateDir: ${dir}/hung/state\nlogFile: ${dir}/hung/log/slurm-ec2.log\n`;
      const slurm = (confDir: string) => `slurm: { confDir: ${confDir}, binDir: /nonexistent }\n`;
      const runs = await Promise.all([
        controller.doctor({ config: slurm(`${dir}/hung/etc`), only: ["slurm"] }),
        controller.doctor({ config: slurm(dir) + state, only: ["hooks", "timer"] }),
      ]);
      const lines = runs.flatMap((run) => run.lines);
      const cut = runs.flatMap(({ findings }) => findings).filter(({ code }) => code === "Timeout")
        .map(({ what, evidence }) => `${what}: ${evidence}`);
      assertEquals(
        cut.map((line) => line.replaceAll(`${dir}/`, "")),
        [
          "slurmctld: stat hung/etc/slurm.conf had not ended after 5 s: given up",
          "stateDir: stat hung/state had not ended after 5 s: given up",
          "DENO_DIR of the hooks: stat hung/state/deno had not ended after 5 s: given up",
          "logFile: stat hung/log/slurm-ec2.log had not ended after 5 s: given up",
          "last hook: tail -c 262144 -- hung/state/events.jsonl had not ended after 5 s: given up",
        ],
        lines.join("\n"),
      );
    }),
);

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * A FUSE file system whose server answers the kernel's greeting and nothing more: a process that asks for a file sleeps and
 * can't even be killed, as on a lost NFS server; or, with a second argument, one that has forgotten its root
 * directory (ESTALE). https://docs.kernel.org/filesystems/fuse.html, linux/fuse.h
 */
const HANG = `
import ctypes, errno, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={fd},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
if libc.mount(b"nas1:/hung", sys.argv[1].encode(), b"fuse", 0, options) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
FUSE_INIT = 26
request = os.read(fd, 1 << 17)
length, opcode, unique = struct.unpack_from("<IIQ", request)
assert opcode == FUSE_INIT
os.write(fd, struct.pack("<IiQ", 40, 0, unique) + struct.pack("<IIIIHHI", 7, 8, 0, 0, 0, 0, 4096))
print("mounted", flush=True)
while True:
    unique = struct.unpack_from("<IIQ", os.read(fd, 1 << 17))[2]
    if len(sys.argv) > 2:
        os.write(fd, struct.pack("<IiQ", 16, -errno.ESTALE, unique))
`;
