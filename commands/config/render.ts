import { SNAPSHOT_DATE, snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { VERSION } from "../../lib/base/version.ts";
import type { Config } from "../../lib/config/model.ts";
import type { RenderedFile } from "../../lib/slurm_conf/render/conf_text.ts";
import { HOOKS } from "../../lib/slurm_conf/render/power_save_conf.ts";
import { READY } from "../../lib/slurm_conf/render/ready_conf.ts";
import { shellWord } from "../../lib/preflight/parameters/value_checks.ts";
import { renderSlurmConf } from "../../lib/slurm_conf/render/render.ts";
import type { Profile, RenderInput, TypeFacts } from "../../lib/slurm_conf/render/render_input.ts";
import type { PriceList } from "../../lib/slurm_conf/render/weight.ts";
import { parseVersion, type SlurmVersion, SUPPORTED_VERSIONS } from "../../lib/slurm_conf/versions.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { readPriceFile } from "../base/price_file.ts";
import { callsBar, watchCalls } from "../base/progress.ts";
import { checkInstalled, type Delivery, printFiles, writeFiles } from "./render_output.ts";
import { readSite } from "./site_conf.ts";

const PROFILES = ["slurm-ec2", "legacy"] as const satisfies readonly Profile[];

const FLAGS = [
  CONFIG_FLAG,
  {
    name: "slurm-version",
    value: "VERSION",
    suggestions: SUPPORTED_VERSIONS,
    summary: "Slurm release to render for, e.g. 24.05 (else slurm.version)",
  },
  {
    name: "out",
    value: "DIR",
    summary: "Write the files there, made where it is missing; previous files kept as .bak",
  },
  {
    name: "check",
    summary: "Compare with what is installed (--out DIR, else slurm.confDir); 3 when it differs",
  },
  { name: "dry-run", summary: "With --out: say what would be written, write nothing" },
  { name: "force", summary: "With --out: overwrite files that slurm-ec2 did not write" },
  {
    name: "prefix",
    value: "DIR",
    summary:
      "Where slurm-ec2 is installed, for the hooks' paths (this program's own, else /opt/slurm/CLUSTER)",
  },
  {
    name: "prices",
    value: "FILE",
    summary: "YAML or JSON: instance type to USD/h, or to {on-demand, spot}; for Weight",
  },
  {
    name: "slurm-conf",
    value: "FILE",
    summary: "The site's slurm.conf: its own words are joined to ours, its nodes excluded where needed",
  },
  {
    name: "aws",
    summary:
      "Take instance types and zones from EC2, and prices from AWS's price list unless --prices is given",
  },
  {
    name: "weight-by-size",
    summary: "With --aws: ask for no prices, Weight follows vCPUs, memory and GPUs",
  },
  {
    name: "profile",
    value: "NAME",
    values: PROFILES,
    summary: "slurm-ec2 (default), or legacy: the set-up guide's own block, for Slurm 21.08 to 23.02",
  },
  JSON_FLAG,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 config render`. */
export const configRender = defineCommand({
  name: "config render",
  summary: "Render the slurm.conf fragments that power this configuration's nodes up and down.",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 config render", says: "Print all files" },
    {
      command: "slurm-ec2 config render --slurm-version 24.05 --out /etc/slurm",
      says: "Write them next to slurm.conf",
    },
    {
      command: "slurm-ec2 config render --check",
      says: "In CI: does the installed configuration still match?",
    },
    {
      command: "slurm-ec2 config render --prices prices.yaml --aws",
      says: "Weights by price, facts from EC2",
    },
  ],
  notes:
    "Writes power_save.conf, slurm_nodes.conf, gres.conf where there are GPUs, slurm_nodes_on_prem.conf (empty, " +
    "never overwritten), and slurm.conf.include: the lines to paste into slurm.conf.\n" +
    "--out and --check keep the site's own words that the installed power_save.conf names in its comments.\n" +
    "Without --aws nothing is asked of AWS; without --out nothing is written.",
  exits: { [ExitCode.Partly]: "with --check: what is installed differs" },
  permissions: {
    ...NO_PERMISSIONS,
    net: ["ec2", "pricing", "sts", "imds"],
    read: ["config", "named", "slurm", "aws"],
    write: ["named"],
    env: true,
    onlyWith: { net: "aws", env: "aws", write: "out" },
  },
  run: runConfigRender,
});

async function runConfigRender(host: Host, flags: Given): Promise<ExitCode> {
  const delivery = readDelivery(flags);
  const profile = flags.choice.profile ?? "slurm-ec2";
  const config = loadConfig(host, flags);
  const version = readVersion(flags, config);
  const prices = readPrices(host, flags);
  const out = flags.get("out");
  const directory = out ?? config.slurm.confDir;
  const site = readSite(host, {
    config,
    version,
    profile,
    slurmConf: flags.get("slurm-conf"),
    // What is only printed replaces nothing.
    ...(delivery === "print" ? {} : { replaced: `${plain(directory)}/power_save.conf` }),
  });
  const input: RenderInput = {
    config,
    version,
    profile,
    ...(flags.has("aws") ? await askAws(host, config, flags) : { facts: await factsOfSnapshot() }),
    ...(prices === undefined ? {} : { prices }),
    prefix: plain(flags.get("prefix") ?? ownPrefix(host) ?? `/opt/slurm/${config.cluster}`),
    includeDir: includeDirectory(out, config.slurm.confDir),
    site,
    program: `slurm-ec2 ${VERSION}`,
  };
  const rendering = renderSlurmConf(input);
  if (rendering.kind === "refused") {
    throw new CommandError(
      `Nothing was rendered:\n${rendering.problems.map(({ message }) => `  ${message}`).join("\n")}`,
    );
  }
  const { files } = rendering;
  const notes = [...rendering.notes, ...missingReady(host, input.prefix, files, delivery)];
  const report = {
    files,
    notes,
    slurmVersion: version,
    facts: input.facts.origin,
    command: ["slurm-ec2 config render", ...repeatedFlags(flags)].join(" "),
  };
  if (delivery === "check") return checkInstalled(host, report, { directory, json: flags.has("json") });
  if (delivery === "print") return printFiles(host, report, { json: flags.has("json") });
  return writeFiles(host, report, {
    directory,
    json: flags.has("json"),
    dryRun: delivery === "dry-run",
    force: flags.has("force"),
  });
}

function readDelivery(flags: Given): Delivery {
  const out = flags.get("out");
  for (const flag of ["dry-run", "force"] as const) {
    if (flags.has(flag) && out === undefined) throw new UsageError(`Flag --${flag} goes with --out DIR`);
  }
  if (flags.has("weight-by-size") && !flags.has("aws")) {
    throw new UsageError("Flag --weight-by-size goes with --aws: without it no prices are asked for");
  }
  if (flags.has("check") && (flags.has("dry-run") || flags.has("force"))) {
    throw new UsageError("Flag --check writes nothing: leave --dry-run and --force out");
  }
  if (flags.has("check")) return "check";
  return out === undefined ? "print" : flags.has("dry-run") ? "dry-run" : "write";
}

function readVersion(flags: Given, config: Config): SlurmVersion {
  const given = flags.get("slurm-version");
  const text = given ?? config.slurm.version;
  if (text === undefined) {
    throw new UsageError(
      "Slurm's version is not known, and configuration differs by version: set slurm.version in the configuration " +
        "file, or give --slurm-version, e.g. --slurm-version 24.05 (sinfo --version tells it)",
    );
  }
  const version = parseVersion(text);
  if (version !== undefined) return version;
  const from = given === undefined ? "slurm.version" : "--slurm-version";
  throw new UsageError(
    `Unknown Slurm version "${text}" (${from}): known are ${SUPPORTED_VERSIONS.join(", ")}`,
  );
}

function readPrices(host: Host, flags: Given): PriceList | undefined {
  const file = flags.get("prices");
  if (file === undefined) return undefined;
  return { origin: file, prices: readPriceFile(host, file) };
}

async function factsOfSnapshot(): Promise<TypeFacts> {
  return { origin: `snapshot of ${SNAPSHOT_DATE}`, isSnapshot: true, types: await snapshotInstanceTypes() };
}

async function askAws(
  host: Host,
  config: Config,
  flags: Given,
): Promise<Pick<RenderInput, "facts" | "zones" | "prices">> {
  const { fetchPrices, fetchTypeFacts, fetchZones } = await import("../../lib/slurm_conf/render/run.ts");
  const ec2 = await host.connect.ec2(config);
  const wantsPrices = flags.get("prices") === undefined && !flags.has("weight-by-size");
  const pricing = wantsPrices ? await host.connect.pricing(config) : undefined;
  const bar = callsBar(host.stderr, { quiet: flags.has("json") });
  const watched = watchCalls(bar);
  const [facts, zones, prices] = await Promise.all([
    fetchTypeFacts(watched(ec2), config),
    fetchZones(watched(ec2), config),
    pricing && fetchPrices(watched(pricing), config),
  ]).finally(() => bar.stop());
  return { facts, zones, ...(prices === undefined ? {} : { prices }) };
}

/** slurmctld 24.11 and later do not start when a PrologSlurmctld is missing (seen on 24.11.5 and 26.05.5). */
function missingReady(
  host: Host,
  prefix: string,
  files: readonly RenderedFile[],
  delivery: Delivery,
): string[] {
  const isCalled = files.some(({ text }) => text.includes(`\nPrologSlurmctld=${prefix}/${READY}\n`));
  if (!isCalled || delivery === "print" || host.files.exists(`${prefix}/${READY}`)) return [];
  return [
    `${prefix}/${READY} is not there, and recent releases of slurmctld do not start without it: run slurm-ec2 install ` +
    "before slurmctld reads these files, or set slurm.ready: off",
  ];
}

/** Flags that say what becomes of the files, not what is in them. */
const OF_DELIVERY: ReadonlySet<string> = new Set(["out", "check", "dry-run", "force", "json"]);

/** The flags that decide what is rendered, as they were given: advice that lacks one would render something else. */
function repeatedFlags(flags: Given): string[] {
  return FLAGS.filter(({ name }) => !OF_DELIVERY.has(name)).flatMap((flag) => {
    if (!("value" in flag)) return flags.has(flag.name) ? [`--${flag.name}`] : [];
    const given = flags.get(flag.name);
    return given === undefined ? [] : [`--${flag.name} ${shellWord(given)}`];
  });
}

/** The prefix that this program is installed in, found by the hooks next to it; undefined where there are none. */
function ownPrefix(host: Host): string | undefined {
  const prefix = /^(.*)\/bin\/[^/]+$/.exec(host.programPath ?? "")?.[1];
  return prefix !== undefined && host.files.exists(`${prefix}/${HOOKS.resume}`) ? prefix : undefined;
}

function isSamePath(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

/** Without slashes at the end. */
function plain(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}

/** Include lines need a path unless the files lie next to slurm.conf; a relative DIR is a place to copy from. */
function includeDirectory(out: string | undefined, confDir: string): string | undefined {
  return out === undefined || !out.startsWith("/") || isSamePath(out, confDir) ? undefined : plain(out);
}
