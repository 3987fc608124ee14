import { errorText } from "../../lib/base/error_text.ts";
import { powerUp } from "../../lib/power_up/run.ts";
import { parseResumeFile, type ResumeJob } from "../../lib/slurm/resume_file.ts";
import { defineCommand } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { type Hook, HOOK_EXITS, HOOK_FLAGS, HOOK_PERMISSIONS, runHook } from "./run_hook.ts";
import type { Host } from "../base/host.ts";

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
  ],
  notes: "Nodes without an instance are set down with the reason, or given back, at once: see sinfo -R.",
  exits: HOOK_EXITS,
  permissions: HOOK_PERMISSIONS,
  acceptsUnknownFlags: true,
  async run(host, flags) {
    // Slurm removes the file about ten seconds after it starts the hook, so it is read before anything else.
    const { jobs, problem } = await readJobs(host, flags);
    const work = (hook: Hook) => {
      if (problem !== undefined) hook.log.warn(problem);
      const newToken = () => crypto.randomUUID();
      return powerUp({ ...hook, newToken }, hook.config, { nodes: hook.nodes, jobs });
    };
    return await runHook(host, flags, "resume", work, jobs.map(({ jobId }) => jobId));
  },
});

/** The jobs that wait; a resume file that can't be read costs the grouping by job, never the launch. */
async function readJobs(host: Host, flags: Given): Promise<{ jobs: readonly ResumeJob[]; problem?: string }> {
  const file = flags.get("resume-file");
  if (file === undefined) return { jobs: [] };
  try {
    const bytes = file === "-" ? await host.readStdin() : host.files.read(file);
    return { jobs: parseResumeFile(new TextDecoder().decode(bytes)).jobs };
  } catch (error) {
    return {
      jobs: [],
      problem: `Resume file "${file}" is not usable, going on without jobs: ${errorText(error)}`,
    };
  }
}
