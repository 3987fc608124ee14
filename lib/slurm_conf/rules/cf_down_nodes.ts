import type { Context } from "../context.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { recordSetting } from "../document.ts";
import { hasAllIncludes } from "./completeness.ts";
import { membershipOf } from "./membership.ts";
import { firstNames } from "./node_index.ts";
import { isNodeState } from "./node_names.ts";

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

/** CL040. */
export const downNodesState: Rule = {
  id: "CL040",
  title: "DownNodes that slurmctld ignores, or that takes CLOUD away",
  severity: "warning",
  daemon: "logs",
  versions: ALL_VERSIONS,
  what: "A DownNodes line has a State that it doesn't take, or names CLOUD nodes.",
  why:
    "A State such as POWER_DOWN is logged and the line ignored. CLOUD nodes with another state are not cloud nodes any more: ResumeProgram is never called for them.",
  remedy: "Write DOWN, DRAIN or FAIL, for on-premises nodes; drain CLOUD nodes with scontrol update.",
  sources: ["https://slurm.schedmd.com/slurm.conf.html"],
  *check(context: Context): Iterable<Report> {
    for (const record of context.records("DownNodes")) {
      if (record.isDefault) continue;
      const setting = recordSetting(record, "State");
      const state = setting?.value.text ?? "DOWN";
      if (!isNodeState(state)) {
        yield {
          at: setting!.value,
          message:
            `State "${state}" of DownNodes "${record.name.text}" is unknown, and slurmctld ignores the line; write DOWN, DRAIN or FAIL`,
        };
      } else if (!/^(cloud|unknown)/i.test(state)) {
        const shares = membershipOf(context).index.divide(record.name.text)?.shares ?? [];
        const cloud = shares.find(({ item }) => item.isCloud);
        if (cloud === undefined) continue;
        yield {
          at: record.name,
          message:
            `DownNodes sets nodes of "${cloud.item.name}" to ${state.toUpperCase()} and takes State=CLOUD from them: ResumeProgram is never called for them; drain them with scontrol update instead`,
          daemon: "silent",
        };
      }
    }
  },
};
