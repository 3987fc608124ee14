import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { timeSettings } from "./power_save_times.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** PS035. */
export const suspendTimeNoNumber: Rule = {
  id: "PS035",
  title: "SuspendTime is no number of seconds",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "SuspendTime has a unit or another text behind the number, or is negative.",
  why:
    "slurmctld reads the digits and drops the rest: SuspendTime=10m is 10 seconds. A negative number other than -1 stops newer releases from starting.",
  remedy: "Write a whole number of seconds, or INFINITE.",
  sources: [SLURM_CONF, fileOf("24.11", "src/common/read_config.c")],
  *check(context: Context): Iterable<Report> {
    for (const setting of timeSettings(context, "SuspendTime")) {
      const { text } = setting.value;
      if (/^(infinite|unlimited|none|-1|\+?\d+)$/i.test(text)) continue;
      const negative = /^-\d+$/.test(text);
      const isGlobal = context.settings("SuspendTime").includes(setting);
      const refused = negative && (!isGlobal || context.isSince("24.11"));
      yield {
        at: setting.value,
        message: `SuspendTime "${text}" is no whole number of seconds: slurmctld ${
          refused ? "does not start" : negative ? "takes it for a huge number" : "drops what is not a digit"
        }; write seconds, or INFINITE`,
        ...(refused ? { severity: "error", daemon: "refuses" } : {}),
      };
    }
  },
};
