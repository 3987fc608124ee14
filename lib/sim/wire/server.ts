import { credentialsRefusal, type Service } from "../credentials.ts";
import type { WorldOptions } from "../fresh_world.ts";
import type { Action } from "../actions.ts";
import { serviceOf } from "../step.ts";
import { notModelled, Refusal } from "../refusal.ts";
import { Simulator } from "../simulator.ts";
import { control } from "./control.ts";
import { type Ec2Action, ec2Answer, ec2Refusal } from "./ec2_answer.ts";
import { EC2_ACTIONS, STS_ACTIONS } from "./ec2_actions.ts";
import { ec2Request } from "./ec2_request.ts";
import { type GuestOptions, guests } from "./guests.ts";
import { ROLE_ACCESS_KEY } from "./imds.ts";
import { imdsServers } from "./imds_servers.ts";
import { query } from "./query.ts";
import { QUOTAS_TARGET, quotasAnswer, quotasRequest } from "./quotas.ts";
import { isSsmAction, ssmAnswer, ssmRequest } from "./ssm.ts";
import { stsAnswer, stsRefusal } from "./sts.ts";

/** A request signed with this access key finds its credentials expired. */
export const EXPIRED_ACCESS_KEY = "ASIA000000000EXPIRED";
/** A request signed with this access key finds it unknown. */
export const INVALID_ACCESS_KEY = "AKIA000000000INVALID";

/** How the simulated AWS on the wire differs from the default. */
export interface WireOptions extends Omit<WorldOptions, "now"> {
  /** Port on 127.0.0.1; 0 or absent: any free one. */
  readonly port?: number;
  /** How long every call takes, in milliseconds; half of it passes before the call is carried out. */
  readonly latencyMs?: number;
  /** Milliseconds since 1970 UTC; the machine's clock unless given. */
  readonly clock?: () => number;
  /** What runs on the instances; absent: nothing does. */
  readonly guests?: GuestOptions;
  /** Answers what the simulator itself has no model of, after the same latency; undefined leaves a call to it. */
  readonly others?: (simulator: Simulator, call: Call) => Response | undefined;
}

/** The simulated AWS behind a port on loopback. */
export interface WireAws {
  /** Endpoint of EC2, SSM, STS and Service Quotas alike, e.g. `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly simulator: Simulator;
  /** Where an instance's metadata are; the server is started when first asked for. */
  imdsUrl(instanceId: string): string;
  /** Process id of an instance's guest. */
  pidOf(instanceId: string): number | undefined;
  /** Ends every guest and every server. */
  close(): Promise<void>;
}

/** Starts the simulated AWS: EC2 and STS by the query protocol, SSM and Service Quotas by JSON 1.1, IMDS for every instance. */
export function serveAws(options: WireOptions = {}): WireAws {
  const { port = 0, latencyMs = 0, clock: now = Date.now, guests: guestOptions, others, ...world } = options;
  const simulator = new Simulator(world, now);
  const imds = imdsServers(simulator);
  const running = guestOptions && guests(simulator, { ...guestOptions, imdsUrl: imds.urlOf });
  const clock = followClock(simulator, () => {
    imds.prune();
    running?.update();
  });
  let latency = latencyMs;
  const pidOf = (instanceId: string) => running?.pidOf(instanceId);
  const controlPort = {
    simulator,
    imdsUrl: imds.urlOf,
    pidOf,
    setLatency: (value: number) => void (latency = value),
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, async (request) => {
    if (new URL(request.url).pathname.startsWith("/_sim/")) return control(controlPort, request);
    const call = await readCall(request);
    await sleep(latency / 2);
    const response = others?.(simulator, call) ?? answer(simulator, call);
    await sleep(latency / 2);
    return response;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    simulator,
    imdsUrl: imds.urlOf,
    pidOf,
    async close() {
      clock.close();
      await running?.close();
      await Promise.all([imds.close(), server.shutdown()]);
    },
  };
}

/** A request as it came: which service it is for, what it asks, and who asks. */
export interface Call {
  readonly service: Service;
  readonly action: string;
  readonly parameters: Iterable<[string, string]>;
  readonly body: string;
  readonly accessKey: string | undefined;
}

async function readCall(request: Request): Promise<Call> {
  const body = await request.text();
  const accessKey = /Credential=([^/,\s]+)/.exec(request.headers.get("authorization") ?? "")?.[1];
  const target = request.headers.get("x-amz-target");
  if (target?.startsWith(QUOTAS_TARGET)) {
    const action = target.slice(QUOTAS_TARGET.length);
    return { service: "servicequotas", action, parameters: [], body, accessKey };
  }
  if (target !== null) {
    return { service: "ssm", action: target.replace(/^AmazonSSM\./, ""), parameters: [], body, accessKey };
  }
  const parameters = new URLSearchParams(request.method === "GET" ? new URL(request.url).search : body);
  const action = parameters.get("Action") ?? "";
  const service = parameters.get("Version") === STS_VERSION || action === "GetCallerIdentity" ? "sts" : "ec2";
  return { service, action, parameters, body, accessKey };
}

const STS_VERSION = "2011-06-15";

function answer(simulator: Simulator, call: Call): Response {
  try {
    checkCaller(call);
    return carryOut(simulator, call);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(call.service, error, simulator.countRefused(call.action, error.code));
  }
}

function checkCaller({ service, accessKey, action }: Call): void {
  if (accessKey === undefined) throw credentialsRefusal(service, "missing");
  if (accessKey === EXPIRED_ACCESS_KEY) throw credentialsRefusal(service, "expired");
  if (accessKey === INVALID_ACCESS_KEY) throw credentialsRefusal(service, "invalid");
  if (
    (service === "ssm" && !isSsmAction(action)) ||
    (service === "servicequotas" && serviceOf(action) !== service)
  ) {
    throw new Refusal("UnknownOperationException", `The simulator does not know the operation ${action}`);
  }
  if (action === "") throw new Refusal("MissingAction", "The request must contain the parameter Action");
  if (serviceOf(action) !== service && (service === "sts" ? STS_ACTIONS : EC2_ACTIONS).has(action)) {
    throw notModelled(`the action ${action}`);
  }
  if (serviceOf(action) !== service) {
    throw new Refusal("InvalidAction", `The action ${action} is not valid for this web service.`);
  }
}

function carryOut(simulator: Simulator, call: Call): Response {
  const action = call.action as Action;
  const request = readRequest(call);
  const caller = call.accessKey === ROLE_ACCESS_KEY ? "node" : "user";
  const done = simulator.call(action, request, caller);
  const { requestId } = done;
  if (done.kind === "refusal") return refuse(call.service, done.refusal, requestId);
  if (done.lost) return brokenAnswer();
  const { world } = done;
  if (isSsmAction(action)) {
    return respond("ssm", JSON.stringify(ssmAnswer(world, action, done.answer as never)), { requestId });
  }
  if (action === "ListServiceQuotas") {
    return respond("servicequotas", JSON.stringify(quotasAnswer(world, done.answer as never)), { requestId });
  }
  const text = action === "GetCallerIdentity"
    ? stsAnswer(done.answer as never, requestId)
    : ec2Answer(world, action, { answer: done.answer as never, requestId });
  return respond(call.service, text, { requestId });
}

function readRequest({ service, action, parameters, body }: Call): never {
  if (isSsmAction(action)) return ssmRequest(action, body) as never;
  if (service === "sts") return {} as never;
  if (service === "servicequotas") return quotasRequest(body) as never;
  return ec2Request(action as Ec2Action, query(parameters, ["Action", "Version"])) as never;
}

const CONTENT_TYPES: Readonly<Record<Service, string>> = {
  ec2: "text/xml;charset=UTF-8",
  sts: "text/xml",
  ssm: "application/x-amz-json-1.1",
  servicequotas: "application/x-amz-json-1.1",
};

function respond(
  service: Service,
  body: string,
  options: { readonly requestId: string; readonly status?: number },
): Response {
  return new Response(body, {
    status: options.status ?? 200,
    headers: { "content-type": CONTENT_TYPES[service], "x-amzn-requestid": options.requestId },
  });
}

function refuse(service: Service, refusal: Refusal, requestId: string): Response {
  const { code, message, httpStatus: status } = refusal;
  const options = { requestId, status };
  if (service === "ec2") return respond(service, ec2Refusal(refusal, requestId), options);
  if (service === "sts") return respond(service, stsRefusal(refusal, requestId), options);
  return respond(service, JSON.stringify({ __type: code, message: message || undefined }), options);
}

/** The call was carried out, but the connection breaks before its answer is through. */
function brokenAnswer(): Response {
  const body = new ReadableStream({ start: (controller) => controller.close() });
  return new Response(body, { headers: { "content-type": CONTENT_TYPES.ec2, "content-length": "1000" } });
}

/** Calls back soon after every change of the world, and when time itself changes it. */
function followClock(simulator: Simulator, changed: () => void): { close(): void } {
  let soon: ReturnType<typeof setTimeout> | undefined;
  let later: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  const update = () => {
    soon = undefined;
    if (closed) return;
    changed();
    clearTimeout(later);
    const wait = simulator.world.due - simulator.now();
    // A timer takes at most 2^31 - 1 ms.
    if (Number.isFinite(wait)) later = setTimeout(update, Math.min(Math.max(0, wait), 2 ** 31 - 1));
  };
  const stop = simulator.onChange(() => {
    if (!closed) soon ??= setTimeout(update, 0);
  });
  return {
    close() {
      closed = true;
      stop();
      clearTimeout(soon);
      clearTimeout(later);
    },
  };
}

function sleep(milliseconds: number): Promise<void> | undefined {
  return milliseconds > 0 ? new Promise((resolve) => setTimeout(resolve, milliseconds)) : undefined;
}
