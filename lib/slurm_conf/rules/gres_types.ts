import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { since } from "../versions.ts";
import { gresTypes } from "./gres_lines.ts";
import { fileOf, SLURM_CONF } from "./sources.ts";

/** CF029. */
export const gresPartlyTyped: Rule = {
  id: "CF029",
  title: "Gres with and without a type",
  severity: "error",
  daemon: "refuses",
  versions: since("22.05"),
  what: "Gres of a CLOUD node counts one GRES with a type and without: gpu:t4:1,gpu:1.",
  why:
    "slurmctld does not start: Some gpu GRES in slurm.conf have a type while others do not (seen on slurmctld 22.05.8, 24.11.5, 26.05.5; releases between by the source).",
  remedy: "Give every one a type, or none.",
  sources: [SLURM_CONF, fileOf("26.05", "src/interfaces/gres.c")],
  *check(context: Context): Iterable<Report> {
    const seen = new Set<Setting>();
    for (const node of context.cloudNodes) {
      const setting = node.get("Gres");
      if (setting === undefined || seen.has(setting)) continue;
      seen.add(setting);
      const name = partlyTyped(setting.value.text);
      // What GresTypes doesn't have is logged and left out.
      if (name === undefined || !gresTypes(context).has(name)) continue;
      yield {
        at: setting.value,
        message:
          `Gres "${setting.value.text}" counts ${name} with a type and without: slurmctld does not start; give each a type, or none`,
      };
    }
  },
};

/** The name of a GRES that is counted both ways; a bare name and no_consume are taken with either. */
function partlyTyped(gres: string): string | undefined {
  if (/no_consume/i.test(gres)) return undefined;
  const entries = gres.split(",").map((entry) => entry.split(":"));
  const typed = new Set(
    entries.filter(([, type]) => type !== undefined && /^\D/.test(type)).map(([name]) => name),
  );
  return entries.find(([name, count]) => typed.has(name) && /^0*[1-9]/.test(count ?? ""))?.[0];
}
