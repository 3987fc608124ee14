import type { Machine, NotKnown } from "./machine.ts";
import type { Caller } from "./timer_checks.ts";

/** Where units and cron lines are: systemd.unit(5), cron(8). */
const PLACES = [
  ...["/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system"],
  ...["/etc/crontab", "/etc/cron.d", "/var/spool/cron"],
];

/** Looks for whatever runs `slurm-ec2 reconcile` by the clock. */
export async function findTimers(machine: Machine): Promise<readonly Caller[] | NotKnown> {
  const ran = await machine.run(["grep", "-rlsE", "slurm-ec2 +reconcile", ...PLACES]);
  if (ran.kind !== "ended") return ran;
  const paths = ran.stdout.split("\n").filter((path) => path !== "");
  return await Promise.all(paths.map(async (path): Promise<Caller> => {
    const unit = /([^/]+)\.service$/.exec(path)?.[1];
    if (unit === undefined) return { path };
    const shown = await machine.run(["systemctl", "show", `${unit}.timer`]);
    const value = (key: string) =>
      shown.kind === "ended" ? new RegExp(`^${key}=(.*)$`, "m").exec(shown.stdout)?.[1] : undefined;
    const [state, lastRun] = [value("ActiveState"), value("LastTriggerUSec")];
    return { path, ...(state && { state }), ...(lastRun && { lastRun }) };
  }));
}
