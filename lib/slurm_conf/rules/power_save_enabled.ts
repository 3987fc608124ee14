import type { Context } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS, since } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { secondsOf, timeSettings } from "./power_save_times.ts";
import { fileOf, POWER_SAVE, SLURM_CONF } from "./sources.ts";

const POWER_SAVE_SOURCE = fileOf("26.05", "src/slurmctld/power_save.c");

/** PS001. */
export const powerSaveProgramMissing: Rule = {
  id: "PS001",
  title: "CLOUD nodes without programs",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "Nodes have State=CLOUD, or SuspendTime is set, but ResumeProgram or SuspendProgram is not.",
  why:
    "slurmctld needs both for power saving; without, it switches it off and says so at most in its log. Jobs on CLOUD nodes then never start.",
  remedy: "Set ResumeProgram and SuspendProgram, each as an absolute path.",
  sources: [POWER_SAVE, POWER_SAVE_SOURCE],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context)) return;
    const missing = ["ResumeProgram", "SuspendProgram"].filter((key) => context.setting(key) === undefined);
    const keys = missing.join(" and ");
    const [node] = context.cloudNodes;
    const time = finiteSuspendTime(context);
    if (missing.length === 0 || (node === undefined && time === undefined)) return;
    const notSet = `${keys} ${missing.length === 1 ? "is" : "are"} not set: power saving is off`;
    const daemon = time === undefined || context.isSince("26.05") ? "silent" : "logs";
    yield node === undefined
      ? {
        at: time!,
        message: `SuspendTime is set, but ${notSet}; set ${keys}, or remove SuspendTime`,
        severity: "warning",
        daemon,
      }
      : {
        at: node.entry.name,
        message: `"${node.name}" has State=CLOUD, but ${notSet} and the nodes never start; set ${keys}`,
        daemon,
      };
  },
};

/** PS004. */
export const suspendTimeMissing: Rule = {
  id: "PS004",
  title: "SuspendTime set nowhere",
  severity: "error",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what:
    "Programs for power saving are set, but SuspendTime is set nowhere, or is INFINITE, NONE or -1 everywhere.",
  why:
    "Without a SuspendTime slurmctld switches the whole of power saving off, resuming for jobs included, with a line in its log at most.",
  remedy:
    "Set SuspendTime on the partitions of the CLOUD nodes (from 21.08 on), or globally with every other node excluded.",
  sources: [POWER_SAVE, POWER_SAVE_SOURCE],
  *check(context: Context): Iterable<Report> {
    const program = context.setting("ResumeProgram") ?? context.setting("SuspendProgram");
    if (program === undefined || !isComplete(context)) return;
    if (finiteSuspendTime(context) !== undefined) return;
    const last = timeSettings(context, "SuspendTime").at(-1);
    yield {
      at: last ?? program,
      message: last === undefined
        ? `${program.key} is set, but SuspendTime is not: power saving is off and nodes are not resumed either; set SuspendTime on the partitions of the CLOUD nodes`
        : `SuspendTime is "${last.value.text}" and nowhere a number: power saving is off and nodes are not resumed either; set a number of seconds on the partitions of the CLOUD nodes`,
    };
  },
};

/** PS037. */
export const powerSavingWithoutCloud: Rule = {
  id: "PS037",
  title: "Power saving without CLOUD nodes",
  severity: "info",
  daemon: "silent",
  versions: ALL_VERSIONS,
  what: "ResumeProgram, SuspendProgram and a SuspendTime are set, and no node is State=CLOUD or dynamic.",
  why:
    "Slurm powers down nodes that exist already: right where ResumeProgram can switch them on again, wrong where State=CLOUD was forgotten.",
  remedy: "Write State=CLOUD on the NodeName lines of nodes that ResumeProgram launches.",
  sources: [POWER_SAVE],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context) || !hasPowerSave(context) || context.nodes.length === 0) return;
    if (context.cloudNodes.length > 0 || context.setting("MaxNodeCount") !== undefined) return;
    if (context.nodes.every((node) => /^FUTURE/i.test(node.text("State") ?? ""))) return;
    yield {
      at: finiteSuspendTime(context)!,
      message: `Power saving is on, but no node is State=CLOUD: Slurm powers down nodes such as "${
        context.nodes[0]!.name
      }"; write State=CLOUD on the lines of nodes that ResumeProgram launches`,
    };
  },
};

/** PS016. */
export const powerSaveIntervalTooLong: Rule = {
  id: "PS016",
  title: "power_save_interval above 60 s",
  severity: "error",
  daemon: "logs",
  versions: since("24.05"),
  what:
    "power_save_interval or power_save_min_interval is above 60 s while ResumeRate or SuspendRate is not 0.",
  why: "From 24.05 on slurmctld counts nodes per minute with these and switches power saving off above 60 s.",
  remedy: "Give at most 60, or set ResumeRate=0 and SuspendRate=0.",
  sources: [POWER_SAVE_SOURCE, SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (context.number("ResumeRate") === 0 && context.number("SuspendRate") === 0) return;
    for (const token of context.tokens("SlurmctldParameters")) {
      if (!/^power_save_(min_)?interval$/i.test(token.name) || Number(token.value) <= 60) continue;
      if (Number.isNaN(Number(token.value))) continue;
      yield {
        at: token,
        message:
          `"${token.text}" is more than 60 s while ResumeRate or SuspendRate is not 0: slurmctld switches power saving off; write 60 or less`,
        daemon: hasPowerSave(context) ? "logs" : "silent",
      };
    }
  },
};

/** PS030. */
export const powerActionInvalid: Rule = {
  id: "PS030",
  title: "PowerAction that can't work",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "A PowerAction is used before 26.05, lacks Program or Location, has an unknown Location, or powers nodes up from slurmd.",
  why:
    "Before 26.05 the key is unknown and slurmctld does not start. A node that is off runs no slurmd that could power it up.",
  remedy: "Name the programs in ResumeProgram and SuspendProgram, or give Location=slurmctld.",
  sources: [POWER_SAVE, SLURM_CONF, POWER_SAVE_SOURCE],
  *check(context: Context): Iterable<Report> {
    const programs = ["ResumeProgram", "ResumeFailProgram"].map((key) => context.text(key));
    for (const entry of context.records("PowerAction")) {
      const name = entry.name.text;
      const location = entry.settings.findLast((setting) => setting.name === "location");
      const place = location?.value.text.toLowerCase();
      if (!context.isSince("26.05")) {
        yield {
          at: entry,
          message:
            `PowerAction "${name}" is unknown to this Slurm: slurmctld does not start; remove the line`,
        };
      } else if (location === undefined) {
        yield {
          at: entry.name,
          message: `PowerAction "${name}" has no Location: slurmctld does not start; add Location=slurmctld`,
        };
      } else if (!entry.settings.some((setting) => setting.name === "program")) {
        yield {
          at: entry.name,
          message: `PowerAction "${name}" has no Program: slurmctld does not start; add Program= with a path`,
        };
      } else if (place !== "slurmctld" && place !== "slurmd") {
        yield {
          at: location.value,
          message:
            `Location "${location.value.text}" of PowerAction "${name}" is unknown: slurmctld does not start; write slurmctld or slurmd`,
        };
      } else if (place === "slurmd" && programs.includes(name)) {
        yield {
          at: location.value,
          message:
            `PowerAction "${name}" powers nodes up, but runs on slurmd, which is not up then; write Location=slurmctld`,
          daemon: "silent",
        };
      }
    }
  },
};

/** Whether slurmctld has what it needs to try power saving: both programs and a SuspendTime. */
export function hasPowerSave(context: Context): boolean {
  return context.setting("ResumeProgram") !== undefined && context.setting("SuspendProgram") !== undefined &&
    finiteSuspendTime(context) !== undefined;
}

/** A SuspendTime, global or of a partition or node, that is not infinite; one that slurmctld refuses is PS035's. */
export function finiteSuspendTime(context: Context): Setting | undefined {
  return timeSettings(context, "SuspendTime").find((setting) => secondsOf(context, setting) !== Infinity);
}
