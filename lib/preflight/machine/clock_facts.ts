import { readTimedatectl, readTracking, type TimeService } from "./clock_checks.ts";
import type { Machine } from "./machine.ts";

/** Asks chronyd, else systemd, whether anything sets the clock. */
export async function askTimeService(machine: Machine): Promise<TimeService> {
  const chrony = await machine.run(["chronyc", "-c", "tracking"]);
  const tracking = chrony.kind === "ended" && chrony.code === 0 ? readTracking(chrony.stdout) : undefined;
  if (tracking !== undefined) return tracking;
  const systemd = await machine.run(["timedatectl", "show"]);
  const shown = systemd.kind === "ended" && systemd.code === 0 ? readTimedatectl(systemd.stdout) : undefined;
  return shown ?? { kind: "unknown" };
}
