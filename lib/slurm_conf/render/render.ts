import { gresConf } from "./gres_conf.ts";
import type { Fault } from "./fault.ts";
import { includeLines, onPremConf } from "./include_lines.ts";
import { LEGACY_VERSIONS, legacyPowerSaveConf } from "./legacy_power_save_conf.ts";
import { nodesConf } from "./nodes_conf.ts";
import { renderNotes } from "./notes.ts";
import { ownFaults } from "./own_lint.ts";
import { partitionProblems } from "./partition_line.ts";
import { powerSaveConf } from "./power_save_conf.ts";
import { valueProblem } from "./conf_text.ts";
import type { Rendering, RenderInput } from "./render_input.ts";
import { type ResolvedGroup, resolveGroup } from "./resolved_group.ts";
import { timeouts } from "./timeouts.ts";

/**
 * The files that make a Slurm of the target version power the configuration's nodes up and down, or every
 * reason why they can't be made. The same input always gives the same bytes.
 */
export function renderSlurmConf(input: RenderInput): Rendering {
  const resolutions = input.config.nodeGroups.map((group, index) => resolveGroup(group, index, input));
  const problems: Fault[] = [
    ...inputProblems(input),
    ...resolutions.flatMap((resolution) => resolution.kind === "refused" ? resolution.problems : []),
    ...input.config.partitions.flatMap((partition, index) =>
      partitionProblems(input.config, partition, { index, version: input.version })
    ),
  ];
  if (problems.length > 0) return { kind: "refused", problems };
  return rendered(
    input,
    resolutions.flatMap((resolution) => resolution.kind === "resolved" ? [resolution.value] : []),
  );
}

function rendered(input: RenderInput, groups: readonly ResolvedGroup[]): Rendering {
  const times = timeouts(input.config);
  const powerSave = input.profile === "legacy"
    ? legacyPowerSaveConf(input, groups)
    : powerSaveConf(input, groups, times);
  const gres = gresConf(input, groups);
  const files = [
    powerSave.file,
    ...powerSave.more ?? [],
    nodesConf(input, groups, times.suspendTime),
    ...(gres === undefined ? [] : [gres]),
    ...(input.config.slurm.onPremConf === undefined ? [onPremConf(input)] : []),
    includeLines(input),
  ];
  const problems = ownFaults(input, files);
  if (problems.length > 0) return { kind: "refused", problems };
  return {
    kind: "rendered",
    files,
    notes: [
      ...powerSave.notes,
      ...renderNotes(input, groups, { hasGres: gres !== undefined, ...times }),
    ],
  };
}

function inputProblems({ profile, version, prefix, includeDir, config }: RenderInput): Fault[] {
  const problems: Fault[] = [];
  if (profile === "legacy" && !LEGACY_VERSIONS.includes(version)) {
    problems.push({
      message: `The legacy profile is for Slurm ${
        LEGACY_VERSIONS.join(", ")
      }, the target is ${version}: leave --profile out`,
      path: [],
    });
  }
  const paths = {
    "prefix": prefix,
    "output directory": includeDir,
    "slurm.onPremConf": config.slurm.onPremConf,
  };
  for (const [name, path] of Object.entries(paths)) {
    const wrong = path === undefined ? undefined : valueProblem(path);
    if (wrong === undefined) continue;
    problems.push({
      message: `The ${name} "${path}" can't stand in slurm.conf: ${wrong}`,
      path: name.startsWith("slurm.") ? name.split(".") : [],
    });
  }
  return problems;
}
