import { type Look, octal } from "./file_facts.ts";
import type { CheckResult } from "../check_result.ts";
import type { Ran } from "./machine.ts";
import { cannotTell, found } from "./unanswered.ts";
import type { NoSlurm } from "./slurm_view.ts";

/** What is known of munge here. The key itself is never read. */
export interface MungeFacts {
  /** AuthType; another than auth/munge means that munge is not used. */
  readonly authType?: string;
  readonly socket: Look;
  readonly key: Look;
  /** The munge user's number; absent where it is not known. */
  readonly uid?: number;
  /** A credential made and read again; its text is not kept. */
  readonly roundTrip: RoundTrip;
  /** Whether slurmctld took our credentials: undefined where it was not asked. */
  readonly slurmctld?: { readonly trouble?: NoSlurm };
}

/** How far a credential of our own came. */
export type RoundTrip =
  | { readonly kind: "ok" }
  | { readonly kind: "failed"; readonly words: string }
  | Exclude<Ran, { readonly kind: "ended" }>;

/** Does munge work here, with a key that only it can read, and the same one that slurmctld has? */
export function checkMunge(facts: MungeFacts, place: "controller" | "node"): CheckResult[] {
  const { authType } = facts;
  if (authType !== undefined && authType !== "auth/munge") {
    const about = { check: "munge", what: "munge" };
    return [found(about, "info", `slurm.conf has AuthType=${authType}: munge is not used`)];
  }
  return [
    checkSocket(facts.socket),
    checkRoundTrip(facts.roundTrip),
    checkKey(facts),
    ...(place === "node" ? checkEqualKey(facts) : []),
  ];
}

const START = "systemctl enable --now munge; its log: /var/log/munge/munged.log";

function checkSocket(socket: Look): CheckResult {
  const about = { check: "munge", what: `socket ${socket.path}` };
  switch (socket.kind) {
    case "there":
      return socket.type === "socket"
        ? found(about, "pass", "there; munge needs no port, it is local")
        : found(
          about,
          "fail",
          `is a ${socket.type}, no socket`,
          `rm ${socket.path}; systemctl restart munge`,
        );
    case "absent":
      return found(about, "fail", "not there: munged does not run", START);
    case "barred":
      return found(
        about,
        "fail",
        "this user may not get at it, so neither may Slurm's commands",
        `chmod a+rx ${directoryOf(socket.path)}`,
      );
    case "stale":
    case "failed":
      return found(about, "fail", socket.kind === "stale" ? "stale file handle" : socket.words, START);
    default:
      return cannotTell(about, socket);
  }
}

function checkRoundTrip(trip: RoundTrip): CheckResult {
  const about = { check: "munge", what: "munged" };
  switch (trip.kind) {
    case "ok":
      return found(about, "pass", "makes credentials and reads them again");
    case "failed":
      return found(about, "fail", trip.words, START);
    case "cut":
      return found(about, "fail", `does not answer within ${trip.seconds} s`, "systemctl restart munge");
    default:
      return cannotTell(about, trip);
  }
}

/** munged itself refuses a key that others can read (munged(8), --key-file), unless it is forced. */
function checkKey({ key, uid }: MungeFacts): CheckResult {
  const about = { check: "munge", what: `key ${key.path}` };
  switch (key.kind) {
    case "there": {
      const owner = uid ?? key.uid;
      if ((key.mode & 0o077) !== 0) {
        return found(
          about,
          "fail",
          `mode ${octal(key.mode)}: everyone who reads it can be any user of the cluster`,
          `chmod 0400 ${key.path}; if others had a chance to read it, make a new one for all machines`,
        );
      }
      return key.uid === owner || key.uid === 0
        ? found(about, "pass", `mode ${octal(key.mode)}, uid ${key.uid}: munge's alone`)
        : found(
          about,
          "fail",
          `belongs to uid ${key.uid}, not to munge (${owner})`,
          `chown munge: ${key.path}`,
        );
    }
    case "absent":
      return found(about, "can't tell", "not there: munged may have been given another by --key-file");
    case "barred":
      return found(about, "pass", `this user can't get at it, as it should be; as root doctor sees its mode`);
    case "stale":
    case "failed":
      return found(about, "can't tell", key.kind === "stale" ? "stale file handle" : key.words);
    default:
      return cannotTell(about, key);
  }
}

function checkEqualKey({ slurmctld }: MungeFacts): CheckResult[] {
  const about = { check: "munge", what: "key equal to the controller's" };
  if (slurmctld === undefined) return [];
  const { trouble } = slurmctld;
  if (trouble === undefined) {
    return [found(about, "pass", "slurmctld answers our credential, and we believe its own")];
  }
  if (trouble.kind === "unauthenticated") {
    return [
      found(
        about,
        "fail",
        `slurmctld refuses our credential: ${trouble.words}`,
        "copy /etc/munge/munge.key from the controller, chown munge: and chmod 0400 it, systemctl restart munge; else a clock is off (section clock)",
      ),
    ];
  }
  if (trouble.kind === "no-munge") {
    return [found(about, "can't tell", "munged makes no credential here, see above")];
  }
  const how =
    "on the controller: slurm-ec2 doctor --credential | ssh THIS-NODE slurm-ec2 doctor --node --check-credential -";
  return [{
    ...found(about, "can't tell", "slurmctld was not reached: its answer would have shown it"),
    fix: how,
  }];
}

/** What unmunge(1) said of another machine's credential. */
export function checkCredential(ran: Ran): CheckResult {
  const about = { check: "munge", what: "the credential given" };
  if (ran.kind !== "ended") return cannotTell(about, ran);
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(ran.stdout)?.[1]?.trim() ?? "";
  // Where there is nothing to tell of the credential it only complains.
  const complaint = ran.stderr.trim().replace(/^unmunge: Error: /, "");
  const [status, from] = [field("STATUS") || complaint, field("ENCODE_HOST")];
  const epoch = (text: string) => Number(/\((\d+)\)/.exec(text)?.[1] ?? NaN);
  const age = epoch(field("DECODE_TIME")) - epoch(field("ENCODE_TIME"));
  // munge(7): what each of these means is in its libmunge error codes.
  if (/^Success/.test(status)) {
    return found(about, "pass", `made by ${from} with the same key, ${ageText(age)}`);
  }
  if (/^Replayed/.test(status)) {
    return found(about, "pass", `made by ${from} with the same key; it was read before (${ageText(age)})`);
  }
  if (/^(?:Expired|Rewound)/.test(status)) {
    return found(
      about,
      "fail",
      `made with the same key, but ${ageText(age)} by this clock: ${status}`,
      "take a fresh one; if it was fresh, a clock is off: see the section clock on both machines",
    );
  }
  if (/^Invalid/.test(status)) {
    return found(
      about,
      "fail",
      `made with another key: ${status}`,
      "copy /etc/munge/munge.key from the controller, chown munge: and chmod 0400 it, systemctl restart munge",
    );
  }
  return found(about, "fail", status || `unmunge ended with ${ran.code}`, START);
}

function ageText(seconds: number): string {
  if (Number.isNaN(seconds)) return "at an unknown time";
  return seconds < 0 ? `${-seconds} s in the future` : `${seconds} s ago`;
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
