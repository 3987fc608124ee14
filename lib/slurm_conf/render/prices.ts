import { isMap, isScalar, LineCounter, parseDocument, type Scalar } from "yaml";
import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Price } from "./weight.ts";

/**
 * The user's price file: a map from instance type to USD per hour on demand, or to `{on-demand: …, spot: …}`;
 * YAML or JSON.
 * @throws {ProblemError} with every line that is none of it.
 */
export function parsePrices(text: string, file: string): ReadonlyMap<string, Price> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems: Problem[] = [];
  const complain = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    problems.push({ file, line: Math.max(1, line), column: Math.max(1, col), message });
  };
  for (const { pos, message } of document.errors) complain(pos[0], message);
  const prices = new Map<string, Price>();
  const { contents } = document;
  if (problems.length === 0 && !isMap(contents)) {
    complain(0, "Prices must be a map from instance type to USD per hour, e.g. c7i.large: 0.1");
  }
  for (const { key, value } of isMap(contents) ? contents.items : []) {
    const name = String((key as Scalar).value);
    const price = readPrice(value, complain, (key as Scalar).range?.[0] ?? 0);
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
