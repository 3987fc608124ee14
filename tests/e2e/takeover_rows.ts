import { assertEquals } from "@std/assert";
import { nodesAre } from "./observe.ts";
import type { ReconcileOutput } from "../../commands/hooks/reconcile.ts";
import { isTerminated } from "./cluster.ts";
import type { ControllerMachine, TwoHosts } from "./two_hosts.ts";

/** A way in which the role changes hosts, and what must have come of a launch of eight that was under way. */
export interface TakeoverRow {
  readonly name: string;
  /** Whether CI runs it: it has one short slice of these. */
  readonly inCi?: boolean;
  run(hosts: TwoHosts): Promise<void>;
}

const ALL = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];

/** How the primary loses its role; after each of them the backup is the one in charge. */
const LOSSES = {
  "ends by SIGTERM": ({ primary }: TwoHosts) => primary.signal("TERM"),
  "dies of kill -9": ({ primary }: TwoHosts) => primary.signal("KILL"),
  "is taken over by scontrol takeover": async ({ cluster, backup }: TwoHosts) => {
    const { code, stderr } = await backup.run(["scontrol", "takeover"], { user: "root" });
    if (code !== 0) throw new Error(`scontrol takeover: ${stderr}\n${cluster.rig.logTails()}`);
  },
} as const;

/** Every row; each has a cluster of its own. */
export const TAKEOVER_ROWS: readonly TakeoverRow[] = [
  ...Object.entries(LOSSES).map(([what, lose]): TakeoverRow => ({
    name: `the primary ${what} during a launch of 8`,
    ...(what === "dies of kill -9" && { inCi: true }),
    async run(hosts) {
      await launchWhile(hosts, hosts.primary, async () => {
        await lose(hosts);
        await inCharge(hosts, hosts.backup);
      });
      await eightAndNoOther(hosts, hosts.backup);
    },
  })),
  {
    name: "the primary comes back during a launch of 8",
    async run(hosts) {
      await hosts.primary.signal("KILL");
      await inCharge(hosts, hosts.backup);
      await launchWhile(hosts, hosts.backup, async () => {
        await hosts.primary.startSlurmctld();
        await inCharge(hosts, hosts.primary);
      });
      await eightAndNoOther(hosts, hosts.primary);
    },
  },
  {
    name: "a paused primary goes on during a launch of 8 by the backup",
    async run(hosts) {
      await hosts.primary.signal("STOP");
      await inCharge(hosts, hosts.backup);
      await launchWhile(hosts, hosts.backup, async () => {
        await hosts.primary.signal("CONT");
        await inCharge(hosts, hosts.primary);
      });
      // It goes on from memory: what the backup powered up is powered down for it, and no hook is called.
      await passes(hosts, hosts.primary);
      await noneUnknown(hosts, hosts.primary);
    },
  },
  {
    name: "the primary is paused during a launch of 8, and goes on after the backup has served it",
    async run(hosts) {
      await launchWhile(hosts, hosts.primary, async () => {
        await hosts.primary.signal("STOP");
        await inCharge(hosts, hosts.backup);
      });
      await passes(hosts, hosts.backup);
      await hosts.primary.signal("CONT");
      await inCharge(hosts, hosts.primary);
      await passes(hosts, hosts.primary);
      await noneUnknown(hosts, hosts.primary);
    },
  },
];

/** EC2 has the launch, and has not answered it, when the role changes. */
async function launchWhile(
  { cluster }: TwoHosts,
  from: ControllerMachine,
  change: () => Promise<void>,
): Promise<void> {
  const { rig } = cluster;
  await cluster.tell("settings", { latencyMs: 4_000 });
  // Where the other one is paused, a client with the whole slurm.conf waits for it in vain.
  await from.scontrol("update", "nodename=c[0-7]", "state=power_up");
  // Half of the latency passes before the call is carried out and counted.
  await rig.until(
    `EC2 has the launch of ${from.name}`,
    40,
    async () => ((await cluster.calls()).RunInstances ?? 0) > 0,
  );
  await change();
  await cluster.tell("settings", { latencyMs: 0 });
}

async function inCharge({ cluster }: TwoHosts, host: ControllerMachine): Promise<void> {
  await cluster.rig.until(`${host.name} is in charge`, 60, () => host.isInCharge());
}

/** What both timers do, twice: strays are ended after two readings. */
async function passes({ primary, backup }: TwoHosts, acting: ControllerMachine): Promise<void> {
  const standby = acting === primary ? backup : primary;
  await standby.pass();
  await acting.pass();
}

async function eightAndNoOther(hosts: TwoHosts, acting: ControllerMachine): Promise<void> {
  const { cluster } = hosts;
  await passes(hosts, acting);
  await nodesAre(cluster.rig, ALL, "idle", 90);
  await noneUnknown(hosts, acting);
  const live = (await cluster.instances()).filter((instance) => !isTerminated(instance));
  assertEquals(live.length, 8, logs(hosts));
}

/**
 * No instance that costs money is one that slurmctld has no use for, after a pass or two: each finding of reconcile on one
 * would be. A node that slurmctld has up without an instance is Slurm's own to find out, by SlurmdTimeout.
 */
async function noneUnknown(hosts: TwoHosts, acting: ControllerMachine): Promise<void> {
  for (const end = Date.now() + 480_000;;) {
    const { stdout, stderr } = await acting.command("reconcile", "--json");
    const found = JSON.parse(stdout === "" ? "{}" : stdout) as Partial<ReconcileOutput>;
    if (found.unread === undefined && found.findings?.every(({ instanceIds }) => instanceIds.length === 0)) {
      return;
    }
    if (Date.now() > end) throw new Error(`They do not fit: ${stdout}${stderr}\n${logs(hosts)}`);
    await acting.pass();
  }
}

function logs({ primary, backup }: TwoHosts): string {
  return `--- rig\n${primary.log()}\n--- rigb\n${backup.log()}`;
}
