import type { Context, Token } from "../context.ts";
import type { Setting } from "../document.ts";
import type { Report, Rule } from "../rule.ts";
import { ALL_VERSIONS } from "../versions.ts";
import { isComplete } from "./completeness.ts";
import { SLURM_CONF } from "./sources.ts";

/** CF022. */
export const settingsTogether: Rule = {
  id: "CF022",
  title: "Settings that slurmctld does not take together",
  severity: "error",
  daemon: "refuses",
  versions: ALL_VERSIONS,
  what:
    "A setting lacks the one that it needs, or has one that it excludes: PreemptMode and PreemptType, SelectTypeParameters and SelectType, MCSParameters and MCSPlugin, GresTypes shard or mps and gpu, JobContainerType or NamespaceType and PrologFlags Contain, TaskPluginParam and task/cgroup, disable_send_gids and enable_nss_slurm, AccountingStorageEnforce and slurmdbd.",
  why: "slurmctld does not start (of AccountingStorageEnforce: logs an error and enforces nothing).",
  remedy: "Set the other one too, or remove this one; the message says which.",
  sources: [SLURM_CONF],
  *check(context: Context): Iterable<Report> {
    if (!isComplete(context)) return;
    for (const judge of JUDGES) {
      const report = judge(context);
      if (report !== undefined) yield report;
    }
  },
};

/** Each of these was put before slurmctld 22.05.8, 24.11.5 and 26.05.5, with the other setting and without. */
const JUDGES: readonly ((context: Context) => Report | undefined)[] = [
  preemption,
  selection,
  securityLabels,
  sharedGres,
  containers,
  taskParameters,
  launching,
  enforcement,
];

/** PreemptMode takes GANG by itself without preemption; with it, it needs a way to preempt, and SUSPEND needs GANG. */
function preemption(context: Context): Report | undefined {
  const mode = context.setting("PreemptMode");
  const type = context.setting("PreemptType");
  const words = wordsOf(context, "PreemptMode");
  const preempts = type !== undefined && !/^(preempt\/)?none$/i.test(type.value.text);
  if (mode !== undefined && words.has("suspend") && !words.has("gang")) {
    return refused(mode, "PreemptMode has SUSPEND without GANG", "write SUSPEND,GANG");
  }
  const ways = ["cancel", "requeue", "suspend"].filter((way) => words.has(way));
  if (preempts && ways.length === 0) {
    return refused(
      type,
      `PreemptType=${type.value.text} has no way to preempt in PreemptMode`,
      "set PreemptMode to REQUEUE, CANCEL or SUSPEND,GANG",
    );
  }
  if (mode !== undefined && !preempts && (ways.length > 0 || words.has("within"))) {
    return refused(
      mode,
      `PreemptMode=${mode.value.text} stands without a PreemptType that preempts`,
      "set PreemptType to preempt/partition_prio or preempt/qos, or remove it",
    );
  }
}

const CONSUMABLE = /^cr_(cpu|core|socket)(_memory)?$/i;

/** Where SelectType is absent, the release decides which of the two it is. */
function selection(context: Context): Report | undefined {
  const type = context.text("SelectType") ?? "";
  const setting = context.setting("SelectTypeParameters");
  if (setting === undefined || context.tokens("SelectTypeParameters").length === 0) return;
  const consumable = context.tokens("SelectTypeParameters").find(({ text }) => CONSUMABLE.test(text));
  if (/^select\/cons_(res|tres)$/.test(type) && consumable === undefined) {
    return refused(
      setting,
      `SelectTypeParameters=${setting.value.text} does not say what ${type} hands out`,
      "add CR_Core_Memory, CR_CPU or another of CR_CPU, CR_Core, CR_Socket",
    );
  }
  if (type === "select/linear" && consumable !== undefined) {
    return refused(
      consumable,
      `SelectTypeParameters has ${consumable.text}, and select/linear hands out whole nodes`,
      "write SelectType=select/cons_tres, or CR_Memory",
    );
  }
}

function securityLabels(context: Context): Report | undefined {
  const setting = context.setting("MCSParameters");
  if (setting === undefined || context.setting("MCSPlugin") !== undefined) return;
  return refused(setting, "MCSParameters stands without MCSPlugin", "set MCSPlugin, or remove it");
}

function sharedGres(context: Context): Report | undefined {
  const shared = context.tokens("GresTypes").find(({ text }) => /^(shard|mps)$/i.test(text));
  if (shared === undefined || wordsOf(context, "GresTypes").has("gpu")) return;
  return refused(shared, `GresTypes has ${shared.text} without gpu`, `write gpu,${shared.text}`);
}

function containers(context: Context): Report | undefined {
  const setting = context.setting("NamespaceType") ?? context.setting("JobContainerType");
  if (setting === undefined) return;
  // 26.05 asks for it whatever the plugin, and only then looks for the plugin.
  const needs = context.isSince("26.05")
    ? !/none$/i.test(setting.value.text)
    : setting.value.text === "job_container/tmpfs";
  if (!needs) return;
  // X11 and RunInJob imply Contain.
  const flags = wordsOf(context, "PrologFlags");
  if (["contain", "x11", "runinjob"].some((flag) => flags.has(flag))) return;
  return refused(
    setting,
    `${setting.key}=${setting.value.text} needs PrologFlags=Contain`,
    "add Contain to PrologFlags",
  );
}

function taskParameters(context: Context): Report | undefined {
  // 22.05 does not know the words.
  if (!context.isSince("24.11")) return;
  const word = context.tokens("TaskPluginParam").find(({ text }) =>
    /^(oomkillstep|slurmdspecoverride)$/i.test(text)
  );
  if (word === undefined || wordsOf(context, "TaskPlugin").has("task/cgroup")) return;
  return refused(
    word,
    `TaskPluginParam has ${word.text}, which only task/cgroup knows`,
    "add task/cgroup to TaskPlugin",
  );
}

const ENFORCED = /^([12]|all|associations|limits|nojobs|nosteps|qos|safe|wckeys)$/i;

function launching(context: Context): Report | undefined {
  const words = wordsOf(context, "LaunchParameters");
  const word = context.token("LaunchParameters", "disable_send_gids");
  if (word === undefined || !words.has("enable_nss_slurm")) return;
  return refused(word, "LaunchParameters has disable_send_gids and enable_nss_slurm", "remove one of them");
}

function enforcement(context: Context): Report | undefined {
  const setting = context.setting("AccountingStorageEnforce");
  if (setting === undefined || /slurmdbd/i.test(context.text("AccountingStorageType") ?? "")) return;
  // Of other words slurmctld says more, and CF016 repeats it.
  if (!context.tokens("AccountingStorageEnforce").every(({ text }) => ENFORCED.test(text))) return;
  return {
    at: setting,
    message:
      `AccountingStorageEnforce=${setting.value.text} enforces nothing without AccountingStorageType=accounting_storage/slurmdbd; set that up, or remove the line`,
    severity: "warning",
    daemon: "logs",
  };
}

function wordsOf(context: Context, key: string): ReadonlySet<string> {
  return new Set(context.tokens(key).map(({ text }) => text.toLowerCase()));
}

function refused(at: Setting | Token, problem: string, step: string): Report {
  return { at, message: `${problem}: slurmctld does not start; ${step}` };
}
