import { CONFIG_FLAG, JSON_FLAG } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";

/** The flags of `install`. */
export const INSTALL_FLAGS = [
  {
    name: "prefix",
    value: "DIR",
    summary: "Where to (/opt/slurm/CLUSTER, by the configuration's cluster)",
  },
  {
    ...CONFIG_FLAG,
    summary: "Configuration to begin with; copied to etc/slurm-ec2.yaml where there is none",
  },
  {
    name: "owner",
    value: "USER",
    summary: "Owner of stateDir: the user that slurmctld runs as (else slurm.user); a name, or UID:GID",
  },
  {
    name: "program",
    value: "PATH",
    summary: "File of deno task compile or directory of deploy/hooks/prepare (else what runs now)",
  },
  { name: "render", summary: "Also write the slurm.conf fragments to etc/, as config render does" },
  { name: "check", summary: "Compare what is installed with what would be; 3 when it differs" },
  { name: "dry-run", summary: "Say what would be done, change nothing" },
  { name: "rollback", summary: "Go back to the release before; again: forward" },
  {
    name: "force",
    summary: "Set aside as .bak what is in the way; take an open prefix; go back without handing back",
  },
  JSON_FLAG,
] as const satisfies readonly Flag[];

/** What `install` was given. */
export type InstallFlags = Flags<typeof INSTALL_FLAGS>;
