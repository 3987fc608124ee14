import { defineCommand } from "../base/command.ts";
import { confirmStop } from "./confirm_stop.ts";
import { HOOK_EXITS, HOOK_FLAGS, HOOK_PERMISSIONS } from "./hook_parts.ts";
import { runRequest } from "./run_request.ts";

const FLAGS = [
  ...HOOK_FLAGS,
  { name: "force", summary: "Stop nodes on which jobs run, without asking" },
] as const;

/** `slurm-ec2 stop`: Slurm's SuspendProgram. */
export const stop = defineCommand({
  name: "stop",
  summary: "Power nodes down: terminate or stop their instances, as the node group says (SuspendProgram).",
  arguments: "HOSTLIST",
  flags: FLAGS,
  examples: [{ command: 'slurm-ec2 stop "c7i-[0-7]"', says: "What slurmctld does with eight idle nodes" }],
  notes: "A node whose instance can't be ended is set down with the reason: see sinfo -R.\n" +
    "Where jobs run on a node it asks first; without a terminal it stops nothing then, unless --force is given.",
  exits: HOOK_EXITS,
  permissions: HOOK_PERMISSIONS,
  acceptsUnknownFlags: true,
  run: (host, flags) => runRequest(host, flags, "stop", flags.has("force") ? {} : { confirm: confirmStop }),
});
