/** Why a configuration can't be rendered, and which piece of slurm-ec2.yaml it is about. */
export interface Fault {
  /** With its next step, and the node group or partition named. */
  readonly message: string;
  /** Keys and list indices (from 0) that lead to it; empty where no piece of the file is at fault. */
  readonly path: readonly (string | number)[];
}
