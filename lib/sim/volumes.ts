import type { SimInstance } from "./instances.ts";

/** A volume of an instance. */
export interface SimVolume {
  readonly deviceName: string;
  readonly volumeId: string;
  readonly status: "attaching" | "attached";
  readonly deleteOnTermination: boolean;
}

/** An instance's volumes, the root volume first; a terminated instance has none left. */
export function volumesOf(instance: SimInstance): readonly SimVolume[] {
  const { blockDeviceMappings, rootDeviceName, state, volumeId } = instance;
  if (state === "terminated") return [];
  const status = state === "pending" ? "attaching" : "attached";
  const root = blockDeviceMappings.find(({ DeviceName }) => DeviceName === rootDeviceName);
  const others = blockDeviceMappings.filter(({ DeviceName }) => DeviceName !== rootDeviceName);
  return [
    {
      deviceName: rootDeviceName,
      volumeId,
      status,
      deleteOnTermination: root?.Ebs?.DeleteOnTermination ?? true,
    },
    ...others.map(({ DeviceName, Ebs }, index) => ({
      deviceName: DeviceName,
      volumeId: furtherVolumeId(volumeId, index),
      status,
      deleteOnTermination: Ebs?.DeleteOnTermination ?? true,
    } as const)),
  ];
}

/** Each further volume's id: the root volume's with another digit in front of its number. */
function furtherVolumeId(volumeId: string, index: number): string {
  return `${volumeId.slice(0, 5)}${(index + 1).toString(16)}${volumeId.slice(6)}`;
}
