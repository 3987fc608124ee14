import type { SlurmVersion } from "./rig.ts";

/** Versions of Slurm that end-to-end tests run on: $SLURM_EC2_E2E_VERSIONS, one unless it says otherwise. */
export const VERSIONS = (Deno.env.get("SLURM_EC2_E2E_VERSIONS") ?? "22.05").split(/[\s,]+/) as SlurmVersion[];
