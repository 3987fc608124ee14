import { readFailure, systemWords } from "../../lib/base/read_failure.ts";
import type { RenderedFile } from "../../lib/slurm_conf/render/conf_text.ts";
import {
  compareInstalled,
  type Comparison,
  type FileStatus,
  isDrift,
  unifiedDiff,
} from "../../lib/slurm_conf/render/installed.ts";
import { shellWord } from "../../lib/preflight/parameters/value_checks.ts";
import { CommandError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";

/** What becomes of rendered files. */
export type Delivery = "print" | "check" | "write" | "dry-run";

/** Rendered files with what is to be said about them. */
export interface RenderReport {
  readonly files: readonly RenderedFile[];
  readonly notes: readonly string[];
  readonly slurmVersion: string;
  /** Where the facts of instance types come from. */
  readonly facts: string;
  /** The command line that renders the same, without `--out` and what goes with it. */
  readonly command: string;
}

interface Place {
  readonly directory: string;
  readonly json: boolean;
}

/** Prints all files, a line with the name before each: a comment to Slurm. */
export function printFiles(
  host: Host,
  report: RenderReport,
  { json }: { readonly json: boolean },
): ExitCode {
  if (json) {
    const files = report.files.map(({ name, text }) => ({ name, text }));
    printJson(host, report, { files });
    return ExitCode.Done;
  }
  host.stdout.write(report.files.map(({ name, text }) => `#### ${name}\n${text}`).join("\n"));
  printNotes(host, report);
  return ExitCode.Done;
}

/** Prints the difference to what is installed; exit status 3 where there is one. */
export function checkInstalled(host: Host, report: RenderReport, place: Place): ExitCode {
  const drift = compare(host, report, place.directory).filter(isDrift);
  const exit = drift.length > 0 ? ExitCode.Partly : ExitCode.Done;
  if (place.json) {
    printJson(host, report, {
      directory: place.directory,
      differences: drift.map((file) => ({ name: file.name, status: file.status, diff: unifiedDiff(file) })),
    });
    return exit;
  }
  host.stdout.write(
    drift.length === 0
      ? `${place.directory}: as rendered for Slurm ${report.slurmVersion}\n`
      : drift.map(unifiedDiff).join(""),
  );
  if (drift.length > 0) {
    host.stderr.write(
      `slurm-ec2: ${drift.length} of ${report.files.length} files in ${place.directory} differ; ` +
        `to install them: ${report.command} --out ${shellWord(place.directory)}\n`,
    );
  }
  printNotes(host, report);
  return exit;
}

/**
 * Writes what changed, each previous file kept as `.bak`, and prints a table.
 * @throws {CommandError} before anything is written, when a file in the way is not ours.
 */
export function writeFiles(
  host: Host,
  report: RenderReport,
  place: Place & { readonly dryRun: boolean; readonly force: boolean },
): ExitCode {
  const comparisons = compare(host, report, place.directory);
  const foreign = comparisons.filter(({ isForeign }) => isForeign).map(({ path }) => path);
  if (foreign.length > 0 && !place.force) {
    throw new CommandError(
      `Nothing was written: ${foreign.join(", ")} ${foreign.length === 1 ? "is" : "are"} not slurm-ec2's; ` +
        "write to another directory and merge manually, or overwrite with --force (kept as .bak)",
    );
  }
  const notes = [...report.notes, ...missingParents(host, place)];
  if (!place.dryRun) writeAll(host, place.directory, comparisons);
  if (place.json) {
    printJson(host, { ...report, notes }, {
      directory: place.directory,
      dryRun: place.dryRun,
      files: comparisons.map((file) => ({ name: file.name, path: file.path, status: file.status })),
    });
    return ExitCode.Done;
  }
  host.stdout.write(table(comparisons, place.dryRun));
  printNotes(host, { ...report, notes });
  return ExitCode.Done;
}

/** A note where not only the directory itself is missing: more often a slip in its name than a wish. */
function missingParents(host: Host, { directory, dryRun }: { directory: string; dryRun: boolean }): string[] {
  const parts = directory.replace(/\/+$/, "").split("/");
  const first = parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1).join("/"))
    .find((above) => above !== "" && !host.files.exists(above));
  if (first === undefined) return [];
  const isMade = dryRun ? "is not there and would be made" : "was not there and is made";
  return [
    `${first} ${isMade} for --out ${shellWord(directory)}: where that is not meant, ` +
    `${dryRun ? "" : `remove ${first} and `}correct --out`,
  ];
}

function writeAll(host: Host, directory: string, comparisons: readonly Comparison[]): void {
  try {
    // slurmctld reads them as SlurmUser, and every user's sinfo as that user.
    host.files.mkdir(directory, 0o755);
    for (const { path, status, text, installed } of comparisons) {
      if (status === "same" || status === "kept") continue;
      if (installed !== undefined) host.files.writeText(`${path}.bak`, installed, { modeOf: path });
      host.files.writeText(path, text, { newMode: 0o644 });
    }
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    throw new CommandError(
      `Can't write to ${directory}: ${
        systemWords(error)
      }; files written so far are complete, run it again to go on`,
    );
  }
}

function compare(host: Host, report: RenderReport, directory: string): Comparison[] {
  return report.files.map((file) => {
    const path = `${directory.replace(/(?<=.)\/+$/, "")}/${file.name}`;
    return compareInstalled(file, path, readInstalled(host, path));
  });
}

function readInstalled(host: Host, path: string): string | undefined {
  try {
    return host.files.readText(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    throw new CommandError(`Can't read ${path} to compare it: ${readFailure(error)}`);
  }
}

const DONE: Readonly<Record<FileStatus, string>> = {
  new: "written",
  changed: "written, previous one in .bak",
  same: "unchanged",
  kept: "kept: it is yours",
};

const PLANNED: Readonly<Record<FileStatus, string>> = {
  new: "would be written",
  changed: "would be written, previous one to .bak",
  same: "unchanged",
  kept: "would be kept: it is yours",
};

function table(comparisons: readonly Comparison[], dryRun: boolean): string {
  const width = Math.max(...comparisons.map(({ path }) => path.length));
  return comparisons.map(({ path, status }) =>
    `${path.padEnd(width)}  ${(dryRun ? PLANNED : DONE)[status]}\n`
  )
    .join("");
}

function printNotes(host: Host, { notes }: RenderReport): void {
  for (const note of notes) host.stderr.write(`slurm-ec2: note: ${note}\n`);
}

function printJson(host: Host, { slurmVersion, facts, notes }: RenderReport, rest: object): void {
  host.stdout.write(`${JSON.stringify({ slurmVersion, facts, ...rest, notes }, null, 2)}\n`);
}
