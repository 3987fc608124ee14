import { ERROR_CLASSES, errorClass, type FailureLevel } from "../aws/error_codes.ts";
import type { Log } from "../base/log.ts";
import type { RequestKind, RequestRecord } from "../controller/state.ts";
import type { EventBody } from "../events/event.ts";
import { expandHostlist } from "../slurm/hostlist.ts";

/** How a failure is logged. */
export interface FailureLine {
  readonly level: FailureLevel;
  readonly text: string;
}

/** How a reason is logged, by the code that it begins with: see {@link ERROR_CLASSES}. */
export function failureLevel(reason: string): FailureLevel {
  return ERROR_CLASSES[errorClass(/^([\w.]+): /.exec(reason)?.[1] ?? "")].level;
}

/** How a request is logged: resume-fail is for nodes that did not register within ResumeTimeout. */
export const REQUEST_LEVEL: Readonly<Record<RequestKind, "info" | FailureLevel>> = {
  "resume": "info",
  "stop": "info",
  "resume-fail": "warn",
};

/** What of an event is a failure; the other kinds say what was done. */
const LINES: {
  readonly [Kind in EventBody["kind"]]: (event: EventBody & { kind: Kind }) => FailureLine | undefined;
} = {
  "asked": () => undefined,
  "launch": () => undefined,
  "launched": () => undefined,
  "replayed": () => undefined,
  "ended": () => undefined,
  "booted": () => undefined,
  "calls": () => undefined,
  "lifetime": () => undefined,
  "done": () => undefined,
  "pause": () => undefined,
  "unpause": () => undefined,
  "refused": ({ code, message }) => ({
    level: failureLevel(`${code}: `),
    text: `launch refused: ${code}: ${message}`,
  }),
  "verdict": ({ verdict, nodes, reason = "" }) => ({
    level: failureLevel(reason),
    text: `${nodes} ${verdict}: ${reason}`,
  }),
  "console": ({ node, instanceId, tail }) => ({
    level: "warn",
    text: `console of ${node} (${instanceId}) ends with:\n${tail.trimEnd()}`,
  }),
  "trouble": ({ message }) => ({ level: "warn", text: message }),
};

/** How an event is logged when it is a failure. */
export function failureLine<Kind extends EventBody["kind"]>(
  event: EventBody & { kind: Kind },
): FailureLine | undefined {
  return LINES[event.kind as Kind](event);
}

/** What of a request says whether it reports a verdict. */
type Reporting = Pick<RequestRecord, "nodes" | "outcomes" | "settledAt">;

/**
 * Logs the failures among a step's events as warnings or errors. A verdict that a request is to report, or reports now,
 * is left out: it is logged with the request.
 */
export function logFailures(
  log: Pick<Log, FailureLevel>,
  events: readonly EventBody[],
  requests: ReadonlyMap<string, Reporting>,
): void {
  for (const event of events) {
    if (event.kind === "verdict") {
      const nodes = expandHostlist(event.nodes);
      if (nodes.every((node) => isReported(node, event.reason, [...requests.values()]))) continue;
    }
    const line = failureLine(event);
    if (line !== undefined) log[line.level](line.text);
  }
}

function isReported(node: string, reason: string | undefined, requests: readonly Reporting[]): boolean {
  return requests.some(({ nodes, outcomes, settledAt }) => {
    const outcome = outcomes[node];
    if (outcome === undefined) return settledAt === undefined && nodes.includes(node);
    return "reason" in outcome && outcome.reason === reason;
  });
}
