/** What is at a path. A link is looked at itself, never what it points to. */
export type Found =
  | { readonly kind: "file"; readonly mode: number; readonly uid: number; readonly sha256: string }
  | { readonly kind: "link"; readonly uid: number; readonly target: string }
  | { readonly kind: "directory"; readonly mode: number; readonly uid: number }
  /** Devices, pipes, sockets. */
  | { readonly kind: "other"; readonly uid: number };

/** What is there, by path below the prefix (the prefix itself is "", state directories are absolute); no entry: nothing is. */
export type Survey = ReadonlyMap<string, Found>;

/** Whether the group or others may write: slurmctld then refuses a program (slurm.conf(5), ResumeProgram). */
export function isOpen(mode: number): boolean {
  return (mode & 0o022) !== 0;
}

/** Permission bits as chmod takes them, e.g. `0755`. */
export function modeText(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, "0")}`;
}
