import { DEFAULT_TIMEOUTS, slurmTimeouts } from "../../lib/cluster/slurm_timeouts.ts";
import type { Config } from "../../lib/config/model.ts";
import { EMPTY_STATE } from "../../lib/controller/state.ts";
import { type BatchScript, parseBatchScript } from "../../lib/slurm/batch_script.ts";
import { expandHostlist, foldHostlist } from "../../lib/slurm/hostlist.ts";
import { ScontrolError } from "../../lib/slurm/scontrol_api.ts";
import { openStateReader } from "../../lib/store/reader.ts";
import { readFailure } from "../../lib/base/read_failure.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import type { Host } from "../base/host.ts";
import { loadConfig } from "../base/load_config.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { type Asked, endedSince, forecastNodes, sortNodes, subnetsOf } from "./forecast.ts";
import { outputOf, type PlanOutput } from "./forecast_output.ts";
import { forecastText } from "./forecast_text.ts";
import { namesOf } from "./hostlist_argument.ts";
import { priceWatch } from "./price_watch.ts";

/** Milliseconds for scontrol: a plan without ResumeTimeout is better than none. */
const SLURM_LIMIT = 5_000;

const FLAGS = [
  CONFIG_FLAG,
  { name: "job", value: "FILE", summary: "A batch script instead of a hostlist: its -N, -t and -p" },
  JSON_FLAG,
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** `slurm-ec2 plan`: what a launch would come to, before it is made. */
export const plan = defineCommand({
  name: "plan",
  summary: "Show what launching nodes, or a job's, would take: pools, calls, seconds, USD; changes nothing.",
  arguments: "[HOSTLIST]",
  flags: FLAGS,
  examples: [
    {
      command: 'slurm-ec2 plan "c7i-[0-3]"',
      says: "Pools in order, calls, seconds, USD/h, what limits hold back",
    },
    {
      command: "slurm-ec2 plan --job job.sh",
      says: "The same for a batch script, and USD for its time limit",
    },
  ],
  notes:
    "By the rules that launches go by, and by what the controller knows: pools that were out a short while ago, what " +
    "runs, the buckets, prices of config prices. Whether EC2 has capacity only a launch tells. For a job the first free " +
    "nodes of its partition are taken; Slurm may choose others.",
  exits: { [ExitCode.Partly]: "a limit, a pause or the buckets hold some of it back, or no pool is left" },
  permissions: {
    ...NO_PERMISSIONS,
    net: ["ec2", "sts", "imds"],
    run: ["scontrol"],
    read: ["config", "aws", "state", "named"],
    env: true,
  },
  async run(host, flags) {
    const config = loadConfig(host, flags);
    const script = scriptOf(host, flags);
    const say = (sentence: string) => host.stderr.write(`slurm-ec2: ${sentence}\n`);
    const asked = { ...await readAsked(host, config, say), isJob: script !== undefined };
    const names = script === undefined ? hostlistOf(flags) : nodesOfJob(script, asked);
    const { wanted, served, unknown } = sortNodes(names, asked);
    if (unknown.length > 0) throw new UsageError(`No node group has ${foldHostlist(unknown)}`);
    const subnets = await subnetsOf(host, config, wanted, say);
    const found = forecastNodes(wanted, { ...asked, subnets });
    return print(host, flags, outputOf(found, served, script?.seconds));
  },
});

function scriptOf(host: Host, flags: Given): BatchScript | undefined {
  const file = flags.get("job");
  if ((file === undefined) === (flags.positional.length === 0)) {
    throw new UsageError('Command plan needs a hostlist or --job FILE, e.g. slurm-ec2 plan "c[0-7]"');
  }
  if (file === undefined) return undefined;
  try {
    return parseBatchScript(host.files.readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`${file}: ${error.message}`);
    if (!(error instanceof Error)) throw error;
    throw new UsageError(`Can't read ${file}: ${readFailure(error)}`);
  }
}

function hostlistOf(flags: Given): string[] {
  const names = namesOf(flags.positional[0]!);
  if (names.length === 0) throw new UsageError("The hostlist names no node");
  return names;
}

/** The first free nodes of a job's partition; without one in the configuration, of all node groups. */
function nodesOfJob({ nodes, partition }: BatchScript, asked: Asked): string[] {
  const { partitions, nodeGroups } = asked.config;
  const named = partitions.find(({ name }) => name === partition);
  if (partition !== undefined && named === undefined) {
    const known = partitions.map(({ name }) => name).join(", ") || "none";
    throw new UsageError(`Partition ${partition} is not in the configuration; it has: ${known}`);
  }
  const used = (named ?? partitions.find(({ options }) => options.Default === "YES"))?.nodeGroups ??
    nodeGroups.map(({ name }) => name);
  const all = used.flatMap((name) =>
    nodeGroups.filter((group) => group.name === name).flatMap((group) => expandHostlist(group.nodes))
  );
  const { wanted } = sortNodes(all, asked);
  if (wanted.length >= nodes) return wanted.slice(0, nodes);
  throw new CommandError(
    `The job takes ${nodes} nodes, and ${wanted.length} of ${
      used.join(", ")
    } have no instance yet: it would wait`,
  );
}

/** All that is known without asking EC2. */
async function readAsked(host: Host, config: Config, say: (sentence: string) => void): Promise<Asked> {
  const wall = host.now();
  const prices = priceWatch(host.files, config.stateDir, { error: say })();
  const opened = openStateReader(config.stateDir, config.cluster);
  if (opened.kind === "unreadable") throw new CommandError(opened.why);
  const timeouts = await timeoutsOf(host, config, say);
  const known = { config, prices, timeouts, subnets: [] };
  if (opened.kind === "absent") {
    say(`${opened.why}: what runs is not known`);
    return { ...known, state: EMPTY_STATE, ended: [], now: { clock: wall, wall } };
  }
  const { reader } = opened;
  try {
    const anchor = reader.anchor();
    const clock = anchor === undefined ? wall : wall + anchor.clock - anchor.wall;
    return { ...known, state: reader.state(), ended: endedSince(reader.history, wall), now: { clock, wall } };
  } finally {
    reader.close();
  }
}

async function timeoutsOf(host: Host, config: Config, say: (sentence: string) => void) {
  try {
    const scontrol = await host.connect.scontrol(config, { timeLimit: SLURM_LIMIT });
    return slurmTimeouts(config, await scontrol.showConfig(), await scontrol.showPartitions());
  } catch (error) {
    if (!(error instanceof ScontrolError || error instanceof SyntaxError)) throw error;
    say(`slurmctld does not say its ResumeTimeout, taking Slurm's default: ${error.message}`);
    return DEFAULT_TIMEOUTS;
  }
}

function print(host: Host, flags: Given, output: PlanOutput): ExitCode {
  host.stdout.write(flags.has("json") ? `${JSON.stringify(output)}\n` : forecastText(output));
  const isWhole = output.held.length === 0 && output.tooLate === 0 &&
    output.groups.every(({ refusal }) => refusal === undefined);
  return isWhole ? ExitCode.Done : ExitCode.Partly;
}
