import { classOfError } from "../../aws/error_codes.ts";
import { didYouMean } from "../../base/did_you_mean.ts";
import type { AwsFile, CredentialSource } from "./credential_source.ts";
import type { CheckResult } from "../check_result.ts";
import { adviceOn } from "../advice.ts";
import { ERROR_SAYS } from "./probe_actions.ts";
import { shellWord } from "../parameters/value_checks.ts";

/** Who AWS says is calling. */
export interface Caller {
  /** Twelve digits. */
  readonly account: string;
  readonly arn: string;
}

/** What STS answered, or what came instead. */
export type CallerAnswer =
  | { readonly kind: "found"; readonly value: Caller }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** What is known of the credentials in use. */
export interface CallerFacts {
  readonly source: CredentialSource;
  readonly files: readonly AwsFile[];
  readonly answer: CallerAnswer;
}

/** Are there credentials, can they be read, whose are they, and do they still hold? */
export function checkCaller({ source, files, answer }: CallerFacts): CheckResult[] {
  return [
    sourceFinding(source, files),
    ...files.flatMap((file) => fileFinding(file, source)),
    answerFinding(source, answer),
    ...(answer.kind === "found" ? accountFindings(answer.value) : []),
  ];
}

const CHECK = "credentials";

function sourceFinding(source: CredentialSource, files: readonly AwsFile[]): CheckResult {
  const what = "credentials";
  const { kind, profile, says } = source;
  if (kind === "environment") {
    return {
      check: CHECK,
      status: "warn",
      what,
      evidence: `${says}: of this shell, which slurmctld does not share`,
      fix: "Set aws.profile or aws.credentialsFile in the configuration, or give this host an instance role",
    };
  }
  const unread = files.some(({ state }) => state === "forbidden" || state === "not-permitted");
  if (profile === undefined || unread || files.some(({ profiles }) => profiles.includes(profile))) {
    return { check: CHECK, status: "info", what, evidence: says };
  }
  const known = [...new Set(files.flatMap(({ profiles }) => profiles))];
  const guess = didYouMean(profile, known);
  return {
    check: CHECK,
    status: "fail",
    what,
    evidence: `profile "${profile}" is in none of ${files.map(({ path }) => path).join(", ")}${
      known.length === 0 ? "" : `, which have ${known.join(", ")}`
    }`,
    fix: guess === undefined
      ? `aws configure --profile ${shellWord(profile)} # as the user that slurmctld runs as`
      : `Did you mean aws.profile: ${guess}?`,
  };
}

function fileFinding({ path, state }: AwsFile, source: CredentialSource): CheckResult[] {
  if (state === "forbidden") {
    return [{
      check: CHECK,
      status: source.kind === "profile" ? "fail" : "warn",
      what: path,
      evidence: "is there, and this user may not read it",
      fix: `chown it to the user that slurmctld runs as, mode 0600: ls -l ${shellWord(path)}`,
    }];
  }
  if (state !== "not-permitted") return [];
  return [{
    check: CHECK,
    status: "warn",
    what: path,
    evidence: "can't be read: the program was started without --allow-read for it",
    fix: `Add ${path} to --allow-read of the command line that starts slurm-ec2`,
  }];
}

function answerFinding(source: CredentialSource, answer: CallerAnswer): CheckResult {
  const what = "caller";
  if (answer.kind === "found") {
    return { check: CHECK, status: "pass", what, evidence: describeCaller(answer.value) };
  }
  const { code, message } = answer;
  const says = ERROR_SAYS[classOfError(answer)];
  const evidence = `${code}: ${message.replace(/\.$/, "")}`;
  if (says !== "denied" && says !== "who?") {
    return { check: CHECK, status: "can't tell", what, evidence, code, fix: adviceOn(answer) };
  }
  return { check: CHECK, status: "fail", what, evidence, code, fix: fixOf(code, source) };
}

function fixOf(code: string, { kind, profile }: CredentialSource): string {
  if (/^(ExpiredToken|RequestExpired)/.test(code)) {
    const renew = kind === "profile"
      ? `aws sso login --profile ${shellWord(profile ?? "default")}, or new keys; `
      : "";
    return `${renew}hooks need credentials that renew themselves: an instance role, or IAM Roles Anywhere`;
  }
  if (code === "CredentialsNotFound") {
    return "Set aws.profile and aws.credentialsFile in the configuration, or give this host an instance role";
  }
  if (/Skewed|Future|SignatureDoesNotMatch|InvalidSignature/.test(code)) {
    return "Compare this host's clock with the true time (chronyc tracking), then the secret key with the console's";
  }
  return "Write the keys again, as the user that slurmctld runs as: aws configure" +
    (profile === undefined ? "" : ` --profile ${shellWord(profile)}`);
}

/** E.g. `role controller on instance i-0123…, account 111122223333`. */
function describeCaller({ account, arn }: Caller): string {
  const [, role, session] = /:assumed-role\/(.+)\/([^/]+)$/.exec(arn) ?? [];
  const who = role === undefined
    ? arn
    : /^i-[0-9a-f]+$/.test(session!)
    ? `role ${role}, of instance ${session}`
    : `role ${role}, as ${session}`;
  return `${who}, account ${account}`;
}

function accountFindings({ account, arn }: Caller): CheckResult[] {
  if (!arn.endsWith(`::${account}:root`)) return [];
  return [{
    check: CHECK,
    status: "warn",
    what: "caller",
    evidence: "is the account's root user, who may do everything: no policy limits the hooks",
    fix: "Make a role or user with just what this prints, and use its credentials: slurm-ec2 iam policy",
  }];
}

/** Who runs this, and the user that slurmctld runs hooks as; a name is absent where it can't be known. */
export interface UserFacts {
  /** The configuration's slurm.user. */
  readonly wanted: string;
  /** This process's own, by name or number. */
  readonly current?: string;
  /** Whether both are the same; undefined: not known. */
  readonly same?: boolean;
}

/** Is this the user whose credentials count? Another's may work, and the hooks fail all the same. */
export function checkUser({ wanted, current, same }: UserFacts, configFile: string): CheckResult {
  const base = { check: CHECK, what: "user" } as const;
  if (same === true) return { ...base, status: "pass", evidence: `runs as ${wanted}, as the hooks do` };
  const fix = `sudo -u ${shellWord(wanted)} slurm-ec2 doctor --config ${shellWord(configFile)}`;
  if (same === undefined) {
    return {
      ...base,
      status: "can't tell",
      evidence: `whether this user is ${wanted} (slurm.user) is not known`,
      fix,
    };
  }
  return {
    ...base,
    status: "warn",
    evidence: `runs as ${current}, the hooks run as ${wanted} (slurm.user): credentials and files may differ`,
    fix,
  };
}

/**
 * The name of a user id and the id of a user name in the text of passwd(5); the first entry holds, as for
 * getpwnam(3).
 */
export function findInPasswd(text: string, uid: number, wanted: string): Pick<UserFacts, "current" | "same"> {
  const entries = text.split("\n").map((line) => line.split(":"));
  const current = entries.find(([, , id]) => id === String(uid))?.[0];
  const entry = entries.find(([name]) => name === wanted);
  return {
    current: current ?? `uid ${uid}`,
    ...(entry !== undefined ? { same: entry[2] === String(uid) } : current !== undefined && { same: false }),
  };
}
