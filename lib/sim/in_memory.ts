import { AwsError } from "../aws/aws_error.ts";
import { sleep } from "../base/sleep.ts";
import { ENDPOINT_UNREACHABLE, REQUEST_ABORTED } from "../aws/error_codes.ts";
import type { CallOptions, Ec2Api, InstanceStatus } from "../aws/ec2_api.ts";
import type { Instance } from "../aws/instance.ts";
import type { QuotasApi } from "../aws/quotas_api.ts";
import type { Parameter, SsmApi } from "../aws/ssm_api.ts";
import type { StsApi } from "../aws/sts_api.ts";
import type { WorldOptions } from "./fresh_world.ts";
import type { SimInstanceStatus } from "./describe_instance_status.ts";
import type { SimInstance } from "./instances.ts";
import type { Action, Actions } from "./actions.ts";
import type { ParameterVersion } from "./world.ts";
import { Simulator } from "./simulator.ts";

/** How the in-memory AWS differs from the default: everything at once, nothing fails, the real clock. */
export interface InMemoryOptions extends Omit<WorldOptions, "now"> {
  /** Milliseconds since 1970 UTC. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** How long every call takes, in milliseconds; half of it passes before the call is carried out. */
  readonly latencyMs?: number;
}

/** The simulated AWS behind the ports, without a network; it needs no permission at all. */
export interface InMemoryAws {
  readonly ec2: Ec2Api;
  readonly ssm: SsmApi;
  readonly sts: StsApi;
  readonly quotas: QuotasApi;
  /** What goes on inside, and the knobs: faults, capacity, settings, calls. */
  readonly simulator: Simulator;
}

/** Makes an AWS of its own, with a fresh world. */
export function inMemoryAws(options: InMemoryOptions = {}): InMemoryAws {
  const { now = Date.now, sleep: sleeping = sleep, latencyMs = 0, ...world } = options;
  const simulator = new Simulator(world, now);
  const call: Call = async (action, request, callOptions) => {
    const pause = () => pass(latencyMs / 2, { sleep: sleeping, signal: callOptions?.signal, action });
    await pause();
    const done = simulator.call(action, request);
    await pause();
    if (done.kind === "refusal") {
      const { code, message, httpStatus } = done.refusal;
      throw new AwsError({ code, message, httpStatus, operation: action, requestId: done.requestId });
    }
    if (done.lost) {
      throw new AwsError({ code: ENDPOINT_UNREACHABLE, message: "The connection broke", operation: action });
    }
    return done.answer;
  };
  return {
    ec2: ec2Of(call),
    ssm: ssmOf(call),
    sts: { getCallerIdentity: (options) => call("GetCallerIdentity", {}, options) },
    quotas: { listServiceQuotas: (input, options) => call("ListServiceQuotas", input, options) },
    simulator,
  };
}

/** Lets time pass; the end of the caller's patience is the error that the real clients make of it. */
async function pass(
  milliseconds: number,
  options: {
    readonly sleep: NonNullable<InMemoryOptions["sleep"]>;
    readonly signal: AbortSignal | undefined;
    readonly action: Action;
  },
): Promise<void> {
  const { sleep, signal, action } = options;
  try {
    signal?.throwIfAborted();
    if (milliseconds > 0) await sleep(milliseconds, signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
    const message = `${action} was ended before an answer came`;
    throw new AwsError({ code: REQUEST_ABORTED, message, operation: action, cause: error });
  }
}

type Call = <A extends Action>(
  action: A,
  request: Actions[A]["request"],
  options: CallOptions | undefined,
) => Promise<Actions[A]["answer"]>;

function ec2Of(call: Call): Ec2Api {
  return {
    runInstances: async (input, options) =>
      (await call("RunInstances", input, options)).instances.map(instanceOf),
    async describeInstances(input, options) {
      const { items, ...rest } = await call("DescribeInstances", input, options);
      return { items: items.map(instanceOf), ...rest };
    },
    async describeInstanceStatus(input, options) {
      const { items, ...rest } = await call("DescribeInstanceStatus", input, options);
      return { items: items.map(instanceStatusOf), ...rest };
    },
    startInstances: (input, options) => call("StartInstances", input, options),
    stopInstances: (input, options) => call("StopInstances", input, options),
    terminateInstances: (input, options) => call("TerminateInstances", input, options),
    async createTags(input, options) {
      await call("CreateTags", input, options);
    },
    async getConsoleOutput(input, options) {
      const { output, timestamp } = await call("GetConsoleOutput", input, options);
      return timestamp === undefined ? { output } : { output, timestamp };
    },
    describeSubnets: (input, options) => call("DescribeSubnets", input, options),
    describeImages: (input, options) => call("DescribeImages", input, options),
    describeKeyPairs: (input, options) => call("DescribeKeyPairs", input, options),
    describeSecurityGroups: (input, options) => call("DescribeSecurityGroups", input, options),
    describeInstanceTypes: (input, options) => call("DescribeInstanceTypes", input, options),
    describeInstanceTypeOfferings: (input, options) => call("DescribeInstanceTypeOfferings", input, options),
  };
}

function ssmOf(call: Call): SsmApi {
  return {
    getParameter: async (input, options) => parameterOf(await call("GetParameter", input, options)),
    async getParameters(input, options) {
      const { parameters, invalidParameters } = await call("GetParameters", input, options);
      return { parameters: parameters.map(parameterOf), invalidParameters };
    },
    async getParametersByPath(input, options) {
      const { items, ...rest } = await call("GetParametersByPath", input, options);
      return { items: items.map(parameterOf), ...rest };
    },
    async putParameter(input, options) {
      const { version } = await call("PutParameter", input, options);
      return { version };
    },
  };
}

/** The strict instance that the EC2 client makes of EC2's answer. */
export function instanceOf(instance: SimInstance): Instance {
  const { network, stateReason, clientToken } = instance;
  return {
    instanceId: instance.instanceId,
    state: instance.state,
    amiLaunchIndex: instance.amiLaunchIndex,
    instanceType: instance.instanceType,
    imageId: instance.imageId,
    subnetId: network?.subnetId ?? "",
    availabilityZone: instance.availabilityZone,
    ...(network && { privateIpAddress: network.privateIpAddress }),
    launchTime: instance.launchTime,
    capacityType: instance.capacityType,
    ...(clientToken !== undefined && { clientToken }),
    ...(stateReason && { stateReasonCode: stateReason.code }),
    tags: instance.tags,
  };
}

function instanceStatusOf(status: SimInstanceStatus): InstanceStatus {
  const { instance, system, guest, attachedEbs, events } = status;
  return {
    instanceId: instance.instanceId,
    state: instance.state,
    availabilityZone: instance.availabilityZone,
    system,
    instance: guest,
    attachedEbs,
    events: events.map(({ eventId, code, description, notBefore }) => ({
      eventId,
      code,
      description,
      notBefore,
    })),
  };
}

function parameterOf({ name, type, value, version }: ParameterVersion): Parameter {
  return { name, type, value, version };
}
