/** Versions whose output lies in scontrol_output/. */
export const SLURM_VERSIONS = ["22.05", "24.11", "26.05"] as const;

const read = (name: string) =>
  Deno.readTextFileSync(new URL(`./scontrol_output/${name}.txt`, import.meta.url));

const JOBS = new Map(SLURM_VERSIONS.map((version) => [version, read(`jobs_${version}`)]));
const NODES = new Map(SLURM_VERSIONS.map((version) => [version, read(`why_nodes_${version}`)]));

/**
 * What `scontrol show job` of a real slurmctld printed about jobs that wait for different reasons, by what they wait
 * for: six cloud nodes, c1 and c2 set down as after a lack of capacity, c3 drained, c0 and c4 booting, c5 free.
 */
export function jobsOf(version: typeof SLURM_VERSIONS[number]): ReadonlyMap<string, string> {
  const parts = JOBS.get(version)!.split(/^### /m).filter((part) => part !== "");
  return new Map(parts.map((part) => [part.slice(0, part.indexOf(" ")), part.slice(part.indexOf("\n") + 1)]));
}

/** `scontrol show nodes -o` at the same moment. */
export function nodesText(version: typeof SLURM_VERSIONS[number]): string {
  return NODES.get(version)!;
}
