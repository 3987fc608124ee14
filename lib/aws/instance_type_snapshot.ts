import type { EfaFacts, InstanceTypeFacts } from "./ec2_api.ts";

/**
 * Publication date of the snapshot's facts: an instance type that came later is unknown to it. They are answers of
 * DescribeInstanceTypes (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html) as
 * carried by the moto package (https://github.com/getmoto/moto); deploy/build/refresh_instance_types.ts writes the file.
 */
export const SNAPSHOT_DATE = "2026-10-27";

type GpuRow = readonly [name: string, manufacturer: string, count: number, memoryMiB: number];

/** A line of its `efa`; types that take no EFA have none. */
type EfaRow = readonly [
  instanceType: string,
  interfaces: number,
  cards: number,
  primaryInterfaces: number,
  onPrimary: number,
];

/** A line of instance_types_snapshot.json; lists are separated by blanks, flags are 0 and 1. */
type Row = readonly [
  instanceType: string,
  architectures: string,
  defaultVCpus: number,
  defaultCores: number,
  defaultThreadsPerCore: number,
  memoryMiB: number,
  bareMetal: number,
  currentGeneration: number,
  usageClasses: string,
  bootModes: string,
  gpus?: readonly GpuRow[],
];

/**
 * The facts of every instance type known on {@link SNAPSHOT_DATE}, by name, without a call to AWS. The data are
 * read when they are first asked for (about 100 KB), so importing this file costs nothing.
 */
export async function snapshotInstanceTypes(): Promise<ReadonlyMap<string, InstanceTypeFacts>> {
  const file = await import("./instance_types_snapshot.json", { with: { type: "json" } });
  // JSON imports lose tuple types: the shape is checked by this file's test instead.
  const rows = file.default.rows as unknown as readonly Row[];
  const efas = new Map(
    (file.default.efa as unknown as readonly EfaRow[]).map((row) => [row[0], efaFacts(row)]),
  );
  return new Map(rows.map((row) => [row[0], facts(row, efas.get(row[0]))]));
}

function efaFacts([, interfaces, cards, primaryInterfaces, onPrimary]: EfaRow): EfaFacts {
  return { interfaces, cards, primaryInterfaces, onPrimary: onPrimary === 1 };
}

function facts(row: Row, efa: EfaFacts | undefined): InstanceTypeFacts {
  const [
    instanceType,
    architectures,
    vCpus,
    cores,
    threads,
    memoryMiB,
    bareMetal,
    current,
    usageClasses,
    bootModes,
    gpus,
  ] = row;
  return {
    instanceType,
    architectures: words(architectures),
    defaultVCpus: vCpus,
    defaultCores: cores,
    defaultThreadsPerCore: threads,
    memoryMiB,
    bareMetal: bareMetal === 1,
    currentGeneration: current === 1,
    supportedUsageClasses: words(usageClasses),
    ...(bootModes !== "" && { supportedBootModes: words(bootModes) }),
    ...(efa && { efa }),
    gpus: (gpus ?? []).map(([name, manufacturer, count, memory]) => ({
      name,
      manufacturer,
      count,
      memoryMiB: memory,
    })),
  };
}

function words(text: string): readonly string[] {
  return text === "" ? [] : text.split(" ");
}
