import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** The keys of a level. */
const KEYS = ["SlurmctldDebug", "SlurmctldSyslogDebug", "SlurmdDebug", "SlurmdSyslogDebug"];

/** The levels by name, in any case (log_string2num() of src/common/log.c). */
const LEVELS = [
  "quiet",
  "fatal",
  "error",
  "info",
  "verbose",
  "debug",
  "debug2",
  "debug3",
  "debug4",
  "debug5",
];

/** CF027. */
export const unknownLogLevel: Rule = {
  id: "CF027",
  title: "Log level unknown to slurmctld",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: `${KEYS.join(", ")} has a word that is not a level, or several.`,
  why:
    "slurmctld does not start (seen on slurmctld 22.05.8, 24.11.5, 26.05.5; releases between by the manual). Behind a digit it reads no further.",
  remedy: `One of ${LEVELS.join(", ")}, or a number from 0 to 9.`,
  sources: [SLURM_CONF, fileOf("26.05", "src/common/log.c")],
  *check(context: Context): Iterable<Report> {
    for (const key of KEYS) {
      const setting = context.setting(key);
      const text = setting?.value.text ?? "";
      if (setting === undefined || text === "" || /^\d/.test(text) || LEVELS.includes(text.toLowerCase())) {
        continue;
      }
      yield {
        at: setting.value,
        message: `${key} "${text}": slurmctld does not start; write one of ${LEVELS.join(", ")}`,
      };
    }
  },
};
