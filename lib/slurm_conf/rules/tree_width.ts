import type { Context } from "../context.ts";
import { removeEntry } from "../edit.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, before, since } from "../versions.ts";
import { hasAllIncludes } from "./completeness.ts";
import { changelog, fileOf, releaseNotes, SLURM_CONF } from "./sources.ts";

/** Above this, slurmctld talks to nearly every node itself. */
const WIDE = 1000;
/** The default up to 23.02, and the one since 23.11. */
const OLD_DEFAULT = 50;
const NEW_DEFAULT = 16;
/** The largest value that slurm.conf(5) allows. */
const MAX_WIDTH = 65533;
/** The least width whose square is beyond a signed 32-bit number. */
const OVERFLOWING = 46341;

/** CL005. */
export const treeWidthWide: Rule = {
  id: "CL005",
  title: "TreeWidth switches fan-out off",
  severity: "warning",
  daemon: "silent",
  versions: since("23.11"),
  what: `TreeWidth is above ${WIDE}.`,
  why:
    "From 23.11 on Slurm fans out to cloud nodes too. A width beyond the number of nodes makes slurmctld contact each of them itself, with every message.",
  remedy: "Remove TreeWidth (the default is 16), or write 16 to 50.",
  sources: [releaseNotes("23.11"), SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("TreeWidth");
    const width = context.number("TreeWidth");
    if (setting === undefined || width === undefined || width <= WIDE) return;
    yield {
      at: setting.value,
      message:
        `TreeWidth ${width} makes slurmctld contact every node itself, which cloud nodes no longer need; remove the line (the default is ${NEW_DEFAULT})`,
      fix: { title: "Remove the line", edits: [removeEntry(setting)], safe: false },
    };
  },
};

/** CL007. */
export const treeWidthInvalid: Rule = {
  id: "CL007",
  title: "TreeWidth out of range",
  severity: "warning",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "TreeWidth is 0, or 65534 or 65535.",
  why:
    "0 is rejected with an error in the log and the default used. Above 65533 is beyond what slurm.conf(5) allows.",
  remedy: "Write 1 to 65533, or remove the line.",
  sources: [SLURM_CONF, fileOf("26.05", "src/common/read_config.c")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("TreeWidth");
    const width = context.number("TreeWidth");
    if (setting === undefined || width === undefined) return;
    const fix = { title: "Remove the line", edits: [removeEntry(setting)], safe: false };
    if (width === 0) {
      yield {
        at: setting.value,
        message: "TreeWidth 0 is rejected and the default used; remove the line",
        daemon: "logs",
        fix: { ...fix, safe: true },
      };
    } else if (width > MAX_WIDTH && width <= 0xffff) {
      yield {
        at: setting.value,
        message: `TreeWidth ${width} is above ${MAX_WIDTH}; write that or less`,
        fix,
      };
    }
  },
};

/** CL008. */
export const treeWidthOldDefault: Rule = {
  id: "CL008",
  title: "TreeWidth at the old default",
  severity: "info",
  daemon: "silent",
  versions: since("23.11"),
  what: `TreeWidth is ${OLD_DEFAULT}, the default of releases up to 23.02.`,
  why: `From 23.11 on ${NEW_DEFAULT} is the default, made for the 16 threads with which slurmctld sends.`,
  remedy: "Remove the line.",
  sources: [releaseNotes("23.11")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("TreeWidth");
    if (setting === undefined || context.number("TreeWidth") !== OLD_DEFAULT) return;
    yield {
      at: setting,
      message:
        `TreeWidth ${OLD_DEFAULT} is the default of older releases, ${NEW_DEFAULT} that of this one; remove the line`,
      fix: { title: "Remove the line", edits: [removeEntry(setting)], safe: false },
    };
  },
};

/** CL026. */
export const treeWidthOverflow: Rule = {
  id: "CL026",
  title: "TreeWidth corrupts memory",
  severity: "error",
  daemon: "silent",
  versions: before("26.05"),
  what: `TreeWidth is ${OVERFLOWING} or more.`,
  why:
    "With more nodes than TreeWidth slurmctld corrupts its memory when it fans a message out, up to 25.05.5 and in 25.11.0.",
  remedy: `Write less than ${OVERFLOWING}, or update to 25.05.6 or 25.11.1.`,
  sources: [changelog("25.05"), changelog("25.11")],
  *check(context: Context): Iterable<Report> {
    const setting = context.setting("TreeWidth");
    const width = context.number("TreeWidth") ?? 0;
    if (setting === undefined || width < OVERFLOWING || width > 0xffff) return;
    const nodes = context.nodes.reduce((sum, node) => sum + node.count, 0);
    const seesAll = nodes > 0 && !context.isFragment && hasAllIncludes(context);
    if (nodes <= width && seesAll) return;
    yield {
      at: setting.value,
      message: `TreeWidth ${width} with ${
        nodes > width ? `${nodes} nodes` : `more than ${width} nodes`
      } corrupts the memory of slurmctld up to 25.05.5 and in 25.11.0; write less than ${OVERFLOWING}`,
      severity: nodes > width ? "error" : "info",
    };
  },
};
