import { compareVersions, type SlurmVersion } from "../versions.ts";
import { type ClusterSetting, settingLines, siteConflicts, withSiteWords } from "./cluster_settings.ts";
import { comment, type RenderedFile } from "./conf_text.ts";
import { fileHead } from "./file_head.ts";
import { readyConf } from "./ready_conf.ts";
import type { RenderInput, SiteConf } from "./render_input.ts";
import type { ResolvedGroup } from "./resolved_group.ts";
import type { Timeouts } from "./timeouts.ts";

/** Where `slurm-ec2 install` puts the hooks below its prefix. */
export const HOOKS = { resume: "bin/resume", stop: "bin/stop", resumeFail: "bin/resume-fail" } as const;

/** The power-saving block with what a person should know of it. */
export interface PowerSaveConf {
  readonly file: RenderedFile;
  /** Files that its settings lead to. */
  readonly more?: readonly RenderedFile[];
  readonly notes: readonly string[];
}

/** power_save.conf: every cluster-wide setting that the target version needs, and none that it does not. */
export function powerSaveConf(
  input: RenderInput,
  groups: readonly ResolvedGroup[],
  times: Timeouts,
): PowerSaveConf {
  const { site, version } = input;
  const ready = readyConf(input, times);
  const block = [
    ...hookSettings(input, times),
    ...ready.settings,
    ...suspendSettings(input, times),
    ...clusterSettings(version),
    ...gresTypes(groups),
  ];
  const settings = withSiteWords(block, site, version);
  return {
    file: {
      name: "power_save.conf",
      text: [
        ...fileHead("power_save.conf", input),
        ...comment(
          "None of these keys may stand in slurm.conf too: Slurm takes the last one and logs an error.",
        ),
        "",
        ...settingLines(settings),
        "",
      ].join("\n"),
    },
    ...(ready.file === undefined ? {} : { more: [ready.file] }),
    notes: [...siteConflicts(settings, site), ...excludeNotes(input), ...ready.notes],
  };
}

function hookSettings({ prefix }: RenderInput, times: Timeouts): ClusterSetting[] {
  return [
    { key: "ResumeProgram", value: `${prefix}/${HOOKS.resume}` },
    { key: "SuspendProgram", value: `${prefix}/${HOOKS.stop}` },
    {
      says:
        "Called instead of SuspendProgram for nodes that did not come up: without it their instances stay and cost.",
      key: "ResumeFailProgram",
      value: `${prefix}/${HOOKS.resumeFail}`,
    },
    { key: "ResumeTimeout", value: times.resumeTimeout },
    { key: "SuspendTimeout", value: times.suspendTimeout },
    {
      says:
        "0: no limit. The hooks pace their calls to EC2 themselves; slow trickles would break large jobs apart.",
      key: "ResumeRate",
      value: 0,
    },
    { key: "SuspendRate", value: 0 },
  ];
}

/** Partitions have a SuspendTime of their own from 21.08 on (slurm.conf(5)); before, other nodes must be excluded. */
function suspendSettings({ version, site }: RenderInput, times: Timeouts): ClusterSetting[] {
  if (compareVersions(version, "21.08") >= 0) {
    return [{
      says:
        "Never here: the partitions of cloud nodes say when (slurm_nodes.conf), on-premises nodes stay up.",
      key: "SuspendTime",
      value: "INFINITE",
    }];
  }
  return [
    { key: "SuspendTime", value: times.suspendTime },
    ...excludedNodes(site),
  ];
}

/** SuspendExcNodes for the site's own nodes; nothing when there are none, since an empty value is fatal. */
export function excludedNodes(site: SiteConf | undefined): ClusterSetting[] {
  const nodes = [...new Set([...site?.onPremNodes ?? [], ...site?.excludedBefore ?? []])];
  if (nodes.length === 0) return [];
  return [{
    says: "SuspendTime is cluster-wide: the site's own nodes must never be powered down.",
    key: "SuspendExcNodes",
    value: nodes.join(","),
    isList: true,
  }];
}

function excludeNotes({ version, site }: RenderInput): string[] {
  if (compareVersions(version, "21.08") >= 0 || excludedNodes(site).length > 0) return [];
  return [suspendWarning(`Slurm ${version} knows no SuspendTime of partitions`)];
}

/** The warning that a cluster-wide SuspendTime reaches the site's own nodes. */
export function suspendWarning(because: string): string {
  return `${because}: SuspendTime in power_save.conf powers down every idle node of the cluster, ` +
    "on-premises nodes too: name those in SuspendExcNodes or SuspendExcParts, or give --slurm-conf to have it done";
}

function clusterSettings(version: SlurmVersion): ClusterSetting[] {
  const upTo2302 = compareVersions(version, "23.11") < 0;
  const from2302 = compareVersions(version, "23.02") >= 0;
  const settings: (ClusterSetting | false)[] = [
    {
      says:
        "A failed cloud node becomes idle when it is powered down, so it can be tried again. Slurm looks each second\n" +
        "(default: 10) for nodes to resume: a job doesn't wait for that.",
      key: "SlurmctldParameters",
      value: "idle_on_node_suspend,power_save_interval=1",
      isList: true,
    },
    {
      says: "A job begins when all of its nodes are up, not when the first is." +
        (hasRequeueDelay(version)
          ? `\nA job that lost its nodes is tried again after ${REQUEUE_DELAY} s (default: 120).`
          : ""),
      key: "SchedulerParameters",
      value: "salloc_wait_nodes,sbatch_wait_nodes" +
        (compareVersions(version, "25.05") >= 0 ? ",requeue_on_resume_failure" : "") +
        (hasRequeueDelay(version) ? `,requeue_delay=${REQUEUE_DELAY}` : ""),
      isList: true,
    },
    {
      says: "A DOWN node that registers with a valid configuration is used again, on-premises nodes too:\n" +
        "drain those that shall stay out.",
      key: "ReturnToService",
      value: 2,
      siteDefault: "0",
    },
    upTo2302 && {
      says:
        "Messages go to each node directly: nodes can't resolve each other's names (not needed from 23.11 on).",
      key: "TreeWidth",
      value: 65_533,
      siteDefault: "50",
    },
    upTo2302 && {
      says: "A node has another address after each power-up (removed in 23.11).",
      key: "CommunicationParameters",
      value: "NoAddrCache",
      isList: true,
    },
    !from2302 && {
      says: "Powered-down nodes are shown (always so from 23.02 on).",
      key: "PrivateData",
      value: "cloud",
      isList: true,
    },
    from2302 && {
      says:
        "What scontrol changes of SuspendExcNodes, SuspendExcParts and SuspendExcStates outlives a reconfigure.",
      key: "ReconfigFlags",
      value: "KeepPowerSaveSettings",
      isList: true,
    },
  ];
  return settings.filter((setting) => setting !== false);
}

/**
 * Seconds until a job whose nodes could not be had is tried again; shorter, and it may be given the nodes that just
 * failed.
 */
const REQUEUE_DELAY = 10;

/** requeue_delay came with 25.11 (https://slurm.schedmd.com/slurm.conf.html). */
function hasRequeueDelay(version: SlurmVersion): boolean {
  return compareVersions(version, "25.11") >= 0;
}

/** GresTypes, where any group has GRES. */
export function gresTypes(groups: readonly ResolvedGroup[]): ClusterSetting[] {
  const names = [...new Set(groups.flatMap(({ gres }) => gres.map(({ name }) => name)))];
  return names.length === 0 ? [] : [{ key: "GresTypes", value: names.join(","), isList: true }];
}
