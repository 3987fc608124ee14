import { BREAKER_LIMIT } from "../../cluster/boot_failures.ts";
import { isOrphanReason } from "../../controller/orphan.ts";
import type { State } from "../../controller/state.ts";
import type { History } from "../../store/history.ts";
import type { Mark, Silence } from "./mark.ts";
import { gather, type Happening, type NoticeKind } from "./notice.ts";

/** What news are made of. */
export interface NewsFacts {
  /** Undefined: it can't be read, and what it would say is left out. */
  readonly state: State | undefined;
  readonly history: Pick<History, "after" | "last"> | undefined;
  /** The worker's last sign of life, milliseconds since 1970 UTC; undefined: there is none. */
  readonly beat: number | undefined;
  /** Whether requests of hooks lie in the queue. */
  readonly isQueued: boolean;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** Events that one run looks at; the next one goes on behind them. */
const EVENTS_MAX = 10_000;

/** The mark with all that has happened since it was made. */
export function withNews(mark: Mark, facts: NewsFacts): Mark {
  const { state, history, now } = facts;
  const breakers = state === undefined ? mark.breakers : openBreakers(state);
  const limits = state === undefined
    ? mark.limits
    : [...new Set((state.holds ?? []).map(({ code }) => code))];
  const orphans = history === undefined
    ? { event: mark.event, happenings: [] }
    : orphansOf(history, mark.event);
  const silent = silenceOf(mark.silent, facts);
  const dead = silent !== undefined && !silent.isReported && isDead(silent, now);
  const fresh = (before: readonly string[], keys: readonly string[]) =>
    keys.filter((key) => !before.includes(key));
  const news: Readonly<Partial<Record<NoticeKind, readonly Happening[]>>> = {
    "breaker-open": fresh(mark.breakers, breakers).map((key) => breakerOpened(key, now)),
    "limit-reached": fresh(mark.limits, limits).map((code) => limitReached(state!, code, now)),
    "orphan-ended": orphans.happenings,
    "worker-dead": dead ? [workerDied(silent, now)] : [],
  };
  const { silent: _, ...rest } = mark;
  return {
    ...rest,
    ...{ event: orphans.event, breakers, limits },
    ...(silent !== undefined && { silent: { ...silent, isReported: silent.isReported || dead } }),
    waiting: Object.entries(news).reduce(
      (waiting, [kind, some]) =>
        some.length === 0 ? waiting : { ...waiting, [kind]: gather(waiting[kind as NoticeKind], some) },
      mark.waiting,
    ),
  };
}

function openBreakers({ bootFailures }: State): string[] {
  return Object.entries(bootFailures).flatMap(([key, failures]) => failures >= BREAKER_LIMIT ? [key] : []);
}

function breakerOpened(key: string, time: number): Happening {
  const [group = "", image = ""] = key.split(" ");
  return {
    time,
    subject: key,
    sentence:
      `${BREAKER_LIMIT} boots in a row of image ${image} failed: node group ${group} is not launched until its ` +
      `image changes or slurm-ec2 reset ${group}; slurm-ec2 why ${group} says more`,
  };
}

function limitReached({ holds = [] }: State, code: string, time: number): Happening {
  const held = holds.filter((hold) => hold.code === code);
  return { time, subject: code, sentence: `${held[0]!.message} (${held.length} held back)` };
}

/** Orphans whose end EC2 has accepted since an event. A history with fewer events is another one: all of it is new. */
function orphansOf(
  history: Pick<History, "after" | "last">,
  event: number,
): { readonly event: number; readonly happenings: readonly Happening[] } {
  const last = history.last();
  const found = history.after({ id: event > last ? 0 : event, kinds: ["ended"], limit: EVENTS_MAX });
  const happenings = found.flatMap(({ time, body }) =>
    body.kind !== "ended" || !isOrphanReason(body.why) ? [] : body.instanceIds.map((id) => ({
      time,
      subject: id,
      sentence: `${id} belonged to no node and was ${
        body.action === "stop" ? "stopped" : "terminated"
      }: ${body.why}`,
    }))
  );
  return { event: found.length < EVENTS_MAX ? last : found.at(-1)!.id, happenings };
}

/** A worker that works, or has nothing to do, is not missed. */
function silenceOf(before: Silence | undefined, { beat, now, ...facts }: NewsFacts): Silence | undefined {
  if (!isWorkOpen(facts)) return undefined;
  if (before === undefined || before.beat !== beat) {
    return { ...(beat !== undefined && { beat }), since: now, runs: 1, isReported: false };
  }
  return { ...before, since: Math.min(before.since, now), runs: before.runs + 1 };
}

/** Runs of the timer in which a worker must be silent, and milliseconds: one clock that was set is not a death. */
const DEAD = { runs: 3, milliseconds: 120_000 };

function isDead({ since, runs }: Silence, now: number): boolean {
  return runs >= DEAD.runs && now - since >= DEAD.milliseconds;
}

/** Whether a worker should be at work. */
function isWorkOpen({ state, isQueued }: Pick<NewsFacts, "state" | "isQueued">): boolean {
  if (isQueued) return true;
  if (state === undefined) return false;
  return state.launches.size > 0 ||
    [...state.requests.values()].some(({ settledAt }) => settledAt === undefined) ||
    [...state.instances.values()].some(({ end }) => end === "due");
}

function workerDied({ beat, since }: Silence, now: number): Happening {
  const last = beat === undefined ? "never" : `last ${new Date(beat).toISOString().replace(/\.\d+Z$/, "Z")}`;
  const minutes = Math.round((now - since) / 60_000);
  return {
    time: now,
    subject: "",
    sentence: `work has waited for ${minutes} minutes and no worker gives a sign of life (${last}): see ` +
      "slurm-ec2 status, and doctor --only timer",
  };
}
