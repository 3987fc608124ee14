import { textTable } from "../../lib/base/text_table.ts";
import type { Difference } from "../../lib/install/compare.ts";
import type { Action } from "../../lib/install/plan.ts";
import { modeText } from "../../lib/install/survey_model.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import type { Rendered } from "./render.ts";

/** What an install or a way back did, or would do. */
export interface InstallReport {
  readonly prefix: string;
  readonly version: string;
  readonly release: string;
  readonly previous?: string;
  readonly dryRun: boolean;
  readonly actions: readonly Action[];
  readonly notes: readonly string[];
  readonly rendered?: Rendered;
}

/** What a check found. */
export interface CheckReport {
  readonly prefix: string;
  readonly release: string;
  readonly differences: readonly Difference[];
  readonly notes: readonly string[];
  readonly rendered?: Rendered;
}

interface Style {
  readonly json: boolean;
}

/** Prints what an install did. */
export function printInstalled(host: Host, report: InstallReport, { json }: Style): ExitCode {
  const { prefix, version, release, dryRun, actions, notes, rendered } = report;
  if (json) return printJson(host, report);
  host.stdout.write(actionTable(prefix, actions));
  if (rendered !== undefined) host.stdout.write(rendered.text);
  host.stdout.write(
    dryRun
      ? `Nothing was changed: this was a dry run for ${prefix}\n`
      : actions.length === 0
      ? `${prefix}: slurm-ec2 ${version} is there already (${release})\n`
      : `${prefix}: slurm-ec2 ${version} is in use (${release})\n`,
  );
  printNotes(host, notes);
  return ExitCode.Done;
}

/** Prints what a check found; 3 where that is anything. */
export function printDifferences(host: Host, report: CheckReport, { json }: Style): ExitCode {
  const { prefix, release, differences, notes, rendered } = report;
  const exit = differences.length > 0 || rendered?.exit === ExitCode.Partly ? ExitCode.Partly : ExitCode.Done;
  if (json) return printJson(host, report, exit);
  host.stdout.write(
    differences.length === 0 ? `${prefix}: as ${release} is installed\n` : textTable(
      ["PATH", "WHAT", "WANTED", "FOUND"],
      differences.map(({ path, what, wanted, found }) => [path, what, wanted, found]),
    ),
  );
  if (rendered !== undefined) host.stdout.write(rendered.text);
  if (differences.length > 0) {
    host.stderr.write(
      `slurm-ec2: ${differences.length} ${
        differences.length === 1 ? "difference" : "differences"
      } in ${prefix}; slurm-ec2 install fixes what is not yours\n`,
    );
  }
  printNotes(host, notes);
  return exit;
}

function printJson(host: Host, report: object, exit: ExitCode = ExitCode.Done): ExitCode {
  const { rendered, ...rest } = report as { readonly rendered?: Rendered };
  const object = { ...rest, ...(rendered !== undefined && { rendered: rendered.json }) };
  host.stdout.write(`${JSON.stringify(object, null, 2)}\n`);
  return exit;
}

const WORDS: Readonly<Record<Action["kind"], string>> = {
  "make-directory": "make",
  "set-mode": "chmod",
  "own": "chown",
  "write-release": "write",
  "write-settings": "write",
  "set-aside": "set aside",
  "link": "link",
  "remove": "remove",
  "remove-tree": "remove",
  "remove-directory-if-empty": "remove if empty",
};

/** A line for each action. */
export function actionTable(prefix: string, actions: readonly Action[]): string {
  return actions.map((action) => {
    const path = action.path.startsWith("/") ? action.path : `${prefix}${action.path && `/${action.path}`}`;
    return `${WORDS[action.kind].padEnd(9)}  ${path}${detail(action)}\n`;
  }).join("");
}

function detail(action: Action): string {
  switch (action.kind) {
    case "link":
      return ` -> ${action.target}`;
    case "set-aside":
      return ` to ${action.to}`;
    case "set-mode":
      return ` to ${modeText(action.mode)}`;
    case "own":
      return ` to ${action.uid}:${action.gid}`;
    default:
      return "";
  }
}

/** Remarks, on standard error. */
export function printNotes(host: Host, notes: readonly string[]): void {
  for (const note of notes) host.stderr.write(`slurm-ec2: note: ${note}\n`);
}
