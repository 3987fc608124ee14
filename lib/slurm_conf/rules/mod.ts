import type { Rule } from "../rule.ts";
import { repeatedKey } from "./sc_repeated_keys.ts";

/** Every rule, by id. */
export const RULES: readonly Rule[] = [
  repeatedKey,
].sort((a, b) => a.id < b.id ? -1 : 1);
