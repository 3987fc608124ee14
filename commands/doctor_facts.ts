import { lookAtMounts } from "../lib/preflight/mount_facts.ts";
import { settingOf } from "../lib/slurm/daemon_settings.ts";
import { type MachineFacts, surroundings } from "./doctor_machine.ts";
import { SITE_SECTIONS } from "./doctor_site.ts";
import type { DoctorSection, Examination } from "./doctor_section.ts";

/**
 * What another machine compares itself with by `--against`, where sections were chosen that look at this one; a
 * fault of ours hides no finding.
 */
export async function machineFacts(
  examination: Examination,
  chosen: readonly DoctorSection[],
): Promise<{ readonly facts?: MachineFacts }> {
  if (!chosen.some((section) => SITE_SECTIONS.includes(section))) return {};
  try {
    return { facts: await gather(examination) };
  } catch {
    return {};
  }
}

async function gather(examination: Examination): Promise<MachineFacts> {
  const { machine, slurm, users } = await surroundings(examination);
  const mounts = await lookAtMounts(machine, examination.config.fileSystems);
  const seen = "kind" in mounts ? [] : mounts;
  const version = settingOf(slurm.settings, "SLURM_VERSION");
  return {
    ...(version !== undefined && { slurm: version }),
    users: {
      ...("uid" in users.slurm && { slurm: users.slurm.uid }),
      ...("uid" in users.munge && { munge: users.munge.uid }),
    },
    mounts: Object.fromEntries(seen.flatMap(({ wanted, root, mount }) => {
      if (root.kind !== "there") return [];
      const { uid, gid, mode } = root;
      return [[wanted.mount, { ...(mount && { source: mount.source }), uid, gid, mode }]];
    })),
  };
}
