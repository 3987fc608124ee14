import { clearBootFailures, countBootFailures } from "../cluster/boot_failures.ts";
import { readBootComment } from "../cluster/boot_steps.ts";
import type { NodeState } from "../slurm/node_state.ts";
import type { Draft } from "./draft.ts";
import type { InstanceRecord, NodeRecord, SlurmView } from "./state.ts";

/** A node that is up has booted: its image works. */
export function takeBoot(draft: Draft, name: string, view: SlurmView): void {
  if (view.use !== "up" || Object.keys(draft.bootFailures).length === 0) return;
  const node = draft.nodes.get(name);
  const instance = node?.want === "up" ? draft.currentOf(node) : undefined;
  if (instance === undefined) return;
  draft.bootFailures = clearBootFailures(draft.bootFailures, instance);
}

/** A node's guard has said where the time of its boot went: that is noted once. */
export function takeBootSteps(draft: Draft, name: string, { comment }: NodeState): void {
  const said = comment === undefined ? undefined : readBootComment(comment);
  const instance = said === undefined ? undefined : draft.instances.get(said.instanceId);
  if (said === undefined || instance?.node !== name || instance.bootSteps === said.steps) return;
  draft.instances.put({ ...instance, bootSteps: said.steps });
  const { instanceId, steps } = said;
  const { nodeGroup } = instance;
  draft.note({ kind: "booted", node: name, instanceId, nodeGroup, steps });
}

/**
 * slurmctld gave a node up: a boot that had its time and did not register counts against its image. One that was
 * launched a moment ago, or given up by a person's command, says nothing.
 */
export function countFailedBoot(draft: Draft, before: NodeRecord | undefined): void {
  if (before?.want !== "up" || before.refusal !== undefined) return;
  const instance = draft.currentOf(before);
  if (instance === undefined || !hadItsTime(draft, instance)) return;
  if (draft.views.get(before.name)?.use === "up") return;
  draft.bootFailures = countBootFailures(draft.bootFailures, instance, 1);
}

function hadItsTime(draft: Draft, { knownSince }: InstanceRecord): boolean {
  const { config, timeouts, now } = draft.context;
  const seconds = Math.min(config.limits.expectedBootSeconds, timeouts.resume);
  // The hook is called a moment before ResumeTimeout is over by our clock, or after.
  return now.clock - knownSince >= (seconds - 1) * 1_000;
}
