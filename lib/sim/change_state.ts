import type { InstanceStateChange } from "../aws/ec2_api.ts";
import type { InstanceState } from "../aws/instance.ts";
import type { SimInstance, StateReason } from "./instances.ts";
import { enter, knownInstances, withInstances } from "./life.ts";
import { freeCapacity, freeVcpus, poolKey } from "./pools.ts";
import { noCapacity, quotaExceeded } from "./placement.ts";
import { dryRun, Refusal } from "./refusal.ts";

import type { World } from "./world.ts";

/** Request of StartInstances, StopInstances and TerminateInstances. */
export interface ChangeRequest {
  readonly InstanceIds: readonly string[];
  readonly DryRun?: boolean;
  readonly Force?: boolean;
}

/** What the three actions give back: the new world, what each instance did, and how many were touched. */
export interface Changed {
  readonly world: World;
  readonly answer: readonly InstanceStateChange[];
  readonly touched: number;
  /** When the call failed all the same. */
  readonly refusal?: Refusal;
}

/** StartInstances: stopped instances become pending; running and pending ones stay as they are. */
export function startInstances(world: World, request: ChangeRequest, now: number): Changed {
  const instances = select(world, request, now);
  for (const { instanceId, state } of instances) {
    if (state === "stopped" || state === "running" || state === "pending") continue;
    throw new Refusal(
      "IncorrectInstanceState",
      `The instance '${instanceId}' is not in a state from which it can be started.`,
    );
  }
  if (request.DryRun) throw dryRun();
  const stopped = instances.filter(({ state }) => state === "stopped");
  checkQuotas(world, stopped);
  checkCapacity(world, stopped);
  return change(world, instances, { now, next: (state) => (state === "stopped" ? "pending" : undefined) });
}

/** StopInstances: running instances become stopping; stopping and stopped ones stay as they are. */
export function stopInstances(world: World, request: ChangeRequest, now: number): Changed {
  const instances = select(world, request, now);
  for (const { instanceId, state, capacityType, spotPersistent, stopProtected } of instances) {
    if (stopProtected) {
      throw new Refusal(
        "OperationNotPermitted",
        `The instance '${instanceId}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
      );
    }
    if (state !== "running" && state !== "stopping" && state !== "stopped") {
      throw new Refusal(
        "IncorrectInstanceState",
        `This instance '${instanceId}' is not in a state from which it can be stopped.`,
      );
    }
    if (capacityType === "spot" && !spotPersistent) {
      throw new Refusal(
        "UnsupportedOperation",
        `You can't stop the Spot Instance '${instanceId}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
      );
    }
  }
  if (request.DryRun) throw dryRun();
  return change(world, instances, {
    now,
    next: (state) => (state === "running" ? "stopping" : undefined),
    reason: {
      code: "Client.UserInitiatedShutdown",
      message: "Client.UserInitiatedShutdown: User initiated shutdown",
    },
  });
}

/**
 * TerminateInstances: idempotent; one bad id fails the whole call and terminates nothing. A protected instance
 * fails it too, but only its own zone is spared (API reference).
 */
export function terminateInstances(world: World, request: ChangeRequest, now: number): Changed {
  const instances = select(world, request, now);
  if (request.DryRun) throw dryRun();
  const keeper = instances.find((instance) => instance.terminationProtected);
  const kept = new Set(instances.filter((i) => i.terminationProtected).map((i) => i.availabilityZone));
  const ended = change(world, instances.filter((instance) => !kept.has(instance.availabilityZone)), {
    now,
    next: (state) => {
      if (state === "shutting-down" || state === "terminated") return undefined;
      return state === "stopped" ? "terminated" : "shutting-down";
    },
    reason: {
      code: "Client.UserInitiatedShutdown",
      message: "Client.UserInitiatedShutdown: User initiated shutdown",
    },
  });
  if (!keeper) return ended;
  const refusal = new Refusal(
    "OperationNotPermitted",
    `The instance '${keeper.instanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
  );
  return { ...ended, refusal };
}

/** Ids that one call may name (API reference, TerminateInstances). */
const MAX_IDS = 1000;

function select(world: World, { InstanceIds }: ChangeRequest, now: number): readonly SimInstance[] {
  if (InstanceIds.length === 0) {
    throw new Refusal("InvalidParameterCombination", "No instances specified");
  }
  if (InstanceIds.length > MAX_IDS) {
    throw new Refusal(
      "InvalidParameterValue",
      `The number of instance IDs must not exceed ${MAX_IDS}: ${InstanceIds.length} given`,
    );
  }
  return knownInstances(world, InstanceIds, now);
}

/** Started instances need room in their pools like launched ones. */
function checkCapacity(world: World, instances: readonly SimInstance[]): void {
  for (const [first, ...others] of Map.groupBy(instances, poolKey).values()) {
    if (first && freeCapacity(world, first) < 1 + others.length) throw noCapacity(world, first);
  }
}

/** Started instances count against their families' vCPU quota like launched ones. */
function checkQuotas(world: World, instances: readonly SimInstance[]): void {
  for (const [first, ...others] of Map.groupBy(instances, poolKey).values()) {
    const { instanceType, capacityType } = first!;
    const { free, limit } = freeVcpus(world, instanceType, capacityType);
    const vcpus = world.instanceTypes.get(instanceType)?.defaultVCpus ?? 0;
    if (free < vcpus * (1 + others.length)) throw quotaExceeded(capacityType, limit);
  }
}

function change(
  world: World,
  instances: readonly SimInstance[],
  options: {
    readonly now: number;
    readonly next: (state: InstanceState) => InstanceState | undefined;
    readonly reason?: StateReason;
  },
): Changed {
  const { now, reason } = options;
  const changed = new Map(world.instances);
  const when = new Date(now).toISOString().replace("T", " ").replace(/\.\d+Z$/, " GMT");
  const answer = instances.map((instance) => {
    const state = options.next(instance.state);
    if (state !== undefined) {
      const entered = enter(instance, state, { at: now, settings: world.settings, reason });
      const why = reason ? `User initiated (${when})` : "";
      changed.set(instance.instanceId, { ...entered, stateTransitionReason: why });
    }
    return {
      instanceId: instance.instanceId,
      previousState: instance.state,
      currentState: state ?? instance.state,
    };
  });
  return { world: withInstances(world, changed), answer, touched: instances.length };
}
