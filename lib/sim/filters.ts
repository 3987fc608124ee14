import type { Filter } from "../aws/ec2_api.ts";
import { EC2_FILTERS } from "./filter_names.ts";
import { notModelled, Refusal } from "./refusal.ts";

/** What each filter of a Describe call compares: name → the values that an item has for it. */
export type FilterTable<T> = Readonly<Record<string, (item: T) => readonly (string | undefined)[]>>;

/** Which action the filters are of, and where an item has its tags, if it can have any. */
export interface FilterOptions<T> {
  readonly action: string;
  readonly tagsOf?: (item: T) => Readonly<Record<string, string>>;
}

/**
 * The items that match all filters, each by at least one of its values; `*` and `?` are wildcards, a backslash
 * takes their meaning away (EC2 user guide, "List and filter using the CLI and API").
 * @throws {Refusal} `InvalidParameterValue` for an unknown filter, `UnsupportedOperation` for one of EC2's that the
 * simulator does not model, `FilterLimitExceeded` beyond EC2's limits.
 */
export function filterItems<T>(
  items: Iterable<T>,
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
  { action, tagsOf }: FilterOptions<T>,
): T[] {
  checkLimits(filters ?? []);
  const tests = (filters ?? []).map((filter) => {
    const valuesOf = column(filter.Name, table, { action, tagsOf });
    const matches = matcher(filter.Values);
    return (item: T) => valuesOf(item).some((value) => value !== undefined && matches(value));
  });
  const kept: T[] = [];
  for (const item of items) if (tests.every((test) => test(item))) kept.push(item);
  return kept;
}

/** Same page as above: up to 50 filters, up to 200 values each, filter strings up to 255 characters. */
const MAX_FILTERS = 50;
const MAX_VALUES = 200;
const MAX_LENGTH = 255;

function checkLimits(filters: readonly Filter[]): void {
  if (filters.length > MAX_FILTERS) {
    throw new Refusal(
      "FilterLimitExceeded",
      `The maximum number of filters on a single call is ${MAX_FILTERS}`,
    );
  }
  for (const filter of filters) {
    if (filter.Name === "") throw new Refusal("InvalidParameterValue", "The filter 'null' is invalid");
    // EC2's reference doesn't say what a filter without values selects; on no account may it pass for "all".
    if (filter.Values.length === 0) {
      throw new Refusal("InvalidParameterValue", `The filter '${filter.Name}' must have at least one value`);
    }
    if (filter.Values.length > MAX_VALUES) {
      throw new Refusal(
        "FilterLimitExceeded",
        `The maximum number of filter values specified on a single call is ${MAX_VALUES}`,
      );
    }
    if (filter.Values.some((value) => value.length > MAX_LENGTH)) {
      throw new Refusal(
        "FilterLimitExceeded",
        `The maximum length for a filter value is ${MAX_LENGTH} characters`,
      );
    }
  }
}

function column<T>(
  name: string,
  table: FilterTable<T>,
  { action, tagsOf }: FilterOptions<T>,
): (item: T) => readonly (string | undefined)[] {
  if (tagsOf && name.startsWith("tag:")) {
    const key = name.slice("tag:".length);
    return (item) => [tagsOf(item)[key]];
  }
  if (tagsOf && name === "tag-key") return (item) => Object.keys(tagsOf(item));
  if (tagsOf && name === "tag-value") return (item) => Object.values(tagsOf(item));
  if (!Object.hasOwn(table, name) && EC2_FILTERS[action]?.has(name)) {
    throw notModelled(`the filter ${name} of ${action}`);
  }
  if (!Object.hasOwn(table, name)) {
    throw new Refusal("InvalidParameterValue", `The filter '${name}' is invalid`);
  }
  return table[name]!;
}

function matcher(patterns: readonly string[]): (value: string) => boolean {
  const exact = new Set<string>();
  const wild: RegExp[] = [];
  for (const pattern of patterns) {
    if (/[*?\\]/.test(pattern)) wild.push(wildcard(pattern));
    else exact.add(pattern);
  }
  return (value) => exact.has(value) || wild.some((pattern) => pattern.test(value));
}

function wildcard(pattern: string): RegExp {
  const parts = pattern.match(/\\[\s\S]|[\s\S]/g) ?? [];
  const source = parts.map((part) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "[\\s\\S]";
    const literal = part.length === 2 ? part[1]! : part;
    return literal.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`);
}
