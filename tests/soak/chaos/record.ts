import { errorClass, errorRule } from "../../../lib/aws/error_codes.ts";
import type { Cost } from "../../../lib/see/cost/cost.ts";
import type { Report } from "../../../lib/see/report/report.ts";
import type { ChargedTime } from "../../../lib/sim/instances.ts";
import type { RefusedCall } from "../../../lib/sim/simulator.ts";
import type { Problem } from "./judge.ts";

/** What the simulated AWS knows of a run that is over. */
export interface SimulatorRecord {
  readonly instances: readonly {
    readonly instanceId: string;
    readonly instanceType: string;
    readonly capacityType: string;
    readonly charged: readonly ChargedTime[];
    readonly stateReasonCode?: string;
  }[];
  readonly calls: Readonly<Record<string, number>>;
  readonly refusals: readonly RefusedCall[];
}

/** What `report --json` and `cost --json --by type` say of the same run. */
export interface HistoryRecord {
  readonly report: Pick<Report, "pools" | "calls">;
  readonly cost: Pick<Cost, "total" | "rows" | "runs" | "endUnknown">;
}

/** How both are compared. */
export interface RecordRules {
  /**
   * Whether a worker was killed: refusals that it had been answered, and its calls of up to five minutes, are not in its
   * history then, and these numbers may be lower than the simulator's.
   */
  readonly losses: boolean;
  /** Whether the disk was full: of what happened meanwhile nothing has to be in the history. */
  readonly fullDisk: boolean;
  /** USD/h of every instance type. */
  readonly price: number;
}

/**
 * Seconds after which, on average, the end of an instance that nobody asked for is noted: `why` promises a look each two
 * minutes.
 */
const NOTICED = 120;
/** Times of EC2 and of the controller are those of one clock, one in seconds on the way: milliseconds. */
const CLOCKS = 1_000;

/** Where a history's numbers are not the simulator's. */
export function differences(
  simulator: SimulatorRecord,
  { report, cost }: HistoryRecord,
  { losses, fullDisk, price }: RecordRules,
): Problem[] {
  const problems: Problem[] = [];
  const differ = (what: string, history: unknown, known: unknown) =>
    problems.push({ kind: "record", text: `${what}: ${history} by the history, ${known} by the simulator` });
  const same = (what: string, history: number, known: number) => {
    if (history !== known) differ(what, history, known);
  };
  const noMore = (what: string, history: number, known: number) => {
    if (history > known) differ(what, history, known);
  };
  const counted = losses || fullDisk ? noMore : same;

  /** What has ended by itself may have done so before anybody had looked. */
  const unseen = simulator.instances.filter(({ stateReasonCode }) =>
    stateReasonCode !== undefined && stateReasonCode !== ENDED_BY_A_CALL
  );
  const missing = countBy(unseen, (instance) => [nameOf(instance), 1]);
  const within = (what: string, history: number, known: number, allowed: number) => {
    if (history > known || (!fullDisk && history < known - allowed)) differ(what, history, known);
  };

  const launched = countBy(report.pools, ({ pool, launched }) => [typeOf(pool), launched]);
  const made = countBy(simulator.instances, (instance) => [nameOf(instance), 1]);
  for (const type of union(launched, made)) {
    within(`instances of ${type}`, launched.get(type) ?? 0, made.get(type) ?? 0, missing.get(type) ?? 0);
  }

  const charged = simulator.instances.flatMap((instance) =>
    instance.charged.map((time) => ({ ...time, type: nameOf(instance) }))
  );
  within("runs", cost.runs, charged.length, unseen.length);
  const open = charged.filter(({ ended }) => ended === undefined);
  if (!fullDisk) same("runs without an end", cost.endUnknown.length, open.length);
  const runs = countBy(charged, ({ type }) => [type, 1]);
  const seconds = countBy(charged, ({ type, began, ended = began }) => [type, (ended - began) / 1_000]);
  const unseenSeconds = countBy(unseen, (instance) => [nameOf(instance), lastSeconds(instance)]);
  const rows = new Map(cost.rows.map((row) => [row.name, row]));
  for (const type of union(rows, runs)) {
    const noted = (rows.get(type)?.hours ?? 0) * 3_600;
    const [known, count] = [seconds.get(type) ?? 0, runs.get(type) ?? 0];
    const lost = unseenSeconds.get(type) ?? 0;
    const isLess = !fullDisk && noted < known - lost - count * CLOCKS / 1_000;
    if (isLess || noted > known + count * NOTICED) {
      differ(`seconds of ${type}`, noted.toFixed(1), known.toFixed(1));
    }
  }
  same("cents of all rows", cost.rows.reduce((sum, { cents }) => sum + cents, 0), cost.total.cents);
  same("cents", cost.total.cents, Math.round(cost.total.hours * price * 100));

  const refused = countBy(
    report.pools.flatMap(({ refused }) => Object.entries(refused)),
    ([code, count]) => [code, count],
  );
  const answered = refusedLaunches(simulator.refusals);
  for (const code of union(refused, answered)) {
    if (!answered.has(code) && UNANSWERED.has(errorClass(code))) continue;
    // A launch that the client repeats at once and that then goes through is not refused.
    (isRepeated(code) ? noMore : counted)(
      `launches refused with ${code}`,
      refused.get(code) ?? 0,
      answered.get(code) ?? 0,
    );
  }

  const calls = new Map(report.calls.map((row) => [row.operation, row]));
  const known = new Map(Object.entries(simulator.calls));
  const throttled = countBy(
    simulator.refusals.filter(({ code }) => errorClass(code) === "throttle"),
    ({ action }) => [action, 1],
  );
  const repeated = new Set(
    simulator.refusals.filter(({ code }) => isRepeated(code)).map(({ action }) => action),
  );
  for (const operation of union(calls, known)) {
    const row = calls.get(operation) ?? { calls: 0, throttled: 0 };
    (repeated.has(operation) ? noMore : counted)(
      `calls of ${operation}`,
      row.calls,
      known.get(operation) ?? 0,
    );
    counted(`throttled calls of ${operation}`, row.throttled, throttled.get(operation) ?? 0);
  }
  return problems;
}

/** Whether the client repeats such a call at once; that is one call then. */
function isRepeated(code: string): boolean {
  return errorRule(code).repeat === "at-once";
}

/** Classes of codes of a call that got no answer: AWS has not refused it. */
const UNANSWERED: ReadonlySet<string> = new Set(["network", "deadline"]);

/** Launches by each code that they were refused with; one that was tried again with the same code counts once. */
function refusedLaunches(refusals: readonly RefusedCall[]): Map<string, number> {
  const tokens = new Set(
    refusals.filter(({ action }) => action === "RunInstances")
      .map(({ code, clientToken }) => JSON.stringify([code, clientToken])),
  );
  return countBy([...tokens], (token) => [JSON.parse(token)[0] as string, 1]);
}

/** EC2's word for an instance that a call has ended (API reference, StateReason). */
const ENDED_BY_A_CALL = "Client.UserInitiatedShutdown";

/** Seconds of its last run. */
function lastSeconds({ charged }: SimulatorRecord["instances"][number]): number {
  const { began, ended = began } = charged.at(-1)!;
  return (ended - began) / 1_000;
}

function nameOf({ instanceType, capacityType }: SimulatorRecord["instances"][number]): string {
  return `${instanceType} ${capacityType}`;
}

/** A report's pool is type, capacity type and subnet. */
function typeOf(pool: string): string {
  return pool.split(" ").slice(0, 2).join(" ");
}

function countBy<T>(
  values: readonly T[],
  of: (value: T) => readonly [name: string, count: number],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) {
    const [name, count] = of(value);
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

function union(...maps: readonly ReadonlyMap<string, unknown>[]): string[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();
}
