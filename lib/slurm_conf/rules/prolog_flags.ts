import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

const READ_CONFIG = fileOf("26.05", "src/common/read_config.c");
/** Flags that switch Contain on (slurm.conf(5), PrologFlags). */
const CONTAINING = ["contain", "x11", "runinjob"];

/** SC016. */
export const prologFlagsConflict: Rule = {
  id: "SC016",
  title: "PrologFlags that don't go together",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "PrologFlags has NoHold with Contain or X11, X11 with proctrack/linuxproc, or Contain without proctrack/cgroup.",
  why: "slurmctld does not start; Contain without proctrack/cgroup it logs as an error.",
  remedy: "Drop NoHold, or write ProctrackType=proctrack/cgroup.",
  sources: [READ_CONFIG, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("PrologFlags");
    if (setting === undefined) return;
    const flags = flagsOf(context);
    const container = flags.find((flag) => CONTAINING.includes(flag));
    if (container === undefined) return;
    if (flags.includes("nohold")) {
      yield {
        at: setting.value,
        message: `PrologFlags "${setting.value.text}" has NoHold with ${
          container === "contain" ? "Contain" : container === "x11" ? "X11" : "RunInJob"
        }: slurmctld does not start; remove NoHold`,
      };
    }
    const tracking = context.text("ProctrackType")?.toLowerCase() ?? "proctrack/cgroup";
    if (tracking === "proctrack/cgroup" || tracking === "proctrack/cray_aries") return;
    const refuses = flags.includes("x11") && tracking === "proctrack/linuxproc";
    yield {
      at: setting.value,
      message: `PrologFlags "${setting.value.text}" needs another ProctrackType than ${tracking}${
        refuses ? ": slurmctld does not start" : " for pam_slurm_adopt, and an error is logged"
      }; write proctrack/cgroup`,
      ...(refuses ? {} : { severity: "warning", daemon: "logs" }),
    };
  },
};

/** SC017. */
export const stepManagerWithoutContain: Rule = {
  id: "SC017",
  title: "enable_stepmgr without Contain",
  severity: "error",
  daemon: "refuses",
  versions: since("24.05"),
  what:
    "SlurmctldParameters has enable_stepmgr and PrologFlags has neither Contain nor a flag that implies it.",
  why: "slurmctld does not start: the step manager runs in the container of the job.",
  remedy: "Add PrologFlags=Contain.",
  sources: [fileOf("26.05", "src/slurmctld/read_config.c"), SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const token = context.token("SlurmctldParameters", "enable_stepmgr");
    if (token === undefined || flagsOf(context).some((flag) => CONTAINING.includes(flag))) return;
    if (context.isFragment && context.setting("PrologFlags") === undefined) return;
    yield {
      at: token,
      message: `"${token.text}" needs PrologFlags=Contain: slurmctld does not start; add it`,
    };
  },
};

function flagsOf(context: Context): string[] {
  return context.tokens("PrologFlags").map((token) => token.name.toLowerCase());
}
