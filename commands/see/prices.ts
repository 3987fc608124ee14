import type { Config, Price } from "../../lib/config/model.ts";
import { parsePrices, priceFileIn } from "../../lib/config/prices.ts";
import type { Host } from "../base/host.ts";

/** Prices, and where they come from. */
export interface KnownPrices {
  readonly prices: ReadonlyMap<string, Price>;
  /** For a person: the file and its first remark. */
  readonly source: string;
}

/** What says which prices count. */
interface PriceFlags {
  get(name: "prices"): string | undefined;
}

/** The prices that a command reckons with: the file of `--prices`, else those that `config prices` has written. */
export function knownPrices(host: Host, config: Config, flags: PriceFlags): KnownPrices {
  const file = flags.get("prices");
  if (file !== undefined) return fromFile(file, host.files.readText(file));
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

/** USD/h of an instance; a spot price is not guessed from the on-demand price: it changes by the hour. */
export function priceIn(
  { prices }: KnownPrices,
  { instanceType, capacityType }: { readonly instanceType: string; readonly capacityType: string },
): number | undefined {
  const price = prices.get(instanceType);
  return capacityType === "spot" ? price?.spot : price?.onDemand;
}
