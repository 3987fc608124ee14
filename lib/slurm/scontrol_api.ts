import type { JobView } from "./job_view.ts";
import type { NodeState } from "./node_state.ts";

/** Where a node can be reached, reported to Slurm when its instance is launched. */
export interface NodeAddress {
  /** Name in slurm.conf. */
  readonly nodeName: string;
  /** Address, or a name that slurmctld can resolve. */
  readonly nodeAddr: string;
  /** What the node will call itself. */
  readonly nodeHostname: string;
  /** The cloud's id of the machine, shown by `scontrol show node`. */
  readonly instanceId?: string;
  /** The cloud's name of its type. */
  readonly instanceType?: string;
}

/** States that `scontrol update NodeName=… State=…` takes and that we use (slurm.conf(5), scontrol(1)). */
export type UpdatedState = "down" | "power_down" | "power_down_force" | "power_up" | "resume" | "idle";

/** The scontrol commands that we run. Each throws {@link ScontrolError} with scontrol's own words. */
export interface ScontrolApi {
  /** Tells slurmctld the addresses; at most 100 nodes a call, sorted, so that names and addresses pair. */
  updateAddresses(addresses: readonly NodeAddress[]): Promise<void>;
  /**
   * Changes the state of nodes; `down` needs a reason, and may end by itself after `resumeAfter` seconds (-1: does not
   * any more), on slurmctlds that know ResumeAfter; others refuse it.
   */
  updateState(
    nodes: readonly string[],
    state: UpdatedState,
    reason?: string,
    resumeAfter?: number,
  ): Promise<void>;
  /** The nodes asked for, or all; refused when slurmctld does not know one of them. */
  showNodes(nodes?: readonly string[]): Promise<readonly NodeState[]>;
  /** slurmctld's own configuration: key → value, as `scontrol show config` prints it. */
  showConfig(): Promise<ReadonlyMap<string, string>>;
  /** Each partition's settings: name → key → value, as `scontrol show partition` prints them. */
  showPartitions(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>>;
  /** The job, or the records of a job array, e.g. `12` or `12_3`; refused when slurmctld does not know it (any more). */
  showJob(job: string): Promise<readonly JobView[]>;
  /** What `scontrol show job` then shows as AdminComment; refused for one job, the others have it all the same. */
  updateJobComment(jobIds: readonly number[], adminComment: string): Promise<void>;
  /** Writes to the terminal of the srun or salloc that the job belongs to; a batch job has none, and nothing is sent. */
  notifyTerminal(jobId: number, message: string): Promise<void>;
}

/** scontrol could not be run, did not answer in time, or refused. */
export class ScontrolError extends Error {
  /** As it is printed. */
  override readonly name = "ScontrolError";
  /**
   * `missing`: no such program; `timeout`: killed at its time limit; `unreachable`: slurmctld does not answer it;
   * `refused`: slurmctld, or scontrol itself, said no.
   */
  readonly kind: "missing" | "timeout" | "unreachable" | "refused";

  /** With scontrol's own words and the next step in the message. */
  constructor(kind: ScontrolError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
