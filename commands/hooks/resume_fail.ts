import { defineCommand } from "../base/command.ts";
import { HOOK_EXITS, HOOK_FLAGS, HOOK_PERMISSIONS } from "./hook_parts.ts";
import { runRequest } from "./run_request.ts";

/** `slurm-ec2 resume-fail`: Slurm's ResumeFailProgram. */
export const resumeFailCommand = defineCommand({
  name: "resume-fail",
  summary:
    "End nodes that did not register in time: keep their console output, terminate (ResumeFailProgram).",
  arguments: "HOSTLIST",
  flags: HOOK_FLAGS,
  examples: [{ command: 'slurm-ec2 resume-fail "c7i-3"', says: "What slurmctld does at ResumeTimeout" }],
  notes: "The console's last lines go to the log file; then the nodes are given back to Slurm.",
  exits: HOOK_EXITS,
  permissions: HOOK_PERMISSIONS,
  acceptsUnknownFlags: true,
  run: (host, flags) => runRequest(host, flags, "resume-fail"),
});
