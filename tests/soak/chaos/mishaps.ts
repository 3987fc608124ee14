import type { SimulatedInstance } from "../../e2e/cluster.ts";
import { type ChaosSite, jobsOf, NODES, nodesOf, POOLS } from "./site.ts";
import type { Mishap, MishapKind } from "./plan.ts";

/** Ends a mishap that lasts. */
export type Undo = () => Promise<void>;

/** The reason that a person of these runs gives; their DRAIN and DOWN are theirs to undo. */
const REASON = "chaos: maintenance";

/** Causes a mishap; answers what ends it, where it lasts. */
export function cause(site: ChaosSite, mishap: Mishap): Promise<Undo | void> {
  return CAUSES[mishap.kind](site, mishap);
}

type Cause = (site: ChaosSite, mishap: Mishap) => Promise<Undo | void>;

const CALLS = [
  "RunInstances",
  "TerminateInstances",
  "DescribeInstances",
  "StartInstances",
  "StopInstances",
  "GetParameters",
];
const CHANGES = ["RunInstances", "RunInstances", "TerminateInstances", "StartInstances", "StopInstances"];
const CODES = ["InternalError", "Unavailable", "ServiceUnavailable", "UnauthorizedOperation"];

/** The compiler holds this table complete. */
const CAUSES: Readonly<Record<MishapKind, Cause>> = {
  "kill-worker": (site) => killAll(site, " worker "),
  "kill-hooks": async (site) => {
    // A hook lives for milliseconds, what it starts for as long as the worker.
    for (let i = 0; i < 3; i++) await killAll(site, "");
  },
  "lose-requests": loseRequests,
  "restart-slurmctld": restartSlurmctld,
  "reconfigure": async ({ scontrol }) => void await scontrol("reconfigure"),
  "no-capacity": async ({ cluster }, { rolls: [which, how] }) => {
    const pool = pick(POOLS, which)!;
    await cluster.tell("capacity", { [pool]: Math.floor(how * 2) });
    return () => cluster.tell("capacity", { [pool]: null });
  },
  "throttle": async ({ cluster }, { rolls: [which, how] }) => {
    const times = 5 + Math.floor(how * 40);
    await cluster.tell("faults", { kind: "throttle", action: pick(CALLS, which), times });
  },
  "lose-answers": async ({ cluster }, { rolls: [which, how] }) => {
    const times = 1 + Math.floor(how * 3);
    await cluster.tell("faults", { kind: "lost-answer", action: pick(CHANGES, which), times });
  },
  "refuse": async ({ cluster }, { rolls: [which, how] }) => {
    const fault = { kind: "error", action: pick(CHANGES, which), code: pick(CODES, how), times: 3 };
    await cluster.tell("faults", fault);
  },
  "expire-credentials": (site) => setting(site, { credentials: "expired" }, { credentials: "valid" }),
  "hide-launches": (site) => setting(site, { invisibleMs: 6_000 }, { invisibleMs: 0 }),
  "slow-api": (site) => setting(site, { latencyMs: 2_000 }, { latencyMs: 0 }),
  "power-off": async ({ cluster }, { rolls: [which] }) => {
    const instance = pick(await runningOf(cluster.instances), which);
    if (instance !== undefined) await cluster.tell("power_off", { instanceId: instance.instanceId });
  },
  "interrupt-spot": async ({ cluster }, { rolls: [which, how] }) => {
    const spot = (await runningOf(cluster.instances)).filter(({ capacityType }) => capacityType === "spot");
    const instance = pick(spot, which);
    if (instance === undefined) return;
    const noticeMs = how < 0.5 ? 0 : 10_000;
    await cluster.tell("interrupt_spot", { instanceId: instance.instanceId, noticeMs });
  },
  "boot-failure": ({ cluster }) => cluster.tell("faults", { kind: "boot-failure", times: 1 }),
  "death-at-birth": ({ cluster }, { rolls: [how] }) =>
    cluster.tell("faults", {
      kind: "death",
      times: 1,
      afterMs: Math.floor(how * 2_000),
      code: "Server.InternalError",
    }),
  "fill-disk": async (site) => {
    const file = `${site.cluster.site}/state/full`;
    await site.run("sh", "-c", 'cat /dev/zero >"$1"', "sh", file);
    return async () => void await site.run("rm", "-f", file);
  },
  "power-up": (site, mishap) => setNode(site, mishap, "power_up"),
  "power-down": (site, mishap) => setNode(site, mishap, "power_down"),
  "power-down-force": (site, mishap) => setNode(site, mishap, "power_down_force"),
  "power-down-asap": (site, mishap) => setNode(site, mishap, "power_down_asap", REASON),
  "drain": (site, mishap) => setNode(site, mishap, "drain", REASON),
  "down": (site, mishap) => setNode(site, mishap, "down", REASON),
  "requeue": async (site, { rolls: [which] }) => {
    const running = (await jobsOf(site))?.filter(({ state }) => state === "RUNNING") ?? [];
    const job = pick(running, which);
    if (job !== undefined) await site.scontrol("requeue", job.id);
  },
  "reconcile": async ({ cluster }) => void await cluster.command("reconcile", "--apply"),
};

function pick<T>(values: readonly T[], roll: number): T | undefined {
  return values[Math.floor(roll * values.length)];
}

async function runningOf(instances: () => Promise<readonly SimulatedInstance[]>) {
  return (await instances()).filter(({ state }) => state === "running");
}

async function setting({ cluster }: ChaosSite, during: object, after: object): Promise<Undo> {
  await cluster.tell("settings", during);
  return () => cluster.tell("settings", after);
}

async function setNode(
  { scontrol }: ChaosSite,
  { rolls: [which] }: Mishap,
  state: string,
  reason?: string,
): Promise<void> {
  const because = reason === undefined ? [] : [`reason=${reason}`];
  await scontrol("update", `nodename=${pick(NODES, which)}`, `state=${state}`, ...because);
}

/**
 * What a person has taken out goes back, except where a power-down is under way: RESUME would cut it short. A node that
 * is DOWN and powered down gets IDLE: RESUME makes it NOT_RESPONDING, which no ping undoes, and after the next start or
 * reconfigure of slurmctld no job is given to it any more (seen on 22.05.8 and 24.11.5, not on 26.05.5).
 */
export async function undoPersons(site: ChaosSite): Promise<void> {
  const set = (name: string, state: string) => site.scontrol("update", `nodename=${name}`, `state=${state}`);
  for (const { name, state, reason } of await nodesOf(site) ?? []) {
    const words = new Set(state.split("+"));
    const isGoing = words.has("POWERING_DOWN") || words.has("POWER_DOWN");
    if (isGoing || !reason.startsWith("chaos:")) continue;
    if (words.has("DOWN") && words.has("POWERED_DOWN")) {
      if (words.has("DRAIN")) await set(name, "undrain");
      await set(name, "idle");
    } else if (words.has("DRAIN") || words.has("DOWN")) await set(name, "resume");
  }
}

/** SIGKILL to this site's processes of the product, each by its number, whose arguments hold a word. */
async function killAll(site: ChaosSite, word: string): Promise<void> {
  const { cluster: { site: prefix }, run } = site;
  const { text } = await run("ps", "-eo", "pid=,args=");
  for (const line of text.split("\n")) {
    const [, pid, args = ""] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    const isOurs = args.includes(`${prefix}/bin/`) || args.includes(`--queue ${prefix}/state/queue`);
    if (pid !== undefined && isOurs && args.includes(word) && !/^(?:sh -c|ps) /.test(args)) {
      await run("kill", "-KILL", pid);
    }
  }
}

/** Hooks that die as soon as slurmctld has called them. */
async function loseRequests({ cluster: { site }, run }: ChaosSite): Promise<Undo> {
  const names = ["resume", "stop", "resume-fail"].map((name) => `${site}/bin/${name}`);
  const swap = `for name do
  mv "$name" "$name.kept"
  printf '#!/bin/sh\\nkill -9 $$\\n' >"$name.new" && chmod 755 "$name.new" && mv "$name.new" "$name"
done`;
  await run("sh", "-c", swap, "sh", ...names);
  return async () => void await run("sh", "-c", 'for name do mv "$name.kept" "$name"; done', "sh", ...names);
}

/** As a package upgrade does it; it comes back after a while, as {@link startSlurmctld} sees to. */
async function restartSlurmctld(site: ChaosSite): Promise<Undo> {
  await site.run("sh", "-c", 'kill "$(cat "$1/run/slurmctld.pid")"', "sh", site.cluster.rig.dir);
  return () => startSlurmctld(site);
}

/** Starts slurmctld with the state that the one before has left, once that one is gone. */
export async function startSlurmctld({ run, cluster: { rig } }: ChaosSite): Promise<void> {
  const isThere = async () =>
    (await run("ps", "-C", "slurmctld", "-o", "args=")).text.includes(rig.slurmConf);
  for (let tries = 0; tries < 100 && await isThere(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await run("slurmctld", "-f", rig.slurmConf);
}
