import type { NodeState } from "./node_state.ts";

/** Where a node can be reached, told to Slurm when its instance is launched. */
export interface NodeAddress {
  readonly nodeName: string;
  readonly nodeAddr: string;
  readonly nodeHostname: string;
  readonly instanceId?: string;
  readonly instanceType?: string;
}

/** States that `scontrol update NodeName=… State=…` takes and that we use (slurm.conf(5), scontrol(1)). */
export type UpdatedState = "down" | "power_down" | "power_down_force" | "power_up" | "resume" | "idle";

/** The scontrol commands that we run. Each throws {@link ScontrolError} with scontrol's own words. */
export interface ScontrolApi {
  /** Tells slurmctld the addresses; at most 100 nodes a call, sorted, so that names and addresses pair. */
  updateAddresses(addresses: readonly NodeAddress[]): Promise<void>;
  updateState(nodes: readonly string[], state: UpdatedState, reason?: string): Promise<void>;
  showNodes(nodes?: readonly string[]): Promise<readonly NodeState[]>;
  /** slurmctld's own configuration: key → value, as `scontrol show config` prints it. */
  showConfig(): Promise<ReadonlyMap<string, string>>;
  updateJobComment(jobId: number, adminComment: string): Promise<void>;
}

/** scontrol could not be run, did not answer in time, or refused. */
export class ScontrolError extends Error {
  override readonly name = "ScontrolError";
  /**
   * `missing`: no such program; `timeout`: killed at its time limit; `unreachable`: slurmctld does not answer it;
   * `refused`: slurmctld, or scontrol itself, said no.
   */
  readonly kind: "missing" | "timeout" | "unreachable" | "refused";

  constructor(kind: ScontrolError["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
