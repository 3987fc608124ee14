import { type Command, CONFIG_FLAG, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flags } from "../base/flag.ts";
import type { Permissions } from "../base/permissions.ts";

/** Flags that resume, stop and resume-fail share. */
export const HOOK_FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  { name: "dry-run", summary: "Show what would be done, and change nothing" },
] as const;

/** The flags of such a command, as it was given them. */
export type HookFlags = Flags<typeof HOOK_FLAGS>;

/** What the exit statuses of resume, stop and resume-fail mean. */
export const HOOK_EXITS: Command["exits"] = {
  [ExitCode.Done]: "every node is as Slurm wants it",
  [ExitCode.Failed]: "no node is, and each has a reason",
  [ExitCode.Partly]: "some nodes are, the others have a reason",
};

/** What the controller may do, in the worker as in the commands that are it for a moment. */
export const HOOK_PERMISSIONS: Permissions = {
  net: ["ec2", "ssm", "sts", "imds"],
  run: ["scontrol"],
  write: ["state", "log"],
  read: ["config", "aws", "state", "log"],
  env: true,
};
