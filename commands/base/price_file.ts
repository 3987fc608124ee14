import { readFailure } from "../../lib/base/read_failure.ts";
import type { Price } from "../../lib/config/model.ts";
import { parsePrices } from "../../lib/config/prices.ts";
import { UsageError } from "./command.ts";
import type { Host } from "./host.ts";

/**
 * The prices in a file that the user names.
 * @throws {UsageError} when it can't be read.
 * @throws {ProblemError} with every line that is wrong.
 */
export function readPriceFile(host: Host, file: string): ReadonlyMap<string, Price> {
  let text: string;
  try {
    text = host.files.readText(file);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Can't read the price file ${file}: ${readFailure(error)}`);
  }
  return parsePrices(text, file);
}
