import { classAdvice } from "../../aws/advice.ts";
import { errorClass } from "../../aws/error_codes.ts";
import { readReason } from "../../cluster/reason.ts";
import { type WaitClass, waitClassOf } from "../../cluster/wait_class.ts";
import type { EventBody } from "../../events/event.ts";
import { countHostlist } from "../../slurm/hostlist.ts";
import type { History } from "../../store/history.ts";
import { type BootRow, Boots, BootStepSum, type StepRow } from "./boots.ts";
import { type Cost, type CostFacts, CostSum } from "../cost/cost.ts";
import type { Window } from "../cost/slices.ts";
import { Durations, type Spread } from "./percentiles.ts";
import { type Proposals, proposalsOf } from "./proposals.ts";

/** Kinds of events that a report counts. */
const REPORTED = ["asked", "launch", "launched", "refused", "verdict", "done", "booted", "calls"] as const;

/** What happened in one step of time. */
export interface TimeStep {
  /** Its beginning: milliseconds since 1970 UTC. */
  readonly from: number;
  /** Nodes that slurmctld asked to power up. */
  readonly asked: number;
  /** Instances that EC2 launched. */
  readonly launched: number;
  /** Launches that EC2 refused. */
  readonly refused: number;
  /** Nodes that got a verdict instead of an instance. */
  readonly failed: number;
}

/** Launches of one capacity pool. */
export interface PoolRow {
  /** Type, capacity type and subnet. */
  readonly pool: string;
  readonly launched: number;
  /** Refusals by code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Refusals by step of the timeline. */
  readonly refusedBy: readonly number[];
}

/** Why nodes got no instance. */
export interface ReasonRow {
  readonly class: WaitClass;
  readonly code: string;
  /** Nodes that got such a verdict. */
  readonly nodes: number;
  /** Milliseconds since 1970 UTC. */
  readonly last: number;
  /** What was said the last time; absent where it was redacted. */
  readonly example?: string;
  /** What to do about it. */
  readonly advice: string;
}

/** Calls of one operation of AWS. */
export interface CallRow {
  readonly operation: string;
  readonly calls: number;
  /** Those of them that AWS refused for too many calls. */
  readonly throttled: number;
}

/** What happened in a window of time. */
export interface Report {
  readonly cluster: string;
  readonly from: number;
  readonly to: number;
  /** Seconds of one {@link TimeStep}. */
  readonly step: number;
  readonly timeline: readonly TimeStep[];
  readonly boots: {
    readonly all: BootRow;
    readonly byType: readonly BootRow[];
    readonly byZone: readonly BootRow[];
    readonly byImage: readonly BootRow[];
    /** Where the time of boots went whose nodes have said so. */
    readonly steps: readonly StepRow[];
  };
  /** Seconds from a hook's call until all of its nodes had an outcome, by hook. */
  readonly requests: Readonly<Record<string, Spread>>;
  readonly pools: readonly PoolRow[];
  readonly reasons: readonly ReasonRow[];
  /** Launches that were tried, and what EC2 said because of too many calls. */
  readonly launches: number;
  readonly throttled: number;
  /** What was called of AWS, by operation: the most first; noted each five minutes, and when a worker ends. */
  readonly calls: readonly CallRow[];
  readonly cost: Cost;
  readonly prices: string;
  readonly proposals: Proposals;
}

/** What a report is made of. */
export interface ReportFacts {
  readonly cluster: string;
  readonly history: Pick<History, "scan" | "lifetimes">;
  readonly cost: CostFacts;
  readonly prices: string;
}

/** Steps of a timeline, seconds: the shortest that keeps it below {@link STEPS_MAX} steps. */
const STEPS = [600, 3_600, 14_400, 86_400, 604_800] as const;
const STEPS_MAX = 96;

/** Reads a window's history once and counts. */
export function reportOf({ cluster, history, cost, prices }: ReportFacts): Report {
  const { window } = cost;
  const counted = new Counted(window);
  history.scan({ ...window, kinds: REPORTED }, (time, body) => counted.take(time, body));
  const sum = new CostSum(cost, "day");
  const all = new Boots(() => "all");
  const byType = new Boots(({ instanceType, capacityType }) => `${instanceType} ${capacityType}`);
  const byZone = new Boots(({ availabilityZone }) => availabilityZone);
  const byImage = new Boots(({ imageId }) => imageId);
  for (const lifetime of history.lifetimes(window.from, window.to)) {
    sum.add(lifetime);
    if (lifetime.began < window.from) continue;
    for (const boots of [all, byType, byZone, byImage]) boots.add(lifetime, counted.saidSteps(lifetime));
  }
  const { steps, ...result } = counted.result();
  const [row = { name: "all", failed: 0 }] = all.rows();
  return {
    cluster,
    ...window,
    ...result,
    boots: { all: row, byType: byType.rows(), byZone: byZone.rows(), byImage: byImage.rows(), steps },
    cost: sum.result(),
    prices,
    proposals: proposalsOf(row),
  };
}

interface Launch {
  readonly pool: string;
  /** Codes that it was refused with: a launch that is tried again with the same counts once. */
  readonly codes: Set<string>;
}

class Counted {
  readonly #from: number;
  readonly #step: number;
  readonly #timeline: { from: number; asked: number; launched: number; refused: number; failed: number }[];
  readonly #launches = new Map<string, Launch>();
  readonly #pools = new Map<
    string,
    { launched: number; refused: Record<string, number>; refusedBy: number[] }
  >();
  readonly #reasons = new Map<string, { nodes: number; last: number; example: string }>();
  readonly #requests = new Map<string, Durations>();
  readonly #steps = new BootStepSum();
  readonly #booted = new Map<string, number>();
  readonly #calls = new Map<string, { calls: number; throttled: number }>();
  #tried = 0;
  #throttled = 0;

  constructor({ from, to }: Window) {
    const step = STEPS.find((seconds) => (to - from) / 1000 / seconds <= STEPS_MAX) ?? STEPS.at(-1)!;
    this.#step = step;
    this.#from = Math.floor(from / 1000 / step) * step * 1000;
    const count = Math.max(1, Math.ceil((to - this.#from) / 1000 / step));
    this.#timeline = Array.from({ length: count }, (_, i) => ({
      from: this.#from + i * step * 1000,
      ...{ asked: 0, launched: 0, refused: 0, failed: 0 },
    }));
  }

  take(time: number, body: EventBody): void {
    const at = this.#timeline[Math.floor((time - this.#from) / 1000 / this.#step)];
    if (at === undefined) return;
    switch (body.kind) {
      case "asked":
        if (body.hook === "resume") at.asked += countNodes(body.nodes);
        return;
      case "launch": {
        const { instanceType, capacityType, subnetId } = body;
        this.#tried++;
        this.#launches.set(body.clientToken, {
          pool: `${instanceType} ${capacityType} ${subnetId}`,
          codes: new Set(),
        });
        return;
      }
      case "launched":
        at.launched += body.got;
        this.#pool(body.clientToken).launched += body.got;
        this.#launches.delete(body.clientToken);
        return;
      case "refused": {
        const codes = this.#launches.get(body.clientToken)?.codes;
        if (codes?.has(body.code)) return;
        codes?.add(body.code);
        at.refused++;
        const { refused, refusedBy } = this.#pool(body.clientToken);
        refusedBy[this.#timeline.indexOf(at)]!++;
        refused[body.code] = (refused[body.code] ?? 0) + 1;
        if (errorClass(body.code) === "throttle") this.#throttled++;
        return;
      }
      case "verdict":
        return this.#verdict(at, time, body);
      case "calls":
        for (const [operation, times] of Object.entries(body.calls)) this.#call(operation).calls += times;
        for (const [operation, times] of Object.entries(body.throttled)) {
          this.#call(operation).throttled += times;
        }
        return;
      case "booted":
        this.#booted.set(body.instanceId, time);
        return this.#steps.add(body.steps);
      case "done": {
        const known = this.#requests.get(body.hook) ?? new Durations();
        this.#requests.set(body.hook, known);
        known.add(body.milliseconds / 1000);
        return;
      }
      default:
        return;
    }
  }

  /** When a node of this instance last said where the time of its boot went: milliseconds since 1970 UTC. */
  saidSteps({ instanceId }: { readonly instanceId: string }): number | undefined {
    return this.#booted.get(instanceId);
  }

  #call(operation: string) {
    const known = this.#calls.get(operation) ?? { calls: 0, throttled: 0 };
    this.#calls.set(operation, known);
    return known;
  }

  /** A launch from before the window has a pool that is not known. */
  #pool(token: string) {
    const name = this.#launches.get(token)?.pool ?? "?";
    const pool = this.#pools.get(name) ??
      { launched: 0, refused: {}, refusedBy: this.#timeline.map(() => 0) };
    this.#pools.set(name, pool);
    return pool;
  }

  #verdict(
    at: { failed: number },
    time: number,
    { nodes, reason = "" }: EventBody & { kind: "verdict" },
  ): void {
    const count = countNodes(nodes);
    const { code, message } = readReason(reason) ?? { code: "", message: reason };
    at.failed += count;
    const known = this.#reasons.get(code) ?? { nodes: 0, last: time, example: message };
    const { last, example } = time >= known.last ? { last: time, example: message } : known;
    this.#reasons.set(code, { nodes: known.nodes + count, last, example });
  }

  result() {
    const reasons = [...this.#reasons].map(([code, { nodes, last, example }]) => ({
      class: waitClassOf(code),
      code: code === "" ? "Unknown" : code,
      ...{ nodes, last, example },
      advice: adviceOf(code),
    })).sort((a, b) => b.nodes - a.nodes);
    const requests = [...this.#requests].map(([hook, seconds]) => [hook, seconds.spread()!] as const);
    return {
      step: this.#step,
      timeline: this.#timeline,
      pools: [...this.#pools].sort(([a], [b]) => a < b ? -1 : 1).map(([pool, found]) => ({ pool, ...found })),
      reasons,
      requests: Object.fromEntries(requests),
      launches: this.#tried,
      throttled: this.#throttled,
      calls: [...this.#calls].map(([operation, counts]) => ({ operation, ...counts }))
        .sort((a, b) => b.calls - a.calls || (a.operation < b.operation ? -1 : 1)),
      steps: this.#steps.rows(),
    };
  }
}

function adviceOf(code: string): string {
  if (code === "BootFailureBreaker" || code === "ResumeTimeout") {
    return "Nodes of this image do not register: read the console's last words (slurm-ec2 why NODE), fix the image, then slurm-ec2 reset GROUP";
  }
  return classAdvice(errorClass(code));
}

/** A hostlist that can't be read counts for one. */
function countNodes(hostlist: string): number {
  try {
    return countHostlist(hostlist);
  } catch {
    return 1;
  }
}
