import { groupOfNode } from "../../lib/controller/node_groups.ts";
import type { NodeState } from "../../lib/slurm/node_state.ts";
import type { Config, Price } from "../../lib/config/model.ts";
import { chooseRecord, whyJob } from "../../lib/see/why/job.ts";
import { whyGroup, type WhyRow } from "../../lib/see/why/group.ts";
import { type WhyContext, whyNode } from "../../lib/see/why/node.ts";
import { jobStory, nodeStory, type StoryLine, storyLines } from "../../lib/see/why/story.ts";
import { bootingNow, usualBoot } from "../../lib/see/why/usual_boot.ts";
import { type Why, whyLines } from "../../lib/see/why/why.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { type ScontrolApi, ScontrolError } from "../../lib/slurm/scontrol_api.ts";
import type { History } from "../../lib/store/history.ts";
import type { Lifetime } from "../../lib/store/lifetime.ts";
import { openStateReader } from "../../lib/store/reader.ts";
import { visible } from "../../lib/base/visible.ts";
import { CommandError, CONFIG_FLAG, defineCommand, JSON_FLAG, UsageError } from "../base/command.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Flag, Flags } from "../base/flag.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";
import { shownPrices } from "../base/price_file.ts";
import { configIfAny, scontrolOf } from "./slurm_client.ts";

const FLAGS = [
  CONFIG_FLAG,
  JSON_FLAG,
  { name: "prices", value: "FILE", summary: "USD/h by instance type; those of config prices unless given" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

/** What is printed. */
export interface WhyOutput extends Why {
  readonly subject: { readonly kind: "job" | "node" | "group"; readonly name: string };
  /** Of a group: its nodes by answer. */
  readonly rows?: readonly WhyRow[];
  /** What happened, from the controller's history; absent: it is not to be read here. */
  readonly story?: readonly StoryLine[];
}

/** `slurm-ec2 why`: why a job waits, or a node is not up. */
export const why = defineCommand({
  name: "why",
  summary: "Say why a job waits, or a node or node group is not up, and what happens next.",
  arguments: "JOB|NODE|GROUP",
  flags: FLAGS,
  examples: [
    { command: "slurm-ec2 why 4711", says: "Why job 4711 waits; 4711_3 is a task of an array" },
    { command: "slurm-ec2 why c7i-12", says: "The same for a node, with its story on the controller's host" },
    { command: "slurm-ec2 why --json c7i", says: "For a node group of the configuration, for a program" },
  ],
  notes:
    "Any user may ask, also on a login node: it takes scontrol only. What happened before is added where the " +
    "controller's state can be read.",
  permissions: { ...NO_PERMISSIONS, run: ["scontrol"], read: ["config", "state", "named"], env: true },
  async run(host, flags) {
    const [name = ""] = flags.positional;
    if (name === "") {
      throw new UsageError("Command why takes a job, a node or a node group: slurm-ec2 why 4711");
    }
    const config = configIfAny(host, flags);
    const prices = shownPrices(host, config, flags);
    const scontrol = await scontrolOf(host, config);
    const opened = config === undefined ? undefined : openStateReader(config.stateDir, config.cluster);
    const reader = opened?.kind === "open" ? opened.reader : undefined;
    try {
      const asking = { name, config, scontrol, now: host.now(), history: reader?.history, prices };
      const answer = await answerTo(asking);
      if (flags.has("json")) host.stdout.write(`${JSON.stringify(answer)}\n`);
      else host.stdout.write(whyText(answer, opened?.kind === "unreadable" ? opened.why : undefined));
      return ExitCode.Done;
    } catch (error) {
      throw error instanceof ScontrolError ? new CommandError(error.message) : error;
    } finally {
      reader?.close();
    }
  },
});

interface Asking {
  readonly name: string;
  readonly config: Config | undefined;
  readonly scontrol: ScontrolApi;
  readonly now: number;
  readonly history: History | undefined;
  readonly prices: ReadonlyMap<string, Price>;
}

async function answerTo(asking: Asking): Promise<WhyOutput> {
  const { name, config } = asking;
  if (/^\d+(?:[_+]\d+)?$/.test(name)) return await aboutJob(asking);
  const group = config?.nodeGroups.find((one) => one.name === name);
  if (group !== undefined) return await aboutGroup(asking, expandHostlist(group.nodes));
  return await aboutNode(asking);
}

async function aboutJob(asking: Asking): Promise<WhyOutput> {
  const { name, scontrol, history, prices } = asking;
  const job = chooseRecord(await jobsOf(scontrol, name));
  if (job === undefined) throw new CommandError(`scontrol shows nothing of job ${name}`);
  const isWaiting = job.state === "PENDING" || job.state === "CONFIGURING";
  const nodes = isWaiting ? await scontrol.showNodes() : [];
  const booting = job.state === "CONFIGURING" ? bootingIn(nodes) : [];
  const answer = whyJob(job, nodes, await contextOf(asking, booting));
  const story = history === undefined ? undefined : jobStory(history, job.id, prices);
  return { subject: { kind: "job", name: job.id }, ...answer, ...(story !== undefined && { story }) };
}

async function jobsOf(scontrol: ScontrolApi, name: string) {
  try {
    return await scontrol.showJob(name);
  } catch (error) {
    if (!(error instanceof ScontrolError) || !/Invalid job id/.test(error.message)) throw error;
    throw new CommandError(
      `Slurm does not know job ${name}, or has forgotten it (MinJobAge after its end): sacct -j ${name}`,
    );
  }
}

async function aboutNode(asking: Asking): Promise<WhyOutput> {
  const { name, config, scontrol, history, prices } = asking;
  const node = (await nodesOf(scontrol, name, config)).find((one) => one.name === name);
  if (node === undefined) throw new CommandError(`scontrol shows nothing of node ${name}`);
  const answer = whyNode(node, await contextOf(asking, bootingIn([node])));
  const story = history === undefined ? undefined : nodeStory(history, name, prices);
  return { subject: { kind: "node", name }, ...answer, ...(story !== undefined && { story }) };
}

async function nodesOf(scontrol: ScontrolApi, name: string, config: Config | undefined) {
  try {
    return await scontrol.showNodes([name]);
  } catch (error) {
    if (!(error instanceof ScontrolError) || error.kind !== "refused") throw error;
    const groups = config === undefined
      ? "without a configuration file no node group is known: name one with --config"
      : `node groups: ${config.nodeGroups.map((one) => one.name).join(", ")}`;
    throw new CommandError(`Slurm knows no node "${name}"; ${groups}; a job is a number`);
  }
}

async function aboutGroup(asking: Asking, names: readonly string[]): Promise<WhyOutput> {
  const { name, scontrol } = asking;
  const wanted = new Set(names);
  const nodes = (await scontrol.showNodes()).filter((node) => wanted.has(node.name));
  const { why, rows } = whyGroup(nodes, await contextOf(asking, bootingIn(nodes)));
  return { subject: { kind: "group", name }, ...why, rows };
}

function bootingIn(nodes: readonly NodeState[]): string[] {
  return nodes.filter(({ flags }) => flags.has("POWERING_UP")).map(({ name }) => name);
}

/** slurmctld's timeout, and how long boots take, are asked for only where nodes boot. */
async function contextOf(
  { config, scontrol, now, history }: Asking,
  booting: readonly string[],
): Promise<WhyContext> {
  if (booting.length === 0) return { now };
  const timeout = parseInt((await scontrol.showConfig()).get("ResumeTimeout") ?? "", 10);
  const launches = history === undefined ? [] : booting.flatMap((name) => bootingNow(history, name) ?? []);
  const usual = config === undefined ? undefined : usualOf(config, history, booting, launches);
  return {
    now,
    ...(launches.length > 0 && { launched: Math.min(...launches.map(({ began }) => began)) }),
    ...(!Number.isNaN(timeout) && { resumeTimeout: timeout }),
    ...(usual !== undefined && { usualBoot: usual }),
  };
}

/** What was measured, else what the configuration expects. */
function usualOf(
  config: Config,
  history: History | undefined,
  booting: readonly string[],
  launches: readonly Lifetime[],
): WhyContext["usualBoot"] {
  const groups = groupOfNode(config);
  const names = new Set(booting.flatMap((name) => groups.get(name)?.name ?? []));
  const measured = history === undefined ? undefined : usualBoot(history, names, launches);
  return measured ?? { seconds: config.limits.expectedBootSeconds, from: "limits.expectedBootSeconds" };
}

/** An answer as people read it. */
function whyText(answer: WhyOutput, unread?: string): string {
  const { subject, rows = [], story } = answer;
  const [first = "", ...rest] = whyLines(answer);
  const lines = [`${subject.kind} ${visible(subject.name)}: ${first}`, ...rest];
  if (rows.length > 1) {
    lines.push(
      "",
      ...rows.flatMap((row) => [`${row.nodes} (${row.count}): ${whyLines(row)[0]}`].map(visible)),
    );
  }
  if (story !== undefined) {
    lines.push(
      "",
      ...(story.length === 0 ? ["The controller's history says nothing of it."] : storyLines(story)),
    );
  } else if (unread !== undefined) lines.push("", `What happened before is not known here: ${unread}`);
  return `${lines.join("\n")}\n`;
}
