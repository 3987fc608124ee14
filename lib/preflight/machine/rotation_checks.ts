import type { CheckResult } from "../check_result.ts";
import type { Machine } from "./machine.ts";
import { found } from "./unanswered.ts";

/** What is known of the log and of what rotates it. */
export interface RotationFacts {
  readonly logFile: string;
  readonly cluster: string;
  /** Bytes; undefined: there is none yet, or it can't be looked at. */
  readonly size: number | undefined;
  /** Files of logrotate that name it; undefined: they can't be read. */
  readonly rules: readonly string[] | undefined;
}

/** Bytes from which a log that nothing rotates is worth a warning. */
const LARGE = 100 * 1024 * 1024;

/** Does anything keep the log from growing for ever? */
export function checkRotation({ logFile, cluster, size, rules }: RotationFacts): CheckResult[] {
  const about = { check: "timer", what: "log" };
  if (size === undefined || rules === undefined) return [];
  if (rules.length > 0) return [found(about, "pass", `${logFile} is rotated by ${rules.join(", ")}`)];
  return [found(
    about,
    size >= LARGE ? "warn" : "info",
    `nothing in /etc/logrotate.d names ${logFile}, which has ${Math.ceil(size / 1024 / 1024)} MiB`,
    `as root: install -m 0644 PREFIX/etc/slurm-ec2-${cluster}.logrotate /etc/logrotate.d/slurm-ec2-${cluster}`,
  )];
}

/** Looks at the log, and for rules that name it or all logs of its directory. */
export async function findRotation(
  machine: Machine,
  { logFile, cluster }: Pick<RotationFacts, "logFile" | "cluster">,
): Promise<RotationFacts> {
  const directory = logFile.slice(0, logFile.lastIndexOf("/"));
  const names = [logFile, `${directory}/*`].flatMap((name) => ["-e", name]);
  const [stat, grep] = await Promise.all([
    machine.run(["stat", "-L", "-c", "%s", "--", logFile]),
    machine.run(["grep", "-rlsF", ...names, "/etc/logrotate.conf", "/etc/logrotate.d"]),
  ]);
  const size = stat.kind === "ended" && stat.code === 0 ? Number(stat.stdout.trim()) : undefined;
  return {
    ...{ logFile, cluster, size },
    rules: grep.kind === "ended" ? grep.stdout.split("\n").filter((line) => line !== "") : undefined,
  };
}
