import { createTwoFilesPatch } from "diff";
import type { RenderedFile } from "./conf_text.ts";
import { WRITTEN_BY } from "./file_head.ts";
import { INCLUDE_LINES_FILE } from "./include_lines.ts";

/**
 * How a rendered file stands to the installed one: `new` (none there), `changed`, `same`, or `kept` (the site's
 * own, never overwritten).
 */
export type FileStatus = "new" | "changed" | "same" | "kept";

/** A rendered file next to the installed one. */
export interface Comparison {
  readonly name: string;
  readonly path: string;
  readonly status: FileStatus;
  readonly text: string;
  /** The installed text; undefined where there is no such file. */
  readonly installed: string | undefined;
  /** Whether the installed file is somebody else's: it lacks the line that ours begin with. */
  readonly isForeign: boolean;
}

/** Compares one rendered file with what is installed at `path`; `installed` is undefined where there is none. */
export function compareInstalled(
  file: RenderedFile,
  path: string,
  installed: string | undefined,
): Comparison {
  const { name, text } = file;
  const status = installed === undefined
    ? "new"
    : file.keepInstalled
    ? "kept"
    : installed === text
    ? "same"
    : "changed";
  const isForeign = status === "changed" && !installed!.split("\n", 1)[0]!.includes(WRITTEN_BY);
  return { name, path, status, text, installed, isForeign };
}

/**
 * Whether the installed configuration differs in what Slurm reads. The file of lines to paste is for people: it
 * counts only where it was installed.
 */
export function isDrift({ name, status }: Comparison): boolean {
  return status === "changed" || (status === "new" && name !== INCLUDE_LINES_FILE);
}

/** The unified diff from the installed file to the rendered one; empty when there is nothing to tell. */
export function unifiedDiff({ path, name, status, text, installed }: Comparison): string {
  if (status === "same" || status === "kept") return "";
  const patch = createTwoFilesPatch(
    installed === undefined ? "/dev/null" : path,
    `${name} (rendered)`,
    installed ?? "",
    text,
  );
  // The library begins with a rule of its own, which patch(1) does not need.
  return patch.replace(/^=+\n/, "");
}
