/**
 * Writes lib/aws/instance_types_snapshot.json from an answer of EC2's DescribeInstanceTypes:
 *
 *     deno run --allow-read --allow-write deploy/build/refresh_instance_types.ts ANSWER.json DATE SOURCE
 *
 * ANSWER.json is what `aws ec2 describe-instance-types` prints, or the same facts as the moto package on PyPI
 * carries them (moto/ec2/resources/instance_types.json.gz); DATE is the day of the answer, or of
 * the package's release, as YYYY-MM-DD. Run `deno fmt` on the file afterwards.
 */

/** The part of DescribeInstanceTypes' answer that the snapshot keeps (EC2 API reference, `InstanceTypeInfo`). */
export interface InstanceTypeInfo {
  readonly InstanceType: string;
  readonly BareMetal?: boolean;
  readonly CurrentGeneration?: boolean;
  readonly SupportedUsageClasses?: readonly string[];
  readonly SupportedBootModes?: readonly string[];
  readonly ProcessorInfo: { readonly SupportedArchitectures: readonly string[] };
  readonly VCpuInfo: {
    readonly DefaultVCpus: number;
    readonly DefaultCores: number;
    readonly DefaultThreadsPerCore: number;
  };
  readonly MemoryInfo: { readonly SizeInMiB: number };
  readonly NetworkInfo?: {
    readonly EfaSupported?: boolean;
    readonly EfaInfo?: { readonly MaximumEfaInterfaces: number };
    readonly MaximumNetworkCards: number;
    readonly NetworkCards: readonly {
      readonly NetworkCardIndex: number;
      readonly MaximumNetworkInterfaces: number;
      readonly InterfaceTypes?: readonly string[];
    }[];
  };
  readonly GpuInfo?: {
    readonly Gpus?: readonly {
      readonly Name: string;
      readonly Manufacturer: string;
      readonly Count: number;
      readonly LogicalGpuCount?: number;
      readonly MemoryInfo?: { readonly SizeInMiB?: number };
    }[];
  };
}

/** One type as a row; the columns are named in the file itself. */
function row(info: InstanceTypeInfo): readonly unknown[] {
  const gpus = (info.GpuInfo?.Gpus ?? []).map((gpu) => [
    gpu.Name,
    gpu.Manufacturer,
    // A fraction of a GPU has Count 0, but the system sees LogicalGpuCount devices.
    gpu.LogicalGpuCount ?? gpu.Count,
    gpu.MemoryInfo?.SizeInMiB ?? 0,
  ]);
  return [
    info.InstanceType,
    info.ProcessorInfo.SupportedArchitectures.join(" "),
    info.VCpuInfo.DefaultVCpus,
    info.VCpuInfo.DefaultCores,
    info.VCpuInfo.DefaultThreadsPerCore,
    info.MemoryInfo.SizeInMiB,
    info.BareMetal ? 1 : 0,
    info.CurrentGeneration ? 1 : 0,
    (info.SupportedUsageClasses ?? []).join(" "),
    (info.SupportedBootModes ?? []).join(" "),
    ...(gpus.length > 0 ? [gpus] : []),
  ];
}

/** Name, most EFAs, cards, interfaces of card 0, and whether card 0 takes an EFA; nothing for a type that takes none. */
function efaRow({ InstanceType, NetworkInfo }: InstanceTypeInfo): (readonly unknown[])[] {
  if (!NetworkInfo?.EfaSupported) return [];
  const interfaces = NetworkInfo.EfaInfo?.MaximumEfaInterfaces ?? 1;
  const cards = NetworkInfo.MaximumNetworkCards;
  const primary = NetworkInfo.NetworkCards.find(({ NetworkCardIndex }) => NetworkCardIndex === 0)!;
  const takes = primary.InterfaceTypes?.includes("efa") ?? interfaces >= cards;
  return [[InstanceType, interfaces, cards, primary.MaximumNetworkInterfaces, takes ? 1 : 0]];
}

async function readAnswer(path: string): Promise<readonly InstanceTypeInfo[]> {
  const file = await Deno.open(path);
  const bytes = path.endsWith(".gz")
    ? file.readable.pipeThrough(new DecompressionStream("gzip"))
    : file.readable;
  const answer = await new Response(bytes).json();
  return answer.InstanceTypes ?? Object.values(answer);
}

/** The file's text, one row a line: a changed type is a changed line in the history. */
export function snapshotText(types: readonly InstanceTypeInfo[], date: string, source: string): string {
  const byName = (one: readonly unknown[], other: readonly unknown[]) =>
    String(one[0]) < String(other[0]) ? -1 : 1;
  const rows = types.map(row).sort(byName);
  const efas = types.flatMap(efaRow).sort(byName);
  const columns =
    "instanceType, architectures, defaultVCpus, defaultCores, defaultThreadsPerCore, memoryMiB, " +
    "bareMetal, currentGeneration, usageClasses, bootModes, [name, manufacturer, count, memoryMiB] of each kind of GPU";
  return [
    "{",
    `"date": ${JSON.stringify(date)},`,
    `"source": ${JSON.stringify(source)},`,
    `"columns": ${JSON.stringify(columns)},`,
    '"rows": [',
    rows.map((values) => JSON.stringify(values)).join(",\n"),
    "],",
    `"efaColumns": ${
      JSON.stringify("instanceType, EFAs, network cards, interfaces of card 0, EFA on card 0")
    },`,
    '"efa": [',
    efas.map((values) => JSON.stringify(values)).join(",\n"),
    "]",
    "}",
    "",
  ].join("\n");
}

if (import.meta.main) {
  const [path, date, source] = Deno.args;
  if (path === undefined || date === undefined || source === undefined || !/^\d{4}-\d\d-\d\d$/.test(date)) {
    throw new Error("Usage: refresh_instance_types.ts ANSWER.json[.gz] YYYY-MM-DD SOURCE");
  }
  const target = new URL("../../lib/aws/instance_types_snapshot.json", import.meta.url);
  await Deno.writeTextFile(target, snapshotText(await readAnswer(path), date, source));
}
