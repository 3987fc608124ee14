import { collectPages } from "./paginate.ts";
import type { PricingApi, PricingFilter } from "./pricing_api.ts";

/** Calls at a time: one for each instance type, since the filters know no "or". */
const CONCURRENCY = 4;

/** Filters for one type's Linux price per hour of use, without reservation, licence or extra software. */
export function linuxPriceFilters(region: string, instanceType: string): readonly PricingFilter[] {
  return [
    { Field: "regionCode", Value: region },
    { Field: "instanceType", Value: instanceType },
    { Field: "operatingSystem", Value: "Linux" },
    { Field: "preInstalledSw", Value: "NA" },
    { Field: "tenancy", Value: "Shared" },
    { Field: "capacitystatus", Value: "Used" },
    { Field: "marketoption", Value: "OnDemand" },
  ];
}

/**
 * On-demand Linux prices by instance type, in USD/h; a type without a price is left out: Mac and brand-new types
 * have none. Throws {@link AwsError}.
 */
export async function linuxPrices(
  pricing: PricingApi,
  region: string,
  instanceTypes: Iterable<string>,
): Promise<ReadonlyMap<string, number>> {
  const prices = new Map<string, number>();
  const waiting = [...new Set(instanceTypes)].values();
  const work = async () => {
    for (const instanceType of waiting) {
      const Filters = linuxPriceFilters(region, instanceType);
      const entries = await collectPages((NextToken) =>
        pricing.getProducts({ ServiceCode: "AmazonEC2", Filters, MaxResults: 100, NextToken })
      );
      const price = lowestPrice(entries);
      if (price !== undefined) prices.set(instanceType, price);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return prices;
}

/** The part of a price list entry that we read; AWS documents the rest. */
interface Entry {
  readonly terms?: {
    readonly OnDemand?: Readonly<
      Record<string, { readonly priceDimensions?: Readonly<Record<string, Dimension>> }>
    >;
  };
}

interface Dimension {
  readonly unit?: string;
  readonly pricePerUnit?: { readonly USD?: string };
}

/** Lowest price above 0 USD/h of the entries: some types are listed twice, some with a placeholder of 0. */
export function lowestPrice(entries: readonly string[]): number | undefined {
  const prices = entries.flatMap((entry) => hourlyPrices(JSON.parse(entry) as Entry)).filter((price) =>
    price > 0
  );
  return prices.length === 0 ? undefined : Math.min(...prices);
}

function hourlyPrices(entry: Entry): number[] {
  const dimensions = Object.values(entry.terms?.OnDemand ?? {}).flatMap((term) =>
    Object.values(term.priceDimensions ?? {})
  );
  return dimensions.filter(({ unit }) => unit === "Hrs").map(({ pricePerUnit }) => Number(pricePerUnit?.USD));
}
