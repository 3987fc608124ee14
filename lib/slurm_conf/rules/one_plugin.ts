import { type Context, tokensOf } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";
import { SLURM_CONF } from "./sources.ts";

/** Keys of one plugin, with the word before the slash, for which slurmctld 22.05.8, 24.11.5 and 26.05.5 refused lists and other words. */
const KINDS: Readonly<Record<string, string>> = {
  AccountingStorageType: "accounting_storage",
  AcctGatherFilesystemType: "acct_gather_filesystem",
  AcctGatherInterconnectType: "acct_gather_interconnect",
  AcctGatherProfileType: "acct_gather_profile",
  AuthType: "auth",
  BurstBufferType: "burst_buffer",
  CredType: "cred",
  JobAcctGatherType: "jobacct_gather",
  PreemptType: "preempt",
  PriorityType: "priority",
  SchedulerType: "sched",
  SelectType: "select",
  SwitchType: "switch",
};

/** Keys in whose text Slurm looks for "none" anywhere, and then loads no plugin. */
const NONE_ANYWHERE: ReadonlySet<string> = new Set([
  "AccountingStorageType",
  "AcctGatherEnergyType",
  "AcctGatherFilesystemType",
  "AcctGatherInterconnectType",
  "AcctGatherProfileType",
  "JobAcctGatherType",
  "SwitchType",
]);

/** Keys of a list of plugins: each word is of the kind, or has no slash. */
const LISTS: Readonly<Record<string, string>> = {
  AcctGatherEnergyType: "acct_gather_energy",
  AuthAltTypes: "auth",
  NodeFeaturesPlugins: "node_features",
};

/** CF024. */
export const noSinglePlugin: Rule = {
  id: "CF024",
  title: "List, or plugin of another kind, where one plugin is meant",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: `${Object.keys(KINDS).join(", ")} names several plugins, or one of another kind; ${
    Object.keys(LISTS).join(", ")
  } names one of another kind.`,
  why:
    "slurmctld takes the whole text for the plugin's name, finds none and does not start (seen on slurmctld 22.05.8, 24.11.5, 26.05.5; releases between by the manual).",
  remedy: "Name one plugin, as slurm.conf(5) has it for the key.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const [key, kind] of Object.entries(KINDS)) {
      const setting = context.setting(key);
      const text = setting?.value.text ?? "";
      const before = kindOf(text);
      const isList = /[^,],[^,]/.test(text);
      if (NONE_ANYWHERE.has(key) && /none/i.test(text)) continue;
      if (setting === undefined || (!isList && (before === undefined || before === kind))) continue;
      yield {
        at: setting.value,
        message: `${key} "${text}": slurmctld does not start; ${
          isList ? "it takes one plugin, not a list" : `its plugins are ${kind}/…`
        }`,
      };
    }
    for (const [key, kind] of Object.entries(LISTS)) {
      const setting = context.setting(key);
      if (setting === undefined) continue;
      if (NONE_ANYWHERE.has(key) && /none/i.test(setting.value.text)) continue;
      for (const { text, span } of tokensOf(setting)) {
        const before = kindOf(text);
        if (before === undefined || before === kind) continue;
        yield { at: span, message: `${key} "${text}": slurmctld does not start; its plugins are ${kind}/…` };
      }
    }
  },
};

/** The word before the slash. */
function kindOf(text: string): string | undefined {
  return /^(\w+)\//.exec(text)?.[1];
}
