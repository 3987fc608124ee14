import { errorText } from "../base/error_text.ts";
import type { HookPorts } from "../cluster/ports.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";

/**
 * When the nodes that have instances last booted, as slurmctld saw it: node → milliseconds since 1970 UTC. Asks only
 * when an instance is up; a slurmctld that does not answer is taken as knowing of no boot.
 */
export async function bootTimes(
  ports: Pick<HookPorts, "scontrol" | "log">,
  existing: ReadonlyMap<string, readonly OwnedInstance[]>,
): Promise<ReadonlyMap<string, number>> {
  const up = [...existing].filter(([, own]) => own.some(({ instance }) => instance.state === "running"))
    .map(([nodeName]) => nodeName);
  if (up.length === 0) return new Map();
  try {
    const states = await ports.scontrol.showNodes(up);
    return new Map(states.flatMap(({ name, bootTime }) => bootTime === undefined ? [] : [[name, bootTime]]));
  } catch (error) {
    ports.log.warn(`slurmctld does not tell when running nodes booted: ${errorText(error)}`);
    return new Map();
  }
}
