import type { InstanceState } from "../aws/instance.ts";
import type { Notices, SimInstance, StateReason } from "./instances.ts";
import { Refusal } from "./refusal.ts";
import type { World, WorldSettings } from "./world.ts";

/** The world after everything that was due by then has happened by itself. */
export function advance(world: World, now: number): World {
  if (now < world.due) return world;
  const instances = new Map(world.instances);
  for (const [id, instance] of world.instances) {
    let current = instance;
    while (current.next && current.next.at <= now) {
      current = enter(current, current.next.state, {
        at: current.next.at,
        settings: world.settings,
        reason: current.next.reason,
      });
    }
    if (current.vanishesAt !== undefined && current.vanishesAt <= now) instances.delete(id);
    else if (current !== instance) instances.set(id, current);
  }
  return withInstances(world, instances);
}

/** The world with these instances, and with the time at which one of them next changes. */
export function withInstances(world: World, instances: ReadonlyMap<string, SimInstance>): World {
  let due = Infinity;
  for (const { next, vanishesAt } of instances.values()) {
    due = Math.min(due, next?.at ?? Infinity, vanishesAt ?? Infinity);
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
    bootsAt: undefined,
    stateReason: reason ?? instance.stateReason,
  };
  switch (state) {
    case "pending":
      return {
        ...still,
        launchTime: at,
        run: instance.run + 1,
        stateReason: { code: "pending", message: "pending" },
        stateTransitionReason: "",
        next: { at: at + settings.pendingMs, state: "running" },
      };
    case "running":
      return {
        ...still,
        stateReason: undefined,
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
 * EC2 takes a spot instance back: it terminates, whatever its state was, after a notice in its metadata that comes so
 * many milliseconds ahead (two minutes:
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
      next: { at, state: "shutting-down", reason: INTERRUPTION },
    };
  return advance(withInstances(world, new Map(world.instances).set(instanceId, changed)), now);
}

/** EC2 says in an instance's metadata what it is going to do, or may have to do. */
export function giveNotice(world: World, instanceId: string, notices: Notices): World {
  const instance = world.instances.get(instanceId);
  if (instance === undefined) return world;
  const changed = { ...instance, notices: { ...instance.notices, ...notices } };
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
