/** One node as slurmctld sees it: base state, flags and addresses (scontrol show node; slurm_protocol_defs). */
export interface NodeState {
  /** NodeName. */
  readonly name: string;
  /** Base state: IDLE, DOWN, ALLOCATED, MIXED, … */
  readonly base: string;
  /** CLOUD, POWERED_DOWN, POWERING_UP, … in capitals. */
  readonly flags: ReadonlySet<string>;
  /** Where slurmctld reaches the node: a name or an address. */
  readonly nodeAddr: string;
  /** What the node calls itself (its `hostname -s`). */
  readonly nodeHostname: string;
  /** As its author wrote it, without the `[user@time]` that scontrol adds; empty when there is none. */
  readonly reason: string;
  /** A comment that begins with our mark, up to its end; absent: there is none, or it is another's. */
  readonly comment?: string;
  /** When the reason was set, to the second, milliseconds since 1970 UTC; absent: there is none, or it does not say. */
  readonly reasonTime?: number;
  /** Partitions that it is in. */
  readonly partitions: readonly string[];
  /** When it last booted as far as slurmctld knows, to the second, milliseconds since 1970 UTC; absent: never. */
  readonly bootTime?: number;
  /** When its slurmd started, to the second, milliseconds since 1970 UTC; absent: it has not registered. */
  readonly slurmdStart?: number;
  /**
   * When slurmctld makes a DOWN or drained node IDLE by itself, milliseconds since 1970 UTC; absent: not at all. A node
   * that is neither may still show a time that is over.
   */
  readonly resumeAfter?: number;
}

/** Marks behind a state in sinfo's and older scontrol's output (https://slurm.schedmd.com/sinfo.html, NODE STATE CODES). */
const MARKS: Readonly<Record<string, string>> = {
  "*": "NOT_RESPONDING",
  "~": "POWERED_DOWN",
  "#": "POWERING_UP",
  "!": "POWER_DOWN",
  "%": "POWERING_DOWN",
  "$": "MAINTENANCE",
  "@": "REBOOT_REQUESTED",
  "^": "REBOOT_ISSUED",
  "-": "PLANNED",
};

/** What people write freely stands behind everything else, the reason first (22.05, 24.11 and 26.05 looked at). */
const FREE_TEXT = / (?:Reason|Comment|Extra)=/;
const REASON = / Reason=(.*) \[[^\s[\]]+@([^\s[\]]+)\](?: (?:Comment|Extra|InstanceId)=.*)?$/;
const UNSIGNED_REASON = / Reason=(.*?)(?: (?:Comment|Extra|InstanceId)=.*)?$/;

/**
 * The nodes of `scontrol show nodes -o`, in its order.
 *
 * @throws {SyntaxError} with the line when one is not a node: half a list must not pass for a whole one
 */
export function parseNodeStates(text: string): NodeState[] {
  const nodes: NodeState[] = [];
  // Thousands of nodes share a few states.
  const states = new Map<string, Pick<NodeState, "base" | "flags">>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("No nodes in the system")) continue;
    const node = parseNode(line.trimEnd(), states);
    if (!node) {
      throw new SyntaxError(
        `Line ${index + 1} of scontrol's node list is not a node: expected NodeName= and State=, got ${
          JSON.stringify(line.slice(0, 60))
        }`,
      );
    }
    nodes.push(node);
  }
  return nodes;
}

function parseNode(
  line: string,
  states: Map<string, Pick<NodeState, "base" | "flags">>,
): NodeState | undefined {
  const end = line.search(FREE_TEXT);
  const facts = end === -1 ? line : line.slice(0, end);
  // A search for each key is a third of the time of regular expressions: a list of 10,000 nodes is 6 MB.
  const fact = (key: string) => factOf(facts, key);
  const [name, state] = [fact("NodeName"), fact("State")];
  if (!line.startsWith("NodeName=") || name === "" || state === "") return undefined;
  const known = states.get(state) ?? parseState(state);
  states.set(state, known);
  return {
    name,
    ...known,
    nodeAddr: fact("NodeAddr"),
    nodeHostname: fact("NodeHostName"),
    ...(end === -1 ? { reason: "" } : parseReason(line.slice(end))),
    ...(end === -1 ? {} : parseComment(line.slice(end))),
    partitions: fact("Partitions").split(",").filter((partition) => partition !== ""),
    ...parseTime("bootTime", fact("BootTime")),
    ...parseTime("slurmdStart", fact("SlurmdStartTime")),
    ...parseTime("resumeAfter", fact("ResumeAfterTime")),
  };
}

/** The value of a key, up to the next blank; empty where it is absent or `(null)`. */
function factOf(facts: string, key: string): string {
  const at = facts.startsWith(`${key}=`) ? 0 : facts.indexOf(` ${key}=`) + 1;
  if (at === 0 && !facts.startsWith(`${key}=`)) return "";
  const from = at + key.length + 1;
  const end = facts.indexOf(" ", from);
  const value = facts.slice(from, end === -1 ? facts.length : end);
  return value === "(null)" ? "" : value;
}

/** `2026-11-23T10:52:53` in this machine's time zone, as scontrol has it too; `None` or `Unknown` for never. */
function parseTime<K extends "bootTime" | "slurmdStart" | "resumeAfter">(
  key: K,
  text: string,
): Pick<NodeState, K> {
  const time = Date.parse(text);
  return (Number.isNaN(time) ? {} : { [key]: time }) as Pick<NodeState, K>;
}

/** `IDLE+CLOUD+POWERED_DOWN`, or `idle~` and `DOWN*+CLOUD` with marks. */
function parseState(text: string): Pick<NodeState, "base" | "flags"> {
  const flags = new Set<string>();
  const [base = "", ...rest] = text.toUpperCase().split("+").map((word) => {
    for (const mark of word.match(/[*~#!%$@^-]+$/)?.[0] ?? "") flags.add(MARKS[mark]!);
    return word.replace(/[*~#!%$@^-]+$/, "");
  });
  for (const flag of rest) flags.add(flag);
  return { base, flags };
}

function parseReason(freeText: string): Pick<NodeState, "reason" | "reasonTime"> {
  if (!freeText.startsWith(" Reason=")) return { reason: "" };
  const [, reason = "", stamp = ""] = REASON.exec(freeText) ?? UNSIGNED_REASON.exec(freeText) ?? [];
  const reasonTime = Date.parse(stamp);
  return { reason, ...(!Number.isNaN(reasonTime) && { reasonTime }) };
}

/** What a node's guard has written; what stands behind it is another key's. */
const COMMENT = / Comment=(slurm-ec2 .*?)(?: (?:Extra|InstanceId|InstanceType)=.*)?$/;

function parseComment(freeText: string): Pick<NodeState, "comment"> {
  const comment = freeText.includes(" Comment=slurm-ec2 ") ? COMMENT.exec(freeText)?.[1] : undefined;
  return comment === undefined ? {} : { comment };
}

/**
 * slurmctld's settings, as `scontrol show config` prints them: key → value, `(null)` for what is not set, units
 * as in `20 sec`. Headings and the line about slurmctld's health are left out.
 */
export function parseShowConfig(text: string): Map<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, key, value] = /^(\S+)\s*= ?(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined && !settings.has(key)) settings.set(key, value.trim());
  }
  return settings;
}

/** Partitions as `scontrol show partition -o` prints them, one a line: name → key → value. */
export function parseShowPartitions(text: string): Map<string, Map<string, string>> {
  const partitions = new Map<string, Map<string, string>>();
  for (const line of text.split("\n")) {
    const settings = new Map([...line.matchAll(/(\S+?)=(\S*)/g)].map(([, key, value]) => [key!, value!]));
    const name = settings.get("PartitionName");
    if (name !== undefined) partitions.set(name, settings);
  }
  return partitions;
}
