import type { CallCounts } from "../../lib/aws/call_counter.ts";
import { errorAdvice } from "../../lib/aws/advice.ts";
import { errorClass } from "../../lib/aws/error_codes.ts";
import type { Log } from "../../lib/base/log.ts";
import { type Paint, PLAIN, type Tone } from "../../lib/base/paint.ts";
import type { EventSink } from "../../lib/events/event.ts";
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
  "claimed",
  "terminated",
  "stopped",
  "no-instance",
  "not-ours",
]);

/** Tells the log, the event log and standard output what a hook did; answers its exit status. */
export async function reportHook(
  { host, flags, name, log, events }: {
    host: Host;
    flags: { has(name: "json"): boolean };
    name: string;
    log: Log;
    events: EventSink;
  },
  { nodes, troubles }: HookResult,
  counts: CallCounts,
  milliseconds: number,
): Promise<ExitCode> {
  const lines = [...summaryLines(nodes), ...adviceLines(nodes)];
  const calls = Object.entries(counts).map(([operation, count]) => `${operation} ${count}`).join(", ") ||
    "none";
  for (const line of lines) log.info(`${name}: ${line}`);
  for (const trouble of troubles) log.error(trouble);
  writeEvents(events, name, { nodes, troubles }, counts, milliseconds);
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
    const shown = [...summaryLines(nodes, await painter(host, host.stdout)), ...adviceLines(nodes)];
    host.stdout.write([...shown, `Calls: ${calls}. ${(milliseconds / 1000).toFixed(2)} s`, ""].join("\n"));
    for (const trouble of troubles) host.stderr.write(`slurm-ec2: ${trouble}\n`);
  }
  return exitCode(nodes, troubles);
}

function writeEvents(
  events: EventSink,
  hook: string,
  { nodes, troubles }: HookResult,
  calls: CallCounts,
  milliseconds: number,
): void {
  const verdicts: Record<string, number> = {};
  for (const [verdict, reason, entries] of byVerdict(nodes)) {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + entries.length;
    events({ kind: "verdict", verdict, nodes: foldHostlist(entries), ...(reason !== "" && { reason }) });
  }
  for (const message of troubles) events({ kind: "trouble", message });
  events({ kind: "done", hook, verdicts, calls, milliseconds });
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

/** What the refusals mean and what to do about them, once for each advice. */
function adviceLines(nodes: ReadonlyMap<string, HookVerdict>): string[] {
  const lines = new Set<string>();
  for (const { kind, reason } of nodes.values()) {
    const code = GOOD.has(kind) ? undefined : /^([\w.]+): /.exec(reason ?? "")?.[1];
    if (code === undefined) continue;
    const found = errorClass(code);
    if (found !== "unknown") {
      lines.add(`What to do (${found}): ${errorAdvice({ code, message: reason ?? "" })}`);
    }
  }
  return [...lines];
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
