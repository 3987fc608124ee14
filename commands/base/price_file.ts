import { readFailure } from "../../lib/base/read_failure.ts";
import type { Price } from "../../lib/config/model.ts";
import { parsePrices } from "../../lib/config/prices.ts";
import { UsageError } from "./command.ts";
import type { Host } from "./host.ts";

/** The flag that names a price file. */
export interface PriceFlags {
  get(name: "prices"): string | undefined;
}

/** The prices of `--prices`; none without it. Throws what {@link readPriceFile} throws. */
export function givenPrices(host: Host, flags: PriceFlags): ReadonlyMap<string, Price> {
  const file = flags.get("prices");
  return file === undefined ? new Map() : readPriceFile(host, file);
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
export function readPriceText(host: Host, file: string): string {
  try {
    return host.files.readText(file);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Can't read the price file ${file}: ${readFailure(error)}`);
  }
}
