import { listedPrice } from "../../lib/capacity/price.ts";
import { textTable } from "../../lib/base/text_table.ts";
import { utcTime } from "../../lib/base/utc_time.ts";
import { visible } from "../../lib/base/visible.ts";
import type { Config } from "../../lib/config/model.ts";
import { type Cost, COST_KEYS, type CostKey, costOf, type CostPart } from "../../lib/see/cost/cost.ts";
import { costCsv, usd } from "../../lib/see/cost/csv.ts";
import { type JobUse, SacctError, type SacctFailure } from "../../lib/slurm/sacct.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { progressBar } from "../base/progress.ts";
import { tableColumns } from "../base/table_columns.ts";
import { readerOf } from "../base/state_reader.ts";
import { runningInstances } from "./history_reader.ts";
import { knownPrices } from "../base/price_file.ts";
import { readWindow } from "./since.ts";

/**
 * Milliseconds for sacct: a month of a busy cluster takes slurmdbd some seconds. A slurmdbd that takes connections and
 * never answers keeps sacct for more than 40 s without a word.
 */
const SACCT_LIMIT = 20_000;

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  { name: "csv", summary: "Print comma-separated values" },
  {
    name: "by",
    value: "KEY",
    values: COST_KEYS,
    summary: "Break down by this (day); user, account, job: by sacct",
  },
  { name: "since", value: "TIME", summary: "From then on: 24h, 30d, or a UTC day or time (30d)" },
  { name: "until", value: "TIME", summary: "Until then (now)" },
  { name: "prices", value: "FILE", summary: "USD/h by instance type; those of config prices unless given" },
  { name: "wait", value: "TIME", kind: "duration", summary: "How long sacct may take (20s)" },
] as const satisfies readonly Flag[];

/** What is printed. */
export interface CostOutput extends Cost {
  /** Milliseconds since 1970 UTC. */
  readonly from: number;
  readonly to: number;
  /** Where the prices come from. */
  readonly prices: string;
  /** Why jobs are not known; absent: sacct answered. */
  readonly accounting?: string;
  /** Time of the oldest event: before it nothing is known. */
  readonly historyFrom?: number;
}

/** `slurm-ec2 cost`: what instances cost, and who had them. */
export const cost = defineCommand({
  name: "cost",
  summary: "Show what instances have cost: by day, group, partition, node, user, account or job.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 cost", says: "The last 30 days by day, at the prices of config prices" },
    {
      command: "slurm-ec2 cost --by account --since 2026-11-01 --until 2026-12-01",
      says: "A month by account",
    },
    {
      command: "slurm-ec2 cost --by job --csv --prices prices.yaml",
      says: "A line a job, for a spreadsheet",
    },
  ],
  notes:
    "Instances' hours from the controller's history times the price; volumes, traffic, taxes and discounts are not in it. " +
    "Boot time and idle time belong to no job: they are shown as not attributed, as is everything where sacct does not " +
    "answer. Jobs that share a node share it by their CPUs.",
  permissions: {
    ...NO_PERMISSIONS,
    run: ["sacct"],
    read: ["config", "state", "named"],
    env: true,
  },
  async run(host, flags) {
    if (flags.has("json") && flags.has("csv")) {
      throw new UsageError("Flags --json and --csv exclude each other");
    }
    const config = loadConfig(host, flags);
    const now = host.now();
    const window = readWindow({ since: flags.get("since"), until: flags.get("until") }, now, "30d");
    const reader = readerOf(config);
    try {
      const known = knownPrices(host, config, flags);
      const accounting = await jobsOf(host, config, {
        ...window,
        limit: flags.milliseconds.wait ?? SACCT_LIMIT,
        quiet: flags.has("json") || flags.has("csv"),
      });
      const reckoned = costOf(reader.history.lifetimes(window.from, window.to), {
        window,
        now,
        running: runningInstances(reader),
        priceOf: (lifetime) => listedPrice(known.prices, lifetime),
        jobs: accounting.jobs,
        partitionsOf: (group) => partitionsOf(config, group),
      }, flags.choice.by ?? "day");
      const { oldest } = reader.history.extent();
      const output: CostOutput = {
        ...reckoned,
        ...window,
        prices: known.source,
        ...(accounting.why !== undefined && { accounting: accounting.why }),
        ...(oldest !== undefined && { historyFrom: oldest }),
      };
      if (flags.has("json")) host.stdout.write(`${JSON.stringify(output)}\n`);
      else if (flags.has("csv")) printCsv(host, output);
      else host.stdout.write(costText(output, tableColumns(host.stdout)));
      return ExitCode.Done;
    } finally {
      reader.close();
    }
  },
});

/** What sacct is asked for. */
interface Question {
  /** Milliseconds since 1970 UTC. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds that it may take. */
  readonly limit: number;
  /** No bar is to be shown. */
  readonly quiet: boolean;
}

async function jobsOf(
  host: Host,
  config: Config,
  { from, to, limit, quiet }: Question,
): Promise<{ readonly jobs?: readonly JobUse[]; readonly why?: string }> {
  const total = Math.ceil(limit / SECOND);
  const bar = progressBar(host.stderr, { label: "waiting for sacct, s", total, quiet });
  let seconds = 0;
  const timer = setInterval(() => bar.update(Math.min(++seconds, total)), SECOND);
  try {
    return { jobs: await (await host.connect.sacct(config, limit)).jobs(from, to) };
  } catch (error) {
    if (!(error instanceof SacctError)) throw error;
    return { why: `${error.message}; ${NEXT_STEPS[error.kind]}` };
  } finally {
    clearInterval(timer);
    bar.stop();
  }
}

/** Milliseconds. */
const SECOND = 1000;

/** What to do where sacct gives no answer. */
const NEXT_STEPS: Readonly<Record<SacctFailure, string>> = {
  timeout: "see that slurmdbd runs (AccountingStorageHost in slurm.conf), or give it longer with --wait 2m",
  refused: "see that slurmdbd runs, and AccountingStorageType and AccountingStorageHost in slurm.conf",
  missing: "check slurm.binDir in the configuration",
};

/** Who reads a table in a spreadsheet sees only there that no job has a share: the columns don't say why. */
function printCsv(host: Host, output: CostOutput): void {
  if (output.accounting !== undefined) {
    host.stderr.write(`slurm-ec2: ${visible(unattributed(output.accounting))}\n`);
  }
  host.stdout.write(costCsv(output));
}

function unattributed(why: string): string {
  return `Nothing is attributed to jobs: ${why}`;
}

function partitionsOf({ partitions }: Config, group: string): string {
  return partitions.filter(({ nodeGroups }) => nodeGroups.includes(group)).map(({ name }) => name).join(",");
}

/** A cost as people read it. */
function costText(output: CostOutput, columns: number | undefined): string {
  const { from, to, total, rows, by, runs, unpriced, endUnknown, accounting, prices, historyFrom } = output;
  const { boot, job, idle, up } = total.phases;
  const lines = [
    `${utcTime(from)} to ${utcTime(to)}: ${usd(total.cents)} USD, ${runs} runs of instances, ${
      total.hours.toFixed(1)
    } hours`,
    accounting === undefined
      ? `of it boot ${usd(boot.cents)}, jobs ${usd(job.cents)}, idle ${usd(idle.cents)} USD`
      : `of it boot ${usd(boot.cents)}, jobs or idle ${usd(up.cents)} USD, not attributed`,
    ...(accounting === undefined ? [] : [unattributed(accounting)]),
    `Prices: ${prices}`,
    ...(unpriced.length === 0
      ? []
      : [`${total.unpricedHours.toFixed(1)} hours have no price and are not in it: ${unpriced.join(", ")}`]),
    ...(endUnknown.length === 0 ? [] : [
      `The end of ${endUnknown.length} instances was not noted: counted until they were up (${
        endUnknown.slice(0, 3).join(", ")
      }${endUnknown.length > 3 ? ", …" : ""})`,
    ]),
    ...(historyFrom !== undefined && historyFrom > from
      ? [`The history begins at ${utcTime(historyFrom)}: nothing is known from before`]
      : []),
  ].map(visible);
  const table = textTable(
    [HEADS[by], "HOURS", "BOOT H", "JOB H", "IDLE H", ...(accounting === undefined ? [] : ["UP H"]), "USD"],
    [...rows.map((row) => [row.name, ...figures(row, accounting)]), ["total", ...figures(total, accounting)]],
    undefined,
    columns,
  );
  return `${lines.join("\n")}\n\n${table}`;
}

const HEADS: Readonly<Record<CostKey, string>> = {
  day: "DAY (UTC)",
  group: "GROUP",
  partition: "PARTITION",
  node: "NODE",
  type: "TYPE",
  user: "USER",
  account: "ACCOUNT",
  job: "JOB",
};

function figures({ hours, phases, cents }: CostPart, accounting: string | undefined): string[] {
  const { boot, job, idle, up } = phases;
  const shown = [hours, boot.hours, job.hours, idle.hours, ...(accounting === undefined ? [] : [up.hours])];
  return [...shown.map((figure) => figure.toFixed(1)), usd(cents)];
}
