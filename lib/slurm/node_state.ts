/** One node as slurmctld sees it: base state, flags and addresses (scontrol show node; slurm_protocol_defs). */
export interface NodeState {
  readonly name: string;
  /** Base state: IDLE, DOWN, ALLOCATED, MIXED, … */
  readonly base: string;
  /** CLOUD, POWERED_DOWN, POWERING_UP, … in capitals. */
  readonly flags: ReadonlySet<string>;
  readonly nodeAddr: string;
  readonly nodeHostname: string;
  readonly reason: string;
  readonly partitions: readonly string[];
}
