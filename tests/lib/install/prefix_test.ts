import { assertEquals, assertThrows } from "@std/assert";
import { checkPrefix, openAncestors } from "../../../lib/install/prefix.ts";

for (
  const [text, prefix] of [
    ["/opt/slurm/bio", "/opt/slurm/bio"],
    ["/opt//slurm/bio/", "/opt/slurm/bio"],
    ["/srv/a.b_c-d+1@2", "/srv/a.b_c-d+1@2"],
    ["/system/slurm", "/system/slurm"],
    ["/opt/größe", "/opt/größe"],
  ] as const
) {
  Deno.test({
    name: `checkPrefix() takes ${text}`,
    permissions: "none",
    fn: () => assertEquals(checkPrefix(text), prefix),
  });
}

for (
  const [text, says] of [
    ["opt/slurm", "not absolute"],
    ["", "not absolute"],
    ["~/slurm", "not absolute"],
    ["/", "root directory"],
    ["///", "root directory"],
    ["/proc/x", "lies in /proc"],
    ["/dev/shm/x", "lies in /dev"],
    ["/opt/../etc", '".."'],
    ["/opt/./x", '"."'],
    ["/opt/my cluster", '" "'],
    ["/opt/a,b", '","'],
    ["/opt/a#b", '"#"'],
    ["/opt/a\nb", '"\\n"'],
    ['/opt/a"b', '"\\""'],
  ] as const
) {
  Deno.test({
    name: `checkPrefix() refuses ${JSON.stringify(text)}`,
    permissions: "none",
    fn: () => void assertThrows(() => checkPrefix(text), RangeError, says),
  });
}

for (
  const [name, ancestor, says] of [
    ["root's own", { mode: 0o755, uid: 0, gid: 0 }, []],
    ["SlurmUser's own", { mode: 0o755, uid: 7, gid: 7 }, []],
    ["root's with root's group", { mode: 0o775, uid: 0, gid: 0 }, []],
    ["a sticky one for all", { mode: 0o1777, uid: 0, gid: 0 }, []],
    ["one for all", { mode: 0o777, uid: 0, gid: 0 }, [
      "Others may write to /opt (mode 0777) and so replace the hooks: chmod go-w /opt",
    ]],
    ["another group's", { mode: 0o775, uid: 0, gid: 50 }, [
      "Others may write to /opt (mode 0775) and so replace the hooks: chmod go-w /opt",
    ]],
    ["another user's", { mode: 0o755, uid: 1000, gid: 0 }, [
      "/opt belongs to user 1000, who could replace the hooks: chown it to root, or choose another prefix",
    ]],
  ] as const
) {
  Deno.test({
    name: `openAncestors() judges a directory: ${name}`,
    permissions: "none",
    fn: () => assertEquals(openAncestors([{ path: "/opt", ...ancestor }], [0, 7]), [...says]),
  });
}
