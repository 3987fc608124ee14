import { type FileFacts, type Look, octal } from "./file_facts.ts";
import type { CheckResult } from "../check_result.ts";
import { cannotTell, found } from "./unanswered.ts";
import type { KnownUser } from "./user_checks.ts";

/** slurm.conf's three programs, and which of our hooks belongs there. */
export const HOOK_KEYS = {
  ResumeProgram: "resume",
  SuspendProgram: "stop",
  ResumeFailProgram: "resume-fail",
} as const;

/** One of them. */
export type HookKey = keyof typeof HOOK_KEYS;

/** What is known of a program that slurmctld calls. */
export interface HookProgramFacts {
  readonly key: HookKey;
  /** What slurm.conf says; absent: nothing. */
  readonly path?: string;
  readonly look?: Look;
  /** Why others could put a program of their own in its place, one line each. */
  readonly open: readonly string[];
  /** Which of our hooks it is; `other`: a program that is not ours. */
  readonly is?: "resume" | "stop" | "resume-fail" | "other";
  /** SlurmUser. */
  readonly user?: KnownUser;
}

/** Would slurmctld call it? https://slurm.schedmd.com/slurm.conf.html#OPT_ResumeProgram, rule PS003 of config lint. */
export function checkHookProgram(facts: HookProgramFacts): CheckResult[] {
  const { key, path, look } = facts;
  const about = { check: "slurm", what: key };
  if (path === undefined) return [notSet(key)];
  if (!path.startsWith("/")) {
    // From 26.05 on a PowerAction may be named instead: https://slurm.schedmd.com/power_save.html
    return [
      found(
        about,
        "warn",
        `"${path}" is not an absolute path: slurmctld then calls it only as a PowerAction (26.05)`,
        `${key}=/opt/slurm/CLUSTER/bin/${HOOK_KEYS[key]}`,
      ),
    ];
  }
  if (look === undefined) return [];
  const trouble = lookTrouble(about, look);
  if (trouble !== undefined || look.kind !== "there") return trouble === undefined ? [] : [trouble];
  const wrong = [...modeTroubles(facts, look), ...facts.open.map((line) => openDirectory(about, line))];
  return [
    ...(wrong.length > 0 ? wrong : [found(about, "pass", `${path}, mode ${octal(look.mode)}`)]),
    ...checkOurs(facts),
  ];
}

function notSet(key: HookKey): CheckResult {
  const about = { check: "slurm", what: key };
  const line = `${key}=/opt/slurm/CLUSTER/bin/${
    HOOK_KEYS[key]
  } in slurm.conf, then scontrol reconfigure; slurm-ec2 config render writes it`;
  return key === "ResumeFailProgram"
    ? found(
      about,
      "warn",
      "not set: instances of nodes that never registered are left running, at their price",
      line,
    )
    : found(about, "fail", "not set: power saving is off, and nodes of AWS never start", line);
}

function lookTrouble(
  about: { readonly check: string; readonly what: string },
  look: Look,
): CheckResult | undefined {
  switch (look.kind) {
    case "there":
      return undefined;
    case "absent":
      return found(
        about,
        "fail",
        `${look.path} is not there: power saving is off`,
        "slurm-ec2 install --prefix PREFIX, or correct the path in slurm.conf",
      );
    case "stale":
      return found(about, "fail", `${look.path}: stale file handle`, "see the section mounts");
    case "barred":
      return found(
        about,
        "can't tell",
        `${look.path}: this user may not look at it; run doctor as SlurmUser`,
      );
    case "failed":
      return found(about, "fail", `${look.path}: ${look.words}`, "see the section mounts");
    default:
      return cannotTell(about, look);
  }
}

function modeTroubles(
  { key, user }: HookProgramFacts,
  { path, type, mode, uid, gid }: FileFacts,
): CheckResult[] {
  const about = { check: "slurm", what: key };
  if (!type.startsWith("regular")) {
    return [found(about, "fail", `${path} is a ${type}, no program`, `correct ${key} in slurm.conf`)];
  }
  const findings: CheckResult[] = [];
  if ((mode & 0o022) !== 0) {
    findings.push(
      found(
        about,
        "fail",
        `${path} has mode ${octal(mode)}: slurmctld refuses what group or others may write`,
        `chmod go-w ${path}`,
      ),
    );
  }
  if (user !== undefined && uid !== 0 && uid !== user.uid) {
    findings.push(
      found(
        about,
        "fail",
        `${path} belongs to uid ${uid}, who could change what ${user.name} runs`,
        `chown root ${path}`,
      ),
    );
  }
  const bit = user === undefined || user.uid === 0
    ? 0o111
    : user.uid === uid
    ? 0o100
    : user.gids.includes(gid)
    ? 0o010
    : 0o001;
  if ((mode & bit) === 0) {
    findings.push(
      found(
        about,
        "fail",
        `${path} has mode ${octal(mode)}: ${user?.name ?? "SlurmUser"} can't execute it`,
        `chmod 0755 ${path}`,
      ),
    );
  }
  return findings;
}

function openDirectory(about: { readonly check: string; readonly what: string }, line: string): CheckResult {
  const [evidence = line, fix] = line.split(/: (?=ch(?:mod|own))/);
  return found(about, "fail", evidence, fix);
}

function checkOurs({ key, path, is }: HookProgramFacts): CheckResult[] {
  const about = { check: "slurm", what: `${key} (which)` };
  const wanted = HOOK_KEYS[key];
  if (is === undefined || is === wanted) return [];
  // The legacy plugin's own form has SuspendProgram for failed nodes, too: stop ends instances all the same.
  return [
    is === "other"
      ? found(about, "info", `${path} is not a hook of slurm-ec2: right if it calls one, ${wanted}`)
      : found(
        about,
        "fail",
        `${path} is the hook ${is}, and ${wanted} belongs here`,
        `${key}=…/bin/${wanted} in slurm.conf`,
      ),
  ];
}
