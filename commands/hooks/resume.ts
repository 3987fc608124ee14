import { errorText } from "../../lib/base/error_text.ts";
import { parseResumeFile } from "../../lib/slurm/resume_file.ts";
import { defineCommand } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { HOOK_EXITS, HOOK_FLAGS, HOOK_PERMISSIONS } from "./hook_parts.ts";
import { type RequestOptions, runRequest } from "./run_request.ts";

const FLAGS = [
  ...HOOK_FLAGS,
  { name: "resume-file", value: "FILE", summary: "Slurm's SLURM_RESUME_FILE, or - for standard input" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 resume`: Slurm's ResumeProgram. */
export const resume = defineCommand({
  name: "resume",
  summary: "Power nodes up: launch or start instances and tell Slurm their addresses (ResumeProgram).",
  arguments: "HOSTLIST",
  flags: FLAGS,
  examples: [
    { command: 'slurm-ec2 resume "c7i-[0-7]"', says: "What slurmctld does for a job on eight nodes" },
    { command: 'slurm-ec2 resume --json "c7i-[0-7]"', says: "The verdicts and the calls, for a script" },
    { command: 'slurm-ec2 resume --dry-run "c7i-[0-7]"', says: "Which launches that would take" },
  ],
  notes: "Nodes without an instance are set down with the reason, or given back, at once: see sinfo -R.",
  exits: HOOK_EXITS,
  permissions: HOOK_PERMISSIONS,
  acceptsUnknownFlags: true,
  async run(host, flags) {
    // Slurm removes the file about ten seconds after it starts the hook, so it is read before anything else.
    return await runRequest(host, flags, "resume", await readResumeFile(host, flags));
  },
});

/** One that can't be read costs the grouping by job, never the launch. */
async function readResumeFile(
  host: Host,
  flags: Given,
): Promise<Pick<RequestOptions, "resumeFile" | "warning">> {
  const file = flags.get("resume-file");
  if (file === undefined) return {};
  try {
    const text = new TextDecoder().decode(file === "-" ? await host.readStdin() : host.files.read(file));
    parseResumeFile(text);
    return { resumeFile: text };
  } catch (error) {
    return { warning: `Resume file "${file}" is not usable, going on without jobs: ${errorText(error)}` };
  }
}
