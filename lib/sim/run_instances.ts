import { freeVolumeGiB, volumeGiB } from "./account_limits.ts";
import { takeAddresses } from "./addresses.ts";
import { type BootFault, type DeathFault, type Fault, takeFault } from "./faults.ts";
import { mayUseKeys } from "./iam/volume_keys.ts";
import type { SimInstance, StateReason } from "./instances.ts";
import { zoneOf } from "./launch_references.ts";
import { enter, withInstances } from "./life.ts";
import { type Launching, newInstance } from "./new_instance.ts";
import { place } from "./placement.ts";
import { dryRun, Refusal } from "./refusal.ts";
import { resolveLaunch } from "./resolve_launch.ts";
import type { RunInstancesRequest } from "./run_instances_request.ts";
import { resourceId } from "./unique_id.ts";
import type { World } from "./world.ts";

/** What RunInstances answers: the instances of one reservation. */
export interface Reservation {
  readonly reservationId: string;
  readonly instances: readonly SimInstance[];
}

/**
 * RunInstances: as many instances as possible between MinCount and MaxCount, or those that the same token
 * launched before, as they are now.
 * @throws {Refusal} with EC2's code; then nothing is launched.
 */
export function runInstances(
  world: World,
  request: RunInstancesRequest,
  now: number,
): { readonly world: World; readonly answer: Reservation; readonly touched: number } {
  const replayed = replay(world, request);
  if (replayed) return { world, answer: replayed, touched: 0 };
  const resolved = resolveLaunch(world, request);
  if (request.DryRun) throw dryRun();
  const { subnet, count } = place(world, request, resolved);
  const launched = launch(world, request, { resolved, subnet, count, now });
  return { ...launched, touched: count };
}

/** Same token, same request: the same instances (EC2 developer guide, "Ensuring idempotency"). */
function replay(world: World, request: RunInstancesRequest): Reservation | undefined {
  if (!request.ClientToken) return undefined;
  const earlier = world.launches.get(scope(world, request));
  if (!earlier) return undefined;
  if (earlier.request !== canonical(request)) {
    throw new Refusal(
      "IdempotentParameterMismatch",
      "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    );
  }
  const instances = earlier.instanceIds.flatMap((id) => world.instances.get(id) ?? []);
  if (instances.every(({ state }) => state === "terminated")) {
    throw new Refusal(
      "IdempotentInstanceTerminated",
      "The client token you have provided is associated with a resource that is already terminated. Please use a different client token.",
    );
  }
  return { reservationId: earlier.reservationId, instances };
}

/** Idempotency is zonal where the request names a zone or a subnet, else regional (same guide). */
function scope(world: World, request: RunInstancesRequest): string {
  return `${request.ClientToken} ${zoneOf(world, request) ?? ""}`;
}

function canonical(request: RunInstancesRequest): string {
  return JSON.stringify(
    { ...request, ClientToken: undefined, DryRun: undefined },
    (_key, value) =>
      value && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
  );
}
function launch(
  world: World,
  request: RunInstancesRequest,
  launching: Launching,
): { world: World; answer: Reservation } {
  const { subnet, count, now } = launching;
  const { seed } = world.settings;
  const { addresses, cursor } = takeAddresses(world, subnet, count);
  const reservationId = resourceId("r", seed, world.counter);
  const instances = new Map(world.instances);
  const launched: SimInstance[] = [];
  const keyDeath = mayUseKeys(world, request) ? undefined : UNUSABLE_KEY;
  let gibLeft = freeVolumeGiB(world);
  let faults = world.faults;
  for (let index = 0; index < count; index++) {
    const number = world.counter + index;
    const fate = takeFate(faults, request.InstanceType);
    faults = fate.rest;
    const born = newInstance(world, request, {
      ...launching,
      index,
      number,
      reservationId,
      address: addresses[index]!,
    });
    const gib = volumeGiB(born);
    const volumeDeath = gib > gibLeft ? TOO_MANY_GIB : undefined;
    if (volumeDeath === undefined) gibLeft -= gib;
    const instance = live(world, { ...born, bootFails: fate.boot !== undefined }, {
      now,
      death: fate.death ?? keyDeath ?? volumeDeath,
    });
    instances.set(instance.instanceId, instance);
    launched.push(instance);
  }
  const next: World = {
    ...world,
    faults,
    counter: world.counter + count,
    addressCursors: { ...world.addressCursors, [subnet.subnetId]: cursor },
    launches: request.ClientToken
      ? new Map(world.launches).set(scope(world, request), {
        request: canonical(request),
        reservationId,
        instanceIds: launched.map(({ instanceId }) => instanceId),
      })
      : world.launches,
  };
  return { world: withInstances(next, instances), answer: { reservationId, instances: launched } };
}

/** What becomes of an instance whose volume's key its launcher may not use (see {@link mayUseKeys}). */
const UNUSABLE_KEY: DeathFault = {
  kind: "death",
  times: 1,
  afterMs: 0,
  code: "Client.InternalError",
  message: "Client error on launch",
};

/** What becomes of an instance whose volumes the account has no room for (EC2 user guide, "Instance terminates immediately"). */
const TOO_MANY_GIB: DeathFault = {
  kind: "death",
  times: 1,
  afterMs: 0,
  code: "Client.VolumeLimitExceeded",
  message: "Volume limit exceeded",
};

function takeFate(
  faults: readonly Fault[],
  instanceType: string,
): { death?: DeathFault; boot?: BootFault; rest: readonly Fault[] } {
  if (faults.length === 0) return { rest: faults };
  const concerns = (fault: DeathFault | BootFault) =>
    fault.instanceType === undefined || fault.instanceType === instanceType;
  const death = takeFault(faults, (fault): fault is DeathFault => fault.kind === "death" && concerns(fault));
  if (death.fault) return { death: death.fault, rest: death.rest };
  const boot = takeFault(
    faults,
    (fault): fault is BootFault => fault.kind === "boot-failure" && concerns(fault),
  );
  return { boot: boot.fault, rest: boot.rest };
}

/** Begins an instance's life, and ends it early if it is to die while pending. */
function live(
  world: World,
  instance: SimInstance,
  { now, death }: { readonly now: number; readonly death?: DeathFault },
): SimInstance {
  const pending = enter(instance, "pending", { at: now, settings: world.settings });
  if (!death) return pending;
  const reason: StateReason = {
    code: death.code,
    message: `${death.code}: ${death.message ?? "Internal error on launch"}`,
  };
  return { ...pending, next: { at: now + death.afterMs, state: "terminated", reason } };
}
