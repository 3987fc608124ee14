import { didYouMean } from "../../base/did_you_mean.ts";
import { type Context, tokensOf } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** What slurmctld knows, with or without RLIMIT_ before it, in capitals only (src/common/slurm_rlimits_info.c). */
const NAMES = ["CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS"];

/** Words that are a whole value, not part of a list. */
const WHOLE: ReadonlySet<string> = new Set(["ALL", "NONE"]);

/** CF023. */
export const unknownResourceLimit: Rule = {
  id: "CF023",
  title: "Resource limit unknown to slurmctld",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "PropagateResourceLimits or PropagateResourceLimitsExcept has a name that isn't one, in lower case for example, or ALL or NONE next to other names.",
  why:
    "slurmctld does not start (Bad rlimit name, seen on slurmctld 22.05.8, 24.11.5, 26.05.5; releases between by the source).",
  remedy: `ALL or NONE alone, or names in capitals: ${NAMES.join(", ")}.`,
  sources: [SLURM_CONF, fileOf("26.05", "src/common/slurm_rlimits_info.c")],
  *check(context: Context): Iterable<Report> {
    // Where both are set, slurmctld reads the exceptions only.
    const setting = context.setting("PropagateResourceLimitsExcept") ??
      context.setting("PropagateResourceLimits");
    if (setting === undefined || WHOLE.has(setting.value.text)) return;
    for (const token of tokensOf(setting)) {
      const name = token.text.replace(/^RLIMIT_/, "");
      if (NAMES.includes(name)) continue;
      const near = didYouMean(name, [...NAMES, ...WHOLE]);
      const hint = WHOLE.has(name)
        ? "ALL and NONE stand alone"
        : near === undefined
        ? `it takes ${NAMES.join(", ")}`
        : `write ${near}`;
      yield { at: token, message: `${setting.key} "${token.text}": slurmctld does not start; ${hint}` };
    }
  },
};
