import type { RootVolume, Volume } from "./model.ts";

/** The parts of a volume that have to fit together. */
export type VolumeShape = Pick<RootVolume, "size" | "iops" | "throughput"> & Pick<Volume, "type">;

/** What EBS allows of a volume type. Sizes in GiB; `perGiB`: operations a second for each GiB at most. */
interface VolumeType {
  readonly size: readonly [least: number, most: number];
  readonly iops?: { readonly least: number; readonly most: number; readonly perGiB: number };
}

/**
 * Limits of the volume types
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html for sizes and operations,
 * https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html and .../provisioned-iops.html for their ratios).
 */
const VOLUME_TYPES: Readonly<Record<NonNullable<Volume["type"]>, VolumeType>> = {
  gp2: { size: [1, 16_384] },
  gp3: { size: [1, 65_536], iops: { least: 3000, most: 80_000, perGiB: 500 } },
  io1: { size: [4, 16_384], iops: { least: 100, most: 64_000, perGiB: 50 } },
  io2: { size: [4, 65_536], iops: { least: 100, most: 256_000, perGiB: 1000 } },
  st1: { size: [125, 16_384] },
  sc1: { size: [125, 16_384] },
};

/** What gp3 has without being asked, and how many MiB/s each operation a second allows (same guide). */
const GP3 = { iops: 3000, throughputPerIops: 0.25 };

/** What is wrong with a key of a volume, in EBS's rules; undefined where a launch could have it. */
export interface VolumeProblem {
  readonly key: keyof VolumeShape;
  /** The end of a sentence that begins with the key's name. */
  readonly why: string;
  readonly hint?: string;
}

/** The first rule of EBS that a volume breaks. */
export function volumeProblem({ type, size, iops, throughput }: VolumeShape): VolumeProblem | undefined {
  if (type === undefined) {
    const key = iops !== undefined ? "iops" : throughput !== undefined ? "throughput" : undefined;
    return key &&
      { key, why: "is for some volume types only", hint: "set the volume's type too, e.g. type: gp3" };
  }
  const { size: [least, most], iops: range } = VOLUME_TYPES[type];
  if (size !== undefined && (size < least || size > most)) {
    return { key: "size", why: `of ${type} volumes is ${least} to ${most} GiB, not ${size}` };
  }
  if (range === undefined && iops !== undefined) {
    return { key: "iops", why: `can't be set for ${type} volumes`, hint: "set type: gp3, io1 or io2" };
  }
  if (iops === undefined && (type === "io1" || type === "io2")) {
    return { key: "iops", why: `is missing: ${type} volumes have no default` };
  }
  if (range !== undefined && iops !== undefined) {
    if (iops < range.least || iops > range.most) {
      return { key: "iops", why: `of ${type} volumes is ${range.least} to ${range.most}, not ${iops}` };
    }
    const free = type === "gp3" ? GP3.iops : 0;
    if (size !== undefined && iops > Math.max(free, range.perGiB * size)) {
      return {
        key: "iops",
        why:
          `of ${type} volumes is at most ${range.perGiB} for each GiB: ${size} GiB is too small for ${iops}`,
      };
    }
  }
  if (throughput === undefined) return undefined;
  if (type !== "gp3") {
    return { key: "throughput", why: `can't be set for ${type} volumes`, hint: "set type: gp3" };
  }
  const allowed = Math.floor((iops ?? GP3.iops) * GP3.throughputPerIops);
  return throughput <= allowed ? undefined : {
    key: "throughput",
    why: `of ${throughput} MiB/s needs ${
      Math.ceil(throughput / GP3.throughputPerIops)
    } iops, four for each MiB/s`,
  };
}
