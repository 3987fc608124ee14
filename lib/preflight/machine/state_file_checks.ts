import type { CheckResult } from "../check_result.ts";
import { cannotTell, found } from "./unanswered.ts";
import { type Look, mayWrite, octal } from "./file_facts.ts";
import type { Machine } from "./machine.ts";
import { isShared, makeOwn } from "./own_place.ts";
import type { KnownUser } from "./user_checks.ts";

/** What lies in stateDir, as find(1) shows it. */
export interface StateFile {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** Permission bits. */
  readonly mode: number;
  /** find's letter: `f` a file, `d` a directory, `l` a link, … */
  readonly type: string;
}

/** Deno's own cache is left out: hooks do without it. */
const FIND = ["-mindepth", "1", "-maxdepth", "3", "-name", "deno", "-prune", "-o"] as const;

/** Lists stateDir, three levels deep; undefined where that is not to be had. */
export async function listState(
  machine: Machine,
  directory: string,
): Promise<readonly StateFile[] | undefined> {
  const ran = await machine.run(["find", directory, "-xdev", ...FIND, "-printf", "%U\t%G\t%m\t%y\t%p\n"]);
  if (ran.kind !== "ended" || ran.code !== 0) return undefined;
  return ran.stdout.split("\n").flatMap((line) => {
    const [uid, gid, mode, type, path] = line.split("\t");
    if (path === undefined) return [];
    return [{ path, uid: Number(uid), gid: Number(gid), mode: parseInt(mode!, 8), type: type! }];
  });
}

/** Can the hooks use each file in stateDir? A command that root ran first may have left some of root's own. */
export function checkStateFiles(
  directory: string,
  files: readonly StateFile[] | undefined,
  user: KnownUser | undefined,
): readonly CheckResult[] {
  const about = { check: "hooks", what: "state files" };
  // What others keep in a directory that they share is not ours to judge.
  if (files === undefined || user === undefined || files.length === 0 || isShared(directory)) return [];
  const links = files.filter(({ type }) => type === "l");
  if (links.length > 0) {
    return [found(about, "fail", `${named(links)}: no link is followed there`, `rm ${links[0]!.path}`)];
  }
  const useless = files.filter((file) => !mayWrite({ kind: "there", ...file }, user));
  if (useless.length === 0) {
    return [found(about, "pass", `${files.length} in ${directory}, all ${user.name}'s to write`)];
  }
  return [
    found(
      about,
      "fail",
      `${user.name} may not write to ${named(useless)}: hooks go on without what they hold`,
      makeOwn(directory, user.name, "stateDir"),
    ),
  ];
}

function named(files: readonly StateFile[]): string {
  const more = files.length > 3 ? ` and ${files.length - 3} more` : "";
  return files.slice(0, 3).map(({ path }) => path).join(", ") + more;
}

/** Can the hooks append to the log, and only its group read it? The directory counts where there is no log yet. */
export function checkLogFile(file: Look, user: KnownUser | undefined): CheckResult | undefined {
  const about = { check: "hooks", what: "logFile" };
  if (file.kind === "absent" || user === undefined) return undefined;
  if (file.kind === "barred") {
    return found(
      about,
      "can't tell",
      `${file.path}: this user may not look at it; run doctor as ${user.name}`,
    );
  }
  if (file.kind === "stale") return found(about, "fail", `${file.path}: stale file handle`);
  if (file.kind === "failed") return found(about, "fail", `${file.path}: ${file.words}`);
  if (file.kind !== "there") return cannotTell(about, file);
  const facts = `uid ${file.uid}, mode ${octal(file.mode)}`;
  if (!/^regular/.test(file.type)) {
    return found(
      about,
      "fail",
      `${file.path} is a ${file.type}, no file`,
      `mv ${file.path} ${file.path}.old`,
    );
  }
  if (!mayWrite(file, user)) {
    return found(
      about,
      "fail",
      `${user.name} may not write to ${file.path} (${facts})`,
      `chown ${user.name} ${file.path}`,
    );
  }
  if ((file.mode & 0o007) !== 0) {
    return found(
      about,
      "warn",
      `everybody may read or write ${file.path} (${facts})`,
      `chmod 0640 ${file.path}`,
    );
  }
  return found(about, "pass", `${file.path}, ${facts}`);
}
