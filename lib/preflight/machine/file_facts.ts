import type { Machine, Unanswered } from "./machine.ts";

/** A file or directory as stat(1) shows it, links followed. */
export interface FileFacts {
  readonly kind: "there";
  readonly path: string;
  /** stat's own word: `directory`, `regular file`, `socket`, … */
  readonly type: string;
  /** Permission bits, with set-id and sticky ones. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What looking at a path came to. */
export type Look =
  | FileFacts
  | { readonly kind: "absent"; readonly path: string }
  /** NFS: the server forgot what the handle stands for, estale(5). */
  | { readonly kind: "stale"; readonly path: string }
  /** This user may not look. */
  | { readonly kind: "barred"; readonly path: string }
  | { readonly kind: "failed"; readonly path: string; readonly words: string }
  | (Unanswered & { readonly path: string });

/** Looks at a path in a process of its own: a file system that hangs keeps that, not us. */
export async function lookAt(machine: Machine, path: string): Promise<Look> {
  const ran = await machine.run(["stat", "-L", "--printf", "%F\t%a\t%u\t%g", "--", path]);
  if (ran.kind === "cut") return { ...ran, what: `stat ${path}`, path };
  if (ran.kind !== "ended") return { ...ran, path };
  const [type, mode, uid, gid] = ran.stdout.split("\t");
  if (ran.code === 0 && gid !== undefined) {
    return { kind: "there", path, type: type!, mode: parseInt(mode!, 8), uid: Number(uid), gid: Number(gid) };
  }
  const words = ran.stderr.trim().split(": ").at(-1) ?? "";
  if (/^(?:No such file|Not a directory)/.test(words)) return { kind: "absent", path };
  if (/^Stale file handle/.test(words)) return { kind: "stale", path };
  if (/^Permission denied/.test(words)) return { kind: "barred", path };
  return { kind: "failed", path, words };
}

/** A file's text through cat(1), for the same reason; undefined where it can't be had. */
export async function readSafely(machine: Machine, path: string): Promise<string | undefined> {
  const ran = await machine.run(["cat", "--", path]);
  return ran.kind === "ended" && ran.code === 0 ? ran.stdout : undefined;
}

/** Whether a user may write, by owner, group and mode; access lists are not seen. */
export function mayWrite(
  file: FileFacts,
  user: { readonly uid: number; readonly gids: readonly number[] },
): boolean {
  if (user.uid === 0) return true;
  if (file.uid === user.uid) return (file.mode & 0o200) !== 0;
  return (file.mode & (user.gids.includes(file.gid) ? 0o020 : 0o002)) !== 0;
}

/** Permission bits as chmod takes them, e.g. `0755`. */
export function octal(mode: number): string {
  return `0${mode.toString(8).padStart(3, "0")}`;
}
