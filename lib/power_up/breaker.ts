import { type BootFailures, BREAKER_LIMIT, openBreaker } from "../cluster/boot_failures.ts";
import type { Refusal } from "./refusal.ts";

/** Why a group is not launched with this image, when too many of its boots in a row have failed. */
export function breakerRefusal(
  counts: BootFailures,
  nodeGroup: string,
  imageId: string,
): Refusal | undefined {
  const failures = openBreaker(counts, nodeGroup, imageId);
  if (failures === undefined) return undefined;
  const message =
    `${failures} boots in a row of image ${imageId} never registered in group ${nodeGroup} (limit ${BREAKER_LIMIT}): ` +
    `read the console lines in the log, then fix the image or run slurm-ec2 reset ${nodeGroup}`;
  return { code: "BootFailureBreaker", message };
}
