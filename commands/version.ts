import { defineCommand } from "./base/command.ts";
import { ExitCode } from "./base/exit_code.ts";
import { NO_PERMISSIONS } from "./base/permissions.ts";
import { VERSION } from "../lib/base/version.ts";

/** `slurm-ec2 version`. */
export const version = defineCommand({
  name: "version",
  summary: "Print the version of slurm-ec2.",
  flags: [],
  examples: [{ command: "slurm-ec2 version", says: "Which version is this?" }],
  permissions: NO_PERMISSIONS,
  run(host) {
    host.stdout.write(`slurm-ec2 ${VERSION}\n`);
    return Promise.resolve(ExitCode.Done);
  },
});
