/**
 * Whether a list of block sizes is one that slurmctld takes: whole numbers above 0, each the first one times a power of
 * two, growing (https://slurm.schedmd.com/topology.conf.html, BlockSizes; seen on 24.11.5 and 26.05.5).
 */
export function isBlockSizes(text: string): boolean {
  // Slurm reads each up to what is not a digit.
  const sizes = text.split(",").map((size) => Number.parseInt(size, 10));
  if (!sizes.every((size) => size > 0)) return false;
  return sizes.every((size, index) => {
    const times = size / sizes[0]!;
    return Number.isInteger(Math.log2(times)) && (index === 0 || size > sizes[index - 1]!);
  });
}
