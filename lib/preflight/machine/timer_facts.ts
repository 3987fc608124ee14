import type { Machine, Unanswered } from "./machine.ts";
import type { NotifyFacts } from "./notify_checks.ts";
import type { Caller, Pulse } from "./timer_checks.ts";

/** Where units and cron lines are: systemd.unit(5), cron(8). */
const PLACES = [
  ...["/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system"],
  ...["/etc/crontab", "/etc/cron.d", "/var/spool/cron"],
];

/** Looks for whatever starts the worker by the clock. */
export function findTimers(machine: Machine): Promise<readonly Caller[] | Unanswered> {
  return findCallers(machine, "/supervisor +--timer");
}

/** What is known of `notify.command`, and of whatever runs it by the clock. */
export async function findNotifiers(machine: Machine, program: string): Promise<NotifyFacts> {
  const [callers, ran] = await Promise.all([
    findCallers(machine, "slurm-ec2 +notify"),
    machine.run(["test", "-f", program, "-a", "-x", program]),
  ]);
  return { program, callers, isProgram: ran.kind === "ended" ? ran.code === 0 : undefined };
}

/** Units and cron lines in which this extended regular expression is found. */
async function findCallers(machine: Machine, pattern: string): Promise<readonly Caller[] | Unanswered> {
  const ran = await machine.run(["grep", "-rlsE", pattern, ...PLACES]);
  if (ran.kind !== "ended") return ran;
  const paths = ran.stdout.split("\n").filter((path) => path !== "");
  return await Promise.all(paths.map(async (path): Promise<Caller> => {
    const unit = /([^/]+)\.service$/.exec(path)?.[1];
    if (unit === undefined) return { path };
    const [timer, service] = await Promise.all([
      show(machine, `${unit}.timer`, ["ActiveState"]),
      show(machine, `${unit}.service`, ["Result", "ExecMainStatus"]),
    ]);
    const [state, result, status] = [timer.ActiveState, service.Result, service.ExecMainStatus];
    return { path, ...(state && { state }), ...(result && { result }), ...(status && { status }) };
  }));
}

/** What the timer and the worker have left in stateDir; undefined where this machine does not say how long it is up. */
export async function takePulse(machine: Machine, stateDir: string): Promise<Pulse | undefined> {
  const read = async (path: string): Promise<readonly string[] | undefined> => {
    const ran = await machine.run(["cat", "--", path]);
    return ran.kind === "ended" && ran.code === 0 ? ran.stdout.trim().split(/\s+/) : undefined;
  };
  const [uptime, boot, stamp, beat] = await Promise.all([
    read("/proc/uptime"),
    read("/proc/sys/kernel/random/boot_id"),
    read(`${stateDir}/timer`),
    read(`${stateDir}/heartbeat`),
  ]);
  if (uptime === undefined || boot === undefined) return undefined;
  const age = (at: string | undefined, bootId: string | undefined) =>
    bootId === boot[0] && Number.isFinite(Number(at)) ? Number(uptime[0]) - Number(at) : undefined;
  const pid = Number(beat?.[0]);
  const silent = age(beat?.[1], beat?.[2]);
  const stampAge = age(stamp?.[0], stamp?.[1]);
  return {
    ...(stampAge !== undefined && { stampAge }),
    ...(silent !== undefined && Number.isSafeInteger(pid) && {
      worker: { pid, silent, lives: await lives(machine, pid), kept: beat?.[4] !== "lost" },
    }),
  };
}

async function lives(machine: Machine, pid: number): Promise<boolean> {
  const ran = await machine.run(["grep", "-qsa", "worker", `/proc/${pid}/cmdline`]);
  return ran.kind === "ended" && ran.code === 0;
}

async function show(
  machine: Machine,
  unit: string,
  keys: readonly string[],
): Promise<Readonly<Record<string, string | undefined>>> {
  const shown = await machine.run(["systemctl", "show", unit]);
  const text = shown.kind === "ended" ? shown.stdout : "";
  return Object.fromEntries(keys.map((key) => [key, new RegExp(`^${key}=(.+)$`, "m").exec(text)?.[1]]));
}
