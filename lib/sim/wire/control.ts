import * as v from "valibot";
import type { Fault } from "../faults.ts";
import type { SimInstance } from "../instances.ts";
import { freeAddresses } from "../addresses.ts";
import { poolProblem } from "../pools.ts";
import type { Simulator } from "../simulator.ts";
import type { World } from "../world.ts";
import {
  EVENT,
  EVENT_NOTICE_MS,
  FAULT,
  IMPAIRMENT,
  INSTANCE,
  INTERRUPTION,
  LIMITS,
  SETTINGS,
} from "./control_bodies.ts";

/** What the control endpoints reach besides the simulator itself. */
export interface ControlPort {
  readonly simulator: Simulator;
  imdsUrl(instanceId: string): string;
  pidOf(instanceId: string): number | undefined;
  setLatency(milliseconds: number): void;
}

/**
 * Answers the simulator's own endpoints: `GET /_sim/calls`, `GET /_sim/refusals`, `GET /_sim/instances`, `POST /_sim/reset_calls`,
 * `POST /_sim/faults` (a fault or a list; an empty list takes them all back), `POST /_sim/settings`,
 * `POST /_sim/capacity` (pool → number, null for no limit), `POST /_sim/addresses` (subnet → number that others leave,
 * null for all), `POST /_sim/power_off` and
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
    if (error instanceof ControlError) return json({ error: error.message }, 400);
    if (error instanceof SyntaxError) return json({ error: `Body is not JSON: ${error.message}` }, 400);
    throw error;
  }
}

const ENDPOINTS: Readonly<Record<string, (port: ControlPort, body: unknown) => unknown>> = {
  "GET calls": ({ simulator }) => simulator.calls(),
  "GET refusals": ({ simulator }) => simulator.refusals(),
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
    const pools = Object.entries(v.parse(LIMITS, body));
    for (const [pool] of pools) checkPool(simulator.world, pool);
    for (const [pool, count] of pools) simulator.setCapacity(pool, count ?? undefined);
    return simulator.world.capacity;
  },
  "POST addresses": ({ simulator }, body) => {
    const limits = Object.entries(v.parse(LIMITS, body));
    for (const [id] of limits) {
      if (!simulator.world.network.subnets.has(id)) throw new ControlError(`Unknown subnet "${id}"`);
    }
    for (const [id, count] of limits) simulator.setAddresses(id, count ?? undefined);
    return Object.fromEntries(
      [...simulator.world.network.subnets.values()].map((subnet) => [
        subnet.subnetId,
        freeAddresses(simulator.world, subnet),
      ]),
    );
  },
  "POST power_off": ({ simulator }, body) => simulator.powerOff(named(simulator, INSTANCE, body).instanceId),
  "POST interrupt_spot": ({ simulator }, body) => {
    const { instanceId, noticeMs } = named(simulator, INTERRUPTION, body);
    const { capacityType, state } = simulator.world.instances.get(instanceId)!;
    if (capacityType !== "spot") throw new ControlError(`${instanceId} is not a spot instance`);
    if (state !== "pending" && state !== "running") throw new ControlError(`${instanceId} is ${state}`);
    simulator.interruptSpot(instanceId, noticeMs);
  },
  "POST rebalance": ({ simulator }, body) =>
    simulator.giveNotice(named(simulator, INSTANCE, body).instanceId, { rebalance: simulator.now() }),
  "POST schedule_event": ({ simulator }, body) => {
    const { instanceId, code, inMs = EVENT_NOTICE_MS } = named(simulator, EVENT, body);
    simulator.scheduleEvent(instanceId, { code, notBefore: simulator.now() + inMs });
  },
  "POST impair": ({ simulator }, body) => {
    const { instanceId, ...checks } = named(simulator, IMPAIRMENT, body);
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

/** What a request to a control endpoint names and the world does not have. */
class ControlError extends Error {
  override readonly name = "ControlError";
}

/** A body that names an instance; it must be there. */
function named<T extends { readonly instanceId: string }>(
  simulator: Simulator,
  schema: v.GenericSchema<unknown, T>,
  body: unknown,
): T {
  const parsed = v.parse(schema, body);
  if (simulator.world.instances.has(parsed.instanceId)) return parsed;
  throw new ControlError(`Unknown instance "${parsed.instanceId}"`);
}

function checkPool(world: World, pool: string): void {
  const problem = poolProblem(world, pool);
  if (problem === undefined) return;
  const { noun, name } = problem;
  throw new ControlError(
    noun === "form"
      ? `Capacity pool "${name}" is not TYPE:ZONE, TYPE:ZONE:spot, either with @GROUP, or a reservation's id`
      : `Unknown ${noun} in capacity pool "${pool}": "${name}"`,
  );
}

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
  const {
    clientToken,
    stateReason,
    launchTime,
    bootsAt,
    bootFails,
    reservationId,
    imageId,
    userData,
    charged,
  } = instance;
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
    charged,
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
