import type { Instance } from "../../../lib/aws/instance.ts";
import type { Charged } from "../../../lib/capacity/day_cost.ts";
import type { Config, Price } from "../../../lib/config/model.ts";
import type { Action } from "../../../lib/controller/action.ts";
import type { Fact } from "../../../lib/controller/fact.ts";
import { EMPTY_STATE, type NodeRecord, type RequestKind, type State } from "../../../lib/controller/state.ts";
import { groupOfNode } from "../../../lib/controller/node_groups.ts";
import { step, type StepResult } from "../../../lib/controller/step.ts";
import { instanceTags } from "../../../lib/identity/tags.ts";
import { WORLD } from "../../../lib/sim/fresh_world.ts";
import type { NodeState } from "../../../lib/slurm/node_state.ts";
import type { ResumeJob } from "../../../lib/slurm/resume_file.ts";
import { testConfig } from "../../fixtures/test_config.ts";

const BASE = testConfig();

/** Two groups of a few nodes: `c` whose instances are terminated, `s` whose instances are stopped. */
export function sceneConfig(changes: Partial<Config> = {}): Config {
  const given = {
    imageId: WORLD.imageIds.x86_64,
    keyPair: "none",
    securityGroups: [WORLD.securityGroupId],
    subnets: [WORLD.subnetIds[0]],
  };
  const [c, s] = BASE.nodeGroups;
  return {
    ...BASE,
    nodeGroups: [{ ...c!, ...given, nodes: "c[0-9]" }, { ...s!, ...given, nodes: "s[0-9]" }],
    limits: { ...BASE.limits, launchCheckSeconds: 15, cooldown: 300, expectedBootSeconds: 180 },
    ...changes,
  };
}

/** An instance as EC2 shows it, with the cluster's tags. */
export function ec2Instance(node: string, changes: Partial<Instance> = {}): Instance {
  const nodeGroup = node.slice(0, 1);
  return {
    instanceId: `i-${node}`,
    state: "running",
    amiLaunchIndex: 0,
    instanceType: "c7i.large",
    imageId: WORLD.imageIds.x86_64,
    subnetId: WORLD.subnetIds[0],
    availabilityZone: `${WORLD.region}a`,
    privateIpAddress: `10.0.0.${node.slice(1)}`,
    launchTime: 0,
    capacityType: "on-demand",
    tags: Object.fromEntries(
      instanceTags({ cluster: "test", nodeGroup, nodes: node }).map(({ Key, Value }) => [Key, Value]),
    ),
    ...changes,
  };
}

/** What slurmctld shows of a node: `IDLE+POWERED_DOWN`. */
export function slurmNode(name: string, state: string, changes: Partial<NodeState> = {}): NodeState {
  const [base = "", ...flags] = state.split("+");
  return {
    name,
    base,
    flags: new Set(["CLOUD", ...flags]),
    nodeAddr: name,
    nodeHostname: name,
    reason: "",
    partitions: [],
    ...changes,
  };
}

/** One controller without a loop: facts in, and what the step then says. */
export class Scene {
  state: State = EMPTY_STATE;
  clock = 10_000_000;
  /** Wall clock minus {@link clock}; a test that changes it sets the wall clock. */
  epoch = Date.UTC(2026, 0, 1);
  config: Config;
  last: StepResult;
  force = false;
  /** USD/h by instance type. */
  prices: ReadonlyMap<string, Price> = new Map();
  /** slurmctld's. */
  version = "22.05";
  endedToday: readonly Charged[] = [];
  #tokens = 0;
  #requests = 0;

  /** A controller that has listed an empty cluster and asked slurmctld once. */
  constructor(config: Config = sceneConfig(), listed = true) {
    this.config = config;
    this.last = this.feed();
    this.feed({ kind: "slurm", began: this.clock, nodes: [] });
    if (listed) this.feed({ kind: "listed", began: this.clock, instances: [] });
  }

  feed(...facts: readonly Fact[]): StepResult {
    this.last = step(this.state, facts, {
      config: this.config,
      timeouts: { resume: 600, hook: 600, ...(this.version >= "24.11" && { resumesAfter: true }) },
      now: { clock: this.clock, wall: this.wall },
      newToken: () => `token-${++this.#tokens}`,
      types: new Map(),
      prices: this.prices,
      endedToday: this.endedToday,
      ...(this.force && { force: true }),
    });
    this.state = this.last.state;
    return this.last;
  }

  get wall(): number {
    return this.epoch + this.clock;
  }

  /** Time passes; the step that then comes of itself. */
  wait(seconds: number): StepResult {
    this.clock += seconds * 1_000;
    return this.feed();
  }

  /** A hook's request; answers its id. */
  ask(
    request: RequestKind,
    nodes: readonly string[],
    jobs: readonly ResumeJob[] = [],
    at = this.clock,
  ): string {
    const id = `${request}.${++this.#requests}`;
    this.feed({ kind: "request", id, request, nodes, jobs, at });
    return id;
  }

  /** slurmctld answers, and the jobs are informed that the last step has written to; whatever else it was asked for just now is up, and has jobs. */
  slurm(...given: readonly NodeState[]): StepResult {
    const names = new Set(given.map(({ name }) => name));
    const every = [...groupOfNode(this.config).keys()];
    const others = this.actions("ask-slurm").flatMap((question) => question.nodes ?? every);
    const nodes = [
      ...given,
      ...others.filter((name) => !names.has(name)).map((name) =>
        slurmNode(name, "ALLOCATED", { nodeAddr: this.state.memory?.views.get(name)?.nodeAddr ?? name })
      ),
    ];
    return this.feed(
      ...this.actions("comment").map(({ jobIds }) => ({ kind: "jobs-informed", jobIds }) as const),
      { kind: "slurm", began: this.clock, asked: nodes.map(({ name }) => name), nodes },
    );
  }

  listed(...instances: readonly Instance[]): StepResult {
    return this.feed({ kind: "listed", began: this.clock, instances });
  }

  /** The node powered up and registered, with instance `i-NAME`. */
  up(name: string, changes: Partial<Instance> = {}): void {
    this.ask("resume", [name]);
    this.launched(name, changes);
    this.wait(60);
    this.slurm(slurmNode(name, "ALLOCATED", { nodeAddr: ec2Instance(name).privateIpAddress! }));
  }

  /** The node's launch brings an instance, which is reported to slurmctld and which EC2 shows. */
  launched(name: string, changes: Partial<Instance> = {}): void {
    const [token] = [...this.state.launches.values()].filter(({ nodes }) => nodes.includes(name))
      .map((launch) => launch.token);
    const instance = ec2Instance(name, { launchTime: this.wall, clientToken: token!, ...changes });
    this.feed({ kind: "launched", token: token!, instances: [instance] });
    this.feed({ kind: "address-reported", node: name, instanceId: instance.instanceId });
    this.clock += 1_000;
    this.feed({
      kind: "described",
      began: this.clock,
      ids: [instance.instanceId],
      instances: [{ ...instance, state: "running" }],
    });
  }

  actions<K extends Action["kind"]>(kind: K): Extract<Action, { kind: K }>[] {
    return this.last.actions.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind);
  }

  /** Ids that the last step ends, with the action: `terminate i-c0`. */
  get ends(): string[] {
    return this.actions("end").flatMap(({ action, ids }) => ids.map((id) => `${action} ${id}`)).sort();
  }

  /** States that the last step gives slurmctld: `c0 verdict down`. */
  get states(): string[] {
    return this.actions("set-state").flatMap(({ purpose, state, nodes }) =>
      nodes.map(({ name }) => `${name} ${purpose} ${state}`)
    ).sort();
  }

  /** The node's instance as EC2 showed it last. */
  instance(name: string): Instance {
    return ec2Instance(name, { launchTime: this.state.instances.get(`i-${name}`)!.launchTime });
  }

  node(name: string): NodeRecord {
    return this.state.nodes.get(name)!;
  }

  /** slurmctld was given every state of the last step. */
  shown(): StepResult {
    return this.feed(
      ...this.actions("set-state").flatMap(({ purpose, nodes }) =>
        nodes.map(({ name, generation }): Fact => ({ kind: "state-set", node: name, generation, purpose }))
      ),
    );
  }
}
