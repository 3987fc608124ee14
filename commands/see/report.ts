import { listedPrice } from "../../lib/capacity/price.ts";
import type { Config } from "../../lib/config/model.ts";
import type { Window } from "../../lib/see/cost/slices.ts";
import { redacted } from "../../lib/see/report/redact.ts";
import { type Report, reportOf } from "../../lib/see/report/report.ts";
import { reportText } from "../../lib/see/report/text.ts";
import type { Lifetime } from "../../lib/store/lifetime.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { tableColumns } from "../base/table_columns.ts";
import { writeNamed } from "../base/write_named.ts";
import { readerOf } from "../base/state_reader.ts";
import { runningInstances } from "./history_reader.ts";
import { knownPrices } from "../base/price_file.ts";
import { readWindow } from "./since.ts";

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  { name: "since", value: "TIME", summary: "From then on: 24h, 30d, or a UTC day or time (7d)" },
  { name: "until", value: "TIME", summary: "Until then (now)" },
  { name: "html", value: "FILE", summary: "Write one page with charts that needs no network" },
  { name: "redact", summary: "Leave out names of cluster, groups, images, subnets, and messages" },
  { name: "prices", value: "FILE", summary: "USD/h by instance type; those of config prices unless given" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 report`: what the night was like. */
export const report = defineCommand({
  name: "report",
  summary: "Show what happened: nodes over time, boot times, refusals, money, and what to change.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 report --since 12h", says: "The last night, on the terminal" },
    {
      command: "slurm-ec2 report --since 30d --html report.html",
      says: "A month as a page with charts, to mail",
    },
    { command: "slurm-ec2 report --redact --json", says: "For support: without names" },
  ],
  notes:
    "From the controller's history, on its host, as SlurmUser or root. Jobs are not in it: see slurm-ec2 cost.",
  permissions: {
    ...NO_PERMISSIONS,
    read: ["config", "state", "named"],
    write: ["named"],
    env: true,
    onlyWith: { write: "html" },
  },
  async run(host, flags) {
    const config = loadConfig(host, flags);
    const window = readWindow({ since: flags.get("since"), until: flags.get("until") }, host.now(), "7d");
    const whole = read(host, config, flags, window);
    const shown = flags.has("redact") ? redacted(whole) : whole;
    const file = flags.get("html");
    if (file !== undefined) {
      // Charts load in a moment of their own.
      const { reportHtml } = await import("../../lib/see/report/html.ts");
      writeNamed(host, file, reportHtml(shown));
      host.stderr.write(`slurm-ec2: wrote ${file}\n`);
    }
    if (flags.has("json")) host.stdout.write(`${JSON.stringify(shown)}\n`);
    else if (file === undefined) host.stdout.write(reportText(shown, tableColumns(host.stdout)));
    return ExitCode.Done;
  },
});

function read(host: Host, config: Config, flags: Given, window: Window): Report {
  const reader = readerOf(config);
  try {
    const known = knownPrices(host, config, flags);
    const cost = {
      window,
      now: host.now(),
      running: runningInstances(reader),
      priceOf: (lifetime: Lifetime) => listedPrice(known.prices, lifetime),
      jobs: undefined,
      partitionsOf: () => "",
    };
    return reportOf({ cluster: config.cluster, history: reader.history, cost, prices: known.source });
  } finally {
    reader.close();
  }
}
