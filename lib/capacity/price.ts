import type { NodeGroup, Price } from "../config/model.ts";

/** Known prices by instance type. */
export type Prices = ReadonlyMap<string, Price>;

/**
 * USD/h of one instance; undefined: not known. Spot without a price of its own is reckoned at the on-demand price, the
 * most that a request without a maximum price of its own is charged
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-requests.html).
 */
export function usdPerHour(
  prices: Prices,
  instanceType: string,
  capacityType: "on-demand" | "spot",
): number | undefined {
  const price = prices.get(instanceType);
  return capacityType === "spot" ? price?.spot ?? price?.onDemand : price?.onDemand;
}

/** USD/h of an instance by the price list; a spot price that it lacks is not guessed from the on-demand price: it changes by the hour. */
export function listedPrice(
  prices: Prices,
  { instanceType, capacityType }: { readonly instanceType: string; readonly capacityType: string },
): number | undefined {
  const price = prices.get(instanceType);
  return capacityType === "spot" ? price?.spot : price?.onDemand;
}

/** USD/h of a node before it is known which of its group's instance types it gets. */
export interface NodePrice {
  /** That of the dearest of them. */
  readonly usdPerHour: number;
  /** Those whose price is not known; such a node has no price. */
  readonly unpriced: readonly string[];
}

/** The most that a node of a group may cost: whichever of its types is launched, a limit that allows this holds. */
export function nodePrice(
  prices: Prices,
  { instanceTypes, capacityType }: Pick<NodeGroup, "instanceTypes" | "capacityType">,
): NodePrice {
  // An on-demand instance may follow where spot has none.
  const bought = capacityType === "spot" ? "spot" : "on-demand";
  const known = instanceTypes.map((type) => usdPerHour(prices, type, bought));
  return {
    usdPerHour: Math.max(0, ...known.flatMap((price) => price ?? [])),
    unpriced: instanceTypes.filter((_, i) => known[i] === undefined),
  };
}
