import { errorText } from "../base/error_text.ts";
import type { Action } from "../controller/action.ts";
import type { Fact } from "../controller/fact.ts";
import type { RequestRecord, State } from "../controller/state.ts";
import type { StepResult } from "../controller/step.ts";
import type { EventBody } from "../events/event.ts";
import { DEFAULT_TIMEOUTS } from "../cluster/slurm_timeouts.ts";
import { foldHostlist } from "../slurm/hostlist.ts";
import { logFailures, REQUEST_LEVEL } from "./failure_log.ts";
import { Flight } from "./flight.ts";
import { gather } from "./gather.ts";
import { HEARTBEAT_EVERY, type LoopPorts, type QueueFact } from "./ports.ts";
import { mayEnd } from "./may_end.ts";
import { CHANGES } from "./subjects.ts";

/** Why the loop ended. */
export type LoopEnd =
  /** Everything is as Slurm wants it, and nothing gets due that the timer would not see to. */
  | "settled"
  /** What the caller waited for is there. */
  | "reached"
  /** It is not, within the time that the caller has. */
  | "late"
  /** The state directory was replaced: another worker may have its lock. */
  | "state-moved"
  /** Another program lies on the disk by now, and nothing is under way. */
  | "outdated"
  /** Another host's slurmctld is in charge. */
  | "not-in-charge"
  /** The state can't be kept, and all that was asked for is done: hooks that can't leave their request wait for this end. */
  | "not-kept";

/** When the loop ends. */
export interface LoopGoal {
  /** Ends when this holds for what came of a step; absent: when all is settled. */
  readonly reached?: (result: StepResult) => boolean;
  /** Milliseconds after which {@link reached} is not waited for any more. */
  readonly limit?: number;
  /** Milliseconds that a settled loop stays for further requests. */
  readonly idle?: number;
  /** Facts to begin with, besides `started`. */
  readonly facts?: readonly Fact[];
}

/** A pass that comes this much later than it should: the process was stopped, or the machine slept; milliseconds. */
const LOST_TIME = 60_000;
/** Between two questions whether this host is in charge, while it is not; milliseconds. */
const ASK_CHARGE_EVERY = 5_000;
/** How long a worker that is not in charge waits to become it: a slurmctld that restarts is back by then; milliseconds. */
const WAIT_FOR_CHARGE = 60_000;
/** Until the next look at what is still due after a step, doubled as long as nothing arrives; milliseconds. */
const STILL_DUE = { first: 500, longest: 30_000 };
/** slurm.conf may change while a worker lives; milliseconds. */
const READ_TIMEOUTS_EVERY = 10 * 60_000;
/** Events that are kept for the store while it can't be written. */
const UNSAVED_EVENTS_MAX = 10_000;

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
  #state: State;
  /** As it was committed last. */
  #stored: State;
  #timeouts = DEFAULT_TIMEOUTS;
  #timeoutsAt = -Infinity;
  #facts: Fact[];
  #wake = new AbortController();
  /** Requests that are in the state, but not yet for good. */
  readonly #unsavedRequests = new Set<string>();
  #unsavedEvents: EventBody[] = [];
  #isSaved = true;
  readonly #startedAt: number;
  #stillDue = STILL_DUE.first;
  #idleSince: number | undefined;
  #withoutChargeSince: number | undefined;
  #chargeAskedAt = -Infinity;

  constructor(ports: LoopPorts, goal: LoopGoal) {
    this.#ports = ports;
    this.#goal = goal;
    this.#startedAt = ports.now().clock;
    this.#state = this.#stored = ports.store.load();
    this.#facts = [{ kind: "started" }, ...goal.facts ?? []];
    if (ports.isInCharge !== undefined) this.#facts.push({ kind: "out-of-date" });
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
    const requests = await this.#requests();
    if (requests.length > 0) this.#idleSince = undefined;
    const isNews = this.#facts.some(({ kind }) => !kind.endsWith("-refused"));
    if (requests.length > 0 || isNews) this.#stillDue = STILL_DUE.first;
    const result = this.#step([...requests, ...this.#facts.splice(0)]);
    const isSaved = this.#commit(result);
    await this.#forget(requests, isSaved);
    if (this.#goal.reached?.(result)) return await this.#drain("reached");
    if (now().clock >= this.#limitAt) return await this.#drain("late");
    const retryAt = this.#flight.start(await this.#permitted(this.#actions(result)), this.#state);
    if (this.#isLongWithoutCharge()) return await this.#drain("not-in-charge");
    const end = this.#end(result);
    if (end !== undefined) return end;
    await this.#wait(Math.min(this.#dueAt(result), retryAt) - now().clock);
    return undefined;
  }

  async #requests(): Promise<QueueFact[]> {
    const { queue, sleep } = this.#ports;
    const taken = await gather(queue, this.#unsavedRequests, sleep);
    // One that was committed by a worker that died before it could remove it.
    const old = taken.filter(({ id }) => this.#state.requests.has(id)).map(({ id }) => id);
    if (old.length > 0) await queue.forget(old);
    return taken.filter(({ id }) => !this.#state.requests.has(id));
  }

  #step(facts: readonly Fact[]): StepResult {
    const { step, config, now, newToken, cores, log, force } = this.#ports;
    for (const fact of facts) {
      if (fact.kind === "request") {
        log[REQUEST_LEVEL[fact.request]](`${fact.request} ${foldHostlist(fact.nodes)}`);
      }
      if (fact.kind === "reset") log.info(`reset ${fact.nodeGroup}`);
      if (fact.kind !== "timeouts") continue;
      this.#timeouts = fact.timeouts;
      this.#timeoutsAt = now().clock;
    }
    const context = {
      config,
      timeouts: this.#timeouts,
      now: now(),
      newToken,
      cores,
      ...(force && { force }),
    };
    const result = step(this.#state, facts, context);
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

  /** Before anything is sent; where it can't be written, the controller goes on with what it has in memory. */
  #commit({ state, events }: StepResult): boolean {
    const { store, log } = this.#ports;
    for (const event of events) this.#ports.events(event);
    logFailures(log, events, state.requests);
    const due = [...this.#unsavedEvents, ...events];
    if (due.length === 0 && this.#isSaved && isSame(this.#stored, state)) return true;
    try {
      store.commit(state, due);
      this.#stored = state;
      if (!this.#isSaved) log.info("The state can be written again");
      this.#unsavedEvents = [];
      return this.#isSaved = true;
    } catch (error) {
      if (this.#isSaved) log.error(`The state can't be written, going on without: ${errorText(error)}`);
      this.#unsavedEvents = due.slice(-UNSAVED_EVENTS_MAX);
      return this.#isSaved = false;
    }
  }

  async #forget(requests: readonly QueueFact[], isSaved: boolean): Promise<void> {
    for (const { id } of requests) this.#unsavedRequests.add(id);
    if (!isSaved || this.#unsavedRequests.size === 0) return;
    const ids = [...this.#unsavedRequests];
    this.#unsavedRequests.clear();
    await this.#ports.queue.forget(ids);
  }

  /** All of the actions, or only those that change nothing where another host is in charge. */
  async #permitted(actions: readonly Action[]): Promise<readonly Action[]> {
    const { isInCharge, now } = this.#ports;
    if (isInCharge === undefined || !actions.some(({ kind }) => CHANGES[kind])) return actions;
    const { clock } = now();
    const mustWait = this.#withoutChargeSince !== undefined && clock - this.#chargeAskedAt < ASK_CHARGE_EVERY;
    this.#chargeAskedAt = mustWait ? this.#chargeAskedAt : clock;
    if (!mustWait && await isInCharge()) {
      if (this.#withoutChargeSince === undefined) return actions;
      // What was to be done is an old answer by now: another controller has acted meanwhile.
      this.#withoutChargeSince = undefined;
      this.#facts.push({ kind: "out-of-date" });
      this.#wake.abort();
    } else if (this.#withoutChargeSince === undefined) {
      this.#withoutChargeSince = clock;
      this.#ports.log.warn("This host's slurmctld is not in charge: nothing is changed from here");
    }
    return actions.filter(({ kind }) => !CHANGES[kind]);
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

  #isLongWithoutCharge(): boolean {
    const since = this.#withoutChargeSince;
    return since !== undefined && this.#ports.now().clock - since >= WAIT_FOR_CHARGE;
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
    this.#idleSince ??= clock;
    return clock - this.#idleSince >= (this.#goal.idle ?? 0) ? "settled" : undefined;
  }

  /** Starts nothing more, but takes in the changes that are under way: their outcome would be in doubt otherwise. */
  async #drain(end: LoopEnd): Promise<LoopEnd> {
    while (this.#flight.changes > 0 || this.#facts.length > 0) {
      this.#ports.beat?.();
      await this.#flight.changed();
      const result = this.#step(this.#facts.splice(0));
      if (end !== "state-moved") this.#commit(result);
    }
    return end;
  }

  async #wait(milliseconds: number): Promise<void> {
    const { now, sleep, log } = this.#ports;
    const isIdle = this.#idleSince !== undefined;
    const idleLeft = isIdle ? this.#idleSince! + (this.#goal.idle ?? 0) - now().clock : Infinity;
    const charge = this.#withoutChargeSince === undefined ? Infinity : ASK_CHARGE_EVERY;
    const wait = Math.max(0, Math.min(milliseconds, idleLeft, charge));
    const end = Math.min(now().clock + wait, this.#limitAt);
    while (!this.#wake.signal.aborted && now().clock < end) {
      const began = now().clock;
      const some = Math.min(end - began, HEARTBEAT_EVERY);
      try {
        await sleep(some, this.#wake.signal);
      } catch { /* something has arrived */ }
      this.#ports.beat?.();
      if (!this.#isInPlace()) return;
      if (now().clock - began - some > LOST_TIME) {
        log.warn("The process stood still for a while: what was under way is looked at again");
        this.#facts.push({ kind: "started" });
        return;
      }
    }
  }
}

/** Whether two states are stored alike: what only a running worker remembers is not. */
function isSame(before: State, after: State): boolean {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof State)[]);
  keys.delete("memory");
  return [...keys].every((key) => before[key] === after[key]);
}

/** Whether every request has its outcome, and no launch or end is open: what is left, slurmctld and a later worker see to. */
function isServed({ requests, launches, instances }: State): boolean {
  return launches.size === 0 &&
    [...requests.values()].every(({ settledAt }) => settledAt !== undefined) &&
    [...instances.values()].every(({ end }) => end !== "due");
}

/** The requests that a step has settled. */
function settledNow(before: State, after: State): RequestRecord[] {
  if (before.requests === after.requests) return [];
  return [...after.requests.values()].filter(({ id, settledAt }) =>
    settledAt !== undefined && before.requests.get(id)?.settledAt === undefined
  );
}

/** The end of a request in the history; calls are shared by requests, so none is counted for one. */
function doneEvent({ kind, outcomes, at, settledAt = at }: RequestRecord): EventBody {
  const verdicts: Record<string, number> = {};
  for (const { kind } of Object.values(outcomes)) verdicts[kind] = (verdicts[kind] ?? 0) + 1;
  return { kind: "done", hook: kind, verdicts, calls: {}, milliseconds: Math.max(0, settledAt - at) };
}
