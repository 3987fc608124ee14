import type { Filter } from "../aws/ec2_api.ts";
import type { Action, Actions, DryRun } from "./actions.ts";
import { startInstances, stopInstances, terminateInstances } from "./change_state.ts";
import { take } from "../aws/token_bucket.ts";
import { credentialsRefusal, type Service } from "./credentials.ts";
import { describeInstanceStatus } from "./describe_instance_status.ts";
import { describeInstances } from "./describe_instances.ts";
import {
  describeAvailabilityZones,
  describeImages,
  describeInstanceTypeOfferings,
  describeInstanceTypes,
  describeKeyPairs,
  describeSecurityGroups,
  describeSubnets,
} from "./describe_resources.ts";
import { type ErrorFault, type LostAnswerFault, takeFault, type ThrottleFault } from "./faults.ts";
import { principalArn } from "./iam/arns.ts";
import { unauthorized } from "./iam/authorize.ts";
import { advance, knownInstances } from "./life.ts";
import { getParameter, getParameters, getParametersByPath } from "./parameters.ts";
import { putParameter } from "./put_parameter.ts";
import { listServiceQuotas } from "./quotas.ts";
import { dryRun, Refusal } from "./refusal.ts";
import { runInstances } from "./run_instances.ts";
import { createTags } from "./tags.ts";
import { requestBucket, resourceBucket } from "./token_buckets.ts";
import type { Caller, World } from "./world.ts";

/** What one step came to: the next world, and the answer or the refusal. */
export type Step<A extends Action> =
  | {
    readonly kind: "answer";
    readonly world: World;
    readonly answer: Actions[A]["answer"];
    readonly lost: boolean;
  }
  | { readonly kind: "refusal"; readonly world: World; readonly refusal: Refusal };

/**
 * One request to the simulated AWS: a pure function of the world, the request and the time. A refused request
 * changes nothing but counts, faults and token buckets.
 */
export function step<A extends Action>(
  world: World,
  call: { readonly action: A; readonly request: Actions[A]["request"]; readonly caller?: Caller },
  now: number,
): Step<A> {
  const { action, request, caller = "user" } = call;
  let current: World = { ...counted(advance(world, now), action), caller };
  try {
    const guarded = guard(current, action, request, now);
    current = guarded.world;
    const refused = guarded.refusal ??
      unauthorized(current, { service: serviceOf(action)!, action, request });
    if (refused) throw refused;
    const handler = HANDLERS[action] as Handler<A>;
    const done = handler(current, request, now);
    const paid = payForResources(done.world ?? current, action, done.touched ?? 0, now);
    if (done.refusal) return { kind: "refusal", world: paid, refusal: done.refusal };
    return { kind: "answer", world: paid, answer: done.answer, lost: guarded.lost };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { kind: "refusal", world: current, refusal: error };
  }
}

/** Which service an action belongs to; undefined for an action that the simulator doesn't know. */
export function serviceOf(action: string): Service | undefined {
  if (!Object.hasOwn(HANDLERS, action)) return undefined;
  if (action === "GetCallerIdentity") return "sts";
  if (action === "ListServiceQuotas") return "servicequotas";
  return /Parameter/.test(action) ? "ssm" : "ec2";
}

function counted(world: World, action: string): World {
  return {
    ...world,
    requests: world.requests + 1,
    calls: { ...world.calls, [action]: (world.calls[action] ?? 0) + 1 },
  };
}

/** What may refuse a request before anybody looks at it: credentials, injected faults, request tokens. */
function guard(
  world: World,
  action: Action,
  request: object,
  now: number,
): { readonly world: World; readonly refusal?: Refusal; readonly lost: boolean } {
  const service = serviceOf(action)!;
  if (world.settings.credentials !== "valid") {
    return { world, refusal: credentialsRefusal(service, world.settings.credentials), lost: false };
  }
  const failing = takeFault(
    world.faults,
    (fault): fault is ThrottleFault | ErrorFault =>
      (fault.kind === "throttle" || fault.kind === "error") && fault.action === action,
  );
  const { fault } = failing;
  if (fault) {
    const refusal = fault.kind === "throttle"
      ? throttled(service)
      : new Refusal(fault.code, fault.message ?? `Simulated failure: ${fault.code}`, fault.httpStatus);
    return { world: { ...world, faults: failing.rest }, refusal, lost: false };
  }
  const losing = takeFault(
    world.faults,
    (fault): fault is LostAnswerFault => fault.kind === "lost-answer" && fault.action === action,
  );
  const next = { ...world, faults: losing.rest };
  const paid = (service === "ec2" || service === "ssm") && world.settings.requestTokens
    ? payForRequest(next, action, request, now)
    : next;
  return {
    world: paid ?? next,
    refusal: paid ? undefined : throttled(service),
    lost: losing.fault !== undefined,
  };
}

function throttled(service: Service): Refusal {
  if (service === "ec2") return new Refusal("RequestLimitExceeded", "Request limit exceeded.");
  if (service === "servicequotas") return new Refusal("TooManyRequestsException", "Rate exceeded");
  return service === "ssm"
    ? new Refusal("ThrottlingException", "Rate exceeded")
    : new Refusal("Throttling", "Rate exceeded");
}

function payForRequest(world: World, action: string, request: object, now: number): World | undefined {
  const { Filters, MaxResults } = request as { Filters?: readonly Filter[]; MaxResults?: number };
  const { name, limits } = requestBucket(action, (Filters?.length ?? 0) > 0 || MaxResults !== undefined);
  const bucket = take(world.buckets[name], limits, 1, now);
  return bucket && { ...world, buckets: { ...world.buckets, [name]: bucket } };
}

function payForResources(world: World, action: string, touched: number, now: number): World {
  const bucketOf = world.settings.resourceTokens ? resourceBucket(action) : undefined;
  if (!bucketOf || touched === 0) return world;
  const bucket = take(world.buckets[bucketOf.name], bucketOf.limits, touched, now);
  if (!bucket) throw throttled("ec2");
  return { ...world, buckets: { ...world.buckets, [bucketOf.name]: bucket } };
}

/** How one action is carried out; it throws a {@link Refusal} to say no. */
type Handler<A extends Action> = (
  world: World,
  request: Actions[A]["request"],
  now: number,
) => {
  readonly world?: World;
  readonly answer: Actions[A]["answer"];
  readonly touched?: number;
  readonly refusal?: Refusal;
};

const HANDLERS: { readonly [A in Action]: Handler<A> } = {
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
  DescribeInstances: (world, request, now) => read(request, describeInstances(world, request, now)),
  DescribeInstanceStatus: (world, request, now) => read(request, describeInstanceStatus(world, request, now)),
  CreateTags(world, request, now) {
    const tagged = createTags(world, request, now);
    if (request.DryRun) throw dryRun();
    return { world: tagged, answer: {} };
  },
  GetConsoleOutput(world, request, now) {
    const [instance] = knownInstances(world, [request.InstanceId], now);
    const { instanceId, console, consoleAt } = instance!;
    return read(request, { instanceId, output: console, timestamp: consoleAt });
  },
  DescribeSubnets: (world, request) => read(request, describeSubnets(world, request)),
  DescribeImages: (world, request) => read(request, describeImages(world, request)),
  DescribeKeyPairs: (world, request) => read(request, describeKeyPairs(world, request)),
  DescribeSecurityGroups: (world, request) => read(request, describeSecurityGroups(world, request)),
  DescribeInstanceTypes: (world, request) => read(request, describeInstanceTypes(world, request)),
  DescribeInstanceTypeOfferings: (world, request) =>
    read(request, describeInstanceTypeOfferings(world, request)),
  DescribeAvailabilityZones: (world, request) => read(request, describeAvailabilityZones(world, request)),
  GetParameter: (world, request) => ({ answer: getParameter(world, request) }),
  GetParameters: (world, request) => ({ answer: getParameters(world, request) }),
  GetParametersByPath: (world, request) => ({ answer: getParametersByPath(world, request) }),
  PutParameter: putParameter,
  GetCallerIdentity: (world) => ({
    answer: {
      account: world.settings.account,
      arn: principalArn(world),
      userId: "AIDA0000000000EXAMPLE",
    },
  }),
  ListServiceQuotas: (world, request) => ({ answer: listServiceQuotas(world, request) }),
};

function read<T>(request: DryRun, answer: T): { readonly answer: T } {
  if (request.DryRun) throw dryRun();
  return { answer };
}
