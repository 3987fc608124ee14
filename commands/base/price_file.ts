import { errorText } from "../../lib/base/error_text.ts";
import { readFailure } from "../../lib/base/read_failure.ts";
import type { Config, Price } from "../../lib/config/model.ts";
import { parsePrices, priceFileIn } from "../../lib/config/prices.ts";
import { UsageError } from "./command.ts";
import type { Host } from "./host.ts";

/** The flag that names a price file. */
export interface PriceFlags {
  get(name: "prices"): string | undefined;
}

/** Prices, and where they come from. */
export interface KnownPrices {
  readonly prices: ReadonlyMap<string, Price>;
  /** For a person: the file and its first remark. */
  readonly source: string;
}

/**
 * The prices that a command reckons with: the file of `--prices`, else those that `config prices` has written below
 * stateDir, which limits go by, too. Without a configuration only the flag counts.
 * @throws {UsageError} when the file of the flag can't be read.
 * @throws {ProblemError} with every line of either file that is wrong.
 */
export function knownPrices(
  host: Host,
  config: Pick<Config, "stateDir"> | undefined,
  flags: PriceFlags,
): KnownPrices {
  const file = flags.get("prices");
  if (file !== undefined) return fromFile(file, readPriceText(host, file));
  if (config === undefined) return NO_PRICES;
  const kept = priceFileIn(config.stateDir);
  try {
    return fromFile(kept, host.files.readText(kept));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return NO_PRICES;
  }
}

const NO_PRICES: KnownPrices = {
  prices: new Map(),
  source: "none: give --prices FILE, or run slurm-ec2 config prices",
};

function fromFile(file: string, text: string): KnownPrices {
  const remark = /^# *(.+)$/m.exec(text)?.[1];
  return { prices: parsePrices(text, file), source: remark === undefined ? file : `${file} (${remark})` };
}

/** The state is its user's: others see what they may without it. */
function isForbidden(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable;
}

/**
 * The prices that a command shows next to what else it has to say: as {@link knownPrices}, but a file below stateDir that
 * this user may not read, or that is broken, which is said, only means that no price is shown.
 * @throws {UsageError} when the file of `--prices` can't be read.
 * @throws {ProblemError} with every line of it that is wrong.
 */
export function shownPrices(
  host: Host,
  config: Pick<Config, "stateDir"> | undefined,
  flags: PriceFlags,
): ReadonlyMap<string, Price> {
  if (flags.get("prices") !== undefined) return knownPrices(host, config, flags).prices;
  try {
    return knownPrices(host, config, flags).prices;
  } catch (error) {
    if (!isForbidden(error)) host.stderr.write(`slurm-ec2: no prices are shown: ${errorText(error)}\n`);
    return NO_PRICES.prices;
  }
}

/**
 * The prices in a file that the user names.
 * @throws {UsageError} when it can't be read.
 * @throws {ProblemError} with every line that is wrong.
 */
export function readPriceFile(host: Host, file: string): ReadonlyMap<string, Price> {
  return parsePrices(readPriceText(host, file), file);
}

/** The text of a price file that the user names. @throws {UsageError} when it can't be read */
function readPriceText(host: Host, file: string): string {
  try {
    return host.files.readText(file);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Can't read the price file ${file}: ${readFailure(error)}`);
  }
}
