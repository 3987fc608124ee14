import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";
import { SLURM_CONF } from "./sources.ts";

/** Keys of one plugin, with the word before the slash, for which slurmctld 22.05.8, 24.11.5 and 26.05.5 refused lists and other words. */
const KINDS: Readonly<Record<string, string>> = {
  AuthType: "auth",
  BurstBufferType: "burst_buffer",
  CredType: "cred",
  PreemptType: "preempt",
  PriorityType: "priority",
  SchedulerType: "sched",
  SelectType: "select",
};

/** CF024. */
export const noSinglePlugin: Rule = {
  id: "CF024",
  title: "List, or plugin of another kind, where one plugin is meant",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: `${Object.keys(KINDS).join(", ")} names several plugins, or one of another kind.`,
  why:
    "slurmctld takes the whole text for the plugin's name, finds none and does not start (seen on slurmctld 22.05.8, 24.11.5, 26.05.5; releases between by the manual).",
  remedy: "Name one plugin, as slurm.conf(5) has it for the key.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const [key, kind] of Object.entries(KINDS)) {
      const setting = context.setting(key);
      const text = setting?.value.text ?? "";
      const before = /^(\w+)\//.exec(text)?.[1];
      const isList = /[^,],[^,]/.test(text);
      if (setting === undefined || (!isList && (before === undefined || before === kind))) continue;
      yield {
        at: setting.value,
        message: `${key} "${text}": slurmctld does not start; ${
          isList ? "it takes one plugin, not a list" : `its plugins are ${kind}/…`
        }`,
      };
    }
  },
};
