import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { takesRoot, testWhere } from "../test_where.ts";
import { type FakeNode, withFakeNode } from "./fake_node.ts";
import { nodeUserData } from "./node_user_data.ts";

/** Files are root's, or nobody believes them. */
const NOT_ROOT = takesRoot();

const PASSWD =
  "root:x:0:0:root:/root:/bin/bash\nslurm:x:401:401::/:/sbin/nologin\nrocky:x:1000:1000::/home/rocky:/bin/bash\n";
const GROUP = "root:x:0:\nslurm:x:401:\nrocky:x:1000:\n";

/** Boots a node whose site has these files for it. */
function testSite(
  name: string,
  files: Readonly<Record<string, string>>,
  use: (node: FakeNode, boot: () => ReturnType<FakeNode["run"]>) => Promise<void>,
): void {
  const userData = (dir: string) => nodeUserData({ settings: { SITE_DIR: `${dir}/site` } });
  testWhere(NOT_ROOT, name, () =>
    withFakeNode({ launchIndex: "0", userData }, async (node) => {
      node.write("etc/passwd", PASSWD);
      node.write("etc/group", GROUP);
      for (const [path, text] of Object.entries(files)) node.write(`site/${path}`, text);
      await use(node, () => node.run("boot"));
    }));
}

testSite("boot adds the site's users and groups, without passwords, once", {
  passwd: "# people\nann:$6$hash:2001:2000:Ann:/home/ann:/bin/bash\nbob.b:x:2002:2000::/home/bob:/bin/zsh\n",
  group: "eda:x:2000:ann,bob.b\n",
}, async (node, boot) => {
  const { code, said } = await boot();
  assertEquals(code, 0, said);
  const passwd = `${PASSWD}ann:*:2001:2000:Ann:/home/ann:/bin/bash\nbob.b:*:2002:2000::/home/bob:/bin/zsh\n`;
  assertEquals(node.read("etc/passwd"), passwd);
  assertEquals(node.read("etc/group"), `${GROUP}eda:*:2000:ann,bob.b\n`);
  const inode = Deno.statSync(`${node.dir}/etc/passwd`).ino;
  await boot();
  assertEquals(node.read("etc/passwd"), passwd);
  assertEquals(Deno.statSync(`${node.dir}/etc/passwd`).ino, inode, "written though nothing changed");
});

testSite(
  "boot follows the site where it changes a user",
  { passwd: "ann:x:2001:2000::/home/ann:/bin/sh\n" },
  async (node, boot) => {
    await boot();
    node.write(
      "site/passwd",
      "ann:x:2001:2001::/data/ann:/bin/bash\nrocky:x:1000:1000::/home/rocky:/bin/zsh\n",
    );
    await boot();
    assertStringIncludes(node.read("etc/passwd"), "\nann:*:2001:2001::/data/ann:/bin/bash\n");
    assertStringIncludes(node.read("etc/passwd"), "\nrocky:*:1000:1000::/home/rocky:/bin/zsh\n");
  },
);

const CLASHES: readonly (readonly [line: string, says: string])[] = [
  ["rocky:x:2001:2001::/:/bin/sh", "rocky is 1000 on this node, not 2001: left out"],
  ["ann:x:1000:1000::/:/bin/sh", "1000 is rocky on this node, not ann: left out"],
  ["toor:x:0:0::/root:/bin/bash", "toor:0 has a number of the system: left out"],
  ["daemon2:x:999:999::/:/bin/sh", "daemon2:999 has a number of the system: left out"],
  ["ann:x:2001:0::/:/bin/sh", "ann:2001 has a number of the system: left out"],
  ["nobody2:x:4294967294:1::/:/bin/sh", "nobody2:4294967294 has a number of the system: left out"],
  ["slurm:x:402:402::/:/bin/sh", "slurm:402 has a number of the system: left out"],
  ["ann:x:2001", "line 1 is not one of its kind: left out"],
  ["ann:x:-1:2001::/:/bin/sh", "line 1 is not one of its kind: left out"],
  ["$(reboot):x:2001:2001::/:/bin/sh", "line 1 is not one of its kind: left out"],
  [":x:2001:2001::/:/bin/sh", "line 1 is not one of its kind: left out"],
];
for (const [line, says] of CLASHES) {
  testSite(
    `boot tells "${line}", and leaves the node's own users as they are`,
    { passwd: `${line}\n` },
    async (node, boot) => {
      const { code, said } = await boot();
      assertEquals(code, 0);
      assertStringIncludes(said, `slurm-ec2: ${node.dir}/site/passwd: ${says}\n`);
      assertEquals(node.read("etc/passwd"), PASSWD);
    },
  );
}

testSite("boot says nothing of the system's own users in a copy of a whole machine's", {
  passwd: "root:x:0:0:root:/root:/bin/zsh\nslurm:x:401:401::/:/bin/sh\n+::::::\nann:x:2001:2001::/:/bin/sh\n",
}, async (node, boot) => {
  const { said } = await boot();
  assert(!said.includes("left out"), said);
  assertEquals(node.read("etc/passwd"), `${PASSWD}ann:*:2001:2001::/:/bin/sh\n`);
});

testSite("boot takes the site's limits under names of their own, and drops old ones", {
  "limits.d/eda.conf": "* soft nofile 65536\n",
  "limits.d/README": "not a limit\n",
}, async (node, boot) => {
  node.write("etc/security/limits.d/20-nproc.conf", "theirs\n");
  node.write("etc/security/limits.d/slurm-ec2-old.conf", "ours\n");
  await boot();
  assertEquals(node.read("etc/security/limits.d/slurm-ec2-eda.conf"), "* soft nofile 65536\n");
  assertEquals([...Deno.readDirSync(`${node.dir}/etc/security/limits.d`)].map(({ name }) => name).sort(), [
    "20-nproc.conf",
    "slurm-ec2-eda.conf",
  ]);
});

const UNTRUSTED: readonly (readonly [what: string, path: string, mode: number, uid: number, says: RegExp])[] =
  [
    [
      "everybody can write",
      "site/passwd",
      0o646,
      0,
      /passwd can be written by others than root; next step: chmod go-w /,
    ],
    ["a group can write", "site/group", 0o664, 0, /group can be written by others/],
    ["everybody can replace", "site", 0o1777, 0, /site can be written by others/],
    ["is somebody's", "site/passwd", 0o644, 1234, /passwd is not root's; next step: chown root /],
    ["everybody can write", "site/limits.d/a.conf", 0o666, 0, /a\.conf can be written by others/],
  ];
for (const [what, path, mode, uid, says] of UNTRUSTED) {
  testSite(`boot takes no accounts of a ${path} that ${what}`, {
    passwd: "ann:x:2001:2001::/:/bin/sh\n",
    group: "ann:x:2001:\n",
    "limits.d/a.conf": "",
  }, async (node, boot) => {
    Deno.chmodSync(`${node.dir}/${path}`, mode);
    Deno.chownSync(`${node.dir}/${path}`, uid, uid);
    const { code, said } = await boot();
    assertEquals(code, 1);
    assertMatch(said, says);
    assertEquals(said.match(/boot failed/g)?.length, 1);
    if (path === "site/passwd") assertEquals(node.read("etc/passwd"), PASSWD);
  });
}

testSite("boot fails when the site's directory is not there", {}, async (_, boot) => {
  const { code, said } = await boot();
  assertEquals(code, 1);
  assertMatch(
    said,
    /boot failed: \S+\/site is not a directory; next step: see that its file system is mounted/,
  );
});
