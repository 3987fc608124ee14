import type { Change } from "./base.ts";
import type { Seen } from "./daemon.ts";
import { PLUGINS, SITES_OWN } from "./plugins.ts";

/**
 * What a daemon does with a change: takes it in silence, starts and logs that something is wrong, refuses to start,
 * or does what depends on the machine (a file, a host, a user, a plugin that is not installed).
 */
export type Outcome = "accepted" | "logged" | "refused" | "machine";

/** An outcome with the daemon's words, empty when it is silent. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly words: string;
}

/** Lines that say nothing of a configuration: an empty state directory, the rig's missing libraries, a slow machine. */
const NOISE: readonly RegExp[] = [
  /pmix/i,
  /MPI: Cannot create context/,
  /state ?file|_state\b.*No such file|NOTE: Trying backup|NOTE: Recovering/i,
  /High latency for|Unable to process configuration file/,
  /ClusterID=|preparing for \d+ partitions/,
  /cgroup\.conf|No memory enforcing mechanism/,
  /^Running as primary controller|slurmctld version/,
  /please ignore error/,
  /power save mode disabled|^debug/,
];

/** What depends on the machine: programs, names, users, memory, a database that isn't there. */
const MACHINE: readonly RegExp[] = [
  /No such file or directory|Not a directory|Permission denied|Is a directory|Read-only file system/i,
  /[Uu]nable to resolve|Unknown host|getaddrinfo|get_addr_info|gethostby/,
  /[Ii]nvalid (?:user|group)|uid_from_string|gid_from_string|[Cc]ould not find (?:user|group)|[Uu]nknown user/,
  /malloc|Cannot allocate memory|xcalloc/,
  /\b(?:bind|listen)\b.*(?:fail|error)|Address already in use|Connection refused|[Uu]nable to connect/,
  /\b(?:can't|cannot|could not|unable to) (?:stat|open|access|read|write) /i,
  // No database, no QOS.
  /has an invalid (?:Allow|Deny)?QOS/i,
  /is not executable|not a valid controller|Configured MailProg|[Ii]ncorrect permissions/,
];

/** A plugin that isn't there: by name none of Slurm's, or one that isn't installed. */
const NO_PLUGIN =
  /[Cc]ouldn't find the specified plugin name for (\S+)|[Cc]ouldn't load specified plugin name for (\S+?):?\s/;

/** Severities that the daemons write in front of a line, and words that say the same in lines without one. */
const SAYS_WRONG =
  /^(?:error|fatal|warning|WARNING)\b|\b(?:[Ii]gnor|[Ii]nvalid|disabled|[Bb]ad value|[Uu]nrecognized|[Uu]nknown|defunct|deprecated)/;

/** Judges a change by what the daemon did with it, and did without it (`base`: lines that are always there). */
export function judge(seen: Seen, base: ReadonlySet<string>, changes: readonly Change[]): Verdict {
  const wrong = seen.log.filter((line) =>
    SAYS_WRONG.test(line) && !base.has(template(line, changes)) &&
    !NOISE.some((pattern) => pattern.test(line))
  );
  const words = wordsOf(wrong.map((line) => template(line, changes)));
  if (seen.outcome === "hangs" || wrong.some(isOfMachine)) return { outcome: "machine", words };
  if (seen.outcome === "refuses") return { outcome: "refused", words };
  return words === "" ? { outcome: "accepted", words } : { outcome: "logged", words };
}

/** A name that no release has is wrong everywhere; Slurm's own, and a site's, may be installed elsewhere. */
function isOfMachine(line: string): boolean {
  const plugin = NO_PLUGIN.exec(line);
  if (plugin === null) return MACHINE.some((pattern) => pattern.test(line));
  const name = plugin[1] ?? plugin[2]!;
  return PLUGINS.has(name) || SITES_OWN.test(name);
}

/** What ended the daemon, where its last words name it, else its first complaint. */
function wordsOf(wrong: readonly string[]): string {
  const fatal = wrong.findLast((line) => line.startsWith("fatal"));
  return fatal ?? wrong.find((line) => !/Parse error in file/.test(line)) ?? wrong[0] ?? "";
}

/** Lines of a daemon's log on the base configuration. */
export function baseLines(seen: Seen): ReadonlySet<string> {
  return new Set(seen.log.map((line) => template(line, [])));
}

/** A log line with what differs between inputs taken out: line numbers, the key, the value. */
function template(line: string, changes: readonly Change[]): string {
  let text = line.replace(/\bline \d+/g, "line N").replace(/[\x80-\xff]+/g, "?").slice(0, 300);
  for (const { key, value } of changes) {
    const bare = value.replace(/^"(.*)"$/, "$1");
    if (bare !== "") {
      const quoted = new RegExp(`(["'([= ])${escape(bare)}(?=["')\\], .:;]|$)`, "g");
      text = text.replace(quoted, "$1VALUE");
    }
    text = text.replace(new RegExp(`\\b${escape(key)}\\b`, "gi"), "KEY");
  }
  return text;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
