import { AwsError } from "../../lib/aws/aws_error.ts";
import { classOfError, REQUEST_ABORTED, RESPONSE_TIMEOUT } from "../../lib/aws/error_codes.ts";
import type { Patience } from "../../lib/aws/patiently.ts";
import type { Finding } from "../../lib/preflight/finding.ts";
import { mendError } from "../../lib/preflight/advice.ts";
import type { ProbedPorts } from "../../lib/preflight/account/probe.ts";
import type { Examination } from "./section.ts";
import type { Host } from "../base/host.ts";

/** What a section asks AWS with; all of it ends with the section's time. */
export interface AwsQuestions extends ProbedPorts {
  readonly patience: Patience;
}

/** Milliseconds after which a section is ended; nothing is tried again in the last {@link CALL_MS} of them. */
const SECTION_MS = 45_000;

/** Milliseconds that one call may take: who does not answer a question by then is not there. */
const CALL_MS = 10_000;

/**
 * Lets a section ask AWS within its time. Whatever AWS does not answer becomes a finding, and a service that could
 * not be reached is not waited for again by the sections that follow.
 */
export async function askAws(
  { host, config }: Examination,
  check: string,
  ask: (aws: AwsQuestions) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timeIsUp(SECTION_MS)), SECTION_MS);
  try {
    const { connect } = host;
    const services = silencesOf(host);
    const port = async <T extends object>(name: string, made: Promise<T>): Promise<T> =>
      limited(await made, { name, services, signal: limit.signal });
    return await ask({
      ec2: await port("EC2", connect.ec2(config)),
      ssm: await port("SSM", connect.ssm(config)),
      sts: await port("STS", connect.sts(config)),
      pricing: await port("Pricing", connect.pricing(config)),
      quotas: await port("Service Quotas", connect.quotas(config)),
      patience: {
        now: host.now,
        // Nobody who was silent a moment ago is worth a wait: the call fails again at once.
        sleep: (milliseconds) =>
          services.failing ? Promise.resolve() : host.sleep(milliseconds, limit.signal),
        random: Math.random,
        deadline: host.now() + SECTION_MS - CALL_MS,
      },
    });
  } catch (error) {
    if (error instanceof AwsError) return [unanswered(check, error)];
    if (limit.signal.aborted) return [late(check)];
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** AWS, or the way to it, gave no answer that a check could use. */
function unanswered(check: string, error: AwsError): Finding {
  const { code, message } = error;
  return {
    check,
    status: "can't tell",
    what: "AWS",
    evidence: `${code}: ${message.replace(/\.$/, "")}`,
    code,
    fix: mendError(error),
  };
}

function late(check: string): Finding {
  const evidence = `did not answer everything within ${SECTION_MS / 1000} s`;
  return {
    check,
    status: "can't tell",
    what: "AWS",
    evidence,
    code: REQUEST_ABORTED,
    fix: mendError({ code: REQUEST_ABORTED }),
  };
}

/** Services that could not be reached. */
interface Silences {
  /** What each failed with, by name. */
  readonly errors: Map<string, AwsError>;
  /** Whether the last call was to one of them. */
  failing: boolean;
}

/** One doctor's memory of services that do not answer. */
const SILENCES = new WeakMap<Host, Silences>();

function silencesOf(host: Host): Silences {
  const known = SILENCES.get(host) ?? { errors: new Map(), failing: false };
  SILENCES.set(host, known);
  return known;
}

/** The same port, whose calls end with the section and fail at once where the service was silent before. */
function limited<T extends object>(
  port: T,
  { name, services, signal }: {
    readonly name: string;
    readonly services: Silences;
    readonly signal: AbortSignal;
  },
): T {
  return new Proxy(port, {
    get(target, property) {
      const member = Reflect.get(target, property, target);
      if (typeof member !== "function") return member;
      return async (...args: readonly unknown[]) => {
        const silent = services.errors.get(name);
        services.failing = silent !== undefined;
        if (silent !== undefined) throw silent;
        // Every operation takes its options last: GetCallerIdentity has nothing before them.
        const given = property === "getCallerIdentity" ? [] : [args[0] ?? {}];
        const call = new AbortController();
        const timer = setTimeout(() => call.abort(timeIsUp(CALL_MS)), CALL_MS);
        try {
          return await member.call(target, ...given, { signal: AbortSignal.any([signal, call.signal]) });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          const failure = call.signal.aborted ? withoutAnswer(error) : error;
          if (classOfError(failure) === "network") {
            services.errors.set(name, failure);
            services.failing = true;
          }
          throw failure;
        } finally {
          clearTimeout(timer);
        }
      };
    },
  });
}

/** That our own limit ended the call is not the news: nobody answered. */
function withoutAnswer({ message, operation, cause }: AwsError): AwsError {
  return new AwsError({ code: RESPONSE_TIMEOUT, message, operation, cause });
}

function timeIsUp(milliseconds: number): DOMException {
  return new DOMException(`no answer within ${milliseconds / 1000} s`, "TimeoutError");
}
