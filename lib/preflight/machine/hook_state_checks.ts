import { isNetworkFileSystem } from "../../base/network_file_system.ts";
import { type Look, mayWrite, octal } from "./file_facts.ts";
import type { CheckResult } from "../check_result.ts";
import { cannotTell, found } from "./unanswered.ts";
import { makeOwn } from "./own_place.ts";
import type { Volume } from "./state_location_checks.ts";
import type { KnownUser } from "./user_checks.ts";

/** A directory that hooks write to. */
export interface PlaceFacts {
  /** As findings call it, e.g. `stateDir`. */
  readonly name: string;
  readonly look: Look;
  readonly volume?: Volume;
  /** The log that is to be made there. */
  readonly logFile?: string;
}

/** What the event log says of the last hook that ended. */
export interface LastHook {
  readonly hook: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
  /** Nodes by verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Why nodes got no instance, and what else went wrong. */
  readonly troubles: readonly string[];
}

/** Bytes below which a hook's notes may not fit: an intent holds its whole request, some 20 KB, and a day's events some MB. */
const SCARCE = 100_000_000;

/** Can the hooks write where they must? */
export function checkPlace(
  { name, look, volume, logFile }: PlaceFacts,
  user: KnownUser | undefined,
): CheckResult {
  const about = { check: "hooks", what: name };
  const who = user?.name ?? "the slurm user";
  switch (look.kind) {
    case "there":
      break;
    case "absent":
      return name.startsWith("DENO_DIR")
        ? found(about, "info", `${look.path} is not there yet: the first hook makes it`)
        : found(about, "fail", `${look.path} is not there`, `install -d -m 0750 -o ${who} ${look.path}`);
    case "barred":
      return found(about, "can't tell", `${look.path}: this user may not look at it; run doctor as ${who}`);
    case "stale":
    case "failed":
      return found(
        about,
        "fail",
        `${look.path}: ${look.kind === "stale" ? "stale file handle" : look.words}`,
      );
    default:
      return cannotTell(about, look);
  }
  if (look.type !== "directory") {
    return found(
      about,
      "fail",
      `${look.path} is a ${look.type}, no directory`,
      `mv ${look.path} ${look.path}.old`,
    );
  }
  if (user !== undefined && !mayWrite(look, user)) {
    return found(
      about,
      name.startsWith("DENO_DIR") ? "warn" : "fail",
      `${who} may not write to ${look.path} (uid ${look.uid}, mode ${octal(look.mode)})${
        name.startsWith("DENO_DIR") ? ": every hook starts half a second later" : ""
      }`,
      name.startsWith("logFile")
        ? `install -m 0640 -o ${who} /dev/null ${logFile ?? `${look.path}/slurm-ec2.log`}`
        : makeOwn(look.path, who, "stateDir"),
    );
  }
  if (name === "stateDir" && volume !== undefined && isNetworkFileSystem(volume.type)) {
    return found(
      about,
      "fail",
      `${look.path} is on ${volume.type}: its locks and its database need a disk of this host`,
      "set stateDir in slurm-ec2.yaml to a directory on a local disk, e.g. /var/lib/slurm-ec2",
    );
  }
  if (volume !== undefined && volume.free < SCARCE) {
    const evidence = `${Math.floor(volume.free / 1e6)} MB free on the disk of ${look.path}`;
    return found(about, volume.free < 1e6 ? "fail" : "warn", evidence, `make room there: df ${look.path}`);
  }
  const room = volume === undefined ? "" : `, ${Math.floor(volume.free / 1e6)} MB free`;
  return found(about, "pass", `${look.path}, uid ${look.uid}, mode ${octal(look.mode)}${room}`);
}

/** The last events of `events.jsonl`, whose first line may be cut; lines that make no sense are left out. */
export function lastHook(text: string): LastHook | undefined {
  const events = text.split("\n").map(parsed).filter((event) => event !== undefined);
  const done = events.findLast(({ kind }) => kind === "done");
  if (done === undefined) return undefined;
  const ofRun = events.filter(({ run }) => run === done.run);
  return {
    hook: String(done.hook),
    at: Date.parse(String(done.time)),
    verdicts: done.verdicts as LastHook["verdicts"] ?? {},
    troubles: ofRun.flatMap(({ kind, reason, message }) =>
      kind === "verdict" && typeof reason === "string" && reason !== ""
        ? [reason]
        : kind === "trouble"
        ? [String(message)]
        : []
    ),
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

/** How did the last hook go? */
export function checkLastHook(last: LastHook | undefined, now: number): CheckResult {
  const about = { check: "hooks", what: "last hook" };
  if (last === undefined) {
    return found(about, "info", "none has run yet, by events.jsonl in stateDir");
  }
  const nodes = Object.entries(last.verdicts).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  const text = `${last.hook} ${agoText(now - last.at)}: ${nodes || "no nodes"}`;
  if (last.troubles.length === 0) return found(about, "pass", text);
  const more = last.troubles.length > 1 ? ` (and ${last.troubles.length - 1} more)` : "";
  return found(
    about,
    "warn",
    `${text}; ${last.troubles[0]}${more}`,
    "see the log (logFile), and sinfo -R for nodes that are down",
  );
}

function agoText(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  return hours < 72 ? `${hours} h ago` : `${Math.round(hours / 24)} days ago`;
}
