import type { Ceilings } from "./limits.ts";
import type { Reckoning } from "./reckoning.ts";

/** What of a cluster is beyond its limits now, or is not known for want of a price: a sentence for each, without a period. */
export function exceeded({ maxNodes, maxHourlyCost, maxDailyCost }: Ceilings, use: Reckoning): string[] {
  const found: string[] = [];
  if (maxNodes !== undefined && use.nodes > maxNodes) {
    found.push(`limits.maxNodes is ${maxNodes}, and there are ${use.nodes} instances`);
  }
  if (maxHourlyCost !== undefined && use.usdPerHour > maxHourlyCost) {
    found.push(
      `limits.maxHourlyCost is ${maxHourlyCost}, and what runs costs ${use.usdPerHour.toFixed(2)} USD/h`,
    );
  }
  if (maxDailyCost !== undefined && use.today.usd > maxDailyCost) {
    found.push(`limits.maxDailyCost is ${maxDailyCost}, and today has cost ${use.today.usd.toFixed(2)} USD`);
  }
  return found;
}
