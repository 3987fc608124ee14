import { metricHelp, metricsOf } from "../../lib/see/metrics/metrics.ts";
import { prometheusText, type Sample } from "../../lib/see/metrics/prometheus.ts";
import { readHeartbeat } from "../../lib/store/heartbeat.ts";
import { openStateReader } from "../../lib/store/reader.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag } from "../base/flag.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { slurmNodes } from "../base/slurm_nodes.ts";
import { workerClock } from "../base/state_reader.ts";
import { writeNamed } from "../base/write_named.ts";
import { knownPrices } from "../base/price_file.ts";

/** Milliseconds for scontrol: figures without Slurm's states are better than none. */
const SLURM_LIMIT = 10_000;

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  {
    name: "output",
    value: "FILE",
    summary: "Write there, by rename, for node_exporter's textfile collector",
  },
  { name: "prices", value: "FILE", summary: "USD/h by instance type; those of config prices unless given" },
] as const satisfies readonly Flag[];

/** What is printed. */
export interface MetricsOutput {
  readonly cluster: string;
  readonly samples: readonly Sample[];
}

/** `slurm-ec2 metrics`: the cluster as figures for Prometheus. */
export const metrics = defineCommand({
  name: "metrics",
  summary: "Print the cluster's figures in Prometheus' text format, or write them to a file.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 metrics", says: "Nodes, instances, refusals, USD/h, limits, heartbeat" },
    {
      command: "slurm-ec2 metrics --output /var/lib/prometheus/node-exporter/slurm-ec2.prom",
      says: "What a timer runs each minute: see deploy/prometheus",
    },
  ],
  notes:
    "It only looks, and no hook or worker waits for it. Where the state can't be read or slurmctld does not answer, a " +
    "figure says so and the others are left out.",
  permissions: {
    ...NO_PERMISSIONS,
    run: ["scontrol"],
    read: ["config", "state", "named"],
    write: ["named"],
    env: true,
    onlyWith: { write: "output" },
  },
  async run(host, flags) {
    const config = loadConfig(host, flags);
    const { prices } = knownPrices(host, config, flags);
    const nodes = await slurmNodes(host, config, SLURM_LIMIT);
    const opened = openStateReader(config.stateDir, config.cluster);
    const reader = opened.kind === "open" ? opened.reader : undefined;
    try {
      const now = host.now();
      const samples = metricsOf({
        ...{ config, nodes, prices, now, state: reader?.state(), history: reader?.history },
        beat: readHeartbeat(config.stateDir)?.wall,
        clock: workerClock(reader, now),
      });
      const file = flags.get("output");
      const output: MetricsOutput = { cluster: config.cluster, samples };
      const text = flags.has("json")
        ? `${JSON.stringify(output)}\n`
        : prometheusText(samples, config.cluster, metricHelp);
      if (file === undefined) host.stdout.write(text);
      else writeNamed(host, file, text);
      return ExitCode.Done;
    } finally {
      reader?.close();
    }
  },
});
