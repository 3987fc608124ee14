import { pair, table } from "../peers/cells.ts";
import { median, minimum } from "../peers/summary.ts";
import type { CapacityResults, ClockedCase, RealCase } from "./results.ts";

/** Load average up to which nothing else can be said to run. */
const QUIET = 0.5;

/** What a figure is to reach, and whether it does. */
interface Target {
  readonly title: string;
  readonly limit: string;
  readonly measured: string;
  readonly met: boolean;
}

/** The section of docs/benchmarks.md. */
export function capacitySection(results: CapacityResults): string {
  const { date, commit, other, machine, clocked, real } = results;
  const { processor, processors, system, load } = machine;
  return [
    "## Launches under EC2's limits",
    "Launches under EC2's token buckets, with a second pool and through throttles, 150 ms a call. To repeat it, next to " +
    "another checkout:",
    "```sh\ndeno task bench:capacity CHECKOUT\n```",
    `${
      date.slice(0, 16).replace("T", " ")
    } UTC, commit ${commit}; ${processor}, ${processors} processors, ${system}; ` +
    `load average ${load[0]} before, ${load[1]} after${load[0] > QUIET ? ": **not quiet**" : ""}.`,
    table(
      ["What", "Target", "Measured", ""],
      capacityTargets(results).map(({ title, limit, measured, met }) => [
        title,
        limit,
        measured,
        met ? "met" : "**not met**",
      ]),
    ),
    "On a clock of its own, which only EC2's buckets and the waits between calls move:",
    table(
      ["Launch", "Program", "Instances, of what EC2 gives", "Calls", "Throttled", "Last launch after"],
      Object.entries(clocked).flatMap(([name, programs]) =>
        Object.entries(programs).map(([program, one]) => [
          name,
          program === other ? program : `slurm-ec2, ${program}`,
          `${one.launched} of ${one.bound}`,
          String(one.calls),
          String(one.throttled),
          `${one.seconds} s`,
        ])
      ),
    ),
    "On the real clock, with what is installed; least and median of the runs:",
    table(
      ["Launch", "Program", "Nodes up", "Seconds", "Calls that launch"],
      Object.entries(real).flatMap(([name, programs]) =>
        Object.entries(programs).map(([program, { walls, actions, addressed, nodes }]) => [
          name,
          program,
          `${addressed} of ${nodes}`,
          pair(walls, "s"),
          String((actions.RunInstances ?? 0) + (actions.CreateFleet ?? 0)),
        ])
      ),
    ),
  ].join("\n\n");
}

/** Each target with what the last run came to. */
export function capacityTargets({ commit, other, clocked, real }: CapacityResults): Target[] {
  const ours = (name: string): ClockedCase => {
    const found = clocked[name]?.[commit];
    if (found === undefined) throw new Error(`There are no figures of "${name}"`);
    return found;
  };
  const share = (name: string, least: number): Target => {
    const { launched, bound } = ours(name);
    return {
      title: `${name}: instances, of what EC2 gives`,
      limit: `≥ ${least}`,
      measured: (launched / bound).toFixed(3),
      met: launched >= least * bound,
    };
  };
  const full = ours(FULL);
  const many = ours(MANY);
  const pools = ours(POOLS);
  const [first, former, fleet] = Object.values(real[POOLS] ?? {});
  const [throttled, formerThrottled] = Object.values(real[THROTTLES] ?? {});
  const otherThrottled = other === undefined ? undefined : clocked[THROTTLES]?.[other];
  return [
    share(FULL, 0.97),
    atMost(`${FULL}: RunInstances calls`, 20, full.calls, ""),
    atMost(`${FULL}: throttled calls`, 0, full.throttled, ""),
    share(EMPTY, 0.85),
    atMost(`${MANY}: last launch`, 1.05 * (many.nodes - 1_000) / 2, many.seconds, "s"),
    atMost(`${POOLS}: launch calls of the pool asked most`, 2, Math.max(...Object.values(pools.perType)), ""),
    ...(first && former && fleet
      ? [allUp(POOLS, first), ratio(`${POOLS}: seconds, next to CreateFleet`, 1, least(first), least(fleet))]
      : []),
    ...(otherThrottled === undefined ? [] : [
      ratio(
        `${THROTTLES}: median of seconds on a clock of its own, next to ${other}`,
        0.6,
        ours(THROTTLES).seconds,
        otherThrottled.seconds,
      ),
    ]),
    ...(throttled && formerThrottled
      ? [
        allUp(THROTTLES, throttled),
        ratio(
          `${THROTTLES}: median of seconds on the real clock, next to 9139880`,
          0.6,
          median(throttled.walls),
          median(formerThrottled.walls),
        ),
      ]
      : []),
  ];
}

const FULL = "2,000 nodes, full bucket";
const EMPTY = "2,000 nodes, bucket found nearly empty";
const MANY = "10,000 nodes, long ResumeTimeout";
const POOLS = "1,000 nodes, half in a second pool";
const THROTTLES = "10 nodes, eight throttles in a row";

function least({ walls }: RealCase): number {
  return minimum(walls);
}

function allUp(name: string, { addressed, nodes }: RealCase): Target {
  return {
    title: `${name}: nodes up`,
    limit: `all ${nodes}`,
    measured: String(addressed),
    met: addressed === nodes,
  };
}

function atMost(title: string, most: number, value: number, unit: string): Target {
  const text = (amount: number) => `${amount}${unit && ` ${unit}`}`;
  return { title, limit: `≤ ${text(most)}`, measured: text(value), met: value <= most };
}

function ratio(title: string, most: number, value: number, base: number): Target {
  return {
    title,
    limit: `≤ ${most} ×`,
    measured: `${value.toFixed(2)} s, ${base.toFixed(2)} s: ${(value / base).toFixed(2)} ×`,
    met: value <= most * base,
  };
}
