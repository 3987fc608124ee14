/**
 * What any PrologSlurmctld, one that ends at once included, adds to each srun and salloc allocation: measured on 22.05.8,
 * 24.11.5 and 26.05.5 for nodes that are up. Batch jobs, and steps within an allocation, pay nothing.
 */
export const READY_PRICE = "0.08 to 0.15 s";
