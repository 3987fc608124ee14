import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { expandHostlist, foldHostlist } from "../../lib/slurm/hostlist.ts";
import { missingPrograms, testWhere } from "../test_where.ts";
import { nodeUserData as userData } from "./node_user_data.ts";
import { withFakeNode } from "./fake_node.ts";

const BOOT = new URL("../../deploy/node/boot", import.meta.url).pathname;

Deno.test("boot becomes the slurmd of the node at its launch index", () =>
  withFakeNode({ launchIndex: "4", userData: userData() }, async (node) => {
    const { code, said } = await node.run("boot");
    assertEquals(code, 0, said);
    assertEquals(node.recorded(), ["slurmd -D -N c7i-009 -b"]);
    assertStringIncludes(
      said,
      "slurm-ec2: this instance is c7i-009 of cluster site (launch index 4 of c7i-[0-2,008-010],gpu1)\n",
    );
  }));

Deno.test("boot says when each of its parts began, and so where a slow boot was", () =>
  withFakeNode({ launchIndex: "0", userData: userData() }, async (node) => {
    const { said } = await node.run("boot");
    assertMatch(
      said,
      /slurm-ec2: boot steps began at \(seconds since the kernel\): imds [\d.]+, names [\d.]+(?:, \w+ [\d.]+)*, health [\d.]+, slurmd [\d.]+\n/,
    );
    // Each as it begins, so that the console of a boot that hangs ends with where it is.
    const begun = [...said.matchAll(/slurm-ec2: boot step (\w+) begins \([\d.]+ s since the kernel\)\n/g)];
    const whole = /since the kernel\): (.*)\n/.exec(said)![1]!.split(", ").map((step) => step.split(" ")[0]);
    assertEquals(begun.map(([, name]) => name), whole);
    assert(said.indexOf("boot step names") < said.indexOf("boot step slurmd"));
  }));

Deno.test("boot reports the node as freshly booted only the first time", () =>
  withFakeNode({ launchIndex: "0", userData: userData() }, async (node) => {
    await node.run("boot");
    await node.run("boot");
    assertEquals(node.recorded(), ["slurmd -D -N c7i-0 -b", "slurmd -D -N c7i-0"]);
  }));

Deno.test("boot waits for a metadata service that is not ready yet", () =>
  withFakeNode({ launchIndex: "0", userData: userData(), notReadyFor: 2 }, async (node) => {
    assertEquals((await node.run("boot")).code, 0);
    assertEquals(node.recorded().length, 1);
  }));

Deno.test("boot hands the site's settings to slurmd, the environment first", () =>
  withFakeNode({
    launchIndex: "0",
    userData: userData({
      settings: { CONF_SERVER: "ctl:6817", SLURMD_OPTIONS: "-v --conf Feature=x", SLURMD: "/nowhere" },
    }),
  }, async (node) => {
    await node.run("boot", { SLURM_EC2_SLURMD: `${node.dir}/bin/slurmd` });
    assertEquals(node.recorded(), ["slurmd -D -N c7i-0 --conf-server ctl:6817 -b -v --conf Feature=x"]);
  }));

Deno.test("boot starts slurmd with the slurm.conf that user data names once it can be read", () =>
  withFakeNode(
    { launchIndex: "0", userData: userData({ settings: { SLURM_CONF: "/proc/version" } }) },
    async (node) => {
      await node.run("boot");
      assertEquals(node.recorded(), ["slurmd -D -N c7i-0 -f /proc/version -b"]);
    },
  ));

Deno.test("boot writes down what the node's user data says", () =>
  withFakeNode({ launchIndex: "6", userData: userData({ domain: "cloud.example.com" }) }, async (node) => {
    await node.run("boot");
    const facts = await Deno.readTextFile(`${node.dir}/run/node`);
    for (
      const line of [
        "NODE_NAME=gpu1",
        "BOOT_LIMIT=600",
        "ORPHAN_LIMIT=1800",
        "CLUSTER=site",
        "DOMAIN=cloud.example.com",
      ]
    ) {
      assertStringIncludes(facts, `${line}\n`);
    }
  }));

Deno.test("boot sets the host name, and knows it, where it is root's to do", () =>
  withFakeNode({ launchIndex: "1", userData: userData() }, async (node) => {
    node.program("id", "echo 0");
    node.program("hostnamectl", 'echo "hostnamectl $*" >>$record');
    await node.run("boot", { SLURM_EC2_HOSTNAME: "" });
    assertEquals(node.recorded(), ["hostnamectl set-hostname c7i-1", "slurmd -D -N c7i-1 -b"]);
    assertEquals(
      node.read("etc/hosts"),
      "127.0.0.1 localhost\n# slurm-ec2 begin\n10.0.0.9 c7i-1\n# slurm-ec2 end\n",
    );
  }));

for (
  const { when, metadata, env, says } of [
    {
      when: "the metadata service does not answer",
      metadata: { notReadyFor: 1000 },
      env: { SLURM_EC2_IMDS_TRIES: "1" },
      says: /metadata service at http:\S+ gave no token; next step: check/,
    },
    {
      when: "there is no launch index",
      metadata: { userData: userData() },
      says: /no launch index \(""\); next step: launch/,
    },
    {
      when: "there is no user data",
      metadata: { launchIndex: "0" },
      says: /instance has no user data; next step: launch/,
    },
    {
      when: "the user data is somebody else's",
      metadata: { launchIndex: "0", userData: "#cloud-config\n" },
      says: /user data is not slurm-ec2's; next step: launch/,
    },
    {
      when: "the user data is of a later version",
      metadata: { launchIndex: "0", userData: "# slurm-ec2 2\nNODES=a\n" },
      says: /another version: # slurm-ec2 2; next step: update/,
    },
    {
      when: "the launch index is past the hostlist",
      metadata: { launchIndex: "7", userData: userData() },
      says: /launch index 7 is not in "c7i-\[0-2,008-010\],gpu1"; next step: none/,
    },
    {
      when: "slurm.conf never appears",
      metadata: { launchIndex: "0", userData: userData({ settings: { SLURM_CONF: "/nowhere/slurm.conf" } }) },
      env: { SLURM_EC2_CONF_WAIT: "0" },
      says: /cannot read \/nowhere\/slurm.conf; next step: check the mount/,
    },
  ]
) {
  Deno.test(`boot fails with one clear line when ${when}`, () =>
    withFakeNode(metadata, async (node) => {
      const { code, said } = await node.run("boot", env);
      assertEquals(code, 1);
      assertMatch(said, says);
      assertEquals(said.split("\n").filter((line) => line.startsWith("slurm-ec2: boot failed: ")).length, 1);
      assertEquals(node.recorded(), []);
      assertMatch(
        said,
        new RegExp((await Deno.readTextFile(`${node.dir}/run/failure`)).trim().replace(/[[\]()]/g, ".")),
      );
    }));
}

Deno.test("boot leaves alone what it does not know: user data of a later slurm-ec2 may say more", () =>
  withFakeNode({
    launchIndex: "0",
    userData:
      `${userData()}FUTURE=1\nMOUNT_=x /x nfs4\nMOUNT_1x=x /x nfs4\nMOUNTS_1=x /x nfs4\nRESOLVE_2=x\n=\n\n`,
  }, async (node) => {
    const { code, said } = await node.run("boot");
    assertEquals(code, 0, said);
    assertEquals(node.recorded(), ["slurmd -D -N c7i-0 -b"]);
  }));

Deno.test("boot fails with one line when a part of it is missing", async () => {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-node-test-" });
  try {
    await Deno.copyFile(BOOT, `${dir}/boot`);
    const { code, stdout } = await new Deno.Command(`${dir}/boot`).output();
    assertEquals(code, 1);
    assertEquals(
      new TextDecoder().decode(stdout),
      `slurm-ec2: boot failed: no ${dir}/node.sh; next step: install all of deploy/node in the image\n`,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("boot runs nothing that user data holds", () =>
  withFakeNode({
    launchIndex: "0",
    userData:
      `${userData()}SET_X;touch\t/tmp/never=1\nSET_A=$(echo oops >>"$record")\nPATH=/nowhere\nIFS=c\n`,
  }, async (node) => {
    assertEquals((await node.run("boot")).code, 0);
    assertEquals(node.recorded(), ["slurmd -D -N c7i-0 -b"]);
  }));

async function nameAt(hostlist: string, index: number): Promise<string> {
  const { stdout } = await new Deno.Command(BOOT, { args: ["--name-at", hostlist, String(index)] }).output();
  return new TextDecoder().decode(stdout).trim();
}

/** What a launch writes: folded names of one group. */
const NODES = fc.array(
  fc.tuple(fc.constantFrom("c7i-", "n", "a1b", "x-0"), fc.constantFrom("", "%02d", "%04d"), fc.nat(1200)),
  { minLength: 1, maxLength: 12 },
).map((parts) =>
  parts.map(([prefix, format, number]) => prefix + String(number).padStart(Number(format[2] ?? 0), "0"))
);

Deno.test("boot --name-at names the same node as expandHostlist() for whatever foldHostlist() writes", () =>
  fc.assert(
    fc.asyncProperty(NODES, fc.nat(11), async (names, at) => {
      const hostlist = foldHostlist(names);
      assertEquals(await nameAt(hostlist, at), expandHostlist(hostlist)[at] ?? "");
    }),
    { numRuns: 60 },
  ));

testWhere(
  missingPrograms("scontrol"),
  "boot --name-at names the same node as scontrol show hostnames",
  async () => {
    // scontrol wants a slurm.conf, but no slurmctld.
    const conf = await Deno.makeTempFile({ prefix: "slurm-ec2-conf-" });
    try {
      await Deno.writeTextFile(
        conf,
        "ClusterName=x\nSlurmctldHost=localhost(127.0.0.1)\nNodeName=a\nPartitionName=p Nodes=a\n",
      );
      for (
        const hostlist of [
          "a",
          "c7i-[0-2,008-010],gpu1",
          "a[1,3-5],b[01-03],c",
          "x[9-11]",
          "n[098-101,7]",
          "z-[0005]",
        ]
      ) {
        const { stdout } = await new Deno.Command("scontrol", {
          args: ["show", "hostnames", hostlist],
          env: { SLURM_CONF: conf },
        }).output();
        const names = new TextDecoder().decode(stdout).trim().split("\n");
        const ours = await Promise.all([...names, ""].map((_, index) => nameAt(hostlist, index)));
        assertEquals(ours, [...names, ""], hostlist);
      }
    } finally {
      await Deno.remove(conf);
    }
  },
);
