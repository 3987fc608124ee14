import { snapshotInstanceTypes } from "../../../lib/aws/instance_type_snapshot.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import { freeCapacity } from "../../../lib/sim/pools.ts";
import { Refusal } from "../../../lib/sim/refusal.ts";
import type { RunInstancesRequest } from "../../../lib/sim/run_instances_request.ts";
import type { Simulator } from "../../../lib/sim/simulator.ts";
import { ec2Answer, ec2Refusal } from "../../../lib/sim/wire/ec2_answer.ts";
import { ec2Request } from "../../../lib/sim/wire/ec2_request.ts";
import { query } from "../../../lib/sim/wire/query.ts";
import { type Call, serveAws } from "../../../lib/sim/wire/server.ts";
import { fleetAnswer, fleetRequest, launchFleet } from "./create_fleet.ts";
import {
  CLUSTER,
  INSTANCE_TYPE,
  LAUNCH_TEMPLATE,
  SECOND_INSTANCE_TYPE,
  WIDE_SUBNET,
} from "./launch_template.ts";

/** How a world differs from one where everything is to be had at once. */
export interface EndpointOptions {
  /** Milliseconds a call. */
  readonly latencyMs: number;
  /** Instances to be had at most of the first type; of the second none, unless `hasSecond`. */
  readonly available?: number;
  /** The second type is to be had without limit. */
  readonly hasSecond?: boolean;
  /** The first launch calls, by number, are throttled. */
  readonly throttles?: number;
}

/** The one AWS that every program is measured against, and what it saw of one of them. */
export interface Endpoint {
  readonly url: string;
  /** Requests so far by action, refused ones included. */
  actions(): Readonly<Record<string, number>>;
  /** When the first request was there, milliseconds since 1970; undefined when none came. */
  first(): number | undefined;
  /** Ids of the instances that run or are about to. */
  alive(): readonly string[];
  /** The last change of any instance: a number of its own, and when its caller hears of it, milliseconds since 1970. */
  change(): { readonly number: number; readonly at: number };
  /** What is measured begins: forgets the requests so far, and refuses the next launches, where that is asked for. */
  reset(): void;
  close(): Promise<void>;
}

/** Tells the endpoint that what is measured begins now: an action of the bench's own, no service's. */
export const BEGIN = "BeginMeasurement";

const instanceTypes = await snapshotInstanceTypes();

let seed = 1;

/** The simulator, and next to it the actions that only peers use: same port, same latency, same counters. */
export function serveEndpoint(
  { latencyMs, available, hasSecond = false, throttles = 0 }: EndpointOptions,
): Endpoint {
  let actions: Record<string, number> = {};
  let first: number | undefined;
  let refusals = 0;
  const reset = () => {
    actions = {};
    first = undefined;
    refusals = throttles;
  };
  const others = (simulator: Simulator, call: Call): Response | undefined => {
    if (call.action === BEGIN) {
      reset();
      return new Response();
    }
    const name = call.action.replace(/^\w+_\d+\./, "");
    actions[name] = (actions[name] ?? 0) + 1;
    first ??= Date.now() - latencyMs / 2;
    if (LAUNCHES.test(name) && refusals > 0) {
      refusals--;
      return refuse(simulator, call, new Refusal("RequestLimitExceeded", "Request limit exceeded."));
    }
    return peerAction(simulator, call, name);
  };
  const capacity = available === undefined
    ? {}
    : { [pool(INSTANCE_TYPE)]: available, ...(!hasSecond && { [pool(SECOND_INSTANCE_TYPE)]: 0 }) };
  // No instance id comes twice: what is remembered of one that ended in another world would be believed of it.
  const aws = serveAws({
    instanceTypes,
    subnets: [WIDE_SUBNET],
    latencyMs,
    parameters: PARAMETERS,
    capacity,
    others,
    seed: seed++,
  });
  let change = { number: 0, at: 0 };
  aws.simulator.onChange(() => change = { number: change.number + 1, at: Date.now() + latencyMs / 2 });
  return {
    url: aws.url,
    change: () => change,
    actions: () => actions,
    first: () => first,
    alive: () =>
      aws.simulator.instances().filter(({ state }) => state === "pending" || state === "running")
        .map(({ instanceId }) => instanceId),
    reset,
    close: () => aws.close(),
  };
}

const LAUNCHES = /^(RunInstances|CreateFleet)$/;
const ZONE = `${WORLD.region}a`;
const pool = (instanceType: string) => `${instanceType}:${ZONE}`;

const PARAMETERS = {
  [`/${CLUSTER}/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/${CLUSTER}/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/${CLUSTER}/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

function peerAction(simulator: Simulator, call: Call, name: string): Response | undefined {
  try {
    switch (name) {
      case "RunInstances":
        return runFromTemplate(simulator, call);
      case "CreateFleet":
        return createFleet(simulator, call);
      // Every instance is well: the peer asks for impaired ones and for scheduled events.
      case "DescribeInstanceStatus":
        return xml(
          simulator,
          call,
          "<DescribeInstanceStatusResponse><instanceStatusSet/></DescribeInstanceStatusResponse>",
        );
      case "BatchWriteItem":
        return new Response('{"UnprocessedItems":{}}', {
          headers: {
            "content-type": "application/x-amz-json-1.0",
            "x-amzn-requestid": simulator.countRefused(name),
          },
        });
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(simulator, call, error);
  }
}

/** The model knows no launch templates, so the template's fields stand in the request as EC2 would merge them. */
function runFromTemplate(simulator: Simulator, call: Call): Response | undefined {
  const parameters = [...call.parameters];
  const own = parameters.filter(([name]) => !name.startsWith("LaunchTemplate."));
  if (own.length === parameters.length) return undefined;
  const { MinCount, MaxCount } = ec2Request("RunInstances", query(own, ["Action", "Version"]));
  return runInstances(simulator, call, { ...LAUNCH_TEMPLATE, MinCount, MaxCount });
}

function runInstances(simulator: Simulator, call: Call, request: RunInstancesRequest): Response {
  const done = simulator.call("RunInstances", request);
  if (done.kind === "refusal") return refuse(simulator, call, done.refusal);
  const { answer, requestId } = done;
  return xml(simulator, call, ec2Answer(done.world, "RunInstances", { answer, requestId }));
}

function createFleet(simulator: Simulator, call: Call): Response {
  const request = fleetRequest(query(call.parameters, ["Action", "Version"]));
  const fleet = launchFleet(
    request,
    ({ instanceType }) =>
      freeCapacity(simulator.world, { instanceType, availabilityZone: ZONE, capacityType: "on-demand" }),
    (launch) => {
      const done = simulator.call("RunInstances", launch);
      if (done.kind === "refusal") throw done.refusal;
      return done.answer.instances.map(({ instanceId }) => instanceId);
    },
  );
  return xml(simulator, call, fleetAnswer(request, fleet, simulator.countRefused(call.action)));
}

function xml(simulator: Simulator, call: Call, body: string, status = 200): Response {
  const requestId = simulator.countRefused(call.action);
  return new Response(body, {
    status,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
  });
}

function refuse(simulator: Simulator, call: Call, refusal: Refusal): Response {
  return xml(simulator, call, ec2Refusal(refusal, simulator.countRefused(call.action)), refusal.httpStatus);
}
