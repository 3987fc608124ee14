import { type CallCounts, countCalls } from "../../lib/aws/call_counter.ts";
import { snapshotInstanceTypes } from "../../lib/aws/instance_type_snapshot.ts";
import { hanging } from "../../lib/base/hanging.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Paint } from "../../lib/base/paint.ts";
import { textTable } from "../../lib/base/text_table.ts";
import type { Config } from "../../lib/config/model.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { EMPTY_STATE, type RequestKind } from "../../lib/controller/state.ts";
import { step } from "../../lib/controller/step.ts";
import { serveOnce } from "../../lib/controller_run/one_shot.ts";
import { performer } from "../../lib/controller_run/perform.ts";
import type { LoopPorts } from "../../lib/controller_run/ports.ts";
import { listByTag } from "../../lib/controller_run/read_instances.ts";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { serveAws, type WireAws } from "../../lib/sim/wire/server.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { MemoryStore } from "../../lib/store/memory.ts";
import { InMemoryScontrol } from "../../lib/slurm/scontrol_in_memory.ts";
import { type HookVerdict, summaryLines } from "../hooks/hook_report.ts";
import type { Host } from "../base/host.ts";
import { painter } from "../base/painter.ts";
import { loadBar, progressBar } from "../base/progress.ts";

/** What the demo comes to, in figures. */
export interface Ending {
  readonly requested: number;
  readonly assigned: number;
  readonly failed: number;
  /** Instances that still cost money when all is over. */
  readonly leaked: number;
  /** Calls of the two hooks by action. */
  readonly calls: CallCounts;
  readonly seconds: number;
}

/** Milliseconds: what a call costs to a nearby region, and a boot short enough to watch. */
const LATENCY = 30;
const BOOT = 900;

/** Of the nodes that want the second pool, the part that it has room for. */
const POOL_FILL = 0.75;

const STORY_LINE = { first: 3, rest: 7, columns: 80 };

/** What becomes of the jobs whose nodes got no instance. */
const DOWN_MEANS = [
  "   down: slurmctld puts the jobs of these nodes back into the queue at once",
  "   instead of waiting for ResumeTimeout; they run on other nodes, or on these",
  "   when the time is over.",
].join("\n");

/** Runs the story: a cluster of two node groups bursts, one pool has too little, everything goes home. */
export async function tellStory(
  host: Host,
  options: { readonly nodes: number; readonly quiet: boolean },
): Promise<Ending> {
  const started = host.now();
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-demo-" });
  const [first, second] = [Math.ceil(options.nodes / 2), Math.floor(options.nodes / 2)];
  const room = Math.max(1, Math.floor(second * POOL_FILL));
  const aws = serveAws({
    latencyMs: LATENCY,
    pendingMs: BOOT,
    instanceTypes: await snapshotInstanceTypes(),
    capacity: { [`m7i.4xlarge:${WORLD.region}b`]: room },
    parameters: PARAMETERS,
  });
  try {
    const config = await demoConfig(directory, aws.url, { first, second });
    const say = (text: string) => options.quiet || host.stdout.write(`${text}\n`);
    const paint = await painter(host, host.stdout);
    await loadAll(host, config, options.quiet);
    say(`A simulated AWS listens on ${aws.url} (${config.region}, three zones).`);
    say(`Its pool m7i.4xlarge in ${WORLD.region}b has room for ${room} of the ${second} wanted there.\n`);
    const ending = await burst({ host, config, aws, say, quiet: options.quiet, paint });
    return { ...ending, seconds: (host.now() - started) / 1000 };
  } finally {
    await aws.close();
    await Deno.remove(directory, { recursive: true });
  }
}

/**
 * Loads all that the story takes, by asking once what it asks later: from a fresh checkout Deno downloads it meanwhile,
 * and its bar goes back over lines that were printed before.
 */
async function loadAll(host: Host, config: Config, quiet: boolean): Promise<void> {
  const [ec2] = await Promise.all([
    host.connect.ec2(config),
    host.connect.ssm(config),
    quiet ? undefined : loadBar(host.stderr),
  ]);
  await listByTag(ec2, config.cluster);
}

interface Stage {
  readonly host: Host;
  readonly config: Config;
  readonly aws: WireAws;
  readonly say: (text: string) => void;
  readonly quiet: boolean;
  readonly paint: Paint;
}

async function burst(stage: Stage): Promise<Omit<Ending, "seconds">> {
  const { config, aws, say, paint } = stage;
  const nodes = config.nodeGroups.flatMap((group) => expandHostlist(group.nodes));
  const scontrol = new InMemoryScontrol(nodes);
  const calls: CallCounts = {};

  say(`1. slurmctld calls: resume "${config.nodeGroups.map((group) => group.nodes).join(",")}"`);
  scontrol.requestPowerUp(nodes);
  const store = new MemoryStore({ run: "demo", wall: stage.host.now, state: EMPTY_STATE });
  const upCalls: CallCounts = {};
  const up = await serve(await ports(stage, { scontrol, store, calls: upCalls }), "resume", nodes);
  for (const line of summaryLines(up, paint)) say(hanging(line, STORY_LINE));
  if ([...up.values()].some(({ kind }) => kind === "down")) say(DOWN_MEANS);
  await watchBoot(stage);

  say(`\n2. The jobs are done; slurmctld calls: stop, for the same nodes`);
  scontrol.requestPowerDown(nodes);
  const downCalls: CallCounts = {};
  const down = await serve(await ports(stage, { scontrol, store, calls: downCalls }), "stop", nodes);
  for (const line of summaryLines(down, paint)) say(hanging(line, STORY_LINE));

  const leaked = running(aws);
  for (const [action, count] of [...Object.entries(upCalls), ...Object.entries(downCalls)]) {
    calls[action] = (calls[action] ?? 0) + count;
  }
  const verdicts = [...up.values()];
  const assigned = verdicts.filter(({ kind }) => kind === "assigned").length;
  say(`\n3. What it took\n${callTable(upCalls, downCalls)}`);
  const all = await listByTag(await stage.host.connect.ec2(config), config.cluster);
  const listed = all.filter(({ state }) => state !== "terminated" && state !== "shutting-down");
  say(
    `EC2, asked for every live instance of the cluster, lists ${listed.length}:\n${
      leaked === 0 ? paint("good", "nothing is left running.") : paint("bad", "SOME ARE LEFT.")
    }`,
  );
  return { requested: nodes.length, assigned, failed: nodes.length - assigned, leaked, calls };
}

/** Shows instances becoming `running` on a terminal; waits for them anywhere. */
async function watchBoot({ host, aws, quiet }: Stage): Promise<void> {
  const total = running(aws);
  const bar = progressBar(host.stderr, { label: "   booting", total, quiet });
  try {
    for (;;) {
      const booted = aws.simulator.instances().filter(({ state }) => state === "running").length;
      bar.update(booted);
      if (booted >= total) break;
      await host.sleep(30, host.interrupted);
    }
  } finally {
    bar.stop();
  }
}

function running(aws: WireAws): number {
  return aws.simulator.instances().filter(({ state }) => state === "pending" || state === "running").length;
}

function callTable(up: CallCounts, down: CallCounts): string {
  const actions = [...new Set([...Object.keys(up), ...Object.keys(down)])].sort();
  const rows = actions.map((action) => [`   ${action}`, up[action] ?? 0, down[action] ?? 0]);
  return textTable(["   AWS calls", "resume", "stop"], rows);
}

/** What becomes of the nodes of one request. */
async function serve(
  loop: Omit<LoopPorts, "queue">,
  kind: RequestKind,
  nodes: readonly string[],
): Promise<ReadonlyMap<string, HookVerdict>> {
  const request = {
    kind: "request",
    id: kind,
    request: kind,
    nodes,
    jobs: [],
    at: loop.now().clock,
  } as const;
  const { outcomes } = await serveOnce(loop, request, [{ kind: "timeouts", timeouts: TIMEOUTS }]);
  return new Map(nodes.map((node) => [node, outcomes[node]!]));
}

const TIMEOUTS = { resume: 600, hook: 600 };

/** The ports as the worker has them: the real AWS SDK against the simulator, Slurm played by a stand-in. */
async function ports(
  { host, config }: Stage,
  { scontrol, store, calls }: {
    readonly scontrol: InMemoryScontrol;
    readonly store: MemoryStore;
    readonly calls: CallCounts;
  },
): Promise<Omit<LoopPorts, "queue">> {
  const [ec2, ssm] = await Promise.all([host.connect.ec2(config), host.connect.ssm(config)]);
  const now = () => ({ clock: host.now(), wall: host.now() });
  return {
    step,
    perform: performer({
      ec2: countCalls(ec2, calls),
      ssm: countCalls(ssm, calls),
      scontrol,
      config,
      clock: () => now().clock,
    }),
    store,
    config,
    types: new Map(),
    now,
    sleep: host.sleep,
    random: Math.random,
    newToken: () => crypto.randomUUID(),
    log: SILENT,
    events: () => {},
  };
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {}, close() {} };

const PARAMETERS = {
  [`/demo/SlurmNodeAmi/Rocky/9/x86_64/${WORLD.region}`]: WORLD.imageIds.x86_64,
  [`/demo/SlurmNodeEc2KeyPairs/${WORLD.region}`]: WORLD.keyName,
  [`/demo/SlurmNodeSecurityGroups/${WORLD.region}`]: WORLD.securityGroupId,
};

async function demoConfig(
  directory: string,
  url: string,
  size: { first: number; second: number },
): Promise<Config> {
  const credentials = `${directory}/credentials`;
  await Deno.writeTextFile(
    credentials,
    "[default]\naws_access_key_id = simulated\naws_secret_access_key = simulated\n",
  );
  const yaml = `
cluster: demo
region: ${WORLD.region}
aws: { credentialsFile: ${credentials}, endpoints: { ec2: "${url}", ssm: "${url}" } }
stateDir: ${directory}/state
defaults: { os: { distribution: Rocky, version: "9" }, architecture: x86_64 }
nodeGroups:
  - { name: c7i, nodes: "c7i-[0-${size.first - 1}]", instanceTypes: [c7i.2xlarge], subnets: [${
    WORLD.subnetIds[0]
  }] }
  - { name: m7i, nodes: "m7i-[0-${size.second - 1}]", instanceTypes: [m7i.4xlarge], subnets: [${
    WORLD.subnetIds[1]
  }] }
partitions:
  - { name: cloud, nodeGroups: [c7i, m7i] }
limits: { launchCheckSeconds: 0 }
`;
  return parseConfig(yaml, "demo.yaml");
}
