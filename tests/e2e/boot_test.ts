import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { identityFromTags } from "../../lib/identity/tags.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { testWhere } from "../test_where.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { machineScript, prepareMachines, shareOf } from "./machine.ts";
import { nodesAre, scontrol, setState } from "./observe.ts";
import { type RigPlace, type SlurmVersion, whyNoRig } from "./rig.ts";
import { INSIDE } from "./room.ts";
import { VERSIONS } from "./versions.ts";

/** Nodes c0 and c1 take slurm.conf from a file system, c2 from slurmctld; each other lacks something. */
const shared = (place: RigPlace) => ({
  SLURM_CONF: `${shareOf(place, "slurm")}/etc/slurm.conf`,
  MUNGE_KEY: `${shareOf(place, "slurm")}/munge.key`,
  HOSTS_DIR: `${shareOf(place, "slurm")}/hosts.d`,
  SITE_DIR: `${shareOf(place, "slurm")}/site`,
  HEALTH: `${shareOf(place, "slurm")}/bin/health`,
});

/** What is wrong with each node that must not register, its slurm.conf's file system given, and what it says last. */
const FAILURES: readonly (readonly [node: string, userData: (slurm: string) => object, says: RegExp])[] = [
  [
    "c3",
    (slurm) => ({ MUNGE_KEY: `${slurm}/other.key` }),
    /: slurmctld does not take this node's munge credentials \(.+\); next step: give the node/,
  ],
  [
    "c4",
    () => ({}),
    /: cannot mount nas1:\/home at \S+: mount\.nfs4: access denied by server while mounting/,
  ],
  [
    "c5",
    () => ({}),
    /: cannot mount nas1:\/home at \S+: no answer within [1-5] s; next step: see that nas1 is up/,
  ],
  ["c6", () => ({}), /health finds this node unhealthy: GPU 0 of c6 has fallen off the bus/],
  ["c7", (slurm) => ({ MUNGE_KEY: `${slurm}/no.key` }), /: no munge key at \S+no\.key: .*No such file or/],
  [
    "c8",
    (slurm) => ({ MUNGE_KEY: `${slurm}/known.key` }),
    /: the munge key \S+known\.key can be read by everyone/,
  ],
  ["c9", () => ({ CONF_SERVER: "lost.example.com" }), /: cannot resolve lost\.example\.com by no nameserver/],
];

/** Configless, and listening on every address: the room has a network of its own. */
const CONF = "CommunicationParameters=NoAddrCache\n" +
  "SlurmctldParameters=idle_on_node_suspend,node_reg_mem_percent=90,power_save_interval=1,power_save_min_interval=0,enable_configless";

testWhere(
  VERSIONS.map(whyNoRig).find((missing) => missing !== undefined),
  `boot makes machines into nodes, and says why where it can't, on Slurm ${VERSIONS.join(", ")}`,
  // At the same time: most of it is waiting.
  async () => {
    const done = await Promise.allSettled(VERSIONS.map(withMachines));
    for (const each of done) if (each.status === "rejected") throw each.reason;
  },
);

async function withMachines(version: SlurmVersion): Promise<void> {
  const cluster = await startCluster({
    version,
    slurmUser: "root",
    network: "own",
    nodes: 3 + FAILURES.length,
    suspendTime: 3600,
    resumeTimeout: 300,
    limits: { expectedBootSeconds: 60, launchCheckSeconds: 0 },
    extraConf: `${CONF}\nProlog=${INSIDE.checkout}/deploy/node/prolog`,
    bootScript: machineScript,
    groups: (place) => [
      {
        name: "shared",
        nodes: "c[0-1]",
        instanceType: "c7i.xlarge",
        more: { userData: shared(place), powerDownAction: "stop" },
      },
      {
        name: "configless",
        nodes: "c2",
        instanceType: "c7i.xlarge",
        more: {
          instanceProfile: WORLD.instanceProfileName,
          userData: {
            ...shared(place),
            SLURM_CONF: "",
            CONF_SERVER: `rig:${slurmctldPort(place)},localhost:${slurmctldPort(place)}`,
            MUNGE_KEY: "ssm:/rig/MungeKey",
          },
        },
      },
      ...FAILURES.map(([node, userData]) => ({
        name: `lacks-${node}`,
        nodes: node,
        instanceType: "c7i.xlarge",
        more: { userData: { ...shared(place), ...userData(shareOf(place, "slurm")) } },
      })),
    ],
    extraConfig: (place) =>
      `fileSystems:
  - { source: "nas1:/home", mount: ${shareOf(place, "home")}, type: nfs4, options: "hard,_netdev" }
  - { source: "tools1:/tools", mount: ${shareOf(place, "slurm/tools")}, type: nfs4 }
  - { source: "nas1:/slurm", mount: ${shareOf(place, "slurm")}, type: nfs4 }
dns: { domain: hpc.example.com }
`,
  });
  try {
    await prepareMachines(cluster.rig);
    await putMungeKey(cluster);
    await setState(cluster.rig, `c[0-${2 + FAILURES.length}]`, "power_up");
    await nodesAre(cluster.rig, ["c0", "c1", "c2"], "idle", 60);
    await nodesKnowWhatTheSiteKnows(cluster);
    await failuresAreQuoted(cluster);
    await stoppedMachineComesBack(cluster);
  } finally {
    await cluster.close();
  }
}

function slurmctldPort({ slurmConf }: RigPlace): string {
  return /^SlurmctldPort=(\d+)$/m.exec(Deno.readTextFileSync(slurmConf))![1]!;
}

/** The key that c2 reads with its role. */
async function putMungeKey({ rig, site }: Cluster): Promise<void> {
  const [, url] = /ssm: "([^"]+)"/.exec(await Deno.readTextFile(`${site}/etc/slurm-ec2.yaml`))!;
  const key = (await Deno.readFile(`${rig.dir}/munge/munge.key`)).toBase64();
  // deno-fmt-ignore
  const { code, stdout, stderr } = await rig.run([
    "curl", "-sS", "--fail-with-body", "--user", "key:secret", "--aws-sigv4", `aws:amz:${WORLD.region}:ssm`,
    "--header", "X-Amz-Target: AmazonSSM.PutParameter", "--header", "Content-Type: application/x-amz-json-1.1",
    "--data", JSON.stringify({ Name: "/rig/MungeKey", Type: "SecureString", Value: key }), url!,
  ]);
  assertEquals(code, 0, stdout + stderr);
}

/** Runs a command on a node, as a job of root's. */
async function on({ rig }: Cluster, node: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await rig.run(["srun", "-w", node, "-N1", "sh", "-c", script], {
    timeout: 60,
  });
  assertEquals(code, 0, `${stderr}\n${rig.logTails()}`);
  return stdout.trim();
}

async function nodesKnowWhatTheSiteKnows(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  const seen = await on(
    cluster,
    "c0",
    `hostname; hostname -f; getent hosts c1; getent passwd ann; cat ~ann/hello; stat -c '%U %a' /etc/munge/munge.key
cat ${shareOf(rig, "slurm")}/tools/version; touch ${
      shareOf(rig, "slurm")
    }/tools/x 2>&1; grep c1 /etc/ssh/ssh_known_hosts
sed -n 's/^READ_ONLY=//p' /run/slurm-ec2/node; cat ${shareOf(rig, "slurm")}/hosts.d/c0 | head -n 1`,
  );
  const lines = seen.split("\n");
  assertEquals(lines.slice(0, 2), ["c0", "c0.hpc.example.com"], seen);
  assertMatch(lines[2]!, /^10\.\S+ +c1\.hpc\.example\.com c1$/);
  const address = lines[2]!.split(" ")[0]!;
  assertEquals(lines.slice(3, 7), [
    `ann:*:20001:20001:Ann:${shareOf(rig, "home")}/ann:/bin/sh`,
    "from home",
    "munge 400",
    "7",
  ]);
  assertStringIncludes(lines[7]!, "Read-only file system");
  assertMatch(lines[8]!, new RegExp(`^${address},c1\\.hpc\\.example\\.com,c1 ssh-ed25519 AAAAi\\w+$`));
  assertEquals(lines[9], shareOf(rig, "slurm/tools"));
  assertMatch(lines[10]!, /^10\.\S+ c0\.hpc\.example\.com c0 # slurm-ec2$/);
  assertEquals(
    await on(cluster, "c2", "hostname; getent hosts c0 | wc -l; stat -c '%U %a' /etc/munge/munge.key"),
    "c2\n1\nmunge 400",
  );
}

/** What resume-fail makes of their consoles, once Slurm gives up on them. */
async function failuresAreQuoted(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  const nodes = FAILURES.map(([node]) => node);
  const lacking = (await cluster.instances()).filter(({ tags }) =>
    nodes.includes(identityFromTags(tags)?.nodes ?? "")
  );
  assertEquals(lacking.length, FAILURES.length);
  await rig.until("every machine that lacks something has said so", 30, () => {
    const said = (machine: string) =>
      [...Deno.readDirSync(`${rig.dir}/machines`)].some(({ name }) => name === machine) &&
      [...Deno.readDirSync(`${rig.dir}/machines/${machine}`)].some(({ name }) => name === "failed");
    return lacking.every(({ instanceId }) => said(instanceId));
  });
  const { code, stdout, stderr } = await rig.run([`${cluster.site}/bin/resume-fail`, nodes.join(",")]);
  assertEquals(code, 0, stdout + stderr);
  const reasonOf = async (node: string) => {
    const { stdout } = await rig.run(["scontrol", "-o", "show", "node", node]);
    return /Reason=(.*)/.exec(stdout)?.[1] ?? "";
  };
  await rig.until("every node has a reason", 60, async () => {
    const reasons = await Promise.all(nodes.map(reasonOf));
    return reasons.every((reason) => reason !== "");
  });
  for (const [node, , says] of FAILURES) {
    const reason = await reasonOf(node);
    assertMatch(reason, /^ResumeTimeout: the node did not register in time: /, node);
    assertMatch(reason, says, node);
  }
}

/** Its mounts and /run are gone, its root volume is not. */
async function stoppedMachineComesBack(cluster: Cluster): Promise<void> {
  const { rig } = cluster;
  await setState(rig, "c0", "power_down");
  await nodesAre(rig, ["c0"], "idle~", 30);
  const inState = async (wanted: string) =>
    (await cluster.instances()).filter(({ state }) => state === wanted).map(({ instanceId }) => instanceId);
  await rig.until("the instance of c0 has stopped", 30, async () => (await inState("stopped")).length === 1);
  const [own] = await inState("stopped");
  await scontrol(rig, "update", "nodename=c0", "state=power_up");
  await nodesAre(rig, ["c0"], "idle", 60);
  assertEquals(await on(cluster, "c0", "hostname; cat ~ann/hello"), "c0\nfrom home");
  assert((await inState("running")).includes(own!), "c0 is another instance now");
}
