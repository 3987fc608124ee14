import type { Draft } from "./draft.ts";
import { generationIn } from "./launch_table.ts";
import type { LaunchRecord, NodeRecord, Refusal } from "./state.ts";
import { isOfFailedJobs } from "./whole_jobs.ts";

/** Milliseconds for which the verdict on a node waits for EC2's word on the launch that may have served it. */
const PATIENCE = 10_000;

/**
 * An instance of a generation has turned up although the generation was given up: its launch's answers were lost. As
 * long as slurmctld does not show the verdict, the node is served after all: it may be about to register. A job that
 * starts with all of its nodes is not helped by one.
 */
export function serveAfterAll(draft: Draft, name: string, generation: number | undefined): void {
  const node = draft.nodes.get(name);
  if (node?.want !== "up" || node.generation !== generation || node.refusal === undefined) return;
  if (node.died !== undefined || node.verdict?.reported === true || isOfFailedJobs(draft, node)) return;
  draft.changeNode(name, { refusal: undefined, verdict: undefined });
}

/** Whether an instance of the node's generation is known: a launch of it that is refused had been carried out before. */
export function isServed(draft: Draft, name: string): boolean {
  const node = draft.nodes.get(name);
  return node !== undefined && draft.currentOf(node) !== undefined;
}

/** The nodes of a launch that is refused or given up, but those of which an instance was seen although its answer was lost. */
export function refuseUnserved(draft: Draft, launch: LaunchRecord, refusal: Refusal): void {
  launch.nodes.forEach((name, i) => {
    if (!isServed(draft, name)) draft.refuse(name, launch.generations[i]!, refusal);
  });
}

/**
 * Whether a launch may have brought the node's instance and EC2 has not been asked for it since the last try: its node
 * is not set DOWN before. An EC2 that does not answer is not waited for.
 */
export function awaitsLookUp(draft: Draft, { name, generation }: NodeRecord): boolean {
  for (const launch of draft.launches.of(name)) {
    if (!launch.doubt || generationIn(launch, name) !== generation) continue;
    const { token, triedAt = launch.at } = launch;
    if ((draft.looks.get(token) ?? -Infinity) >= triedAt) continue;
    if (draft.now.clock >= triedAt + PATIENCE) continue;
    draft.wakeAt(triedAt + PATIENCE);
    return true;
  }
  return false;
}
