import { linuxPrices } from "../../lib/aws/linux_prices.ts";
import { textTable } from "../../lib/base/text_table.ts";
import type { Config, Price } from "../../lib/config/model.ts";
import { formatPrices, parsePrices, priceFileIn } from "../../lib/config/prices.ts";
import { CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { readPriceFile } from "../base/price_file.ts";
import { tableColumns } from "../base/table_columns.ts";
import { writeNamed } from "../base/write_named.ts";

const FLAGS = [
  CONFIG_FLAG,
  { name: "aws", summary: "Take on-demand prices from AWS's price list; spot prices stay as they are" },
  { name: "prices", value: "FILE", summary: "Take these: YAML or JSON, USD/h by instance type" },
  { name: "dry-run", summary: "Show the prices, write nothing" },
  JSON_FLAG,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** What is printed. */
export interface PricesOutput {
  /** Where the prices are. */
  readonly file: string;
  readonly written: boolean;
  readonly prices: readonly (Price & { readonly instanceType: string })[];
  /** Instance types of the configuration that have no price. */
  readonly missing: readonly string[];
}

/** `slurm-ec2 config prices`: what cost limits go by. */
export const configPrices = defineCommand({
  name: "config prices",
  summary: "Show or write the prices that cost limits go by.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 config prices --aws", says: "On-demand prices of every instance type, from AWS" },
    { command: "slurm-ec2 config prices --prices prices.yaml", says: "The site's own, spot prices too" },
    { command: "slurm-ec2 config prices", says: "What is known, and what is missing" },
  ],
  notes:
    "The file is stateDir/prices.yaml; a worker takes a new one up at once. The hooks themselves can't ask for prices.\n" +
    "An instance type without a price is not launched while a cost limit is set. Spot without a price of its own counts " +
    "at the on-demand price.",
  exits: { [ExitCode.Partly]: "an instance type of the configuration has no price" },
  permissions: {
    ...NO_PERMISSIONS,
    net: ["pricing", "sts", "imds"],
    read: ["config", "named", "state", "aws"],
    write: ["state"],
    env: true,
    onlyWith: { net: "aws", write: ["aws", "prices"] },
  },
  async run(host, flags) {
    const isNew = flags.has("aws") || flags.get("prices") !== undefined;
    if (flags.has("aws") && flags.get("prices") !== undefined) {
      throw new UsageError("Give either --aws or --prices FILE: prices have one origin");
    }
    if (flags.has("dry-run") && !isNew) {
      throw new UsageError("Flag --dry-run goes with --aws or --prices FILE");
    }
    const config = loadConfig(host, flags);
    const file = priceFileIn(config.stateDir);
    const known = host.files.exists(file) ? parsePrices(host.files.readText(file), file) : new Map();
    const { prices, origin } = await newPrices(host, flags, config, known);
    const written = isNew && !flags.has("dry-run");
    if (written) writeNamed(host, file, formatPrices(prices, origin));
    return print(host, flags, { file, written, ...listed(config, prices) });
  },
});

interface Found {
  readonly prices: ReadonlyMap<string, Price>;
  /** In words. */
  readonly origin: string;
}

async function newPrices(
  host: Host,
  flags: Given,
  config: Config,
  known: ReadonlyMap<string, Price>,
): Promise<Found> {
  const file = flags.get("prices");
  if (file !== undefined) return { prices: readPriceFile(host, file), origin: file };
  if (!flags.has("aws")) return { prices: known, origin: "" };
  const onDemand = await linuxPrices(await host.connect.pricing(config), config.region, typesOf(config));
  const names = new Set([...known.keys(), ...onDemand.keys()]);
  const merged = [...names].map((name): [string, Price] => {
    const { spot, ...before } = known.get(name) ?? {};
    const usd = onDemand.get(name) ?? before.onDemand;
    return [name, { ...(usd !== undefined && { onDemand: usd }), ...(spot !== undefined && { spot }) }];
  });
  const day = new Date(host.now()).toISOString().slice(0, 10);
  return {
    prices: new Map(merged),
    origin: `AWS's price list (Linux, on demand, ${config.region}) on ${day}`,
  };
}

function typesOf({ nodeGroups }: Config): string[] {
  return [...new Set(nodeGroups.flatMap(({ instanceTypes }) => instanceTypes))].sort();
}

function listed(config: Config, prices: ReadonlyMap<string, Price>) {
  const isSpotOnly = (type: string) =>
    config.nodeGroups.every(({ instanceTypes, capacityType }) =>
      capacityType === "spot" || !instanceTypes.includes(type)
    );
  const missing = typesOf(config).filter((type) => {
    const { onDemand, spot } = prices.get(type) ?? {};
    return onDemand === undefined && (spot === undefined || !isSpotOnly(type));
  });
  return {
    prices: [...prices].map(([instanceType, price]) => ({ instanceType, ...price }))
      .sort((a, b) => a.instanceType < b.instanceType ? -1 : 1),
    missing,
  };
}

function print(host: Host, flags: Given, output: PricesOutput): ExitCode {
  if (flags.has("json")) host.stdout.write(`${JSON.stringify(output)}\n`);
  else host.stdout.write(pricesText(output, tableColumns(host.stdout)));
  return output.missing.length === 0 ? ExitCode.Done : ExitCode.Partly;
}

function pricesText({ file, written, prices, missing }: PricesOutput, columns: number | undefined): string {
  const usd = (price: number | undefined) => price === undefined ? "-" : String(price);
  const table = prices.length === 0 ? "" : textTable(
    ["INSTANCE TYPE", "ON DEMAND USD/H", "SPOT USD/H"],
    prices.map(({ instanceType, onDemand, spot }) => [instanceType, usd(onDemand), usd(spot)]),
    undefined,
    columns,
  );
  const lacks = missing.length === 0
    ? "Every instance type of the configuration has a price.\n"
    : `No price is known for ${missing.join(", ")}: a cost limit launches none of them.\n`;
  return `${table}${lacks}${written ? `Written to ${file}.\n` : ""}`;
}
