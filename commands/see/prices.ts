import type { Config, Price } from "../../lib/config/model.ts";
import { parsePrices, priceFileIn } from "../../lib/config/prices.ts";
import type { Host } from "../base/host.ts";
import { type PriceFlags, readPriceText } from "../base/price_file.ts";

/** Prices, and where they come from. */
export interface KnownPrices {
  readonly prices: ReadonlyMap<string, Price>;
  /** For a person: the file and its first remark. */
  readonly source: string;
}

/** The prices that a command reckons with: the file of `--prices`, else those that `config prices` has written. */
export function knownPrices(host: Host, config: Config, flags: PriceFlags): KnownPrices {
  const file = flags.get("prices");
  if (file !== undefined) return fromFile(file, readPriceText(host, file));
  const kept = priceFileIn(config.stateDir);
  try {
    return fromFile(kept, host.files.readText(kept));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { prices: new Map(), source: "none: give --prices FILE, or run slurm-ec2 config prices" };
  }
}

function fromFile(file: string, text: string): KnownPrices {
  const remark = /^# *(.+)$/m.exec(text)?.[1];
  return { prices: parsePrices(text, file), source: remark === undefined ? file : `${file} (${remark})` };
}
