import { CLOUD_PAIRS } from "./cloud.ts";
import { CONTROLLER_PAIRS } from "./controller.ts";
import { FILE_PAIRS } from "./files.ts";
import { NODE_LIST_PAIRS } from "./node_lists.ts";
import type { Pair } from "./pair.ts";
import { POWER_SAVE_PAIRS } from "./power_save.ts";
import { RECORD_PAIRS } from "./records.ts";
import { SUSPEND_EXCLUSION_PAIRS } from "./suspend_exclusions.ts";
import { TOGETHER_PAIRS } from "./settings_together.ts";
import { TOPOLOGY_PAIRS } from "./topology.ts";

/** Every pair; the first of a rule is its example in docs/lint_rules.md. */
export const PAIRS: readonly Pair[] = [
  ...CLOUD_PAIRS,
  ...CONTROLLER_PAIRS,
  ...FILE_PAIRS,
  ...NODE_LIST_PAIRS,
  ...RECORD_PAIRS,
  ...POWER_SAVE_PAIRS,
  ...SUSPEND_EXCLUSION_PAIRS,
  ...TOPOLOGY_PAIRS,
  ...TOGETHER_PAIRS,
];
