import * as v from "valibot";
import type { Fault } from "../faults.ts";
import type { SimInstance } from "../instances.ts";
import type { Simulator } from "../simulator.ts";

/** What the control endpoints reach besides the simulator itself. */
export interface ControlPort {
  readonly simulator: Simulator;
  imdsUrl(instanceId: string): string;
  pidOf(instanceId: string): number | undefined;
  setLatency(milliseconds: number): void;
}

const times = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 1);
const milliseconds = v.pipe(v.number(), v.minValue(0));
const FAULT = v.variant("kind", [
  v.strictObject({ kind: v.literal("throttle"), action: v.string(), times }),
  v.strictObject({
    kind: v.literal("error"),
    action: v.string(),
    times,
    code: v.string(),
    message: v.optional(v.string()),
    httpStatus: v.optional(v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599))),
  }),
  v.strictObject({ kind: v.literal("lost-answer"), action: v.string(), times }),
  v.strictObject({
    kind: v.literal("death"),
    times,
    afterMs: v.optional(milliseconds, 0),
    code: v.string(),
    message: v.optional(v.string()),
    instanceType: v.optional(v.string()),
  }),
  v.strictObject({ kind: v.literal("boot-failure"), times, instanceType: v.optional(v.string()) }),
]);
const SETTINGS = v.strictObject({
  latencyMs: v.optional(milliseconds),
  pendingMs: v.optional(milliseconds),
  bootMs: v.optional(milliseconds),
  statusCheckMs: v.optional(milliseconds),
  stoppingMs: v.optional(milliseconds),
  shuttingDownMs: v.optional(milliseconds),
  terminatedMs: v.optional(milliseconds),
  invisibleMs: v.optional(milliseconds),
  requestTokens: v.optional(v.boolean()),
  resourceTokens: v.optional(v.boolean()),
  wholeCallLimits: v.optional(v.boolean()),
  vcpuQuota: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  quotas: v.optional(v.record(v.string(), v.number())),
  credentials: v.optional(v.picklist(["valid", "expired", "invalid"])),
});
const CAPACITY = v.record(v.string(), v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0))));
const INSTANCE = v.strictObject({ instanceId: v.string() });
const INTERRUPTION = v.strictObject({ instanceId: v.string(), noticeMs: v.optional(milliseconds) });
/** AWS schedules events two weeks ahead where it can (EC2 user guide, "Scheduled events for your instances"). */
const EVENT_NOTICE_MS = 14 * 86_400_000;
/** Which status checks fail from now on; false: pass again. */
const IMPAIRMENT = v.strictObject({
  instanceId: v.string(),
  system: v.optional(v.boolean()),
  instance: v.optional(v.boolean()),
  attachedEbs: v.optional(v.boolean()),
});
const EVENT = v.strictObject({
  instanceId: v.string(),
  code: v.picklist([
    "instance-reboot",
    "system-reboot",
    "system-maintenance",
    "instance-retirement",
    "instance-stop",
  ]),
  /** Milliseconds from now; two weeks unless given. */
  inMs: v.optional(milliseconds),
});

/**
 * Answers the simulator's own endpoints: `GET /_sim/calls`, `GET /_sim/instances`, `POST /_sim/reset_calls`,
 * `POST /_sim/faults` (a fault or a list; an empty list takes them all back), `POST /_sim/settings`,
 * `POST /_sim/capacity` (pool → number, null for no limit), `POST /_sim/power_off` and
 * `POST /_sim/interrupt_spot` (`noticeMs`: so long ahead the instance's metadata says so), `POST /_sim/rebalance`,
 * `POST /_sim/schedule_event` and `POST /_sim/impair` (which status checks fail).
 */
export async function control(port: ControlPort, request: Request): Promise<Response> {
  const name = new URL(request.url).pathname.slice("/_sim/".length);
  const endpoint = Object.hasOwn(ENDPOINTS, `${request.method} ${name}`)
    ? ENDPOINTS[`${request.method} ${name}`]
    : undefined;
  if (!endpoint) {
    return json(
      { error: `No endpoint ${request.method} /_sim/${name}`, endpoints: Object.keys(ENDPOINTS) },
      404,
    );
  }
  try {
    const body = await request.text();
    return json(endpoint(port, body === "" ? undefined : JSON.parse(body)) ?? {});
  } catch (error) {
    if (error instanceof v.ValiError) {
      return json({
        error: error.issues.map((issue) => `${v.getDotPath(issue) ?? "body"}: ${issue.message}`).join("; "),
      }, 400);
    }
    if (error instanceof SyntaxError) return json({ error: `Body is not JSON: ${error.message}` }, 400);
    throw error;
  }
}

const ENDPOINTS: Readonly<Record<string, (port: ControlPort, body: unknown) => unknown>> = {
  "GET calls": ({ simulator }) => simulator.calls(),
  "POST reset_calls": ({ simulator }) => simulator.resetCalls(),
  "GET instances": (port) => port.simulator.instances().map((instance) => instanceJson(port, instance)),
  "POST faults": ({ simulator }, body) => {
    const faults = parseFaults(body);
    if (faults.length === 0) simulator.clearFaults();
    for (const fault of faults) simulator.addFault(fault);
    return simulator.world.faults;
  },
  "POST settings": ({ simulator, setLatency }, body) => {
    const { latencyMs, ...settings } = v.parse(SETTINGS, body);
    if (latencyMs !== undefined) setLatency(latencyMs);
    simulator.setSettings(settings);
    return simulator.world.settings;
  },
  "POST capacity": ({ simulator }, body) => {
    for (const [pool, count] of Object.entries(v.parse(CAPACITY, body))) {
      simulator.setCapacity(pool, count ?? undefined);
    }
    return simulator.world.capacity;
  },
  "POST power_off": ({ simulator }, body) => simulator.powerOff(v.parse(INSTANCE, body).instanceId),
  "POST interrupt_spot": ({ simulator }, body) => {
    const { instanceId, noticeMs } = v.parse(INTERRUPTION, body);
    simulator.interruptSpot(instanceId, noticeMs);
  },
  "POST rebalance": ({ simulator }, body) =>
    simulator.giveNotice(v.parse(INSTANCE, body).instanceId, { rebalance: simulator.now() }),
  "POST schedule_event": ({ simulator }, body) => {
    const { instanceId, code, inMs = EVENT_NOTICE_MS } = v.parse(EVENT, body);
    simulator.scheduleEvent(instanceId, { code, notBefore: simulator.now() + inMs });
  },
  "POST impair": ({ simulator }, body) => {
    const { instanceId, ...checks } = v.parse(IMPAIRMENT, body);
    const since = (fails: boolean) => (fails ? simulator.now() : undefined);
    simulator.impair(
      instanceId,
      Object.fromEntries(Object.entries(checks).map(([check, fails]) => [check, since(fails)])),
    );
  },
  "POST imds": (port, body) => {
    const { instanceId } = v.parse(INSTANCE, body);
    return port.simulator.world.instances.has(instanceId) ? { url: port.imdsUrl(instanceId) } : { url: null };
  },
};

/**
 * A fault or a list of faults as JSON has them.
 * @throws {v.ValiError} naming the field that is wrong.
 */
export function parseFaults(value: unknown): readonly Fault[] {
  return v.parse(v.array(FAULT), Array.isArray(value) ? value : [value]);
}

/** What tests and people want to know of an instance; `pid` is the guest's. */
function instanceJson(port: ControlPort, instance: SimInstance): object {
  const { instanceId, state, amiLaunchIndex, instanceType, availabilityZone, capacityType, network, tags } =
    instance;
  const { clientToken, stateReason, launchTime, bootsAt, bootFails, reservationId, imageId, userData } =
    instance;
  return {
    instanceId,
    reservationId,
    state,
    stateReasonCode: stateReason?.code,
    amiLaunchIndex,
    instanceType,
    imageId,
    availabilityZone,
    capacityType,
    subnetId: network?.subnetId,
    privateIpAddress: network?.privateIpAddress,
    clientToken,
    launchTime,
    bootsAt,
    bootFails,
    userData,
    tags,
    pid: port.pidOf(instanceId),
  };
}

function json(value: unknown, status = 200): Response {
  return Response.json(value, { status });
}
