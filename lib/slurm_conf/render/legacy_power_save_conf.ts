import type { SlurmVersion } from "../versions.ts";
import { type ClusterSetting, settingLines, siteConflicts, withSiteWords } from "./cluster_settings.ts";
import { comment } from "./conf_text.ts";
import { fileHead } from "./file_head.ts";
import { excludedNodes, gresTypes, type PowerSaveConf, suspendWarning } from "./power_save_conf.ts";
import type { RenderInput } from "./render_input.ts";
import type { ResolvedGroup } from "./resolved_group.ts";

/**
 * Versions for which the set-up guide's block says what it means: node_reg_mem_percent came with 21.08,
 * NoAddrCache went with 23.11 (slurm.conf(5) of each branch).
 */
export const LEGACY_VERSIONS: readonly SlurmVersion[] = ["21.08", "22.05", "23.02"];

/**
 * The guide's own power-saving block, for clusters that were set up by it: its values, its hook names, without
 * the doubled comma in SlurmctldParameters and the backslash that began it.
 */
export function legacyPowerSaveConf(input: RenderInput, groups: readonly ResolvedGroup[]): PowerSaveConf {
  const { site, version, prefix } = input;
  const settings = withSiteWords(
    [...guideSettings(prefix), ...excludedNodes(site), ...gresTypes(groups)],
    site,
    version,
  );
  const warnings = excludedNodes(site).length > 0 ? [] : [suspendWarning("The legacy profile is asked for")];
  return {
    file: {
      name: "power_save.conf",
      text: [
        ...fileHead("power_save.conf", input),
        ...comment("The block of the legacy plugin's set-up guide."),
        "",
        ...settingLines(settings),
        "",
      ].join("\n"),
    },
    notes: [...siteConflicts(settings, site), ...warnings],
  };
}

function guideSettings(prefix: string): ClusterSetting[] {
  return [
    {
      says: "Nodes don't keep their addresses: no mapping from node to address is remembered.",
      key: "CommunicationParameters",
      value: "NoAddrCache",
      isList: true,
    },
    {
      says: "A DOWN node is used again when it registers with a valid configuration.",
      key: "ReturnToService",
      value: 2,
    },
    { says: "Messages go directly between controller and nodes.", key: "TreeWidth", value: 65_533 },
    {
      says: "Nodes become idle when they are powered down; they may register with 90 % of their memory.",
      key: "SlurmctldParameters",
      value: "idle_on_node_suspend,node_reg_mem_percent=90",
      isList: true,
    },
    { says: "Powered-down nodes are shown.", key: "PrivateData", value: "cloud", isList: true },
    { key: "SuspendProgram", value: `${prefix}/bin/slurm_ec2_stop.py` },
    { key: "ResumeProgram", value: `${prefix}/bin/slurm_ec2_resume.py` },
    { key: "ResumeFailProgram", value: `${prefix}/bin/slurm_ec2_resume_fail.py` },
    { key: "SuspendTimeout", value: 60 },
    { key: "ResumeTimeout", value: 600 },
    { says: "Nodes a minute.", key: "ResumeRate", value: 300 },
    { key: "SuspendRate", value: 60 },
    { says: "Seconds; at least SuspendTimeout + ResumeTimeout.", key: "SuspendTime", value: 660 },
  ];
}
