/**
 * Directories that many programs share, by the Filesystem Hierarchy Standard
 * (https://refspecs.linuxfoundation.org/FHS_3.0/fhs-3.0.html): none of them is to be given to one user.
 */
const SHARED =
  /^(?:\/|\/(?:bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)|\/usr\/[^/]+|\/var\/(?:cache|lib|lock|log|mail|opt|run|spool|tmp)|\/run\/(?:lock|user))$/;

/** Whether a directory is shared by programs that have nothing to do with Slurm. */
export function isShared(directory: string): boolean {
  return SHARED.test(directory.replace(/(?<=[^/])\/+$/, ""));
}

/** How a directory becomes a user's own: never by giving away one that others share. */
export function makeOwn(directory: string, user: string, setting: string): string {
  return isShared(directory)
    ? `set ${setting} in slurm-ec2.yaml to a directory of its own, e.g. ${
      directory.replace(/\/$/, "")
    }/slurm-ec2`
    : `chown -R ${user} ${directory}`;
}
