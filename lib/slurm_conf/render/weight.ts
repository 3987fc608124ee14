import type { InstanceTypeFacts } from "../../aws/ec2_api.ts";
import type { NodeGroup, Price } from "../../config/model.ts";

/** Prices and where they come from. */
export interface PriceList {
  /** In words, for the head of the rendered file. */
  readonly origin: string;
  /** By instance type. */
  readonly prices: ReadonlyMap<string, Price>;
}

/** A Weight of 1 is 0.01 cents an hour: enough to tell the cheapest types apart. */
const WEIGHT_PER_USD = 10_000;

/** Slurm keeps Weight in 32 bits and uses the uppermost values itself (slurm.h, NO_VAL). */
const MAX_WEIGHT = 4_294_967_280;

/** Without prices: bigger nodes weigh more, a GPU more than any CPU. No price is guessed. */
const WEIGHT_PER_CPU = 10;
const WEIGHT_PER_GIB = 1;
const WEIGHT_PER_GPU = 1000;

/** The rule in words, for the head of the rendered file. */
export function weightRule(prices: PriceList | undefined): string {
  return prices === undefined
    ? `No prices were given: Weight = ${WEIGHT_PER_CPU} x vCPUs + memory in GiB + ${WEIGHT_PER_GPU} x GPUs of the group's first instance type.`
    : `Weight = USD/h x ${WEIGHT_PER_USD} of the group's first instance type, from ${prices.origin}; spot groups by the spot price where there is one.`;
}

/** Weight by size, the rule for when no prices are known; larger than the 1 that other nodes have by default. */
export function weightBySize(facts: InstanceTypeFacts): number {
  const gpus = facts.gpus.reduce((sum, gpu) => sum + gpu.count, 0);
  return Math.round(
    facts.defaultVCpus * WEIGHT_PER_CPU + facts.memoryMiB / 1024 * WEIGHT_PER_GIB + gpus * WEIGHT_PER_GPU,
  );
}

/** Weight by price, at least 1; undefined when the list has no price for the type that the group prefers. */
export function weightByPrice(
  group: Pick<NodeGroup, "instanceTypes" | "capacityType">,
  list: PriceList,
): number | undefined {
  const price = list.prices.get(group.instanceTypes[0]!);
  const usd = group.capacityType === "on-demand" ? price?.onDemand : price?.spot ?? price?.onDemand;
  if (usd === undefined) return undefined;
  return Math.min(MAX_WEIGHT, Math.max(1, Math.round(usd * WEIGHT_PER_USD)));
}
