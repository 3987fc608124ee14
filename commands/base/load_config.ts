import { readFailure } from "../../lib/base/read_failure.ts";
import { CommandError, type ConfigFlags, UsageError } from "./command.ts";
import type { Host, LoadedConfig } from "./host.ts";
import { decodeText } from "../../lib/config/decode.ts";
import type { Config } from "../../lib/config/model.ts";
import { parseConfig } from "../../lib/config/parse.ts";

/** A configuration file as it was found. */
export interface ConfigText {
  readonly file: string;
  readonly text: string;
}

/** One place where the configuration may be. */
interface Candidate {
  readonly file: string;
  /** How messages tell who named it; undefined: a place that is looked at anyway, so that nothing there is no mistake. */
  readonly named?: string;
}

const NEXT_STEP = "write one with: slurm-ec2 config init";

/**
 * The configuration that a command works with: the file of --config, else of $SLURM_EC2_CONFIG, else
 * etc/slurm-ec2.yaml next to the program's own bin/, else ./slurm-ec2.yaml.
 * @throws {UsageError} when there is none, or it can't be read.
 * @throws {ProblemError} with all that is wrong in it.
 */
export function loadConfig(host: Host, flags: ConfigFlags): Config {
  return loadConfigFile(host, flags).config;
}

/** What {@link loadConfig} returns, with the file's name; throws alike, and the same again when asked again. */
export function loadConfigFile(host: Host, flags: ConfigFlags): LoadedConfig {
  const name = flags.get("config");
  const found = host.configs.get(name) ?? parsed(host, flags);
  host.configs.set(name, found);
  return found();
}

function parsed(host: Host, flags: ConfigFlags): () => LoadedConfig {
  try {
    const { file, text } = readConfigText(host, flags);
    const config = parseConfig(text, file);
    return () => ({ file, config });
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** The text of the configuration file that {@link loadConfig} parses; throws alike. */
export function readConfigText(host: Host, flags: ConfigFlags): ConfigText {
  const candidates = configCandidates(host, flags.get("config"));
  for (const { file, named } of candidates) {
    const bytes = readBytes(host, file, named);
    if (bytes !== undefined) return { file, text: decodeText(bytes, file) };
  }
  const places = candidates.map(({ file }) => file).join(", ");
  throw new UsageError(
    `No configuration file: looked for ${places}; name one with --config FILE or $SLURM_EC2_CONFIG, or ${NEXT_STEP}`,
  );
}

function configCandidates(host: Host, flag: string | undefined): Candidate[] {
  if (flag !== undefined) return [{ file: flag, named: "" }];
  const variable = host.env("SLURM_EC2_CONFIG");
  if (variable) return [{ file: variable, named: " (named by $SLURM_EC2_CONFIG)" }];
  const prefix = /^(.*)\/bin\/[^/]+$/.exec(host.programPath ?? "");
  return [...(prefix ? [{ file: `${prefix[1]}/etc/slurm-ec2.yaml` }] : []), { file: "./slurm-ec2.yaml" }];
}

function readBytes(host: Host, file: string, named: string | undefined): Uint8Array | undefined {
  try {
    return host.files.read(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      if (named === undefined) return undefined;
      throw new UsageError(
        `Configuration file ${file}${named ?? ""} doesn't exist: correct the name, or ${NEXT_STEP}`,
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new CommandError(
        `Can't read configuration file ${file}${
          named ?? ""
        }: permission denied; the user that runs slurm-ec2 must be able to read it`,
      );
    }
    if (isDirectory(error)) {
      throw new UsageError(`Configuration file ${file}${named ?? ""} is a directory: name the file in it`);
    }
    if (error instanceof Deno.errors.NotCapable) throw error;
    if (error instanceof Error) {
      throw new CommandError(`Can't read configuration file ${file}${named ?? ""}: ${readFailure(error)}`);
    }
    throw error;
  }
}

/** Deno reports reading a directory as a plain error with the system's own code. */
function isDirectory(error: unknown): boolean {
  return error instanceof Deno.errors.IsADirectory ||
    (error as { readonly code?: unknown }).code === "EISDIR";
}
