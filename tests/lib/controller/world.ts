import type { DescribeInstancesInput } from "../../../lib/aws/ec2_api.ts";
import { AwsError } from "../../../lib/aws/aws_error.ts";
import { ENDPOINT_UNREACHABLE, isOutcomeUnknown } from "../../../lib/aws/error_codes.ts";
import type { Instance } from "../../../lib/aws/instance.ts";
import type { SlurmTimeouts } from "../../../lib/cluster/slurm_timeouts.ts";
import type { Config, Price } from "../../../lib/config/model.ts";
import type { Action } from "../../../lib/controller/action.ts";
import type { Fact } from "../../../lib/controller/fact.ts";
import { EMPTY_STATE, type RequestKind, type State } from "../../../lib/controller/state.ts";
import { outOf } from "../../../lib/capacity/exhausted.ts";
import { askedBy } from "../../../lib/controller/pool_memory.ts";
import { type Step, step } from "../../../lib/controller/step.ts";
import type { EventBody } from "../../../lib/events/event.ts";
import {
  type InMemoryAws,
  inMemoryAws,
  type InMemoryOptions,
  instanceOf,
} from "../../../lib/sim/in_memory.ts";
import type { Action as AwsAction, Actions as AwsActions } from "../../../lib/sim/actions.ts";
import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import type { ResumeJob } from "../../../lib/slurm/resume_file.ts";
import { TEST_PARAMETERS, testConfig } from "../../fixtures/test_config.ts";
import { Slurmctld, type SlurmctldSettings } from "./slurmctld.ts";

/** How a {@link World} differs from a quiet cluster. */
export interface WorldSettings {
  readonly aws?: InMemoryOptions;
  readonly config?: Partial<Config>;
  /** Ceilings, besides the world's usual limits. */
  readonly limits?: Partial<Config["limits"]>;
  /** USD/h by instance type. */
  readonly prices?: ReadonlyMap<string, Price>;
  readonly slurmctld?: Partial<SlurmctldSettings>;
  /** EC2's clock against ours, milliseconds. */
  readonly skew?: number;
}

/**
 * Milliseconds for which the controller may not know what a person has set: as old as its answers may be, and as long
 * as a question and an update may take here.
 */
const LATE_LOOK = 35_000;

const START = Date.UTC(2026, 0, 1);
const SLURMCTLD: SlurmctldSettings = {
  resumeTimeout: 60_000,
  suspendTimeout: 10_000,
  slurmdTimeout: 40_000,
  bootMs: 8_000,
  appendsReason: true,
};

/** A cluster on a clock of its own: the simulator as EC2, a small slurmctld, and a worker that can die anywhere. */
export class World {
  now = START;
  readonly config: Config;
  readonly names: readonly string[];
  readonly aws: InMemoryAws;
  readonly slurmctld: Slurmctld;
  /** What is on the disk: the state as it was committed last. */
  disk: State = EMPTY_STATE;
  readonly queue: Extract<Fact, { kind: "request" | "pause" | "unpause" }>[] = [];
  readonly events: EventBody[] = [];
  /** What must never happen, in words. */
  readonly wrong: string[] = [];
  readonly actions: Action[] = [];
  readonly log: string[] = [];
  /** How long a call takes, milliseconds, where it is not the usual 200. */
  hold: ((action: Action) => number | undefined) | undefined;
  /** Whether a hook's request gets lost. */
  loses: () => boolean = () => false;
  /** DescribeInstances by the cluster's tag is refused. */
  noListings = false;
  settled = false;
  lost = 0;
  step: Step = step;
  readonly #prices: ReadonlyMap<string, Price> | undefined;
  readonly #skew: number;
  readonly #timeouts: SlurmTimeouts;
  readonly #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #state: State | undefined;
  #epoch = 0;
  #order = 0;
  #tokens = 0;
  #requests = 0;
  readonly #busy = new Set<string>();
  readonly #retryAt = new Map<string, number>();

  constructor(names: readonly string[], settings: WorldSettings = {}) {
    this.names = names;
    this.#skew = settings.skew ?? 0;
    this.#prices = settings.prices;
    const slurmctld = { ...SLURMCTLD, ...settings.slurmctld };
    const resume = slurmctld.resumeTimeout / 1_000;
    this.#timeouts = { resume, hook: resume, ...(slurmctld.appendsReason && { resumesAfter: true }) };
    const base = testConfig();
    this.config = {
      ...base,
      limits: {
        ...base.limits,
        expectedBootSeconds: 20,
        cooldown: 60,
        launchCheckSeconds: 5,
        ...settings.limits,
      },
      ...settings.config,
    };
    this.aws = inMemoryAws({
      now: () => this.now + this.#skew,
      parameters: TEST_PARAMETERS,
      ...settings.aws,
    });
    this.slurmctld = new Slurmctld(names, slurmctld, (kind, nodes) => this.hook(kind, nodes));
    this.#tick();
  }

  // Time

  after(milliseconds: number, run: () => void): void {
    this.#timers.push({ at: this.now + milliseconds, order: this.#order++, run });
  }

  run(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      let next = 0;
      for (let i = 1; i < this.#timers.length; i++) {
        const [a, b] = [this.#timers[i]!, this.#timers[next]!];
        if (a.at < b.at || (a.at === b.at && a.order < b.order)) next = i;
      }
      const timer = this.#timers[next];
      if (timer === undefined || timer.at > end) break;
      this.#timers.splice(next, 1);
      this.now = Math.max(this.now, timer.at);
      timer.run();
    }
    this.now = end;
  }

  #tick = (): void => {
    this.slurmctld.tick(this.now, (name) =>
      this.machinesOf(name).map((instance) => ({
        launchTime: instance.launchTime - this.#skew,
        running: instance.state === "running",
        boots: !instance.bootFails,
      })));
    this.after(1_000, this.#tick);
  };

  // What people and slurmctld do

  powerUp(names: readonly string[], jobs: readonly ResumeJob[] = []): void {
    this.#jobs = jobs;
    this.slurmctld.powerUp(names, this.now);
    this.#jobs = [];
  }

  #jobs: readonly ResumeJob[] = [];

  powerDown(names: readonly string[]): void {
    this.slurmctld.powerDown(names, this.now);
  }

  /** A hook, or a person's command: answers the id of its request. */
  hook(request: RequestKind, nodes: readonly string[]): string {
    const id = `${request}.${++this.#requests}`;
    if (this.loses()) this.lost++;
    else {
      this.queue.push({ kind: "request", id, request, nodes, jobs: this.#jobs, at: this.now - START });
      this.after(5, () => this.wake());
    }
    return id;
  }

  /** A person stops all launches, or lets them go on. */
  pause(kind: "pause" | "unpause"): void {
    this.queue.push({ kind, id: `${kind}.${++this.#requests}`, nodeGroup: "*" });
    this.after(5, () => this.wake());
  }

  /** Instances that cost money for a node. */
  machinesOf(name: string) {
    return this.aws.simulator.instances().filter((instance) =>
      ["pending", "running", "stopping", "stopped"].includes(instance.state) &&
      nodeOf(instance.tags, instance.amiLaunchIndex) === name
    );
  }

  /** How many instances each node has, e.g. `1001`. */
  get live(): string {
    return this.names.map((name) => this.machinesOf(name).length).join("");
  }

  get views(): string {
    return this.names.map((name) => this.slurmctld.view(name)).join();
  }

  calls(action: string): number {
    return this.aws.simulator.calls()[action] ?? 0;
  }

  // The worker

  get state(): State {
    return this.#state ?? this.disk;
  }

  get alive(): boolean {
    return this.#state !== undefined;
  }

  start(): void {
    if (this.#state !== undefined) return;
    this.#state = this.disk;
    this.#epoch++;
    this.#busy.clear();
    this.#retryAt.clear();
    this.feed([{ kind: "started" }]);
    this.#poll(this.#epoch);
  }

  /** kill -9. */
  kill(): void {
    this.#state = undefined;
  }

  /** The state directory is emptied while no worker runs. */
  loseState(): void {
    this.disk = EMPTY_STATE;
  }

  #poll(epoch: number): void {
    if (this.#epoch !== epoch || this.#state === undefined) return;
    this.wake();
    this.after(1_000, () => this.#poll(epoch));
  }

  wake(): void {
    if (this.#state !== undefined) this.feed(this.queue.splice(0));
  }

  /** One turn of the loop: step, commit, perform. */
  feed(facts: readonly Fact[]): void {
    if (this.#state === undefined) return;
    const result = this.step(this.#state, facts, {
      config: this.config,
      timeouts: this.#timeouts,
      now: { clock: this.now - START, wall: this.now },
      newToken: () => `token-${++this.#tokens}`,
      types: new Map(),
      ...(this.#prices && { prices: this.#prices }),
    });
    this.#watchLaunches(this.#state, result.state);
    this.#state = result.state;
    const { memory: _, ...stored } = result.state;
    this.disk = stored;
    this.events.push(...result.events);
    this.settled = result.settled;
    for (const action of result.actions) this.#perform(action);
  }

  /** Nothing that is out may be asked for. */
  #watchLaunches(before: State, { launches, exhausted, zones }: State): void {
    for (const [token, launch] of launches) {
      if (before.launches.has(token)) continue;
      const out = outOf(askedBy(launch), {
        exhausted,
        zones,
        cooldown: this.config.limits.cooldown * 1_000,
        now: this.now - START,
      });
      if (out !== undefined) this.wrong.push(`${out.what} is asked for while it is out`);
    }
  }

  #perform(action: Action): void {
    for (const part of partsOf(action)) {
      const key = subjectOf(part);
      if (this.#busy.has(key) || (this.#retryAt.get(key) ?? 0) > this.now) continue;
      if (this.state.pauses !== undefined && (part.kind === "run-instances" || part.kind === "start")) {
        this.wrong.push(`${part.kind} although launches are paused`);
      }
      this.#busy.add(key);
      this.actions.push(part);
      const epoch = this.#epoch;
      const latency = this.hold?.(part) ?? 200;
      const began = this.now - START;
      let facts: readonly Fact[] = [];
      // The call happens whether or not the worker lives to hear of it.
      this.after(latency / 2, () => {
        this.log.push(
          `${((this.now - START) / 1_000).toFixed(1)} ${"action" in part ? part.action : part.kind} ${key}`,
        );
        facts = this.#carryOut(part, began);
        if (facts.some(({ kind }) => kind.endsWith("refused"))) this.#retryAt.set(key, this.now + 1_500);
        if (facts.length === 0) this.#retryAt.set(key, this.now + 1_500);
      });
      this.after(latency, () => {
        if (this.#epoch !== epoch) return;
        this.#busy.delete(key);
        this.feed([...facts, ...this.queue.splice(0)]);
      });
    }
  }

  #carryOut(action: Action, began: number): readonly Fact[] {
    switch (action.kind) {
      case "run-instances":
        return this.#runInstances(action.token);
      case "look-up-token":
        return this.#describe([{ Name: "client-token", Values: [action.token] }], began, (instances) => ({
          kind: "token-looked-up",
          token: action.token,
          began,
          instances,
        }));
      case "describe":
        return this.#describe([{ Name: "instance-id", Values: action.ids }], began, (instances) => ({
          kind: "described",
          began,
          ids: action.ids,
          instances,
        }));
      case "list":
      case "list-ended": {
        if (this.noListings) return [];
        const own = { Name: "tag:slurm-ec2:cluster", Values: [this.config.cluster] };
        const ended = {
          Name: "instance-state-name",
          Values: action.kind === "list-ended" ? action.states : [],
        };
        return action.kind === "list"
          ? this.#describe([own], began, (instances) => ({ kind: "listed", began, instances }))
          : this.#describe([own, ended], began, (instances) => ({ kind: "listed-ended", began, instances }));
      }
      case "ask-slurm":
        if (this.slurmctld.away) return [];
        return [{
          kind: "slurm",
          began,
          ...(action.nodes && { asked: action.nodes }),
          nodes: this.slurmctld.show(
            (action.nodes ?? this.names).filter((name) => this.names.includes(name)),
          ),
        }];
      case "read-timeouts":
        return [{ kind: "timeouts", timeouts: this.#timeouts }];
      case "read-parameters": {
        const answer = this.#call("GetParameters", { Names: action.names, WithDecryption: true });
        if ("refusal" in answer) {
          return [{ kind: "parameters-refused", names: action.names, refusal: answer.refusal }];
        }
        const values = answer.value.parameters.map(({ name, type, value, version }) =>
          [name, { name, type, value, version }] as const
        );
        return [{ kind: "parameters", names: action.names, values: new Map(values) }];
      }
      case "read-subnets": {
        const Filters = [{ Name: "subnet-id", Values: action.ids }];
        const answer = this.#call("DescribeSubnets", { Filters });
        return "refusal" in answer
          ? [{ kind: "subnets-refused", ids: action.ids, refusal: answer.refusal }]
          : [{ kind: "subnets", ids: action.ids, subnets: answer.value.items }];
      }
      case "start":
        return action.ids.map((id) => {
          const answer = this.#call("StartInstances", { InstanceIds: [id] });
          this.#watchLimits();
          return "refusal" in answer
            ? { kind: "start-refused", id, refusal: answer.refusal }
            : { kind: "start-accepted", ids: [id] };
        });
      case "end":
        return this.#end(action);
      case "keep-console": {
        const answer = this.#call("GetConsoleOutput", { InstanceId: action.id });
        if ("refusal" in answer) return [{ kind: "console-kept", node: action.node, id: action.id }];
        return [{
          kind: "console-kept",
          node: action.node,
          id: action.id,
          tail: answer.value.output,
          failure: "no munge key",
        }];
      }
      case "report-addresses":
        if (this.slurmctld.away) return [];
        return action.addresses.map(({ nodeName, nodeAddr, instanceId }) => {
          this.slurmctld.nodes.get(nodeName)!.nodeAddr = nodeAddr;
          return { kind: "address-reported", node: nodeName, instanceId: instanceId! };
        });
      case "set-state":
        return this.#setState(action);
      case "comment":
        if (this.slurmctld.away) return [];
        this.slurmctld.comments.push(`${action.jobIds.join()} ${action.text}`);
        return [{ kind: "jobs-informed", jobIds: action.jobIds }];
    }
  }

  #setState(action: Action & { kind: "set-state" }): readonly Fact[] {
    if (this.slurmctld.away) return [];
    const { state, reason = "", purpose, resumeAfter } = action;
    return action.nodes.flatMap(({ name, generation }): Fact[] => {
      const alive = this.machinesOf(name).some(({ state }) => state === "running");
      if (state === "down" && this.slurmctld.view(name) === "up" && alive) {
        this.wrong.push(`${name} is set DOWN under its job`);
      }
      const node = this.slurmctld.nodes.get(name)!;
      if (node.keptSince !== undefined && (state !== "down" || reason !== node.reason)) {
        const asked = this.now - node.keptSince - LATE_LOOK;
        if (asked > 0) this.wrong.push(`${name} is set ${state} by "${purpose}", and a person keeps it`);
        delete node.keptSince;
      }
      if (resumeAfter !== undefined && !this.#timeouts.resumesAfter) {
        this.wrong.push(`${name} is set ${state} with ResumeAfter, which slurmctld does not know`);
      }
      this.slurmctld.update(name, state, reason, this.now, resumeAfter);
      const began = this.now - START;
      return [
        { kind: "slurm", began, asked: [name], nodes: this.slurmctld.show([name]) },
        { kind: "state-set", node: name, generation, purpose },
      ];
    });
  }

  #runInstances(token: string): readonly Fact[] {
    const launch = this.disk.launches.get(token);
    if (launch === undefined) return [];
    const answer = this.#call("RunInstances", launch.input);
    if ("refusal" in answer && /Arguments on this idempotent request/.test(answer.refusal.message)) {
      this.wrong.push(`${token} is sent with other parameters`);
    }
    this.#watchLimits();
    if ("refusal" in answer) {
      const { refusal, unanswered } = answer;
      return [{
        kind: "launch-refused",
        token,
        refusal,
        unanswered: unanswered || isOutcomeUnknown(refusal.code),
      }];
    }
    return [{ kind: "launched", token, instances: answer.value.instances.map(instanceOf) }];
  }

  /** Only a launch or a start brings EC2 nearer to a limit. */
  #watchLimits(): void {
    const { maxNodes = Infinity, maxHourlyCost = Infinity } = this.config.limits;
    const held = this.aws.simulator.instances().filter(({ state }) =>
      ["pending", "running", "stopping", "stopped"].includes(state)
    );
    const usd = held.filter(({ state }) => state === "pending" || state === "running")
      .reduce((sum, { instanceType }) => sum + (this.#prices?.get(instanceType)?.onDemand ?? 0), 0);
    if (held.length > maxNodes) this.wrong.push(`${held.length} instances, limits.maxNodes is ${maxNodes}`);
    if (usd > maxHourlyCost + 1e-9) this.wrong.push(`${usd} USD/h, limits.maxHourlyCost is ${maxHourlyCost}`);
  }

  #end({ action, ids }: Action & { kind: "end" }): readonly Fact[] {
    for (const id of ids) this.#watchEnd(id);
    const call = action === "stop" ? "StopInstances" : "TerminateInstances";
    return ids.map((id) => {
      const answer = this.#call(call, { InstanceIds: [id] });
      return "refusal" in answer
        ? { kind: "end-refused", id, refusal: answer.refusal }
        : { kind: "end-accepted", ids: [id] };
    });
  }

  /** Nothing that slurmctld uses may be ended. */
  #watchEnd(id: string): void {
    const instance = this.aws.simulator.instances().find(({ instanceId }) => instanceId === id);
    const node = instance && nodeOf(instance.tags, instance.amiLaunchIndex);
    if (node === undefined || !this.names.includes(node)) return;
    const live = this.machinesOf(node);
    if (this.slurmctld.view(node) === "up" && live.length === 1 && live[0]!.instanceId === id) {
      this.wrong.push(`${id} is ended under ${node}, which is up`);
    }
  }

  #describe(
    Filters: DescribeInstancesInput["Filters"],
    began: number,
    fact: (instances: Instance[]) => Fact,
  ): readonly Fact[] {
    const answer = this.#call("DescribeInstances", { Filters, MaxResults: 1000 });
    if ("refusal" in answer) return [{ kind: "reading-refused", began, refusal: answer.refusal }];
    return [fact(answer.value.items.map(instanceOf))];
  }

  #call: Call = (action, request) => {
    const done = this.aws.simulator.call(action, request);
    if (done.kind === "refusal") {
      const { code, message } = done.refusal;
      return { refusal: { code, message }, unanswered: false };
    }
    if (done.lost) {
      const { code, message } = new AwsError({
        code: ENDPOINT_UNREACHABLE,
        message: "The connection broke",
        operation: action,
      });
      return { refusal: { code, message }, unanswered: true };
    }
    return { value: done.answer };
  };
}

type Call = <A extends AwsAction>(
  action: A,
  request: AwsActions[A]["request"],
) => { readonly value: AwsActions[A]["answer"] } | {
  readonly refusal: { readonly code: string; readonly message: string };
  readonly unanswered: boolean;
};

function nodeOf(tags: Readonly<Record<string, string>>, index: number): string | undefined {
  if (tags["slurm-ec2:naming"] !== "index") return undefined;
  return expandHostlist(tags["slurm-ec2:nodes"] ?? "?")[index];
}

/** One subject an action: what is in flight or refused for one holds up no other. */
function partsOf(action: Action): Action[] {
  switch (action.kind) {
    case "end":
    case "start":
      return action.ids.map((id) => ({ ...action, ids: [id] }));
    case "report-addresses":
      return action.addresses.map((address) => ({ ...action, addresses: [address] }));
    case "set-state":
      return action.nodes.map((node) => ({ ...action, nodes: [node] }));
    default:
      return [action];
  }
}

function subjectOf(action: Action): string {
  switch (action.kind) {
    case "run-instances":
    case "look-up-token":
      return `${action.kind} ${action.token}`;
    case "end":
    case "start":
      return `instance ${action.ids[0]}`;
    case "describe":
      return `describe ${action.ids.join()}`;
    case "ask-slurm":
      return `ask-slurm ${action.nodes?.join() ?? "all"}`;
    case "report-addresses":
      return `address ${action.addresses[0]!.nodeName} ${action.addresses[0]!.instanceId}`;
    case "set-state":
      return `state ${action.nodes[0]!.name} ${action.purpose}`;
    case "comment":
      return `comment ${action.jobIds.join()}`;
    case "keep-console":
      return `console ${action.id}`;
    default:
      return action.kind;
  }
}
