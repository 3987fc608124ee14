import type { Action } from "../controller/action.ts";
import type { Fact } from "../controller/fact.ts";
import type { Config } from "../config/model.ts";
import type { State } from "../controller/state.ts";
import type { StepResult } from "../controller/step.ts";
import { DEFAULT_TIMEOUTS } from "../cluster/slurm_timeouts.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import { ChargeWatch } from "./charge_watch.ts";
import { REQUEST_LEVEL } from "./failure_log.ts";
import { DayUsage } from "./day_usage.ts";
import { Flight } from "./flight.ts";
import { gather } from "./gather.ts";
import { Keeper } from "./keeper.ts";
import type { LoopEnd, LoopGoal } from "./loop_goal.ts";
import { HEARTBEAT_EVERY, type LoopPorts, type QueueFact } from "./ports.ts";
import { mayEnd } from "./may_end.ts";
import { doneEvent, isServed, settledNow } from "./settled_requests.ts";

/** A pass that comes this much later than it should: the process was stopped, or the machine slept; milliseconds. */
const LOST_TIME = 60_000;
/** Until the next look at what is still due after a step, doubled as long as nothing arrives; milliseconds. */
const STILL_DUE = { first: 500, longest: 30_000 };
/** slurm.conf may change while a worker lives; milliseconds. */
const READ_TIMEOUTS_EVERY = 10 * 60_000;

/**
 * Brings EC2 and Slurm to what is wanted: takes requests and facts in, steps, commits, and then performs, again and
 * again. Whatever dies in between, the state on the disk is never behind what was sent.
 */
export async function runLoop(ports: LoopPorts, goal: LoopGoal = {}): Promise<LoopEnd> {
  return await new Loop(ports, goal).run();
}

class Loop {
  readonly #ports: LoopPorts;
  readonly #goal: LoopGoal;
  readonly #flight: Flight;
  readonly #charge: ChargeWatch;
  readonly #keeper: Keeper;
  readonly #dayUsage: DayUsage;
  #config: Config;
  #mustRestart = false;
  #mustYield = false;
  #state: State;
  #timeouts = DEFAULT_TIMEOUTS;
  #timeoutsAt = -Infinity;
  #facts: Fact[];
  #wake = new AbortController();
  readonly #startedAt: number;
  #stillDue = STILL_DUE.first;
  #idleSince: number | undefined;

  constructor(ports: LoopPorts, goal: LoopGoal) {
    this.#ports = ports;
    this.#goal = goal;
    this.#startedAt = ports.now().clock;
    this.#config = ports.config;
    this.#charge = new ChargeWatch(ports);
    this.#state = ports.store.load();
    this.#dayUsage = new DayUsage(ports.store.history);
    this.#keeper = new Keeper(ports, this.#state);
    this.#facts = [{ kind: "started" }, ...goal.facts ?? []];
    if (ports.whyNotInCharge !== undefined) this.#facts.push({ kind: "out-of-date" });
    this.#flight = new Flight(ports, (facts) => {
      this.#facts.push(...facts);
      this.#wake.abort();
    });
  }

  async run(): Promise<LoopEnd> {
    const unwatch = this.#ports.queue.watch(() => this.#wake.abort());
    try {
      for (;;) {
        const end = await this.#pass();
        if (end !== undefined) return end;
      }
    } finally {
      unwatch();
    }
  }

  /** One step, its actions, and the wait for what comes next; answers why it was the last one. */
  async #pass(): Promise<LoopEnd | undefined> {
    const { now } = this.#ports;
    this.#wake = new AbortController();
    this.#ports.beat?.();
    if (!this.#isInPlace()) return await this.#drain("state-moved");
    this.#reconfigure();
    if (this.#mustRestart) return await this.#drain("reconfigured");
    const requests = await this.#requests();
    if (requests.length > 0) this.#idleSince = undefined;
    // Between two requests the other host may have been in charge, and acted.
    if (requests.length > 0 && this.#charge.mayBeOld()) this.#facts.push({ kind: "out-of-date" });
    const isNews = this.#facts.some(({ kind }) => !kind.endsWith("-refused"));
    if (requests.length > 0 || isNews) this.#stillDue = STILL_DUE.first;
    const result = this.#step([...requests, ...this.#facts.splice(0)]);
    await this.#keeper.keep(result, requests.map(({ id }) => id));
    if (this.#goal.reached?.(result)) return await this.#drain("reached");
    if (now().clock >= this.#limitAt) return await this.#drain("late");
    const retryAt = this.#flight.start(await this.#permitted(this.#actions(result)), this.#state);
    if (this.#charge.isLong()) return await this.#drain("not-in-charge");
    const end = this.#end(result);
    if (end !== undefined) return end;
    await this.#wait(Math.min(this.#dueAt(result), retryAt) - now().clock);
    return undefined;
  }

  async #requests(): Promise<Exclude<QueueFact, { kind: "yield" }>[]> {
    const { queue, sleep } = this.#ports;
    const taken = await gather(queue, this.#keeper.unsavedRequests, sleep);
    // One that was committed by a worker that died before it could remove it.
    const old = taken.filter(({ id }) => this.#state.requests.has(id)).map(({ id }) => id);
    const yields = taken.filter(({ kind }) => kind === "yield").map(({ id }) => id);
    if (yields.length > 0) this.#mustYield = true;
    if (old.length + yields.length > 0) await queue.forget([...old, ...yields]);
    return taken.filter((fact) => fact.kind !== "yield").filter(({ id }) => !this.#state.requests.has(id));
  }

  #step(facts: readonly Fact[]): StepResult {
    const { step, now, newToken, types, prices, random, log, force } = this.#ports;
    for (const fact of facts) {
      if (fact.kind === "request") {
        log[REQUEST_LEVEL[fact.request]](`${fact.request} ${foldHostlist(fact.nodes)}`);
      }
      if (fact.kind === "reset" || fact.kind === "pause" || fact.kind === "unpause") {
        log.info(`${fact.kind} ${fact.nodeGroup}`);
      }
      if (fact.kind !== "timeouts") continue;
      this.#timeouts = fact.timeouts;
      this.#timeoutsAt = now().clock;
    }
    const time = now();
    const isDayLimited = this.#config.limits.maxDailyCost !== undefined;
    const context = {
      config: this.#config,
      timeouts: this.#timeouts,
      now: time,
      newToken,
      types,
      ...(prices && { prices: prices() }),
      ...(isDayLimited && { endedToday: this.#dayUsage.ended(time.wall) }),
      random,
      ...(force && { force }),
    };
    const result = step(this.#state, facts, context);
    this.#dayUsage.take(result.events);
    const done = settledNow(this.#state, result.state);
    this.#state = result.state;
    for (const request of done) this.#ports.settled?.(request);
    return { ...result, events: [...result.events, ...done.map(doneEvent)] };
  }

  /** What the step wants, and slurmctld's timeouts now and then. */
  #actions({ actions }: StepResult): readonly Action[] {
    const isDue = this.#ports.now().clock - this.#timeoutsAt >= READ_TIMEOUTS_EVERY;
    return isDue ? [{ kind: "read-timeouts" }, ...actions] : actions;
  }

  /** All of the actions, or only those that change nothing where another host is in charge. */
  async #permitted(all: readonly Action[]): Promise<readonly Action[]> {
    const { actions, regained } = await this.#charge.permitted(all);
    if (regained) {
      this.#facts.push({ kind: "out-of-date" });
      this.#wake.abort();
    }
    return actions;
  }

  /** Takes up what the configuration says by now; whether that is something new. */
  #reconfigure(): boolean {
    const changed = this.#ports.reconfigured?.();
    if (changed === undefined) return false;
    if (changed === "restart") this.#mustRestart = true;
    else this.#config = changed;
    // Of other nodes other partitions count.
    this.#timeoutsAt = -Infinity;
    return true;
  }

  /** Whether the next worker would find this one's lock and state. */
  #isInPlace(): boolean {
    return this.#ports.store.isInPlace() && this.#ports.holdsLock?.() !== false;
  }

  /** What is due although a step has just seen to it waits for an answer, or for its pace: longer and longer, so as not to spin. */
  #dueAt({ dueAt = Infinity }: StepResult): number {
    const { clock } = this.#ports.now();
    if (dueAt > clock) return dueAt;
    this.#stillDue = Math.min(2 * this.#stillDue, STILL_DUE.longest);
    return clock + this.#stillDue;
  }

  /** {@link Now.clock} after which nothing is waited for. */
  get #limitAt(): number {
    return this.#startedAt + (this.#goal.limit ?? Infinity);
  }

  #end(result: StepResult): LoopEnd | undefined {
    const { clock } = this.#ports.now();
    const isQuiet = this.#facts.length === 0 && this.#flight.size === 0 && !this.#wake.signal.aborted;
    if (!isQuiet || this.#goal.reached !== undefined) return undefined;
    if (this.#ports.isOutdated?.() && result.settled) return "outdated";
    if (this.#ports.isKept?.() === false && isServed(this.#state)) return "not-kept";
    if (!mayEnd(result, clock, this.#ports.timerAge?.())) {
      this.#idleSince = undefined;
      return undefined;
    }
    if (this.#mustYield) return "settled";
    this.#idleSince ??= clock;
    return clock - this.#idleSince >= (this.#goal.idle ?? 0) ? "settled" : undefined;
  }

  /** Starts nothing more, but takes in the changes that are under way: their outcome would be in doubt otherwise. */
  async #drain(end: LoopEnd): Promise<LoopEnd> {
    while (this.#flight.changes > 0 || this.#facts.length > 0) {
      this.#ports.beat?.();
      await this.#flight.changed();
      const result = this.#step(this.#facts.splice(0));
      if (end !== "state-moved") this.#keeper.commit(result);
    }
    return end;
  }

  async #wait(milliseconds: number): Promise<void> {
    const { now, sleep, log } = this.#ports;
    // The answer to what is under way wakes the loop: it must not step until then, or no answer gets its turn.
    const isIdle = this.#idleSince !== undefined && this.#flight.size === 0;
    const idleLeft = isIdle ? this.#idleSince! + (this.#goal.idle ?? 0) - now().clock : Infinity;
    const wait = Math.max(0, Math.min(milliseconds, idleLeft, this.#charge.wait));
    const end = Math.min(now().clock + wait, this.#limitAt);
    while (!this.#wake.signal.aborted && now().clock < end) {
      const began = now().clock;
      const some = Math.min(end - began, HEARTBEAT_EVERY);
      try {
        await sleep(some, this.#wake.signal);
      } catch { /* something has arrived */ }
      this.#ports.beat?.();
      if (!this.#isInPlace() || this.#reconfigure()) return;
      if (now().clock - began - some > LOST_TIME) {
        log.warn("The process stood still for a while: what was under way is looked at again");
        this.#facts.push({ kind: "started" });
        return;
      }
    }
  }
}
