import { textTable } from "../../lib/base/text_table.ts";
import { utcTime } from "../../lib/base/utc_time.ts";
import type { Config, Price } from "../../lib/config/model.ts";
import { type Overview, overview, type StatusRow } from "../../lib/status/overview.ts";
import { readHeartbeat } from "../../lib/store/heartbeat.ts";
import type { StateReader } from "../../lib/store/reader.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { shownPrices } from "../base/price_file.ts";
import { slurmNodes } from "../base/slurm_nodes.ts";
import { readerOf, workerClock } from "../base/state_reader.ts";
import { tableColumns } from "../base/table_columns.ts";

/** Milliseconds between two looks with --watch. */
const WATCH_EVERY = 2_000;

/** Milliseconds for scontrol: a status without Slurm's states is better than none. */
const SLURM_LIMIT = 5_000;

/** A worker that has given no sign of life for this long is not counted as alive; milliseconds. */
const ALIVE = 60_000;

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  { name: "watch", summary: "Look again every two seconds, until interrupted" },
  { name: "prices", value: "FILE", summary: "USD/h by instance type; those of config prices unless given" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 status`: what runs, for which cluster, and what goes on. */
export const status = defineCommand({
  name: "status",
  summary: "Show the nodes next to their instances, and what the controller is doing.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 status", says: "Nodes with instances, and those that can't have one now" },
    { command: "slurm-ec2 status --json", says: "The same for a program" },
  ],
  notes: "What EC2 says is as old as the controller's last look; slurm-ec2 reconcile looks now.",
  permissions: { ...NO_PERMISSIONS, run: ["scontrol"], read: ["config", "state", "named"], env: true },
  async run(host, flags) {
    const config = loadConfig(host, flags);
    const prices = shownPrices(host, config, flags);
    const reader = readerOf(config);
    try {
      if (!flags.has("watch")) {
        print(host, flags, await look(host, config, reader, prices));
        return ExitCode.Done;
      }
      host.onInterrupt();
      while (!host.interrupted.aborted) {
        const seen = await look(host, config, reader, prices);
        // Home, and everything below it erased.
        if (host.stdout.isTerminal) host.stdout.write("\x1b[H\x1b[J");
        print(host, flags, seen);
        await host.sleep(WATCH_EVERY, host.interrupted).catch(() => {});
      }
      return ExitCode.Done;
    } finally {
      reader.close();
    }
  },
});

/** What is printed. */
export interface Status extends Overview {
  readonly cluster: string;
  /** The worker that lives now; absent: none does. */
  readonly worker?: { readonly pid: number; readonly beatAgo: number; readonly kept: boolean };
  /** Whether slurmctld answered. */
  readonly slurmAnswers: boolean;
}

async function look(
  host: Host,
  config: Config,
  reader: StateReader,
  prices: ReadonlyMap<string, Price>,
): Promise<Status> {
  const slurm = await slurmNodes(host, config, SLURM_LIMIT);
  const state = reader.state();
  const wall = host.now();
  const clock = workerClock(reader, wall);
  const beat = readHeartbeat(config.stateDir);
  const isAlive = beat !== undefined && wall - beat.wall < ALIVE;
  return {
    cluster: config.cluster,
    ...(isAlive && {
      worker: { pid: beat.pid, beatAgo: Math.max(0, Math.floor((wall - beat.wall) / 1000)), kept: beat.kept },
    }),
    slurmAnswers: slurm !== undefined,
    ...overview({ state, slurm, wall, clock, prices }),
  };
}

function print(host: Host, flags: Given, seen: Status): void {
  host.stdout.write(
    flags.has("json") ? `${JSON.stringify(seen)}\n` : statusText(seen, tableColumns(host.stdout)),
  );
}

/** A status as people read it. */
function statusText(seen: Status, columns: number | undefined): string {
  const {
    cluster,
    worker,
    rows,
    launches,
    requests,
    exhausted,
    paused,
    held,
    running,
    usdPerHour,
    listedAgo,
  } = seen;
  const cost = usdPerHour === undefined ? "" : `, ${usdPerHour.toFixed(2)} USD/h`;
  const controller = worker === undefined
    ? "no worker runs (it starts with the next hook, or with the timer)"
    : `worker ${worker.pid}, last sign of life ${duration(worker.beatAgo)} ago${
      worker.kept ? "" : "; its state can't be written"
    }`;
  const listed = listedAgo === undefined ? "never" : `${duration(listedAgo)} ago`;
  const lines = [
    `Cluster ${cluster}: ${running} instances${cost}; EC2 listed ${listed}; ${controller}`,
    ...(seen.slurmAnswers
      ? []
      : ["slurmctld does not answer, so its states are not known: see what scontrol ping says"]),
    ...paused.map(({ nodeGroup, age }) =>
      `Paused   launches of ${nodeGroup === "*" ? "all node groups" : `node group ${nodeGroup}`}, for ${
        duration(age)
      }: slurm-ec2 unpause${nodeGroup === "*" ? "" : ` ${nodeGroup}`}`
    ),
    ...held.map(({ nodeGroups, message }) => `Held     node group ${nodeGroups.join(", ")}: ${message}`),
    ...requests.map(({ kind, nodes, age }) => `Request  ${kind} ${nodes}, ${duration(age)} old`),
    ...launches.map(({ nodes, age, doubt, refused }) =>
      `Launch   ${nodes}, ${duration(age)} old${refused === undefined ? "" : `, ${refused}`}${
        doubt ? ", not known whether it was carried out" : ""
      }`
    ),
    ...exhausted.map(({ what, code, misses, until }) =>
      `Out      ${what} until ${utcTime(until)}: ${code}${misses > 1 ? `, ${misses} times in a row` : ""}`
    ),
  ];
  if (rows.length === 0) {
    return `${[...lines, "No node has an instance, and none is held back."].join("\n")}\n`;
  }
  const table = textTable(
    ["NODES", "COUNT", "SLURM", "EC2", "TYPE", "ZONE", "AGE", "USD/H", "NOTE"],
    rows.map((row) => [
      row.nodes,
      row.count,
      row.slurm,
      row.instance,
      row.instanceType === undefined
        ? "-"
        : `${row.instanceType}${row.capacityType === "spot" ? " spot" : ""}`,
      row.zone ?? "-",
      ageText(row),
      row.usdPerHour?.toFixed(2) ?? "-",
      [...(row.until === undefined ? [] : [`until ${utcTime(row.until)}`]), ...(row.note ? [row.note] : [])]
        .join(
          ": ",
        ),
    ]),
    undefined,
    columns,
  );
  return `${lines.join("\n")}\n\n${table}`;
}

function ageText({ age }: StatusRow): string {
  if (age === undefined) return "-";
  const [least, most] = [duration(age.least), duration(age.most)];
  return least === most ? least : `${least}-${most}`;
}

/** `45s`, `12m`, `3h`, `2d`. */
function duration(seconds: number): string {
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
