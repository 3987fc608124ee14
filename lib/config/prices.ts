import { isMap, isScalar, type Scalar } from "yaml";
import { type Problem, ProblemError } from "../base/problem.ts";
import type { Price } from "./model.ts";
import { parseYaml } from "./yaml_document.ts";

/** The prices that limits go by: written by `config prices`, for the hooks have no right to ask AWS's price list. */
export function priceFileIn(stateDir: string): string {
  return `${stateDir}/prices.yaml`;
}

/** Prices as {@link parsePrices} reads them, by instance type. `origin` says in words where they come from. */
export function formatPrices(prices: ReadonlyMap<string, Price>, origin: string): string {
  const lines = [...prices].sort(([a], [b]) => a < b ? -1 : 1).map(([type, { onDemand, spot }]) => {
    if (spot === undefined) return `${type}: ${onDemand}\n`;
    return `${type}: {${onDemand === undefined ? "" : `on-demand: ${onDemand}, `}spot: ${spot}}\n`;
  });
  return `# USD/h by instance type, from ${origin}: what limits.maxHourlyCost and maxDailyCost go by.\n${
    lines.join("")
  }`;
}

/**
 * The user's price file: a map from instance type to USD per hour on demand, or to `{on-demand: …, spot: …}`;
 * YAML or JSON.
 * @throws {ProblemError} with every line that is not one of it.
 */
export function parsePrices(text: string, file: string): ReadonlyMap<string, Price> {
  const yaml = parseYaml(text);
  if (yaml.kind === "unreadable") throw new ProblemError(yaml.faults.map((fault) => ({ file, ...fault })));
  const problems: Problem[] = [];
  const complain = (offset: number, message: string) => {
    problems.push({ file, ...yaml.position(offset), message });
  };
  const prices = new Map<string, Price>();
  const { contents } = yaml.document;
  if (!isMap(contents)) {
    complain(0, "Prices must be a map from instance type to USD per hour, e.g. c7i.large: 0.1");
  }
  for (const { key, value } of isMap(contents) ? contents.items : []) {
    const name = String((key as Scalar).value);
    const offset = (key as Scalar).range?.[0] ?? 0;
    if (prices.has(name)) complain(offset, `Instance type ${name} has two prices: leave one out`);
    const price = readPrice(value, complain, offset);
    if (price !== undefined) prices.set(name, price);
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return prices;
}

type Complain = (offset: number, message: string) => void;

function readPrice(node: unknown, complain: Complain, offset: number): Price | undefined {
  if (isScalar(node)) {
    const onDemand = readUsd(node, complain);
    return onDemand === undefined ? undefined : { onDemand };
  }
  if (!isMap(node)) {
    complain(offset, "A price must be a number of USD per hour, or a map with on-demand and spot");
    return undefined;
  }
  const price: { onDemand?: number; spot?: number } = {};
  for (const { key, value } of node.items) {
    const name = String((key as Scalar).value);
    const field = name === "on-demand" ? "onDemand" : name === "spot" ? "spot" : undefined;
    if (field === undefined) {
      complain((key as Scalar).range?.[0] ?? offset, `Unknown key "${name}": a price has on-demand and spot`);
    } else if (isScalar(value)) price[field] = readUsd(value, complain);
    else complain(offset, `The ${name} price must be a number of USD per hour`);
  }
  return price;
}

function readUsd(node: Scalar, complain: Complain): number | undefined {
  const { value } = node;
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  complain(node.range?.[0] ?? 0, `A price must be a number of USD per hour above 0, got "${String(value)}"`);
  return undefined;
}
