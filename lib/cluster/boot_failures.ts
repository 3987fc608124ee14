/** Boots in a row that may fail before a node group's image is not launched any more. */
export const BREAKER_LIMIT = 5;

/** Boot failures in a row, by node group and image. */
export type BootFailures = Readonly<Record<string, number>>;

function keyOf(nodeGroup: string, imageId: string): string {
  return `${nodeGroup} ${imageId}`;
}

/** Counts `failures` more boots in a row that never registered. */
export function countBootFailures(
  counts: BootFailures,
  boot: { readonly nodeGroup: string; readonly imageId: string },
  failures: number,
): BootFailures {
  const key = keyOf(boot.nodeGroup, boot.imageId);
  return { ...counts, [key]: (counts[key] ?? 0) + failures };
}

/** A node of this group and image was up: the row is broken. */
export function clearBootFailures(
  counts: BootFailures,
  boot: { readonly nodeGroup: string; readonly imageId: string },
): BootFailures {
  const { [keyOf(boot.nodeGroup, boot.imageId)]: _, ...rest } = counts;
  return rest;
}

/** Forgets every image's failures of a group: a person has fixed it. */
export function resetGroup(counts: BootFailures, nodeGroup: string): BootFailures {
  return Object.fromEntries(Object.entries(counts).filter(([key]) => !key.startsWith(`${nodeGroup} `)));
}

/** How many boots in a row failed, when that is enough to refuse another; undefined while launching is allowed. */
export function openBreaker(counts: BootFailures, nodeGroup: string, imageId: string): number | undefined {
  const failures = counts[keyOf(nodeGroup, imageId)] ?? 0;
  return failures >= BREAKER_LIMIT ? failures : undefined;
}
