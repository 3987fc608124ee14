import { metricHelp, metricsOf } from "../../lib/see/metrics/metrics.ts";
import { prometheusText, type Sample } from "../../lib/see/metrics/prometheus.ts";
import { ScontrolError } from "../../lib/slurm/scontrol_api.ts";
import type { NodeState } from "../../lib/slurm/node_state.ts";
import { readHeartbeat } from "../../lib/store/heartbeat.ts";
import { openStateReader } from "../../lib/store/reader.ts";
import type { Config } from "../../lib/config/model.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { writeNamed } from "../base/write_named.ts";
import { knownPrices } from "./prices.ts";

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
  { name: "prices", value: "FILE", summary: "USD/h by instance type, as config render takes them" },
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
    const nodes = await slurmNodes(host, config);
    const opened = openStateReader(config.stateDir, config.cluster);
    const reader = opened.kind === "open" ? opened.reader : undefined;
    try {
      const now = host.now();
      const anchor = reader?.anchor();
      const samples = metricsOf({
        ...{ config, nodes, prices, now, state: reader?.state(), history: reader?.history },
        beat: readHeartbeat(config.stateDir)?.wall,
        // The worker's clock goes on as the wall does while it lives.
        clock: anchor === undefined ? 0 : anchor.clock + Math.max(0, now - anchor.wall),
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

async function slurmNodes(host: Host, config: Config): Promise<readonly NodeState[] | undefined> {
  try {
    const scontrol = await host.connect.scontrol(config, { timeLimit: SLURM_LIMIT });
    return await scontrol.showNodes();
  } catch (error) {
    if (error instanceof ScontrolError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
