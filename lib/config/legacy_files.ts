import type * as v from "valibot";
import { type Problem, ProblemError } from "../base/problem.ts";
import {
  AzInfoFile,
  InstallerFile,
  InstanceConfigFile,
  InstanceTypesFile,
  SlurmConfigFile,
} from "./legacy_schema.ts";
import { readForeign } from "./read_foreign.ts";
import { parseYaml } from "./yaml_document.ts";

/** Facts and prices as the legacy plugin kept them in its instance type information. */
export interface LegacyTypeInfo {
  /** GHz. */
  readonly clockGHz?: number;
  readonly hasSsd: boolean;
  /** USD per hour. */
  readonly onDemandPrice?: number;
  /** USD per hour by zone name. */
  readonly spotPrices: ReadonlyMap<string, number>;
}

/** The files of a legacy installation. */
export interface LegacyFiles {
  readonly slurmConfig: SlurmConfigFile;
  readonly instanceConfig: InstanceConfigFile;
  /** The installer's whole configuration, when that was given for InstanceConfig. */
  readonly installer?: InstallerFile;
  readonly azInfo: AzInfoFile;
  /** Types that were configured, by region. */
  readonly instanceTypes?: InstanceTypesFile;
  readonly typeInfo?: ReadonlyMap<string, LegacyTypeInfo>;
  /** Keys that no version of the plugin is known to have. */
  readonly unknownKeys: readonly Problem[];
}

/** A legacy file and its name as problems show it. */
export interface NamedText {
  readonly file: string;
  readonly text: string;
}

/** The texts of the files of a legacy installation. */
export interface LegacyTexts {
  readonly slurmConfig: NamedText;
  /** InstanceConfig alone, or the installer's configuration around it. */
  readonly instanceConfig: NamedText;
  readonly azInfo: NamedText;
  readonly instanceTypes?: NamedText;
  readonly typeInfo?: NamedText;
}

/**
 * Reads the files of a legacy installation.
 * @throws {ProblemError} with the problems of all of them.
 */
export function readLegacyFiles(texts: LegacyTexts, region: string | undefined): LegacyFiles {
  const problems: Problem[] = [];
  const unknownKeys: Problem[] = [];
  const read = <const S extends v.GenericSchema>(
    { text, file }: NamedText,
    schema: S,
  ): v.InferOutput<S> | undefined => {
    try {
      const found = readForeign(text, file, schema);
      unknownKeys.push(...found.unknownKeys);
      return found.value;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const slurmConfig = read(texts.slurmConfig, SlurmConfigFile);
  const installer = isInstaller(texts.instanceConfig.text)
    ? read(texts.instanceConfig, InstallerFile)
    : undefined;
  const instanceConfig = isInstaller(texts.instanceConfig.text)
    ? installer?.slurm.InstanceConfig
    : read(texts.instanceConfig, InstanceConfigFile);
  const azInfo = read(texts.azInfo, AzInfoFile);
  const instanceTypes = texts.instanceTypes && read(texts.instanceTypes, InstanceTypesFile);
  if (!slurmConfig || !instanceConfig || !azInfo || problems.length > 0) throw new ProblemError(problems);
  const home = region ?? slurmConfig.region ?? slurmConfig.AWS_DEFAULT_REGION;
  const typeInfo = texts.typeInfo && readTypeInfo(texts.typeInfo, home);
  return { slurmConfig, instanceConfig, installer, azInfo, instanceTypes, typeInfo, unknownKeys };
}

/** The installer's file has a key `slurm`, and InstanceConfig within. */
function isInstaller(text: string): boolean {
  const yaml = parseYaml(text);
  return yaml.kind === "document" && yaml.document.has("slurm");
}

/** Megabytes of JSON: read without positions. Older files hold the types themselves where newer ones say `instance_types`. */
function readTypeInfo(
  { file, text }: NamedText,
  region: string | undefined,
): ReadonlyMap<string, LegacyTypeInfo> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ProblemError([{
      file,
      line: 1,
      column: 1,
      message: `Not valid JSON: ${(error as Error).message}`,
    }]);
  }
  const ofRegion = region === undefined ? undefined : field(json, region);
  const types = field(ofRegion, "instance_types") ?? ofRegion;
  if (typeof types !== "object" || types === null) {
    throw new ProblemError([{
      file,
      line: 1,
      column: 1,
      message: `No instance types of region "${region ?? ""}" in it`,
    }]);
  }
  return new Map(Object.entries(types).map(([type, info]) => [type, typeInfoOf(info)]));
}

function typeInfoOf(info: unknown): LegacyTypeInfo {
  const pricing = field(info, "pricing");
  const spot = Object.entries(field(pricing, "spot") ?? {}).flatMap(([zone, price]): [string, number][] => {
    const usd = amount(price);
    return usd === undefined ? [] : [[zone, usd]];
  });
  return {
    clockGHz: amount(field(info, "SustainedClockSpeedInGhz")),
    hasSsd: (amount(field(info, "SSDCount")) ?? 0) > 0,
    onDemandPrice: amount(field(pricing, "OnDemand")),
    spotPrices: new Map(spot),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** The plugin stored some numbers as text. */
function amount(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
