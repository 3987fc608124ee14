/**
 * What a command may do, as data: main.ts revokes all else before it runs, and hooks, README and tests are
 * made from the same lines. Each entry is a short name that a site's configuration resolves to hosts or paths.
 */
export interface Permissions {
  /** AWS services (by endpoint), the metadata service, or the loopback interface. */
  readonly net: readonly ("ec2" | "ssm" | "sts" | "pricing" | "quotas" | "imds" | "loopback")[];
  /** Programs started. */
  readonly run: readonly ("scontrol" | "findmnt" | "boot-command" | "slurm")[];
  /** Files written. */
  readonly write: readonly ("state" | "log" | "named" | "prefix" | "temp")[];
  /** Files read: the config, those the user names, AWS's own files. */
  readonly read: readonly ("config" | "named" | "aws" | "state" | "slurm" | "prefix" | "temp")[];
  /** Whether environment variables are read. */
  readonly env: boolean;
}

/** No permission at all; spread it and add. */
export const NO_PERMISSIONS: Permissions = { net: [], run: [], write: [], read: [], env: false };
