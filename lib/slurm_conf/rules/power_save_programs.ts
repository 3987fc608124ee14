import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { finiteSuspendTime } from "./power_save_enabled.ts";
import { fileOf, POWER_SAVE, SLURM_CONF } from "./sources.ts";

const PROGRAM_KEYS = ["ResumeProgram", "SuspendProgram", "ResumeFailProgram"] as const;

/** PS002. */
export const programPathRelative: Rule = {
  id: "PS002",
  title: "Program path not absolute",
  severity: "error",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what:
    "ResumeProgram, SuspendProgram or ResumeFailProgram is not an absolute path, nor (from 26.05 on) a PowerAction.",
  why: "slurmctld rejects such a program and switches power saving off, with only a line in its log.",
  remedy: "Write the absolute path of the program, without arguments before 26.05.",
  sources: [
    POWER_SAVE,
    fileOf("26.05", "src/common/power_action.c"),
    fileOf("22.05", "src/slurmctld/power_save.c"),
  ],
  *check(context: Context): Iterable<Report> {
    const tried = finiteSuspendTime(context) !== undefined;
    for (const key of PROGRAM_KEYS) {
      const setting = context.setting(key);
      if (setting === undefined) continue;
      const { text } = setting.value;
      const daemon = tried ? "logs" : "silent";
      if (!text.startsWith("/")) {
        if (context.isSince("26.05") && isPowerAction(context, text)) continue;
        yield {
          at: setting.value,
          message:
            `${key} "${text}" is not an absolute path: slurmctld rejects it; write the whole path from /`,
          daemon,
        };
      } else if (/\s/.test(text) && !context.isSince("26.05")) {
        yield {
          at: setting.value,
          message:
            `${key} "${text}" has arguments: slurmctld takes the whole text for a file name and rejects it; put the arguments into a script`,
          daemon,
        };
      }
    }
  },
};

/** PS018. */
export const resumeFailProgramMissing: Rule = {
  id: "PS018",
  title: "No ResumeFailProgram",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "ResumeProgram is set, but ResumeFailProgram is not.",
  why:
    "When a node misses ResumeTimeout, slurmctld calls ResumeFailProgram and not SuspendProgram: without it an instance that never registered runs on and is billed.",
  remedy: "Set ResumeFailProgram to a program that terminates the instances of the nodes it is given.",
  sources: [SLURM_CONF, POWER_SAVE],
  *check(context: Context): Iterable<Report> {
    const resume = context.setting("ResumeProgram");
    if (resume === undefined || context.setting("ResumeFailProgram") !== undefined) return;
    if (context.isFragment ? context.setting("SuspendProgram") === undefined : !isComplete(context)) return;
    // Nodes of the site's own that don't come up cost nothing.
    const launches = context.isFragment || context.cloudNodes.length > 0 ||
      context.setting("MaxNodeCount") !== undefined;
    if (!launches) return;
    yield {
      at: resume,
      message:
        "ResumeProgram is set, but ResumeFailProgram is not: an instance whose node misses ResumeTimeout is never terminated; set ResumeFailProgram",
    };
  },
};

function isPowerAction(context: Context, name: string): boolean {
  return context.records("PowerAction").some((entry) => entry.name.text === name);
}
