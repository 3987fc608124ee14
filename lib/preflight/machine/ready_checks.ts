import type { CheckResult } from "../check_result.ts";
import { type Look, octal } from "./file_facts.ts";
import { cannotTell, found } from "./unanswered.ts";
import type { KnownUser } from "./user_checks.ts";

/** A program that slurmctld runs before each job, as slurm.conf names it. */
export interface ControllerProlog {
  readonly path: string;
  /** Absent for a path that is not absolute. */
  readonly look?: Look;
}

/** What is known of the prologs that slurmctld runs, and of what ends them. */
export interface ReadyFacts {
  readonly prologs: readonly ControllerProlog[];
  /** SlurmUser. */
  readonly user?: KnownUser;
  /** Seconds of PrologTimeout (from 24.05) and PrologEpilogTimeout; absent: no limit. */
  readonly limits: Readonly<Record<string, number>>;
  /** Seconds from a launch to a node's registration. */
  readonly expectedBoot: number;
}

const ABOUT = { check: "slurm", what: "PrologSlurmctld" } as const;

/**
 * Would slurmctld start with its prologs, and would a job wait in `ready` long enough? Seen on 22.05.8, 24.11.5 and
 * 26.05.5: a missing script is a line in the log of the first, the others do not start; a prolog that is ended by its
 * limit puts its job back into the queue.
 */
export function checkReady({ prologs, user, limits, expectedBoot }: ReadyFacts): CheckResult[] {
  const ours = prologs.some(({ path }) => /(?:^|\/)ready$/.test(path));
  const findings = prologs.flatMap((prolog) => checkProlog(prolog, user));
  if (!ours) {
    findings.push(found(
      ABOUT,
      "info",
      prologs.length === 0
        ? "slurmctld does not call ready: a job starts up to 30 s after its nodes are up"
        : "slurmctld does not call ready itself: right where the site's own prolog does; else a job starts up to 30 s " +
          "after its nodes are up",
      "slurm.ready: on in slurm-ec2.yaml, then slurm-ec2 config render; or call bin/ready in the site's own prolog",
    ));
    return findings;
  }
  return [
    ...findings,
    ...Object.entries(limits).filter(([, seconds]) => seconds <= expectedBoot).map(([key, seconds]) =>
      found(
        ABOUT,
        "fail",
        `${key}=${seconds} is no longer than a boot (limits.expectedBootSeconds: ${expectedBoot}): slurmctld ends ` +
          "ready, and puts each job back into the queue",
        `raise ${key} in slurm.conf above ${expectedBoot}, or take it out`,
      )
    ),
  ];
}

function checkProlog({ path, look }: ControllerProlog, user: KnownUser | undefined): CheckResult[] {
  const remedy = "slurm-ec2 install --prefix PREFIX, or take the line out of slurm.conf";
  if (!path.startsWith("/")) {
    return [found(ABOUT, "fail", `"${path}" is not an absolute path: slurmctld does not find it`, remedy)];
  }
  if (look === undefined) return [];
  switch (look.kind) {
    case "there":
      return canRun(look, user) ? [found(ABOUT, "pass", `${path}, mode ${octal(look.mode)}`)] : [found(
        ABOUT,
        "fail",
        `${path} has mode ${octal(look.mode)}: ${user?.name ?? "SlurmUser"} can't execute it`,
        `chmod 0755 ${path}`,
      )];
    case "absent":
      return [
        found(ABOUT, "fail", `${path} is not there: slurmctld 24.11 and later do not start again`, remedy),
      ];
    case "stale":
      return [found(ABOUT, "fail", `${path}: stale file handle`, "see the section mounts")];
    case "barred":
      return [found(ABOUT, "can't tell", `${path}: this user may not look at it; run doctor as SlurmUser`)];
    case "failed":
      return [found(ABOUT, "fail", `${path}: ${look.words}`, "see the section mounts")];
    default:
      return [cannotTell(ABOUT, look)];
  }
}

function canRun(
  { type, mode, uid, gid }: Extract<Look, { kind: "there" }>,
  user: KnownUser | undefined,
): boolean {
  if (!type.startsWith("regular")) return false;
  if (user === undefined || user.uid === 0) return (mode & 0o111) !== 0;
  return (mode & (user.uid === uid ? 0o100 : user.gids.includes(gid) ? 0o010 : 0o001)) !== 0;
}
