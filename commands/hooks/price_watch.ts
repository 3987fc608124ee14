import { errorText } from "../../lib/base/error_text.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Price } from "../../lib/config/model.ts";
import { parsePrices, priceFileIn } from "../../lib/config/prices.ts";
import type { Files } from "../base/host.ts";

/**
 * The prices that limits go by, read again whenever `config prices` has written them: a worker may live for hours. A
 * file that is broken changes nothing, and that is said once; without one no price is known.
 */
export function priceWatch(
  files: Pick<Files, "stamp" | "readText">,
  stateDir: string,
  log: Pick<Log, "error">,
): () => ReadonlyMap<string, Price> {
  const file = priceFileIn(stateDir);
  let prices: ReadonlyMap<string, Price> = new Map();
  let last: string | undefined;
  return () => {
    const stamp = files.stamp(file);
    if (stamp === last) return prices;
    last = stamp;
    try {
      prices = stamp === undefined ? new Map() : parsePrices(files.readText(file), file);
    } catch (error) {
      const why = errorText(error).split("\n")[0]!;
      log.error(`${file} can't be used, going on with the prices known before: ${why}`);
    }
    return prices;
  };
}
