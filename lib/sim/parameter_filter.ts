import { invalid } from "./parameter_name.ts";
import { Refusal } from "./refusal.ts";
import type { ParameterVersion } from "./world.ts";

/** A filter of GetParametersByPath. */
export interface ParameterFilter {
  readonly Key: string;
  /** `Equals` unless given. */
  readonly Option?: string;
  readonly Values?: readonly string[];
}

/** What each key compares; labels can't be given here, so no parameter has one. */
const COLUMNS: Readonly<Record<string, (parameter: ParameterVersion) => string | undefined>> = {
  Type: ({ type }) => type,
  KeyId: ({ keyId }) => keyId,
  Label: () => undefined,
};

/** Values that one filter may have (API reference, ParameterStringFilter). */
const MAX_VALUES = 50;

/**
 * Whether a parameter fits all filters, each by one of its values
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html).
 * @throws {Refusal} `InvalidFilterKey`, `InvalidFilterOption` or `InvalidFilterValue`.
 */
export function parameterFilter(
  filters: readonly ParameterFilter[],
): (parameter: ParameterVersion) => boolean {
  const tests = filters.map(({ Key, Option = "Equals", Values = [] }) => {
    if (!Object.hasOwn(COLUMNS, Key)) {
      throw new Refusal(
        "InvalidFilterKey",
        `The following filter key is not valid: ${Key}. Valid filter keys include: [Type, KeyId, Label].`,
      );
    }
    if (Option !== "Equals" && Option !== "BeginsWith") {
      throw new Refusal(
        "InvalidFilterOption",
        `The following filter option is not valid: ${Option}. Valid options include: [BeginsWith, Equals].`,
      );
    }
    if (Values.length === 0) {
      throw new Refusal(
        "InvalidFilterValue",
        "The following filter values are missing : null for filter key " + Key,
      );
    }
    if (Values.length > MAX_VALUES) {
      throw invalid(
        `[${Values.length} values]`,
        "parameterFilters",
        `Member must have length at most ${MAX_VALUES}`,
      );
    }
    return (parameter: ParameterVersion) => {
      const value = COLUMNS[Key]!(parameter);
      if (value === undefined) return false;
      return Values.some((wanted) => Option === "Equals" ? value === wanted : value.startsWith(wanted));
    };
  });
  return (parameter) => tests.every((test) => test(parameter));
}
