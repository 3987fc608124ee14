import type { Page } from "../aws/ec2_api.ts";
import { Refusal } from "./refusal.ts";

/** Bounds of MaxResults of one action. */
export interface PageBounds {
  readonly min: number;
  readonly max: number;
}

/**
 * One page of items that each have a number which only grows: an item added or gone meanwhile shifts no other.
 * Without MaxResults everything comes at once.
 * @throws {Refusal} `InvalidParameterValue` for MaxResults out of bounds or a token that we never gave.
 */
export function page<T>(
  items: readonly T[],
  request: { readonly MaxResults?: number; readonly NextToken?: string },
  options: { readonly bounds: PageBounds; readonly numberOf: (item: T) => number },
): Page<T> {
  const { MaxResults, NextToken } = request;
  checkMaxResults(MaxResults, options.bounds);
  const after = NextToken === undefined || NextToken === "" ? -Infinity : decode(NextToken);
  const rest = items.filter((item) => options.numberOf(item) > after);
  if (MaxResults === undefined || rest.length <= MaxResults) return { items: rest };
  const shown = rest.slice(0, MaxResults);
  return { items: shown, nextToken: encode(options.numberOf(shown.at(-1)!)) };
}

function checkMaxResults(MaxResults: number | undefined, bounds: PageBounds): void {
  if (MaxResults === undefined) return;
  if (MaxResults < bounds.min) {
    throw new Refusal(
      "InvalidParameterValue",
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value greater than ${bounds.min}.`,
    );
  }
  if (MaxResults > bounds.max) {
    throw new Refusal(
      "InvalidParameterValue",
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value less than ${bounds.max}.`,
    );
  }
}

function encode(number: number): string {
  return btoa(`after:${number}`);
}

function decode(token: string): number {
  let text = "";
  try {
    text = atob(token);
  } catch { /* not base64: refused below like any token that we never gave */ }
  const match = /^after:(\d+)$/.exec(text);
  if (!match) throw new Refusal("InvalidParameterValue", "Unable to parse pagination token");
  return Number(match[1]);
}
