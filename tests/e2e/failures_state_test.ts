import { assertEquals } from "@std/assert";
import { testWhere } from "../test_where.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { live, nodesAre, setState } from "./observe.ts";
import { whyNoRig } from "./rig.ts";
import { VERSIONS } from "./versions.ts";

/** Something that happens to the directories which the hooks write to. */
interface Mishap {
  readonly name: string;
  /** Shell script, run by root in the cluster's room with the state directory as $1 and the log file as $2. */
  readonly happens: string;
  /** What the log says of it, where it can. */
  readonly says?: RegExp;
}

/**
 * Not here: a state directory that hangs as NFS does when its server is gone. It takes a file system of one's own
 * (FUSE, a server); what the hooks do about operations that hang is tested with pipes in place of files, see
 * tests/cli/bad_input_test.ts and tests/lib/cluster/state_dir_test.ts.
 */
const MISHAPS: readonly Mishap[] = [
  {
    name: "corrupt",
    happens: `find "$1" -type f -exec sh -c 'for f; do echo "{ not JSON" >"$f"; done' sh {} +`,
    says: /file is not a database/,
  },
  {
    name: "gone, and not to be made again",
    // A worker that writes there meanwhile keeps it from being empty.
    happens: `until rm -r "$1"; do :; done; touch "$1"`,
    says: /going on without it/,
  },
  {
    name: "read-only",
    happens: `rm "$1"; mkdir "$1"; chown slurm "$1"; mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"`,
    says: /Read-only file system/,
  },
  {
    name: "on a full disk",
    happens: `umount "$1"; mount -t tmpfs -o size=64k,mode=777 tmpfs "$1"; cat /dev/zero >"$1/full"`,
    says: /No space left on device/,
  },
  {
    name: "on a full disk, and so is the log",
    happens: `mv "$1/full" "$1/log"; chmod 666 "$1/log"; mount --bind "$1/log" "$2"`,
  },
];

for (const version of VERSIONS) {
  testWhere(
    whyNoRig(version),
    `jobs run and instances end whatever happens to state and log on Slurm ${version}`,
    async () => {
      const cluster = await startCluster({
        version,
        slurmUser: "slurm",
        nodes: MISHAPS.length + 1,
        suspendTime: 3600,
        limits: { launchCheckSeconds: 0 },
      });
      try {
        await jobRunsAndInstanceEnds(cluster, "c0");
        for (const [i, mishap] of MISHAPS.entries()) {
          const before = Deno.readTextFileSync(cluster.log).length;
          await happen(cluster, mishap);
          await jobRunsAndInstanceEnds(cluster, `c${i + 1}`);
          const { says } = mishap;
          if (says === undefined) continue;
          const said = () => Deno.readTextFileSync(cluster.log).slice(before);
          await cluster.rig.until(`the log says ${says} of ${mishap.name}`, 30, () => says.test(said()));
        }
      } finally {
        await cluster.close();
      }
    },
  );
}

async function happen({ rig, site, log }: Cluster, { name, happens }: Mishap): Promise<void> {
  const { code, stderr } = await rig.room.run(["/bin/sh", "-c", happens, "sh", `${site}/state`, log]);
  // Whatever fills a disk fails in the end.
  if (code !== 0 && !stderr.includes("No space left on device")) throw new Error(`${name}: ${stderr}`);
}

/** Each mishap has a node of its own, so that none waits for another's to power down. */
async function jobRunsAndInstanceEnds(cluster: Cluster, node: string): Promise<void> {
  const { rig } = cluster;
  await setState(rig, node, "power_up");
  await nodesAre(rig, [node], "idle");
  const { code, stdout, stderr } = await rig.run([
    "srun",
    "-w",
    node,
    "sh",
    "-c",
    "echo ran on $SLURMD_NODENAME",
  ]);
  assertEquals([code, stdout], [0, `ran on ${node}\n`], stderr);
  await setState(rig, node, "power_down");
  // A hook that can't leave its request waits for the worker before it.
  await rig.until(`the instance of ${node} ends`, 60, async () => (await live(cluster)).length === 0);
}
