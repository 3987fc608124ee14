// Why an instance is ended that has the cluster's tag and belongs to no node; the history keeps the words.
const NO_NODE = "its tags name no node";
const UNKNOWN_NODE = "neither slurm-ec2.yaml nor slurmctld has its node";

/** The reason for an instance without a node, or with one that nothing knows. */
export function orphanReason(node: string | undefined): string {
  return node === undefined ? NO_NODE : `${UNKNOWN_NODE} ${node}`;
}

/** The reason for an instance of no known power-up of its node. */
export const STRAY = "launched for no power-up of its node that is known";

/** Whether an instance that was ended for this reason belonged to no node. */
export function isOrphanReason(why: string): boolean {
  return why === NO_NODE || why === STRAY || why.startsWith(`${UNKNOWN_NODE} `);
}
