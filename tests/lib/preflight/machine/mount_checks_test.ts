import { assertEquals } from "@std/assert";
import type { FileFacts, Look } from "../../../../lib/preflight/machine/file_facts.ts";
import { mayWrite } from "../../../../lib/preflight/machine/file_facts.ts";
import {
  checkMount,
  type MountFacts,
  type SeenRoot,
  splitSource,
} from "../../../../lib/preflight/machine/mount_checks.ts";
import { assertTold } from "./told.ts";

const ROOT: FileFacts = { kind: "there", path: "/home", type: "directory", mode: 0o755, uid: 0, gid: 0 };
const MOUNT = { target: "/home", source: "nas1:/home", fstype: "nfs4", options: "rw,relatime" };
const RIGHT: MountFacts = {
  wanted: { source: "nas1:/home", mount: "/home", type: "nfs4" },
  mount: MOUNT,
  root: ROOT,
};
const root = (kind: "stale" | "absent" | "barred"): Look => ({ kind, path: "/home" });
const servers = (a: string, b: string): MountFacts["servers"] => [
  { kind: "found", values: [a] },
  { kind: "found", values: [b] },
];
const none = { mount: undefined } as unknown as Partial<MountFacts>;
const wanted = (change: Partial<MountFacts["wanted"]>) => ({ wanted: { ...RIGHT.wanted, ...change } });

type Case = readonly [
  says: string,
  change: Partial<MountFacts>,
  node: readonly string[],
  controller?: readonly string[],
  against?: SeenRoot,
];

const HERE = { uid: 0, gid: 0, mode: 0o755 };
const CASES: readonly Case[] = [
  ["right", {}, ["pass: nas1:/home (nfs4)"]],
  ["nfs for nfs4", wanted({ type: "nfs" }), ["pass: nas1:/home (nfs4)"]],
  ["efs is nfs4", wanted({ type: "efs" }), ["pass: nas1:/home (nfs4)"]],
  ["a slash more", wanted({ source: "nas1:/home/" }), ["pass: nas1:/home (nfs4)"]],
  ["not mounted", none, ["fail: nothing is mounted here"], ["info: a directory of this machine's own"]],
  ["no directory", { ...none, root: root("absent") }, ["fail: there is no such directory"]],
  ["another type", { mount: { ...MOUNT, fstype: "xfs" } }, [
    "fail: nas1:/home (xfs), where the configuration has type nfs4",
  ]],
  ["another path", { mount: { ...MOUNT, source: "nas1:/old" } }, ["fail: nas1:/old (nfs4), where"], [
    "info: nas1:/old",
  ]],
  [
    "another server",
    { mount: { ...MOUNT, source: "nas2:/home" }, servers: servers("10.0.0.1", "10.0.0.2") },
    [
      "fail: nas2:/home (nfs4), where the configuration has nas1:/home",
    ],
    ["info: nas2:/home (nfs4) here, nas1:/home on nodes"],
  ],
  ["another name", { mount: { ...MOUNT, source: "nas2:/home" }, servers: servers("10.0.0.1", "10.0.0.1") }, [
    "warn: nas2:/home (nfs4): another name of nas1",
  ]],
  ["no server but a device", { mount: { ...MOUNT, source: "/dev/sdb", fstype: "nfs4" } }, ["fail: /dev/sdb"]],
  ["read-only", { mount: { ...MOUNT, options: "ro" } }, [
    "pass: nas1:/home (nfs4)",
    "fail: mounted read-only",
  ]],
  ["read-only as wanted", { ...wanted({ options: "ro,hard" }), mount: { ...MOUNT, options: "ro" } }, [
    "pass: nas1:/home",
  ]],
  ["writable against wishes", wanted({ options: "ro" }), ["pass: nas1:/home", "warn: mounted read-write"]],
  ["stale", { root: root("stale") }, ["fail: nas1:/home: stale file handle"]],
  ["hangs", { root: { kind: "cut", what: "stat", seconds: 5, path: "/home" } }, [
    "fail: nas1:/home hangs: stat",
  ]],
  ["fails", { root: { kind: "failed", words: "Input/output error", path: "/home" } }, [
    "fail: nas1:/home: Input/output",
  ]],
  ["barred", { root: root("barred") }, ["can't tell: mounted, but this user"]],
  ["no stat", { root: { kind: "missing", program: "stat", path: "/home" } }, [
    "can't tell: there is no stat",
  ]],
  ["same owner", {}, ["pass: nas1:/home", "pass: uid 0, gid 0, mode 0755, as on"], undefined, HERE],
  ["another owner", {}, ["pass: nas1:/home", "fail: uid 0, gid 0, mode 0755 here, uid 7"], undefined, {
    ...HERE,
    uid: 7,
  }],
  ["nobody", { root: { ...ROOT, uid: 65534 } }, ["pass: nas1:/home", "fail: uid 65534"], undefined, HERE],
];

for (const [says, change, node, controller, against] of CASES) {
  Deno.test({
    name: `checkMount() judges a file system: ${says}`,
    permissions: "none",
    fn: () => {
      assertTold(checkMount({ ...RIGHT, ...change }, "node", against), node, "node");
      assertTold(
        checkMount({ ...RIGHT, ...change }, "controller", against),
        controller ?? node,
        "controller",
      );
    },
  });
}

Deno.test("splitSource() parts servers from paths", { permissions: "none" }, () => {
  assertEquals(splitSource("nas1:/a/b/"), { host: "nas1", path: "/a/b" });
  assertEquals(splitSource("[fd00::1]:/"), { host: "[fd00::1]", path: "/" });
  assertEquals([splitSource("/dev/sda1"), splitSource("tmpfs")], [undefined, undefined]);
});

Deno.test("mayWrite() goes by owner, then group, then others", { permissions: "none" }, () => {
  const may = (mode: number, uid: number, ...gids: number[]) =>
    mayWrite({ ...ROOT, mode, uid: 5, gid: 6 }, { uid, gids });
  assertEquals(
    [
      may(0o700, 5),
      may(0o500, 5),
      may(0o070, 9, 6),
      may(0o707, 9, 6),
      may(0o002, 9, 7),
      may(0o775, 9, 7),
      may(0, 0),
    ],
    [true, false, true, false, true, false, true],
  );
});
