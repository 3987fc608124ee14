import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { takesRoot, testWhere } from "../test_where.ts";
import { type FakeNode, withFakeNode } from "./fake_node.ts";
import { nodeUserData } from "./node_user_data.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHR5";

interface Fragments {
  readonly [file: string]: string;
}

/** Lets a node c0 at 10.0.0.9 read a directory with these fragments, and judges its /etc/hosts. */
async function withNames(
  fragments: Fragments,
  use: (
    node: FakeNode,
    names: (env?: Record<string, string>) => ReturnType<FakeNode["run"]>,
  ) => Promise<void>,
): Promise<void> {
  await withFakeNode({}, async (node) => {
    Deno.mkdirSync(`${node.dir}/hosts.d`);
    for (const [file, text] of Object.entries(fragments)) node.write(`hosts.d/${file}`, text);
    node.write(
      "run/node",
      `NODE_NAME=c0\nADDRESS=10.0.0.9\nDOMAIN=hpc.example.com\nSET_HOSTS_DIR=${node.dir}/hosts.d\n`,
    );
    await use(node, (env) => node.run("names", env));
  });
}

/** The lines that are ours. */
function block(node: FakeNode, file = "etc/hosts"): string[] {
  const [, lines] = node.read(file).match(/^# slurm-ec2 begin\n([^]*)^# slurm-ec2 end$/m) ?? [];
  return (lines ?? "").trimEnd().split("\n").sort();
}

const OWN = "10.0.0.9 c0.hpc.example.com c0";

Deno.test("names tells the others who this node is, and learns who they are", () =>
  withNames(
    {
      c1: `10.0.0.1 c1.hpc.example.com c1 # slurm-ec2\n${KEY}1\n`,
      onprem: "# rack 7\n192.168.1.1 n1\n192.168.1.2 n2 n2b\nfd00::3 n3\n",
    },
    async (node, names) => {
      node.write("etc/ssh/ssh_host_ed25519_key.pub", `${KEY}0 root@c0 of ours\n`);
      assertEquals(await names(), { code: 0, said: "" });
      assertEquals(node.read("hosts.d/c0"), `${OWN} # slurm-ec2\n${KEY}0\n`);
      assertEquals(block(node), [
        "10.0.0.1 c1.hpc.example.com c1",
        OWN,
        "192.168.1.1 n1",
        "192.168.1.2 n2 n2b",
        "fd00::3 n3",
      ]);
      assert(node.read("etc/hosts").startsWith("127.0.0.1 localhost\n# slurm-ec2 begin\n"));
      assertEquals(block(node, "etc/ssh/ssh_known_hosts"), [
        `10.0.0.1,c1.hpc.example.com,c1 ${KEY}1`,
        `10.0.0.9,c0.hpc.example.com,c0 ${KEY}0`,
      ]);
      assertEquals([...Deno.readDirSync(`${node.dir}/hosts.d`)].length, 3, "something is left over");
    },
  ));

Deno.test("names changes nothing where nothing has changed", () =>
  withNames({ c1: "10.0.0.1 c1\n" }, async (node, names) => {
    await names();
    const files = ["etc/hosts", "hosts.d/c0"].map((path) => `${node.dir}/${path}`);
    const before = files.map((path) => Deno.statSync(path).ino);
    await names();
    assertEquals(files.map((path) => Deno.statSync(path).ino), before);
  }));

Deno.test("names follows another node to its new address, and this one", () =>
  withNames({ c1: "10.0.0.1 c1 # slurm-ec2\n" }, async (node, names) => {
    await names();
    node.write("hosts.d/c1", "10.0.0.7 c1 # slurm-ec2\n");
    Deno.utimeSync(`${node.dir}/hosts.d/c1`, new Date(), new Date(Date.now() + 2_000));
    node.write("run/node", node.read("run/node").replace("10.0.0.9", "10.0.0.10"));
    await names();
    assertEquals(block(node), ["10.0.0.10 c0.hpc.example.com c0", "10.0.0.7 c1"]);
    assertStringIncludes(node.read("hosts.d/c0"), "10.0.0.10 ");
  }));

Deno.test("names gives an address to the node that said so last: its former node is gone", () =>
  withNames({
    c1: "10.0.0.1 c1 # slurm-ec2\n",
    c2: "10.0.0.1 c2 # slurm-ec2\n",
    c3: "10.0.0.9 c3 # slurm-ec2\n",
  }, async (node, names) => {
    Deno.utimeSync(`${node.dir}/hosts.d/c1`, new Date(), new Date(Date.now() - 60_000));
    await names();
    assertEquals(block(node), ["10.0.0.1 c2", OWN]);
  }));

Deno.test("names forgets what has been removed, and nodes that have said nothing for days", () =>
  withNames(
    { c1: "10.0.0.1 c1 # slurm-ec2\n", c2: "10.0.0.2 c2 # slurm-ec2\n", onprem: "192.168.1.1 n1\n" },
    async (node, names) => {
      await names();
      Deno.removeSync(`${node.dir}/hosts.d/c1`);
      const old = new Date(Date.now() - 4 * 86_400_000);
      for (const dir of ["hosts.d", "run/hosts"]) {
        for (const file of ["c2", "onprem"]) Deno.utimeSync(`${node.dir}/${dir}/${file}`, old, old);
      }
      await names();
      assertEquals(block(node), [OWN, "192.168.1.1 n1"]);
    },
  ));

Deno.test("names shows the others that it is alive by touching its fragment", () =>
  withNames({}, async (node, names) => {
    await names();
    const old = new Date(Date.now() - 2 * 3_600_000);
    Deno.utimeSync(`${node.dir}/hosts.d/c0`, old, old);
    await names();
    assert(Date.now() - Deno.statSync(`${node.dir}/hosts.d/c0`).mtime!.getTime() < 600_000);
  }));

const GARBAGE: Fragments = {
  binary: "\x00\x01\xff\xfe\n",
  shell: "$(reboot) `x` ; rm -rf /\n",
  noname: "10.0.0.3\n",
  badname: "10.0.0.4 -x\n10.0.0.4 a/b\n10.0.0.4 ä\n",
  localhost: "10.0.0.5 localhost localhost.localdomain\n",
  mark: "# slurm-ec2 end\n10.0.0.6 evil extra\n# slurm-ec2 begin\n",
  "-option": "10.0.0.7 option\n",
  "a=b": "10.0.0.8 assigned\n",
  "with blank": "10.0.0.8 blank\n",
  ".hidden": "10.0.0.8 hidden\n",
  toolarge: `10.0.0.8 large\n${"#\n".repeat(40_000)}`,
};

Deno.test("names takes nothing of other fragments that is not a host, tells it, and is not stopped by it", () =>
  withNames({ ...GARBAGE, good: "10.0.0.1 c1\n" }, async (node, names) => {
    Deno.symlinkSync("/etc/shadow", `${node.dir}/hosts.d/link`);
    Deno.mkdirSync(`${node.dir}/hosts.d/directory`);
    const { code, said } = await names();
    assertEquals(code, 0);
    assertEquals(block(node), ["10.0.0.1 c1", "10.0.0.6 evil extra", OWN]);
    assertEquals(node.read("etc/hosts").match(/# slurm-ec2/g)?.length, 2);
    for (const file of ["binary", "shell", "noname", "badname", "localhost"]) {
      assertMatch(said, new RegExp(`^slurm-ec2: left out what ${file} says: ".*" is not a host$`, "m"));
    }
    assert(!/[^\x20-\x7e\n]/.test(said), JSON.stringify(said));
  }));

Deno.test("names leaves the site's own lines, and what they say, as they are", () =>
  withNames({ c1: "10.0.0.1 nas1 c1\n", c2: "10.0.0.2 nas1\n" }, async (node, names) => {
    node.write("etc/hosts", "127.0.0.1 localhost\n192.168.0.1 nas1 # ours\n\n# end\n");
    await names();
    assert(
      node.read("etc/hosts").startsWith(
        "127.0.0.1 localhost\n192.168.0.1 nas1 # ours\n\n# end\n# slurm-ec2 begin\n",
      ),
    );
    assertEquals(block(node), ["10.0.0.1 c1", OWN]);
  }));

Deno.test("names goes on with what it knows when the directory is gone", () =>
  withNames({ c1: "10.0.0.1 c1\n" }, async (node, names) => {
    await names();
    Deno.renameSync(`${node.dir}/hosts.d`, `${node.dir}/away`);
    const { code, said } = await names();
    assertEquals(code, 0);
    assertMatch(said, /hosts\.d is not there: other nodes are not known by name/);
    assertEquals(block(node), ["10.0.0.1 c1", OWN]);
  }));

Deno.test("names says so when it may not write its fragment, and learns of the others all the same", () =>
  withNames({ c1: "10.0.0.1 c1\n" }, async (node, names) => {
    node.program("mv", `case "$*" in *hosts.d*) exit 1 ;; *) exec /bin/mv "$@" ;; esac`);
    const { said } = await names();
    assertMatch(said, /cannot write \S+hosts\.d\/c0: other nodes won't know this one by name/);
    assertEquals(block(node), ["10.0.0.1 c1", OWN]);
  }));

Deno.test("names writes in place what can't be replaced, as a container's /etc/hosts", () =>
  withNames({ c1: "10.0.0.1 c1\n" }, async (node, names) => {
    node.program("mv", "exit 1");
    const { code } = await names();
    assertEquals([code, block(node)], [0, ["10.0.0.1 c1", OWN]]);
    assertEquals([...Deno.readDirSync(`${node.dir}/etc`)].map(({ name }) => name), ["hosts"]);
  }));

testWhere(
  takesRoot(),
  "names writes its fragment as the directory's owner: root is nobody to many file servers",
  () =>
    withNames({}, async (node, names) => {
      // What a server that squashes root lets it do: read, and no more.
      for (const path of [node.dir, `${node.dir}/hosts.d`]) Deno.chmodSync(path, 0o755);
      Deno.chownSync(`${node.dir}/hosts.d`, 12345, 12345);
      assertEquals(await names(), { code: 0, said: "" });
      const { uid, gid, mode } = Deno.statSync(`${node.dir}/hosts.d/c0`);
      assertEquals([uid, gid, mode! & 0o777], [12345, 12345, 0o644]);
    }),
);

Deno.test("prolog refreshes names before a job, and never fails", () =>
  withNames({ c1: "10.0.0.1 c1\n" }, async (node) => {
    assertEquals(await node.run("prolog"), { code: 0, said: "" });
    assertEquals(block(node), ["10.0.0.1 c1", OWN]);
    assertEquals(await node.run("prolog", { SLURM_EC2_RUN_DIR: "/proc/nowhere" }), { code: 0, said: "" });
  }));

Deno.test("boot publishes the node's name before it registers", () =>
  withFakeNode({
    launchIndex: "1",
    userData: (dir) => nodeUserData({ domain: "hpc.example.com", settings: { HOSTS_DIR: `${dir}/hosts.d` } }),
  }, async (node) => {
    Deno.mkdirSync(`${node.dir}/hosts.d`);
    node.program("slurmd", '[ "$1" = -V ] && echo slurm 24.05.3 || cat $record.d/../hosts.d/c7i-1 >>$record');
    Deno.mkdirSync(`${node.dir}/record.d`);
    const { code, said } = await node.run("boot");
    assertEquals(code, 0, said);
    assertEquals(node.recorded(), ["10.0.0.9 c7i-1.hpc.example.com c7i-1 # slurm-ec2"]);
  }));

const NAMES: readonly (readonly [what: string, data: Parameters<typeof nodeUserData>[0], missing: string])[] =
  [
    ["a host of dns.hosts", { hosts: ["lost.example.com"] }, "lost.example.com"],
    ["a file server", { fileSystems: [{ source: "lost:/x", mount: "/nowhere/x", type: "nfs4" }] }, "lost"],
    [
      "every slurmctld",
      { settings: { CONF_SERVER: "lost1:6817,lost2" } },
      "lost1|lost2",
    ],
  ];
for (const [what, data, missing] of NAMES) {
  Deno.test(`boot fails with one line that names resolver and name when ${what} can't be resolved`, () =>
    withFakeNode({ launchIndex: "0", userData: nodeUserData(data) }, async (node) => {
      node.write("etc/resolv.conf", "search x\nnameserver 10.0.0.2\nnameserver fd00::2\n");
      node.program("getent", `case $2 in lost*) exit 2 ;; esac`);
      const { code, said } = await node.run("boot", { SLURM_EC2_DNS_WAIT: "0" });
      assertEquals(code, 1);
      assertStringIncludes(
        said,
        `slurm-ec2: boot failed: cannot resolve ${missing} by 10.0.0.2 fd00::2 (${node.dir}/etc/resolv.conf); next step: `,
      );
      assertEquals(node.recorded(), []);
    }));
}

Deno.test("boot asks for no name of what is an address, and one slurmctld of several will do", () =>
  withFakeNode({
    launchIndex: "0",
    userData: nodeUserData({
      settings: { CONF_SERVER: "lost:6817,ctl2" },
      fileSystems: ["10.0.0.1:/x", "[fd00::1]:/x", "//smb/x", "fs-1:/x"].map((source, index) => ({
        source,
        mount: `/tmp`,
        type: index === 3 ? "efs" : index === 2 ? "cifs" : "nfs4",
      })),
    }),
  }, async (node) => {
    node.write("proc/self/mountinfo", "22 1 259:1 / /tmp rw - tmpfs x rw\n");
    node.program("getent", 'echo "getent $2" >>$record; [ "$2" != lost ]');
    const { said } = await node.run("boot", { SLURM_EC2_DNS_WAIT: "0" });
    assertEquals(node.recorded().slice(0, 4), [
      "getent smb",
      "getent lost",
      "getent ctl2",
      "slurmd -D -N c7i-0 --conf-server lost:6817,ctl2 -b",
    ], said);
  }));

Deno.test("boot waits for a name that comes", () =>
  withFakeNode({ launchIndex: "0", userData: nodeUserData({ hosts: ["late"] }) }, async (node) => {
    node.program("getent", "[ -e $record.tried ] || { touch $record.tried; exit 2; }");
    assertEquals((await node.run("boot")).code, 0);
  }));

Deno.test("boot waits for the slurmctlds that slurm.conf names, unless it has their addresses", () =>
  withFakeNode({
    launchIndex: "0",
    userData: (dir) => nodeUserData({ settings: { SLURM_CONF: `${dir}/slurm.conf` } }),
  }, async (node) => {
    node.write("slurm.conf", "ClusterName=x\n SlurmctldHost = ctl1 # first\nslurmctldhost=ctl2(10.0.0.2)\n");
    node.program("getent", 'echo "getent $2" >>$record; exit 2');
    assertEquals((await node.run("boot")).code, 0);
    assertEquals(node.recorded()[0], "getent ctl1");
    node.write("slurm.conf", "SlurmctldHost=ctl1\n");
    const { said } = await node.run("boot", { SLURM_EC2_DNS_WAIT: "0" });
    assertMatch(said, /cannot resolve ctl1 by no nameserver/);
  }));
