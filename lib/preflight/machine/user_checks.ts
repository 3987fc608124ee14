import type { Look } from "./file_facts.ts";
import type { CheckResult } from "../check_result.ts";
import type { Unanswered } from "./machine.ts";
import { cannotTell, found } from "./unanswered.ts";

/** A user as this machine knows it. */
export interface KnownUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All its groups. */
  readonly gids: readonly number[];
}

/** What looking a user up came to. */
export type UserLook = KnownUser | { readonly kind: "absent" } | Unanswered;

/** What is known of the users that Slurm needs. */
export interface UserFacts {
  /** SlurmUser's name by slurm-ec2.yaml. */
  readonly slurmName: string;
  readonly slurm: UserLook;
  readonly munge: UserLook;
  /** SlurmUser by slurmctld's own word. */
  readonly slurmctld?: { readonly name: string; readonly uid: number };
  /** StateSaveLocation. */
  readonly state?: Look;
  /** What the image was made for (deploy/ami/provision). */
  readonly image?: number;
  /** On the controller, from its `doctor --json`. */
  readonly against?: { readonly slurm?: number; readonly slurmGroup?: number; readonly munge?: number };
}

/**
 * SlurmUser must be the same user everywhere, by number: files on shared file systems know no names
 * (https://slurm.schedmd.com/quickstart_admin.html: users synchronized across the cluster).
 */
export function checkUsers(facts: UserFacts): CheckResult[] {
  return [...checkSlurm(facts), checkMunge(facts)];
}

function checkSlurm(facts: UserFacts): CheckResult[] {
  const { slurm, slurmName, slurmctld } = facts;
  const about = { check: "users", what: `user ${slurmName}` };
  if ("kind" in slurm) {
    if (slurm.kind !== "absent") return [cannotTell(about, slurm)];
    const uid = slurmctld?.uid ?? facts.against?.slurm;
    const number = uid === undefined ? "" : ` --uid ${uid}`;
    return [
      found(about, "fail", "this machine knows no such user", `useradd --system${number} ${slurmName}`),
    ];
  }
  const findings = [
    ...(slurmctld !== undefined && slurmctld.name !== slurmName && slurmctld.name !== "root"
      ? [found(
        { ...about, what: "SlurmUser" },
        "warn",
        `slurmctld runs as ${slurmctld.name}, slurm-ec2.yaml says ${slurmName}`,
        `slurm.user: ${slurmctld.name} in slurm-ec2.yaml, so that state and log belong to the user that the hooks run as`,
      )]
      : []),
    ...numbers(facts).filter(({ uid }) => uid !== slurm.uid).map(({ uid, who, fix }) =>
      found(about, "fail", `uid ${slurm.uid} here, ${uid} ${who}`, fix)
    ),
    ...checkGroup(facts, slurm),
  ];
  return findings.length > 0 ? findings : [found(about, "pass", `uid ${slurm.uid}, gid ${slurm.gid}`)];
}

function checkGroup({ against, slurmName }: UserFacts, { gid }: KnownUser): CheckResult[] {
  const other = against?.slurmGroup;
  if (other === undefined || other === gid) return [];
  const about = { check: "users", what: `group of ${slurmName}` };
  const fix = `end its processes, then: groupmod --gid ${other} $(id -gn ${slurmName}); chgrp its files`;
  return [found(about, "fail", `gid ${gid} here, ${other} on the controller`, fix)];
}

/** What the number should be, by everybody who says. */
function numbers({ slurmName, slurmctld, state, image, against }: UserFacts) {
  const change = (uid: number) =>
    `end its processes, then: usermod --uid ${uid} ${slurmName}; chown its files`;
  const all: { readonly uid: number; readonly who: string; readonly fix: string }[] = [];
  if (slurmctld?.name === slurmName) {
    all.push({ uid: slurmctld.uid, who: "by slurmctld", fix: change(slurmctld.uid) });
  }
  // slurmctld as root leaves files of root's, and its hooks run as root.
  if (state?.kind === "there" && (slurmctld === undefined || slurmctld.name === slurmName)) {
    const { path, uid } = state;
    all.push({ uid, who: `owns ${path} (StateSaveLocation)`, fix: `chown -R ${slurmName} ${path}` });
  }
  if (image !== undefined) {
    all.push({
      uid: image,
      who: "is what this image was made for",
      fix:
        `make the image again: provision install --slurm-uid UID, with that of id -u ${slurmName} on the controller`,
    });
  }
  if (against?.slurm !== undefined) {
    all.push({ uid: against.slurm, who: "on the controller", fix: change(against.slurm) });
  }
  return all;
}

function checkMunge({ munge, against }: UserFacts): CheckResult {
  const about = { check: "users", what: "user munge" };
  if ("kind" in munge) {
    return munge.kind === "absent"
      ? found(about, "warn", "this machine knows no such user", "install munge, or tell its user in its unit")
      : cannotTell(about, munge);
  }
  const other = against?.munge;
  // Its files are on no shared file system.
  return other === undefined || other === munge.uid
    ? found(about, "pass", `uid ${munge.uid}`)
    : found(about, "info", `uid ${munge.uid} here, ${other} on the controller, which may be so`);
}
