/**
 * What a command may do, as data: main.ts revokes all else before it runs, and hooks, README and tests are
 * made from the same lines. Each entry is a short name that a site's configuration resolves to hosts or paths.
 */
export interface Permissions {
  /** AWS services (by endpoint), the metadata service, the loopback interface, or whatever host the site has. */
  readonly net: readonly ("ec2" | "ssm" | "sts" | "pricing" | "quotas" | "imds" | "loopback" | "site")[];
  /**
   * Programs started; `tools` are those that look at a machine: stat, findmnt, getent, munge, chronyc, …; `notify` is the
   * configuration's notify.command.
   */
  readonly run: readonly ("scontrol" | "sacct" | "notify" | "tools" | "boot-command" | "slurm" | "deno")[];
  /** Files written. */
  readonly write: readonly ("state" | "log" | "named" | "prefix" | "temp")[];
  /**
   * Files read: the config, those the user names, AWS's own files, the machine's users (passwd), the log (whether it is a
   * link), what this program is made of.
   */
  readonly read: readonly (
    | "config"
    | "named"
    | "aws"
    | "users"
    | "state"
    | "log"
    | "slurm"
    | "prefix"
    | "temp"
    | "program"
  )[];
  /** Whether environment variables are read. */
  readonly env: boolean;
  /** Kinds of the above that only a flag, or any of several, makes necessary: without it they are given up. */
  readonly onlyWith?: Readonly<
    Partial<Record<"net" | "run" | "write" | "read" | "env", string | readonly string[]>>
  >;
}

/** No permission at all; spread it and add. */
export const NO_PERMISSIONS: Permissions = { net: [], run: [], write: [], read: [], env: false };

/** What is left of a command's permissions with the flags it was given. */
export function permissionsWith(
  permissions: Permissions,
  isGiven: (flag: string) => boolean,
): Permissions {
  const left = { ...permissions };
  for (const [kind, flags] of Object.entries(permissions.onlyWith ?? {})) {
    if (![flags].flat().some(isGiven)) {
      Object.assign(left, { [kind]: NO_PERMISSIONS[kind as keyof Permissions] });
    }
  }
  return left;
}
