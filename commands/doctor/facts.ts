import { settingOf } from "../../lib/slurm/daemon_settings.ts";
import type { MachineFacts } from "./machine.ts";
import type { DoctorSection, Examination } from "./section.ts";

/**
 * What another machine compares itself with by `--against`, where the section of mounts is asked for; a fault of
 * ours hides no finding.
 */
export async function machineFacts(
  examination: Examination,
  chosen: readonly DoctorSection[],
): Promise<{ readonly facts?: MachineFacts }> {
  if (!chosen.some(({ name }) => name === "mounts")) return {};
  try {
    return { facts: await gather(examination) };
  } catch {
    return {};
  }
}

async function gather(examination: Examination): Promise<MachineFacts> {
  const { mounts, slurm, users } = await examination.viewMachine();
  const found = await mounts();
  const seen = "kind" in found ? [] : found;
  const version = settingOf(slurm.settings, "SLURM_VERSION");
  return {
    ...(version !== undefined && { slurm: version }),
    users: {
      ...("uid" in users.slurm && { slurm: users.slurm.uid, slurmGroup: users.slurm.gid }),
      ...("uid" in users.munge && { munge: users.munge.uid }),
    },
    mounts: Object.fromEntries(seen.flatMap(({ wanted, root, mount }) => {
      if (root.kind !== "there") return [];
      const { uid, gid, mode } = root;
      return [[wanted.mount, { ...(mount && { source: mount.source }), uid, gid, mode }]];
    })),
  };
}
