import type { CallCounts } from "../../lib/aws/call_counter.ts";
import { errorAdvice } from "../../lib/aws/advice.ts";
import { ERROR_CLASSES, errorClass, type FailureLevel } from "../../lib/aws/error_codes.ts";
import type { Log } from "../../lib/base/log.ts";
import { type Paint, PLAIN, type Tone } from "../../lib/base/paint.ts";
import { failureLevel, REQUEST_LEVEL } from "../../lib/controller_run/failure_log.ts";
import type { RequestRecord, State } from "../../lib/controller/state.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { painter } from "../base/painter.ts";

/** A node's verdict as the three hooks share it: one word, and what there is to say about it. */
export interface HookVerdict {
  readonly kind: string;
  readonly reason?: string;
  readonly instanceId?: string;
}

/** What a hook did. */
export interface HookResult {
  readonly nodes: ReadonlyMap<string, HookVerdict>;
  readonly troubles: readonly string[];
}

/** Verdicts that mean the node is as Slurm wants it. */
const GOOD: ReadonlySet<string> = new Set([
  "assigned",
  "up",
  "superseded",
  "terminated",
  "stopped",
  "no-instance",
  "not-ours",
]);

/** Writes to the log and to standard output what became of a request; answers the command's exit status. */
export async function reportHook(
  { host, flags, name, log }: { host: Host; flags: { has(name: "json"): boolean }; name: string; log: Log },
  { nodes, troubles }: HookResult,
  counts: CallCounts,
  milliseconds: number,
): Promise<ExitCode> {
  const calls = Object.entries(counts).map(([operation, count]) => `${operation} ${count}`).join(", ") ||
    "none";
  for (const [line, level] of adviceOf(nodes)) log[level](`${name}: ${line}`);
  for (const trouble of troubles) log.error(trouble);
  log.info(`${name} done in ${(milliseconds / 1000).toFixed(2)} s, calls: ${calls}`);
  if (flags.has("json")) {
    const named = [...nodes].map(([node, verdict]) => [node, verdict.kind] as const);
    host.stdout.write(`${
      JSON.stringify({
        nodes: Object.fromEntries(named),
        details: Object.fromEntries(nodes),
        calls: counts,
        troubles,
        seconds: milliseconds / 1000,
      })
    }\n`);
  } else {
    const shown = [...summaryLines(nodes, await painter(host, host.stdout)), ...adviceOf(nodes).keys()];
    host.stdout.write([...shown, `Calls: ${calls}. ${(milliseconds / 1000).toFixed(2)} s`, ""].join("\n"));
    for (const trouble of troubles) host.stderr.write(`slurm-ec2: ${trouble}\n`);
  }
  return exitCode(nodes, troubles);
}

/** Nodes whose instances one line of the log names. */
const NAMED_MAX = 16;

/**
 * Writes to the log what became of a request: one line for each verdict and reason, as a warning or an error
 * where a node is not as Slurm wants it; of assigned nodes, which instance of which type in which zone each is.
 */
export function logSettled(log: Log, request: RequestRecord, { instances }: Pick<State, "instances">): void {
  const nodes = new Map<string, HookVerdict>(Object.entries(request.outcomes));
  for (const [kind, reason, entries] of byVerdict(nodes)) {
    const own = new Map(entries.map((node) => [node, nodes.get(node)!]));
    const [line = ""] = summaryLines(own);
    const named = [...own].slice(0, NAMED_MAX).flatMap(([node, { instanceId }]) => {
      const instance = instanceId === undefined ? undefined : instances.get(instanceId);
      return instance === undefined
        ? []
        : [`${node} is ${instance.id} (${instance.instanceType}, ${instance.availabilityZone})`];
    });
    const more = own.size > NAMED_MAX && named.length > 0 ? ", …" : "";
    const text = `${request.kind}: ${line}${named.length > 0 ? `  ${named.join(", ")}${more}` : ""}`;
    log[GOOD.has(kind) ? REQUEST_LEVEL[request.kind] : failureLevel(reason)](text);
  }
}

function byVerdict(
  nodes: ReadonlyMap<string, HookVerdict>,
): [kind: string, reason: string, nodes: string[]][] {
  const groups = Map.groupBy(nodes, ([, { kind, reason }]) => JSON.stringify([kind, reason ?? ""]));
  return [...groups].map(([key, entries]) => {
    const [kind, reason] = JSON.parse(key) as [string, string];
    return [kind, reason, entries.map(([node]) => node)];
  });
}

/** What the refusals mean and what to do about them, once for each advice, and how that is logged. */
function adviceOf(nodes: ReadonlyMap<string, HookVerdict>): ReadonlyMap<string, FailureLevel> {
  const lines = new Map<string, FailureLevel>();
  for (const { kind, reason } of nodes.values()) {
    const code = GOOD.has(kind) ? undefined : /^([\w.]+): /.exec(reason ?? "")?.[1];
    if (code === undefined) continue;
    const found = errorClass(code);
    if (found !== "unknown") {
      const advice = errorAdvice({ code, message: reason ?? "" });
      lines.set(`What to do (${found}): ${advice}`, ERROR_CLASSES[found].level);
    }
  }
  return lines;
}

/** One line per verdict and reason: how many nodes, which, and why. */
export function summaryLines(nodes: ReadonlyMap<string, HookVerdict>, paint: Paint = PLAIN): string[] {
  return byVerdict(nodes).map(([kind, reason, entries]) => {
    const count = String(entries.length).padStart(5);
    return `${paint(toneOf(kind), kind.padEnd(12))} ${count}  ${foldHostlist(entries)}${
      reason ? `  ${reason}` : ""
    }`;
  });
}

function toneOf(kind: string): Tone {
  if (kind === "not-ours") return "dim";
  // Given back for another try: neither served nor given up.
  if (kind === "powered-down") return "doubtful";
  return GOOD.has(kind) ? "good" : "bad";
}

function exitCode(nodes: HookResult["nodes"], troubles: readonly string[]): ExitCode {
  const good = [...nodes.values()].filter(({ kind }) => GOOD.has(kind)).length;
  if (good === nodes.size && troubles.length === 0) return ExitCode.Done;
  return good === 0 ? ExitCode.Failed : ExitCode.Partly;
}
