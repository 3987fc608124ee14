import type { InstanceState } from "../aws/instance.ts";
import type {
  ChargedTime,
  Impairments,
  Notices,
  ScheduledEvent,
  SimInstance,
  StateReason,
  Transition,
} from "./instances.ts";
import { Refusal } from "./refusal.ts";
import { resourceId } from "./unique_id.ts";
import type { World, WorldSettings } from "./world.ts";

/** The world after everything that was due by then has happened by itself. */
export function advance(world: World, now: number): World {
  if (now < world.due) return world;
  const instances = new Map(world.instances);
  for (const [id, instance] of world.instances) {
    let current = instance;
    for (let change = following(current); change && change.at <= now; change = following(current)) {
      const { at, state, reason } = change;
      current = enter(current, state, { at, settings: world.settings, reason });
    }
    if (current.vanishesAt !== undefined && current.vanishesAt <= now) instances.delete(id);
    else if (current !== instance) instances.set(id, current);
  }
  return withInstances(world, instances);
}

/** What time brings next, if it brings anything. */
function following({ next, fate }: SimInstance): Transition | undefined {
  return fate !== undefined && (next === undefined || fate.at < next.at) ? fate : next;
}

/** The world with these instances, and with the time at which one of them next changes. */
export function withInstances(world: World, instances: ReadonlyMap<string, SimInstance>): World {
  let due = Infinity;
  for (const instance of instances.values()) {
    due = Math.min(due, following(instance)?.at ?? Infinity, instance.vanishesAt ?? Infinity);
  }
  return { ...world, instances, due };
}

/** An instance in its next state, with what follows from that state by itself. */
export function enter(
  instance: SimInstance,
  state: InstanceState,
  change: { readonly at: number; readonly settings: WorldSettings; readonly reason?: StateReason },
): SimInstance {
  const { at, settings, reason } = change;
  const still = {
    ...instance,
    state,
    next: undefined,
    // Only a run that goes on can still be ended.
    fate: state === "running" ? instance.fate : undefined,
    bootsAt: undefined,
    stateReason: reason ?? instance.stateReason,
    charged: state === "running" ? instance.charged : chargedUntil(instance.charged, at),
  };
  switch (state) {
    case "pending":
      return {
        ...still,
        launchTime: at,
        run: instance.run + 1,
        charged: [...still.charged, { began: at }],
        stateReason: { code: "pending", message: "pending" },
        stateTransitionReason: "",
        next: { at: at + settings.pendingMs, state: "running" },
      };
    case "running":
      return {
        ...still,
        stateReason: undefined,
        runningAt: at,
        bootsAt: instance.bootFails ? undefined : at + settings.bootMs,
        console: instance.console + (instance.bootFails ? KERNEL_PANIC : BOOT_MESSAGES),
        consoleAt: at,
      };
    case "stopping":
      return { ...still, next: { at: at + settings.stoppingMs, state: "stopped" } };
    case "stopped":
      return still;
    case "shutting-down":
      return { ...still, next: { at: at + settings.shuttingDownMs, state: "terminated" } };
    case "terminated":
      return { ...still, network: undefined, vanishesAt: at + settings.terminatedMs };
  }
}

/** The times that EC2 charges for, the last one over by then if it was not. */
function chargedUntil(times: readonly ChargedTime[], at: number): readonly ChargedTime[] {
  const last = times.at(-1);
  return last === undefined || last.ended !== undefined
    ? times
    : [...times.slice(0, -1), { ...last, ended: at }];
}

/**
 * The guest of an instance powered itself off: InstanceInitiatedShutdownBehavior decides whether the instance
 * stops or terminates. Nothing happens unless it was running.
 */
export function powerOff(world: World, instanceId: string, now: number): World {
  const instance = world.instances.get(instanceId);
  if (instance?.state !== "running") return world;
  const state = instance.shutdownBehavior === "stop" ? "stopping" : "shutting-down";
  const reason = {
    code: "Client.InstanceInitiatedShutdown",
    message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
  };
  const changed = enter(instance, state, { at: now, settings: world.settings, reason });
  return advance(withInstances(world, new Map(world.instances).set(instanceId, changed)), now);
}

const INTERRUPTION: StateReason = {
  code: "Server.SpotInstanceTermination",
  message: "Server.SpotInstanceTermination: Spot instance termination",
};

/**
 * EC2 takes a spot instance back: it terminates, whatever its state was, after a notice in its metadata that comes a
 * number of milliseconds ahead (two minutes:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html).
 */
export function interruptSpot(world: World, instanceId: string, now: number, ahead = 0): World {
  const instance = world.instances.get(instanceId);
  if (instance?.capacityType !== "spot" || (instance.state !== "running" && instance.state !== "pending")) {
    return world;
  }
  const at = now + ahead;
  const changed: SimInstance = ahead === 0
    ? enter(instance, "shutting-down", { at: now, settings: world.settings, reason: INTERRUPTION })
    : {
      ...instance,
      notices: { ...instance.notices, interruption: at },
      fate: earlier(instance.fate, { at, state: "shutting-down", reason: INTERRUPTION }),
    };
  return advance(withInstances(world, new Map(world.instances).set(instanceId, changed)), now);
}

/** EC2 says in an instance's metadata that it may have to take it back. */
export function giveNotice(world: World, instanceId: string, notices: Omit<Notices, "events">): World {
  const instance = world.instances.get(instanceId);
  if (instance === undefined) return world;
  const changed = { ...instance, notices: { ...instance.notices, ...notices } };
  return { ...world, instances: new Map(world.instances).set(instanceId, changed) };
}

/** Why an instance was ended whose scheduled event came (API reference, StateReason). */
const SCHEDULED_STOP: StateReason = {
  code: "Server.ScheduledStop",
  message: "Server.ScheduledStop: Stopped due to a scheduled retirement",
};

/**
 * EC2 schedules an event for an instance, and says so in its metadata and its status. At its time a retirement or a
 * stop stops the instance, or terminates one that can't be stopped; of the other kinds the instance shows nothing more
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instances-status-check_sched.html).
 */
export function scheduleEvent(
  world: World,
  instanceId: string,
  event: Pick<ScheduledEvent, "code" | "notBefore">,
  now: number,
): World {
  const instance = world.instances.get(instanceId);
  if (instance === undefined) return world;
  const { settings, counter } = world;
  const ends = event.code === "instance-retirement" || event.code === "instance-stop";
  const state = instance.capacityType === "spot" && !instance.spotPersistent ? "shutting-down" : "stopping";
  const fate = earlier(instance.fate, { at: event.notBefore, state, reason: SCHEDULED_STOP });
  const eventId = resourceId("instance-event", settings.seed, counter);
  const changed: SimInstance = {
    ...instance,
    notices: { ...instance.notices, events: [...instance.notices?.events ?? [], { ...event, eventId }] },
    ...(ends && (instance.state === "running" || instance.state === "pending") && { fate }),
  };
  const next = { ...world, counter: counter + 1 };
  return advance(withInstances(next, new Map(world.instances).set(instanceId, changed)), now);
}

function earlier(one: Transition | undefined, other: Transition): Transition {
  return one !== undefined && one.at <= other.at ? one : other;
}

/** Status checks of an instance begin to fail, or pass again (undefined). */
export function impair(world: World, instanceId: string, impaired: Impairments): World {
  const instance = world.instances.get(instanceId);
  if (instance === undefined) return world;
  const changed = { ...instance, impaired: { ...instance.impaired, ...impaired } };
  return { ...world, instances: new Map(world.instances).set(instanceId, changed) };
}

/** EC2 keeps the last 64 KB of what a guest prints (API reference, GetConsoleOutput). */
const CONSOLE_LIMIT = 65_536;

/** The guest of an instance printed something on its console. */
export function writeConsole(world: World, instanceId: string, text: string, now: number): World {
  const instance = world.instances.get(instanceId);
  if (!instance) return world;
  const console = (instance.console + text).slice(-CONSOLE_LIMIT);
  return {
    ...world,
    instances: new Map(world.instances).set(instanceId, { ...instance, console, consoleAt: now }),
  };
}

const BOOT_MESSAGES =
  "[    0.000000] Linux version 6.1.0-sim (simulated)\n[    1.204511] systemd[1]: Detected virtualization amazon.\n";
const KERNEL_PANIC =
  "[    0.000000] Linux version 6.1.0-sim (simulated)\n[    1.118034] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\n";

/** The instances that a caller sees by now. */
export function* visibleInstances(world: World, now: number): Iterable<SimInstance> {
  for (const instance of world.instances.values()) if (instance.visibleAt <= now) yield instance;
}

/** The number within an instance's id, which grows with every launch. */
export function launchNumber(instance: SimInstance): number {
  return parseInt(instance.instanceId.slice(-7), 16);
}

/**
 * The instances of these ids, in that order, each once, as a caller sees them now.
 * @throws {Refusal} `InvalidInstanceID.Malformed` or `InvalidInstanceID.NotFound`, for the whole call.
 */
export function knownInstances(world: World, ids: readonly string[], now: number): readonly SimInstance[] {
  for (const id of ids) {
    if (id === "") throw new Refusal("MissingParameter", "The request must contain the parameter InstanceId");
    if (!/^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) {
      throw new Refusal("InvalidInstanceID.Malformed", `Invalid id: "${id}"`);
    }
  }
  const unknown: string[] = [];
  const known: SimInstance[] = [];
  for (const id of new Set(ids)) {
    const instance = world.instances.get(id);
    if (instance && instance.visibleAt <= now) known.push(instance);
    else unknown.push(id);
  }
  if (unknown.length === 0) return known;
  throw new Refusal(
    "InvalidInstanceID.NotFound",
    unknown.length === 1
      ? `The instance ID '${unknown[0]}' does not exist`
      : `The instance IDs '${unknown.join(", ")}' do not exist`,
  );
}
