import { type Look, octal } from "./file_facts.ts";
import type { CheckResult } from "../check_result.ts";
import { cannotTell, found } from "./unanswered.ts";
import type { KnownUser } from "./user_checks.ts";

/** What a file system says of itself, stat -f(1). */
export interface Volume {
  /** E.g. `tmpfs`, `nfs`, `xfs`. */
  readonly type: string;
  /** Bytes that users may still write. */
  readonly free: number;
}

/** What is known of StateSaveLocation. */
export interface StateLocationFacts {
  readonly look: Look;
  readonly volume?: Volume;
  readonly user?: KnownUser;
  /** slurmctld's hosts. */
  readonly controllers: number;
}

/** File systems of several machines, by stat's names. */
const SHARED = /^(?:nfs|lustre|cifs|smb|gpfs|ceph|beegfs|gfs|ocfs|afs|fuse)/;

/**
 * Is what slurmctld remembers kept, and kept to itself? https://slurm.schedmd.com/slurm.conf.html#OPT_StateSaveLocation
 * It runs on the controller; nodes have no such directory.
 */
export function checkStateLocation({ look, volume, user, controllers }: StateLocationFacts): CheckResult[] {
  const about = { check: "slurm", what: "StateSaveLocation" };
  switch (look.kind) {
    case "there":
      break;
    case "absent":
      return [
        found(
          about,
          "fail",
          `${look.path} is not there`,
          `install -d -m 0700 -o ${user?.name ?? "slurm"} ${look.path}`,
        ),
      ];
    case "barred":
      return [
        found(about, "can't tell", `${look.path}: this user may not look at it; run doctor as SlurmUser`),
      ];
    case "stale":
      return [
        found(
          about,
          "fail",
          `${look.path}: stale file handle: slurmctld can't save its state`,
          "mount that file system again",
        ),
      ];
    case "failed":
      return [found(about, "fail", `${look.path}: ${look.words}`)];
    default:
      return [cannotTell(about, look)];
  }
  const findings: CheckResult[] = [];
  if ((look.mode & 0o022) !== 0) {
    findings.push(
      found(
        about,
        "fail",
        `${look.path} has mode ${octal(look.mode)}: others may forge jobs and node states`,
        `chmod go-w ${look.path}`,
      ),
    );
  }
  if (user !== undefined && look.uid !== user.uid) {
    findings.push(
      found(
        about,
        "fail",
        `${look.path} belongs to uid ${look.uid}, slurmctld runs as ${user.name} (${user.uid})`,
        `chown -R ${user.name} ${look.path}`,
      ),
    );
  }
  if (volume !== undefined && /^(?:tmpfs|ramfs)$/.test(volume.type)) {
    findings.push(
      found(
        about,
        "fail",
        `${look.path} is on ${volume.type}: a reboot forgets jobs and which nodes are powered up`,
        "put it on a disk, e.g. /var/spool/slurmctld",
      ),
    );
  }
  if (volume !== undefined && controllers > 1 && !SHARED.test(volume.type)) {
    findings.push(
      found(
        about,
        "warn",
        `${look.path} is on ${volume.type}, but slurmctld has ${controllers} hosts: the backup must see the same directory`,
        "put it on a file system that all of them mount",
      ),
    );
  }
  const on = volume === undefined ? "" : `, on ${volume.type}`;
  return findings.length > 0
    ? findings
    : [found(about, "pass", `${look.path}, mode ${octal(look.mode)}, uid ${look.uid}${on}`)];
}
