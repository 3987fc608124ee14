import { errorText } from "../base/error_text.ts";
import type { HookPorts } from "../cluster/ports.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";
import { foldHostlist } from "../slurm/hostlist.ts";

/** Flags of a node that slurmctld does not want to be up. */
const GOING_DOWN = ["POWER_DOWN", "POWERING_DOWN", "POWERED_DOWN"];

/**
 * Instances that seem to be launched after Slurm decided to power their nodes down belong to a later power-up, or
 * this host's clock is behind EC2's: a signature may be five minutes off. Slurm knows. Where it still wants the node
 * down, the launch time that comes back is `decidedAt` at the latest.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
export async function withoutClockSkew(
  ports: Pick<HookPorts, "scontrol" | "log">,
  found: ReadonlyMap<string, readonly OwnedInstance[]>,
  decidedAt: number,
): Promise<ReadonlyMap<string, readonly OwnedInstance[]>> {
  const later = [...found].filter(([, own]) => own.some(({ instance }) => instance.launchTime > decidedAt))
    .map(([nodeName]) => nodeName);
  if (later.length === 0) return found;
  try {
    const states = await ports.scontrol.showNodes(later);
    const down = states.filter(({ flags }) =>
      !flags.has("POWERING_UP") && GOING_DOWN.some((flag) => flags.has(flag))
    ).map(({ name }) => name);
    if (down.length > 0) {
      ports.log.warn(
        `Instances of ${
          foldHostlist(down)
        } were launched in the future: set this host's clock, e.g. by chrony`,
      );
    }
    const before = (owned: OwnedInstance): OwnedInstance => ({
      ...owned,
      instance: { ...owned.instance, launchTime: Math.min(owned.instance.launchTime, decidedAt) },
    });
    return new Map([
      ...found,
      ...down.map((node) => [node, found.get(node)!.map(before)] as const),
    ]);
  } catch (error) {
    ports.log.warn(
      `Instances of ${foldHostlist(later)} launched after the power-down are left alone: ${errorText(error)}`,
    );
    return found;
  }
}
