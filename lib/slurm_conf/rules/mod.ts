import type { Rule } from "../rule.ts";
import {
  directoryInclude,
  includeLoop,
  openContinuation,
  relativeInclude,
  unparsableText,
  unreadableInclude,
  unreadableText,
} from "./cf_file.ts";
import { swallowedSetting, valueOfWrongType } from "./cf_values.ts";
import { repeatedKey } from "./sc_repeated_keys.ts";

/** Every rule, by id. */
export const RULES: readonly Rule[] = [
  directoryInclude,
  includeLoop,
  openContinuation,
  relativeInclude,
  unparsableText,
  unreadableInclude,
  unreadableText,
  swallowedSetting,
  valueOfWrongType,
  repeatedKey,
].sort((a, b) => a.id < b.id ? -1 : 1);
