import { ROOT_DEVICE } from "../aws/root_device.ts";
import type { Conflict } from "./conflict.ts";
import type { MergedGroup } from "./resolve.ts";
import type { Path } from "./path.ts";
import type { GroupFile } from "./schema.ts";
import type { Place } from "./source.ts";
import { volumeProblem } from "./volume_check.ts";

/** Rules of EBS, and that every volume has a device of its own. */
export function* checkVolumes(group: MergedGroup, raw: GroupFile, index: number): Generator<Conflict> {
  const base = (key: "rootVolume" | "volumes") =>
    raw[key] === undefined ? ["defaults", key] as const : ["nodeGroups", index, key] as const;
  const problem = group.rootVolume && volumeProblem(group.rootVolume);
  if (problem) {
    const { key, why, hint } = problem;
    yield {
      place: value(...base("rootVolume"), key),
      message: `Key rootVolume.${key} of node group "${group.name}" ${why}`,
      ...(hint !== undefined && { hint }),
    };
  }
  const root = group.rootVolume?.deviceName ?? (group.os && ROOT_DEVICE[group.os.distribution]);
  const devices = new Set(root === undefined ? [] : [root]);
  for (const [at, volume] of (group.volumes ?? []).entries()) {
    const path = [...base("volumes"), at] as const;
    const { deviceName } = volume;
    const broken = volumeProblem(volume);
    if (broken) {
      const { key, why, hint } = broken;
      yield {
        place: value(...path, key),
        message: `Key volumes[${at}].${key} of node group "${group.name}" ${why}`,
        ...(hint !== undefined && { hint }),
      };
    }
    if (devices.has(deviceName)) {
      const message = deviceName === root
        ? `Device "${deviceName}" of volumes[${at}] is the root volume's in node group "${group.name}"`
        : `Device "${deviceName}" is listed twice in the volumes of node group "${group.name}"`;
      yield {
        place: value(...path, "deviceName"),
        message,
        hint: "every volume has a device of its own, e.g. /dev/sdf",
      };
    }
    devices.add(deviceName);
  }
}

function value(...path: Path): Place {
  return { path, part: "value" };
}
