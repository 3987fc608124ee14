import { AwsError } from "../../aws/aws_error.ts";
import { classOfError, ERROR_CLASSES, type ErrorClass, isDryRunAllowed } from "../../aws/error_codes.ts";
import { type Patience, patiently } from "../../aws/patiently.ts";
import {
  actionName,
  type Attempt,
  type Probe,
  type ProbedPorts,
  PROBES,
  type ProbeSubjects,
} from "./probe.ts";

/** What one call, made for its answer only, came to. */
export type ProbeOutcome =
  | { readonly kind: "allowed" }
  | { readonly kind: "denied"; readonly code: string; readonly message: string }
  /** AWS let the caller through, or may have, and refuses the request itself. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** Nothing could be asked: why. */
  | { readonly kind: "unasked"; readonly why: string }
  /** Nobody answered, or not in time. */
  | { readonly kind: "unanswered"; readonly code: string; readonly message: string };

/** An action, and what became of asking for it. */
export interface ProbedAction {
  /** E.g. `ec2:RunInstances`; `ec2:*` for all that were not asked about, because EC2 does not answer. */
  readonly action: string;
  /** What it was asked about, e.g. `node group c`. */
  readonly of?: string;
  readonly callers: Probe["callers"];
  readonly outcome: ProbeOutcome;
}

/**
 * Milliseconds between launches that are asked about: a dry run draws on the bucket that the hooks launch from,
 * which holds 5 tokens and gets 2 a second (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html).
 */
const LAUNCH_PACE = 500;

/**
 * Asks AWS about every operation of the ports, one after another until the deadline, and changes nothing.
 * @throws {AwsError} when EC2 doesn't know who is calling: then it says nothing about permissions.
 */
export async function probeActions(
  ports: ProbedPorts,
  subjects: ProbeSubjects,
  patience: Patience,
): Promise<ProbedAction[]> {
  const done: ProbedAction[] = [];
  for (const [service, methods] of Object.entries(PROBES)) {
    done.push(...await probeService(ports, { service, methods, subjects, patience }));
  }
  return done;
}

async function probeService(
  ports: ProbedPorts,
  { service, methods, subjects, patience }: {
    readonly service: string;
    readonly methods: Readonly<Record<string, Probe | "free">>;
    readonly subjects: ProbeSubjects;
    readonly patience: Patience;
  },
): Promise<ProbedAction[]> {
  const done: ProbedAction[] = [];
  for (const [method, probe] of Object.entries(methods)) {
    if (probe === "free") continue;
    const base = { action: actionName(service, method), callers: probe.callers };
    const attempts = probe.attempts(subjects);
    if (typeof attempts === "string") {
      done.push({ ...base, outcome: { kind: "unasked", why: attempts } });
      continue;
    }
    for (const [nth, attempt] of attempts.entries()) {
      if (nth > 0 && method === "runInstances") await patience.sleep(LAUNCH_PACE);
      const outcome = patience.now() < patience.deadline
        ? await outcomeOf(ports, attempt, patience)
        : TOO_LATE;
      if (isSilence(outcome)) {
        // One line for all that is left to ask of it.
        const action = Object.keys(methods).length === 1 ? base.action : `${service}:*`;
        return [...done, { action, callers: probe.callers, outcome }];
      }
      done.push({ ...base, ...(attempt.of !== undefined && { of: attempt.of }), outcome });
    }
  }
  return done;
}

/** A site of a hundred node groups has more launches than there is time to ask about. */
const TOO_LATE: ProbeOutcome = { kind: "unasked", why: "was not asked about: the time for it is up" };

/** Nobody is there: the next question would get no answer either. */
function isSilence(outcome: ProbeOutcome): boolean {
  if (outcome.kind !== "unanswered") return false;
  return ERROR_CLASSES[classOfError(outcome)].repeat === "thrice";
}

async function outcomeOf(ports: ProbedPorts, { call }: Attempt, patience: Patience): Promise<ProbeOutcome> {
  if (typeof call === "string") return { kind: "unasked", why: call };
  try {
    await patiently(patience, () => call(ports));
    return { kind: "allowed" };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return judgeRefusal(error);
  }
}

/** What an error says about the permission; a missing parameter was looked for, so it may be read. */
export function judgeRefusal(error: AwsError): ProbeOutcome {
  const { code, message } = error;
  if (isDryRunAllowed(code) || /^Parameter(Version)?NotFound$/.test(code)) return { kind: "allowed" };
  // EC2 says AuthFailure of one image that isn't shared with the caller, too.
  if (code === "AuthFailure") return { kind: "refused", code, message };
  const kind = ERROR_SAYS[classOfError(error)];
  if (kind === "who?") throw error;
  return { kind, code, message };
}

/** What a class of errors says about a permission; `who?`: AWS doesn't know who asks, so nothing about any. */
export const ERROR_SAYS: Readonly<Record<ErrorClass, "denied" | "refused" | "unanswered" | "who?">> = {
  "throttle": "unanswered",
  "pool": "refused",
  "subnet": "refused",
  "quota": "refused",
  "permission": "denied",
  "credentials": "who?",
  "request": "refused",
  "split": "refused",
  "state": "refused",
  "not-found": "refused",
  "transient": "unanswered",
  "network": "unanswered",
  "deadline": "unanswered",
  "dry-run": "refused",
  "ended": "refused",
  "limit": "refused",
  "paused": "refused",
  "unknown": "refused",
};
