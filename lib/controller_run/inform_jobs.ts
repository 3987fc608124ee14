import type { Action } from "../controller/action.ts";
import { type ScontrolApi, ScontrolError } from "../slurm/scontrol_api.ts";
import type { Performed } from "./performed.ts";

/** Terminals that are written to for one reason: each takes two calls, and the verdict waits for them. */
const TERMINALS_MAX = 20;

/**
 * Writes to the users of jobs. What slurmctld refuses is a job that is gone, and holds up no other.
 * @throws {ScontrolError} when slurmctld does not answer
 */
export async function informJobs(
  scontrol: Pick<ScontrolApi, "updateJobComment" | "notifyTerminal">,
  { jobIds, text }: Extract<Action, { kind: "comment" }>,
): Promise<Performed> {
  await unlessRefused(() => scontrol.updateJobComment(jobIds, text));
  for (const id of jobIds.slice(0, TERMINALS_MAX)) {
    await unlessRefused(() => scontrol.notifyTerminal(id, `slurm-ec2: ${text}`));
  }
  return { facts: [{ kind: "jobs-informed", jobIds }], refusals: [] };
}

async function unlessRefused(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof ScontrolError) || error.kind !== "refused") throw error;
  }
}
