import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import { NOT_HANDED_ON } from "../parse.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { secondsOf, timeSettings } from "./power_save_times.ts";
import { recordSettings } from "./record_settings.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("24.11", "src/common/read_config.c");
/** SuspendTime is kept in 32 bits. */
const MAX_UINT32 = 0xffffffff;

/** PS035. */
export const suspendTimeNoNumber: Rule = {
  id: "PS035",
  title: "SuspendTime is not a number of seconds",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "SuspendTime has a unit or another text in place of the number or behind it, is negative, or has more than 32 bits.",
  why:
    "slurmctld reads the digits and drops the rest, without a word in the log: SuspendTime=10m is 10 seconds, UNLIMITED is 0. A negative number other than -1 stops newer releases from starting.",
  remedy: "Write a whole number of seconds, or INFINITE.",
  sources: [SLURM_CONF, READ_CONFIG],
  *check(context: Context): Iterable<Report> {
    for (const setting of timeSettings(context, "SuspendTime")) {
      const consequence = whatSlurmDoes(context, setting);
      if (consequence === undefined) continue;
      const refused = consequence === "does not start";
      yield {
        at: setting.value,
        message:
          `SuspendTime "${setting.value.text}" is not a whole number of seconds: slurmctld ${consequence}; write seconds, or INFINITE`,
        ...(refused ? { daemon: "refuses" } : {}),
      };
    }
  },
};

function whatSlurmDoes(context: Context, setting: Setting): string | undefined {
  const { text } = setting.value;
  const seconds = secondsOf(context, setting);
  if (seconds === Infinity) return undefined;
  const isGlobal = context.settings("SuspendTime").some((one) => one === setting);
  if (seconds === undefined) {
    return isGlobal && !context.isSince("24.11") ? "takes it for a huge number" : "does not start";
  }
  if (seconds > MAX_UINT32) {
    return context.isSince("24.11") ? "does not start" : "takes it for another number";
  }
  return /^\+?\d+$/.test(text) ? undefined : `takes it for ${seconds} s`;
}

/** PS036. */
export const defaultNotHandedOn: Rule = {
  id: "PS036",
  title: "PartitionName=DEFAULT does not hand this key on",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "A PartitionName=DEFAULT line has SuspendTime, PowerDownOnIdle, DisableRootJobs, ExclusiveTopo, ExclusiveUser or SelectTypeParameters.",
  why:
    "slurmctld hands every other key of the line on to the partitions below it, and these without a word to none: with SuspendTime there and nowhere else power saving is off.",
  remedy: "Write the key on each PartitionName line.",
  sources: [fileOf("26.05", "src/common/read_config.c"), SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    for (const key of NOT_HANDED_ON) {
      for (const { entry, setting } of recordSettings(context, "PartitionName", key)) {
        if (!entry.isDefault) continue;
        yield {
          at: setting,
          message:
            `${setting.key} on PartitionName=DEFAULT reaches no partition: Slurm hands on the line's other keys only; write it on each PartitionName line`,
          ...(setting.name === "suspendtime" ? { severity: "error" } : {}),
        };
      }
    }
  },
};
