import { table } from "../peers/cells.ts";
import type { ReadyLoad, ReadyLoadResults } from "./results.ts";

/** Most private memory of a waiting job's prolog, kB. */
const MOST_KILOBYTES = 150;
/** Most CPU of slurmctld and its scripts, next to that without ready. */
const MOST_RATIO = 1.1;

/** The section of docs/benchmarks.md. */
export function readyLoadSection(results: ReadyLoadResults): string {
  const all = Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1));
  const loaded = all.filter(([, { quiet }]) => !quiet);
  return [
    "## What ready costs the controller's host",
    "Jobs that wait for nodes which never come, and short jobs on nodes that are up, on real Slurm. To repeat it (root; " +
    "about five minutes a version):",
    "```sh\ndeno task bench:ready-load\n```",
    ...(loaded.length === 0 ? [] : [
      `**Not quiet**: the machine had a load of ${
        loaded.map(([version, { machine }]) => `${machine.load[0]} (${version})`).join(", ")
      } before the run. Memory counts, CPU may not.`,
    ]),
    table(["Slurm", "Date", "Commit", "Load average", "Machine"], all.map(machineRow)),
    table(["Slurm", "What", "Target", "Measured", ""], all.flatMap(targetRows)),
  ].join("\n\n");
}

function machineRow([version, { date, commit, machine, quiet }]: [string, ReadyLoad]): string[] {
  const { processor, processors, system, load } = machine;
  return [
    version,
    `${date.slice(0, 16).replace("T", " ")} UTC`,
    commit,
    `${load[0]} before, ${load[1]} after${quiet ? "" : ": not quiet"}`,
    `${processor}, ${processors} processors, ${system}`,
  ];
}

function targetRows([version, { waiting, shortJobs }]: [string, ReadyLoad]): string[][] {
  const { waiters, privateKilobytes, waitersCpuSeconds, pollerShareOfACore, watchedSeconds } = waiting;
  const { nodes, jobs, without, withReady, ratio } = shortJobs;
  const met = (value: number, most: number) => (value <= most ? "met" : "**not met**");
  return [
    [
      version,
      `${waiters} waiting jobs: private memory of each, median and most`,
      `≤ ${MOST_KILOBYTES} kB`,
      `${privateKilobytes.median} kB, ${privateKilobytes.most} kB`,
      met(privateKilobytes.most, MOST_KILOBYTES),
    ],
    [
      version,
      `${waiters} waiting jobs: CPU of all together in ${watchedSeconds.toFixed(0)} s`,
      "none",
      `${waitersCpuSeconds.toFixed(2)} s`,
      met(waitersCpuSeconds, 0),
    ],
    [
      version,
      `${waiters} waiting jobs: the poller's share of a core`,
      "≤ 0.10",
      pollerShareOfACore.toFixed(2),
      met(pollerShareOfACore, 0.1),
    ],
    [
      version,
      `${jobs} short jobs in ${nodes} cloud nodes: CPU of slurmctld and its scripts, without and with ready`,
      `≤ ${MOST_RATIO} ×`,
      `${without.cpuSeconds} s, ${withReady.cpuSeconds} s: ${ratio} ×`,
      met(ratio, MOST_RATIO),
    ],
  ];
}
