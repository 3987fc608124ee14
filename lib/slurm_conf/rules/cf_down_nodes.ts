import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { hasAllIncludes } from "./completeness.ts";
import { membershipOf } from "./membership.ts";
import { firstNames } from "./node_index.ts";

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
    const { index } = membershipOf(context);
    if (!index.isWhole) return;
    for (const record of records) {
      // A hostlist that can't be read is CL020's.
      const [missing] = firstNames(index.divide(record.name.text)?.rest ?? [], 1);
      if (missing === undefined) continue;
      yield {
        at: record.name,
        message: `No NodeName line defines ${JSON.stringify(missing)}: correct the name or remove it`,
      };
    }
  },
};
