import type { Fault } from "./faults.ts";
import { freshWorld, type WorldOptions } from "./fresh_world.ts";
import type { Statement } from "./iam/statement.ts";
import type { Impairments, Notices, ScheduledEvent, SimInstance } from "./instances.ts";
import { advance, giveNotice, impair, interruptSpot, powerOff, scheduleEvent, writeConsole } from "./life.ts";
import type { Action, Actions } from "./actions.ts";
import { type Step, step } from "./step.ts";
import { requestId } from "./unique_id.ts";
import type { Caller, World, WorldSettings } from "./world.ts";

/** A request that was refused, as AWS answered it. */
export interface RefusedCall {
  readonly action: string;
  readonly code: string;
  /** Of a launch: which it was. */
  readonly clientToken?: string;
}

/** The one stateful thing: holds the current world, and moves it on with every call. Both skins stand on it. */
export class Simulator {
  #world: World;
  readonly #now: () => number;
  #refusals: RefusedCall[] = [];
  readonly #listeners = new Set<() => void>();

  /** @param now Milliseconds since 1970 UTC. */
  constructor(options: WorldOptions, now: () => number) {
    this.#now = now;
    this.#world = freshWorld({ now: now(), ...options });
  }

  /** Carries out one request. */
  call<A extends Action>(
    action: A,
    request: Actions[A]["request"],
    caller: Caller = "user",
  ): Step<A> & { readonly requestId: string } {
    const id = requestId(this.#world.settings.seed, this.#world.requests);
    const stepped = step(this.#world, { action, request, caller }, this.#now());
    this.#set(stepped.world);
    if (stepped.kind === "refusal") this.#noteRefusal(action, stepped.refusal.code, request);
    return { ...stepped, requestId: id };
  }

  /** The world as it is now. */
  get world(): World {
    const advanced = advance(this.#world, this.#now());
    if (advanced !== this.#world) this.#set(advanced);
    return this.#world;
  }

  /** Milliseconds since 1970 UTC by this simulator's clock. */
  now(): number {
    return this.#now();
  }

  /** Calls back after every change of the world; returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every instance that EC2 has not forgotten, visible or not. */
  instances(): readonly SimInstance[] {
    return [...this.world.instances.values()];
  }

  /** Requests received by action, refused ones included. */
  calls(): Readonly<Record<string, number>> {
    return this.#world.calls;
  }

  /** Those of them that were refused, oldest first. */
  refusals(): readonly RefusedCall[] {
    return this.#refusals;
  }

  /** Begins to count again. */
  resetCalls(): void {
    this.#refusals = [];
    this.#set({ ...this.#world, calls: {} });
  }

  /** Counts a request that never reaches the model, as refused where a code is given, and gives it an id. */
  countRefused(action: string, code?: string): string {
    if (code !== undefined) this.#noteRefusal(action, code, {});
    const { calls, requests, settings } = this.#world;
    this.#set({
      ...this.#world,
      requests: requests + 1,
      calls: { ...calls, [action]: (calls[action] ?? 0) + 1 },
    });
    return requestId(settings.seed, requests);
  }

  /** Makes something go wrong, after what is to go wrong already. */
  addFault(fault: Fault): void {
    this.#set({ ...this.world, faults: [...this.#world.faults, fault] });
  }

  /** Takes back every fault that has not happened yet. */
  clearFaults(): void {
    this.#set({ ...this.#world, faults: [] });
  }

  /** Sets how many instances a pool (see poolKey) holds at most; undefined: without limit. */
  setCapacity(pool: string, count: number | undefined): void {
    const { [pool]: _old, ...others } = this.world.capacity;
    this.#set({ ...this.#world, capacity: count === undefined ? others : { ...others, [pool]: count } });
  }

  /** Sets how many addresses others leave in a subnet; undefined: all. */
  setAddresses(subnetId: string, count: number | undefined): void {
    const { [subnetId]: _old, ...others } = this.world.addresses;
    this.#set({ ...this.#world, addresses: count === undefined ? others : { ...others, [subnetId]: count } });
  }

  /** Changes how the world behaves from now on. */
  setSettings(settings: Partial<WorldSettings>): void {
    this.#set({ ...this.world, settings: { ...this.#world.settings, ...settings } });
  }

  /** Sets what the user's policies say from now on; undefined: everything is allowed. */
  setPolicies(policies: readonly Statement[] | undefined): void {
    this.#set({ ...this.world, policies });
  }

  /** The guest of an instance powers itself off. */
  powerOff(instanceId: string): void {
    this.#set(powerOff(this.world, instanceId, this.#now()));
  }

  /** EC2 takes a spot instance back, after a notice that number of milliseconds ahead; 0: without. */
  interruptSpot(instanceId: string, ahead = 0): void {
    this.#set(interruptSpot(this.world, instanceId, this.#now(), ahead));
  }

  /** EC2 schedules an event for an instance; a retirement or a stop ends its run at its time. */
  scheduleEvent(instanceId: string, event: Pick<ScheduledEvent, "code" | "notBefore">): void {
    this.#set(scheduleEvent(this.world, instanceId, event, this.#now()));
  }

  /** Status checks of an instance fail since a time, or pass again (undefined). */
  impair(instanceId: string, impaired: Impairments): void {
    this.#set(impair(this.world, instanceId, impaired));
  }

  /** EC2 says in an instance's metadata that it may have to take it back. */
  giveNotice(instanceId: string, notices: Omit<Notices, "events">): void {
    this.#set(giveNotice(this.world, instanceId, notices));
  }

  /** The guest of an instance prints on its console. */
  writeConsole(instanceId: string, text: string): void {
    this.#set(writeConsole(this.world, instanceId, text, this.#now()));
  }

  #noteRefusal(action: string, code: string, request: object): void {
    const { ClientToken: clientToken } = request as { readonly ClientToken?: string };
    this.#refusals.push({ action, code, ...(clientToken !== undefined && { clientToken }) });
  }

  #set(world: World): void {
    if (world === this.#world) return;
    this.#world = world;
    for (const listener of this.#listeners) listener();
  }
}
