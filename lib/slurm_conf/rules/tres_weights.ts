import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { recordSettings } from "./record_settings.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** TRES that every Slurm has: https://slurm.schedmd.com/tres.html */
const ALWAYS: ReadonlySet<string> = new Set([
  "cpu",
  "mem",
  "node",
  "billing",
  "energy",
  "vmem",
  "pages",
  "fs/disk",
]);

/** CF017. */
export const tresWeights: Rule = {
  id: "CF017",
  title: "Weight of a TRES that Slurm doesn't have",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "TRESBillingWeights, TRESWeights or PriorityWeightTRES weighs a TRES that is neither built in nor in AccountingStorageTRES, or has a weight that is not a number; or AccountingStorageTRES is set without slurmdbd.",
  why: "slurmctld does not start: failed to parse tres weights str; slurmdbd is required to run with TRES.",
  remedy:
    "Add the TRES to AccountingStorageTRES (which needs AccountingStorageType=accounting_storage/slurmdbd), or remove it.",
  sources: [SLURM_CONF, fileOf("26.05", "src/common/slurmdb_defs.c")],
  *check(context: Context): Iterable<Report> {
    for (const { setting } of recordSettings(context, "PartitionName", "TRESBillingWeights")) {
      yield* weights(context, setting);
    }
    for (const { setting } of recordSettings(context, "NodeName", "TRESWeights")) {
      yield* weights(context, setting);
    }
    const priority = context.setting("PriorityWeightTRES");
    // 22.05.8 starts and ends its priority plugin; without priority/multifactor it never reads the weights.
    const isRead = context.isSince("23.02") || context.text("PriorityType") === "priority/multifactor";
    if (priority !== undefined && isRead) yield* weights(context, priority);
    yield* withoutDatabase(context);
  },
};

function* weights(context: Context, setting: Setting): Iterable<Report> {
  const own = new Set(context.tokens("AccountingStorageTRES").map(({ text }) => text.toLowerCase()));
  for (const entry of setting.value.text.split(",")) {
    const [name, weight] = entry.split("=");
    if (name === "" || name === undefined) continue;
    const tres = name.toLowerCase();
    if (weight === undefined || weight === "") {
      yield refused(setting, `has no weight for "${name}"; write ${name}=1.0`);
    } else if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?([kmgtp].*)?$/i.test(weight)) {
      yield refused(
        setting,
        `has the weight "${weight}" for "${name}", which is not a number with one of the units K, M, G, T, P; correct it`,
      );
    } else if (!ALWAYS.has(tres) && !own.has(tres) && canJudge(context)) {
      const known = /^(gres|license|fs|ic)\//.test(tres);
      yield refused(
        setting,
        known
          ? `weighs "${name}", which AccountingStorageTRES does not have; add ${tres} there (it needs slurmdbd), or remove the weight`
          : `weighs "${name}", which is not a TRES: CPU, Mem, Node, GRES/…, License/…; correct it`,
      );
    }
  }
}

/** In a part, AccountingStorageTRES may stand in another part. */
function canJudge(context: Context): boolean {
  return isComplete(context);
}

function* withoutDatabase(context: Context): Iterable<Report> {
  const setting = context.setting("AccountingStorageTRES");
  if (setting === undefined || !isComplete(context)) return;
  if (/slurmdbd/i.test(context.text("AccountingStorageType") ?? "")) return;
  const own = context.tokens("AccountingStorageTRES").find(({ text }) => !ALWAYS.has(text.toLowerCase()));
  if (own === undefined) return;
  yield {
    at: own,
    message:
      `AccountingStorageTRES has "${own.text}" without AccountingStorageType=accounting_storage/slurmdbd: slurmctld does not start; set that up, or remove the word`,
  };
}

function refused(setting: Setting, problem: string): Report {
  return { at: setting.value, message: `${setting.key} ${problem}: slurmctld does not start` };
}
