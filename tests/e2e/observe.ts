import type { Cluster, SimulatedInstance } from "./cluster.ts";
import type { Rig } from "./rig.ts";

/** A node's states and reason as `scontrol show node` has them, e.g. `IDLE+CLOUD+POWERED_DOWN`. */
export async function nodeFields(rig: Rig, node: string): Promise<{ state: string; reason: string }> {
  const { stdout } = await rig.run(["scontrol", "-o", "show", "node", node]);
  return {
    state: /\bState=(\S+)/.exec(stdout)?.[1] ?? "",
    reason: /\bReason=(.*?)(?: \[\S+\]| Comment=|$)/.exec(stdout.trim())?.[1] ?? "",
  };
}

/** Waits until every one of the nodes has this compact state. */
export async function nodesAre(
  rig: Rig,
  nodes: readonly string[],
  state: string,
  seconds = 60,
): Promise<void> {
  await rig.until(`${nodes.join(", ")} ${state}`, seconds, async () => {
    const states = await rig.sinfo();
    return nodes.every((node) => states.get(node) === state);
  });
}

/** Runs scontrol; it must be content. */
export async function scontrol(rig: Rig, ...argv: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await rig.run(["scontrol", ...argv]);
  if (code !== 0) throw new Error(`scontrol ${argv.join(" ")}: ${stdout}${stderr}\n${rig.logTails()}`);
}

/** Sets nodes to a state, as a person or the scheduler would. */
export async function setState(rig: Rig, nodes: string, state: string, reason?: string): Promise<void> {
  await scontrol(
    rig,
    "update",
    `nodename=${nodes}`,
    `state=${state}`,
    ...(reason === undefined ? [] : [`reason=${reason}`]),
  );
}

/** Submits a batch job to one node; its id. */
export async function submit(rig: Rig, node: string, script = "true"): Promise<string> {
  const argv = ["sbatch", "--parsable", "-w", node, `--output=${rig.dir}/run/job-%j`, "--wrap", script];
  const { code, stdout, stderr } = await rig.run(argv);
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** A job's state and the reason why it waits, e.g. `PENDING BeginTime`. */
export async function jobState(rig: Rig, id: string): Promise<string> {
  return (await rig.run(["squeue", "-h", "-t", "all", "-j", id, "-o", "%T %r"])).stdout.trim();
}

/** Instances that cost money. */
export async function live(cluster: Cluster): Promise<readonly SimulatedInstance[]> {
  return (await cluster.instances()).filter(({ state }) => state === "running" || state === "pending");
}
