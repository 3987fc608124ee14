import { expandHostlist } from "../../slurm/hostlist.ts";
import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { hasAllIncludes } from "./completeness.ts";

/** CF013. */
export const downNodesUnknown: Rule = {
  id: "CF013",
  title: "DownNodes of unknown nodes",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "A DownNodes line names a node that no NodeName line defines.",
  why:
    "slurmctld logs an error and ignores it: a node that should be kept away is in use under its right name.",
  remedy: "Correct the name, or remove it.",
  sources: ["https://slurm.schedmd.com/slurm.conf.html"],
  *check(context: Context): Iterable<Report> {
    const records = context.records("DownNodes").filter((record) => !record.isDefault);
    if (records.length === 0 || context.nodes.length === 0 || !hasAllIncludes(context)) return;
    const known = new Set(context.nodes.flatMap((node) => node.names()));
    for (const record of records) {
      const missing = namesIn(record.name.text).find((name) => !known.has(name));
      if (missing === undefined) continue;
      yield {
        at: record.name,
        message: `No NodeName line defines ${JSON.stringify(missing)}: correct the name or remove it`,
      };
    }
  },
};

/** A hostlist that can't be read is CL020's. */
function namesIn(hostlist: string): readonly string[] {
  try {
    return expandHostlist(hostlist);
  } catch {
    return [];
  }
}
