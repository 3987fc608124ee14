import { AwsError } from "../../lib/aws/aws_error.ts";
import { classOfError, REQUEST_ABORTED, RESPONSE_TIMEOUT } from "../../lib/aws/error_codes.ts";
import { CALL_LIMITS } from "../../lib/aws/limit_calls.ts";
import type { Patience } from "../../lib/aws/patiently.ts";
import type { CheckResult } from "../../lib/preflight/check_result.ts";
import { adviceOn } from "../../lib/preflight/advice.ts";
import type { ProbedPorts } from "../../lib/preflight/account/probe.ts";
import type { Examination, ServiceState } from "./section.ts";

/** What a section asks AWS with; all of it ends with the section's time. */
export interface AwsQuestions extends ProbedPorts {
  readonly patience: Patience;
}

/** Milliseconds after which all sections are ended; nothing is tried again in the last {@link CALL_MS} of them. */
export const SECTIONS_MS = 45_000;

/** Milliseconds that one call may take; a finding says so where hooks wait for longer. */
const CALL_MS = 10_000;

/** What hooks ask, by the names that sections have for it: how long they wait. */
const HOOKS_WAIT: ReadonlyMap<string, number> = new Map([["EC2", CALL_LIMITS.ec2], ["SSM", CALL_LIMITS.ssm]]);

/**
 * Lets a section ask AWS until the limit. Whatever AWS does not answer becomes a finding, and a service that could not
 * be reached is not waited for again by any section.
 */
export async function askAws(
  { host, config, until, services: states }: Examination,
  check: string,
  ask: (aws: AwsQuestions) => Promise<readonly CheckResult[]>,
): Promise<readonly CheckResult[]> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timeIsUp(SECTIONS_MS)), Math.max(0, until - host.now()));
  try {
    const { connect } = host;
    const services: Services = { states, failing: false };
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
        // A service that did not answer a moment ago is not worth a wait: the call fails again at once.
        sleep: (milliseconds) =>
          services.failing ? Promise.resolve() : host.sleep(milliseconds, limit.signal),
        random: Math.random,
        deadline: until - CALL_MS,
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
function unanswered(check: string, error: AwsError): CheckResult {
  const { code, message } = error;
  return {
    check,
    status: "can't tell",
    what: "AWS",
    evidence: `${code}: ${message.replace(/\.$/, "")}`,
    code,
    fix: adviceOn(error),
  };
}

function late(check: string): CheckResult {
  const evidence = `did not answer everything within ${SECTIONS_MS / 1000} s`;
  return {
    check,
    status: "can't tell",
    what: "AWS",
    evidence,
    code: REQUEST_ABORTED,
    fix: adviceOn({ code: REQUEST_ABORTED }),
  };
}

/** The services that one section asks. */
interface Services {
  readonly states: Map<string, ServiceState>;
  /** Whether this section's last call was to one that could not be reached. */
  failing: boolean;
}

/** The same port, whose calls end with the section and fail at once where the service was silent before. */
function limited<T extends object>(
  port: T,
  { name, services, signal }: {
    readonly name: string;
    readonly services: Services;
    readonly signal: AbortSignal;
  },
): T {
  return new Proxy(port, {
    get(target, property) {
      const member = Reflect.get(target, property, target);
      if (typeof member !== "function") return member;
      return async (...args: readonly unknown[]) => {
        const known = services.states.get(name);
        if (known !== undefined) await known.asked;
        services.failing = known?.unreachable !== undefined;
        if (known?.unreachable !== undefined) throw known.unreachable;
        const { promise: asked, resolve: answered } = Promise.withResolvers<void>();
        const state: ServiceState = known ?? { asked };
        services.states.set(name, state);
        // Every operation takes its options last: GetCallerIdentity has nothing before them.
        const given = property === "getCallerIdentity" ? [] : [args[0] ?? {}];
        const call = new AbortController();
        const timer = setTimeout(() => call.abort(timeIsUp(CALL_MS, HOOKS_WAIT.get(name))), CALL_MS);
        try {
          return await member.call(target, ...given, { signal: AbortSignal.any([signal, call.signal]) });
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          const failure = call.signal.aborted ? withoutAnswer(error) : error;
          if (classOfError(failure) === "network") {
            state.unreachable = failure;
            services.failing = true;
          }
          throw failure;
        } finally {
          clearTimeout(timer);
          answered();
        }
      };
    },
  });
}

/** That our own limit ended the call is not the news: nobody answered. */
function withoutAnswer({ message, operation, cause }: AwsError): AwsError {
  return new AwsError({ code: RESPONSE_TIMEOUT, message, operation, cause });
}

/** `hooks`: seconds that hooks wait for the same. */
function timeIsUp(milliseconds: number, hooks?: number): DOMException {
  const beyond = hooks === undefined ? "" : `, hooks wait for ${hooks} s`;
  return new DOMException(`no answer within ${milliseconds / 1000} s${beyond}`, "TimeoutError");
}
