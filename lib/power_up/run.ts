import { errorClass, isOutcomeUnknown } from "../aws/error_codes.ts";
import type { Instance } from "../aws/instance.ts";
import { snapshotInstanceTypes } from "../aws/instance_type_snapshot.ts";
import type { Parameter, SsmApi } from "../aws/ssm_api.ts";
import { errorText } from "../base/error_text.ts";
import { startInstances, terminateInstances } from "../cluster/end_instances.ts";
import { type GroupedNodes, groupNodes } from "../cluster/group.ts";
import { changedHints, ForeignStateError } from "../cluster/hook_state.ts";
import { findInstances } from "../cluster/inventory.ts";
import type { HookPorts } from "../cluster/ports.ts";
import { type LaunchSettings, launchSettings } from "../cluster/ssm_parameters.ts";
import { type Inherited, type NodeInstance, tend } from "../cluster/tend.ts";
import { troubleLines } from "../cluster/troubles.ts";
import { type FailureVerdict, failureVerdict } from "../cluster/verdict.ts";
import type { Config } from "../config/model.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import { findDead } from "./births.ts";
import { assign, type Shortfall } from "./assign.ts";
import { type Attempt, attempt } from "./attempt.ts";
import { bootTimes } from "./boot_times.ts";
import { breakerRefusal } from "./breaker.ts";
import { currentParameters } from "./current_parameters.ts";
import { onePerNode, planExisting } from "./existing.ts";
import { tellSlurm } from "./tell.ts";
import { launchAll, type LaunchPorts } from "./launch.ts";
import { type LaunchPlan, planLaunches } from "./launch_plan.ts";
import { launchUnits } from "./launch_units.ts";
import { offeringsOf } from "./offering.ts";
import type { Outcome, Refusal } from "./outcome.ts";

/** What powering up needs of the outside. */
export interface PowerUpPorts extends HookPorts, Pick<LaunchPorts, "newToken"> {
  readonly ssm: Pick<SsmApi, "getParameters">;
  /** Milliseconds since 1970 UTC: an instance launched later could not register before ResumeTimeout. */
  readonly launchDeadline: number;
}

/** What Slurm asks: these nodes, for these jobs. */
export interface PowerUpRequest {
  readonly nodes: readonly string[];
  readonly jobs: readonly ResumeJob[];
}

/** What became of one node. */
export type NodeVerdict =
  | { readonly kind: "assigned"; readonly instanceId: string; readonly nodeAddr: string }
  | FailureVerdict
  /** Another hook, still running, is powering it up and will give its verdict. */
  | { readonly kind: "claimed" }
  | { readonly kind: "not-ours" };

/** What became of a request. */
export interface PowerUpResult {
  /** Every node that was asked for has exactly one verdict. */
  readonly nodes: ReadonlyMap<string, NodeVerdict>;
  /** What could not be told to Slurm or ended at EC2: each a sentence for the administrator. */
  readonly troubles: readonly string[];
}

/**
 * Powers nodes up: reads what there is, plans, launches, and gives every node its verdict. EC2's and SSM's
 * refusals are verdicts, and so is a fault of our own.
 */
export async function powerUp(
  ports: PowerUpPorts,
  config: Config,
  request: PowerUpRequest,
): Promise<PowerUpResult> {
  const { groups, foreign } = groupNodes(config, request.nodes);
  const work = new Work(ports, config);
  for (const nodeName of foreign) work.verdicts.set(nodeName, { kind: "not-ours" });
  try {
    await ports.state.open();
    const { taken } = await ports.state.claim(groups.flatMap(({ nodes }) => nodes));
    for (const nodeName of taken) work.verdicts.set(nodeName, { kind: "claimed" });
    await work.powerUp(withoutNodes(groups, taken), request.jobs);
  } catch (error) {
    work.giveUp(groups.flatMap(({ nodes }) => nodes), error);
  }
  await work.finish(request.jobs);
  // Given back first: Slurm may want the same nodes again while the births are watched.
  await ports.state.close();
  await work.watchBirths(request.jobs);
  return { nodes: work.verdicts, troubles: work.troubles };
}

function withoutNodes(groups: readonly GroupedNodes[], taken: readonly string[]): GroupedNodes[] {
  if (taken.length === 0) return [...groups];
  const gone = new Set(taken);
  return groups.map(({ group, nodes }) => ({ group, nodes: nodes.filter((node) => !gone.has(node)) }))
    .filter(({ nodes }) => nodes.length > 0);
}

/** One power-up in progress: collects what the steps bring, so that the end can give every node its verdict. */
class Work {
  readonly verdicts = new Map<string, NodeVerdict>();
  readonly troubles: string[] = [];
  readonly #ports: PowerUpPorts;
  readonly #config: Config;
  readonly #assigned: NodeInstance[] = [];
  readonly #shortfall: Shortfall[] = [];
  readonly #surplus: Instance[] = [];
  /** Launched by this hook. */
  readonly #newborn: NodeInstance[] = [];
  /** Intents whose outcome is known; removed once Slurm has been told. */
  readonly #settledTokens: string[] = [];

  constructor(ports: PowerUpPorts, config: Config) {
    this.#ports = ports;
    this.#config = config;
  }

  shortAll(nodes: readonly string[], refusal: Refusal): void {
    for (const nodeName of nodes) this.#shortfall.push({ nodeName, refusal });
  }

  /** Something of ours failed: nodes that have no verdict by now get this one, and the fault is told. */
  giveUp(nodes: readonly string[], error: unknown): void {
    const decided = new Set([...this.#assigned, ...this.#shortfall].map(({ nodeName }) => nodeName));
    const rest = nodes.filter((node) => !decided.has(node) && !this.verdicts.has(node));
    const foreign = error instanceof ForeignStateError;
    this.shortAll(rest, {
      code: foreign ? "StateDirOfOtherCluster" : "InternalFault",
      message: errorText(error),
    });
    if (!foreign) {
      this.troubles.push(`Internal fault, please report it: ${error instanceof Error ? error.stack : error}`);
    }
  }

  async powerUp(groups: readonly GroupedNodes[], jobs: readonly ResumeJob[]): Promise<void> {
    const nodes = groups.flatMap((grouped) => grouped.nodes);
    // Two services, neither of which needs the other's answer.
    const [parameters, { open, existing }] = await Promise.all([
      attempt(() => currentParameters(this.#ports, this.#config, groups.map(({ group }) => group))),
      this.#takeStock(groups, nodes),
    ]);
    if (existing.kind === "refused") {
      this.shortAll(open.flatMap((grouped) => grouped.nodes), existing.refusal);
    } else await this.#launch(await this.#plan(open, jobs, parameters, existing.value));
  }

  /** What is there already: nodes that a dead hook's launch serves, and instances of the others. */
  async #takeStock(groups: readonly GroupedNodes[], nodes: readonly string[]) {
    const served = this.#adopt(
      await tend(this.#ports, this.#config.cluster, { nodes: new Set(nodes), wanted: true }),
    );
    const existing = await attempt(() =>
      findInstances(this.#ports, this.#config.cluster, nodes.filter((node) => !served.includes(node)), {
        listOnMiss: false,
      })
    );
    return { open: withoutNodes(groups, served), existing };
  }

  #adopt({ instances, clientTokens }: Inherited): string[] {
    const { assigned, surplus } = onePerNode(instances);
    this.#assigned.push(...assigned);
    this.#surplus.push(...surplus);
    this.#settledTokens.push(...clientTokens);
    return assigned.map(({ nodeName }) => nodeName);
  }

  async #plan(
    groups: readonly GroupedNodes[],
    jobs: readonly ResumeJob[],
    parameters: Attempt<ReadonlyMap<string, Parameter>>,
    existing: ReadonlyMap<string, readonly OwnedInstance[]>,
  ): Promise<LaunchPlan[]> {
    const failures = await this.#ports.state.bootFailures();
    const booted = await bootTimes(this.#ports, existing);
    const plans: LaunchPlan[] = [];
    for (const grouped of groups) {
      const settings = parameters.kind === "refused"
        ? { kind: "problem" as const, ...parameters.refusal }
        : launchSettings(this.#config, grouped.group, parameters.value);
      if ("kind" in settings) {
        this.shortAll(grouped.nodes, settings);
        continue;
      }
      const broken = breakerRefusal(failures, grouped.group.name, settings.imageId);
      if (broken !== undefined) this.shortAll(grouped.nodes, broken);
      else plans.push(...await this.#planGroup(grouped, settings, jobs, { instances: existing, booted }));
    }
    return plans;
  }

  async #planGroup(
    { group, nodes }: GroupedNodes,
    settings: LaunchSettings,
    jobs: readonly ResumeJob[],
    { instances, booted }: {
      readonly instances: ReadonlyMap<string, readonly OwnedInstance[]>;
      readonly booted: ReadonlyMap<string, number>;
    },
  ): Promise<LaunchPlan[]> {
    const existing = planExisting(group, nodes, instances, {
      booted,
      now: this.#ports.now(),
      bootMilliseconds: this.#config.limits.expectedBootSeconds * 1000,
      imageId: settings.imageId,
    });
    this.#assigned.push(...existing.adopt);
    this.#surplus.push(...existing.terminate);
    const notStarted = await this.#start(existing.start);
    const offering = offeringsOf(group)[0]!;
    const cores = group.threadsPerCore === undefined
      ? undefined
      : (await snapshotInstanceTypes()).get(offering.instanceType)?.defaultCores;
    return launchUnits([...existing.launch, ...notStarted], group.strategy, jobs)
      .flatMap((unit) =>
        planLaunches(this.#config, { group, offering, settings, ...unit, ...(cores && { cores }) })
      );
  }

  /** Starts stopped instances; answers the nodes whose instance would not start, which get a fresh one. */
  async #start(stopped: readonly NodeInstance[]): Promise<string[]> {
    const ids = stopped.map(({ instance }) => instance.instanceId);
    const refused = await startInstances(this.#ports.ec2, ids, this.#ports);
    const failed = new Set(refused.map(({ item }) => item));
    this.#assigned.push(...stopped.filter(({ instance }) => !failed.has(instance.instanceId)));
    const replaced = stopped.filter(({ instance }) => failed.has(instance.instanceId));
    this.#surplus.push(...replaced.map(({ instance }) => instance));
    const errors = new Map(refused.map(({ item, error }) => [item, error]));
    const troubles = replaced.map(({ nodeName, instance }) => ({
      name: nodeName,
      error: errors.get(instance.instanceId),
    }));
    for (
      const line of troubleLines(
        troubles,
        (names, error) => `Stopped instances of ${names} don't start and are replaced: ${error}`,
      )
    ) this.#ports.log.warn(line);
    return replaced.map(({ nodeName }) => nodeName);
  }

  async #launch(plans: readonly LaunchPlan[]): Promise<void> {
    // Two instances of one name must not both register: the old one goes first.
    await this.#endSurplus();
    const ports = {
      ...this.#ports,
      deadline: this.#ports.launchDeadline,
      saveIntent: this.#ports.state.saveIntent.bind(this.#ports.state),
    };
    const outcomes = await launchAll(ports, this.#config, plans);
    const { assignments, shortfall, surplus } = assign(outcomes);
    this.#assigned.push(...assignments);
    this.#shortfall.push(...shortfall);
    this.#surplus.push(...surplus);
    this.#settledTokens.push(...outcomes.filter(isSettled).map(({ clientToken }) => clientToken));
    this.#newborn.push(...assignments);
  }

  /**
   * An instance can die while pending, after RunInstances has answered: its node gets its verdict now instead
   * of at ResumeTimeout.
   * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
   */
  async watchBirths(jobs: readonly ResumeJob[]): Promise<void> {
    const wait = this.#config.limits.birthCheckSeconds * 1000;
    if (wait === 0 || this.#newborn.length === 0 || this.#ports.now() + wait > this.#ports.deadline) return;
    await this.#ports.sleep(wait);
    const dead = await attempt(() => findDead(this.#ports, this.#newborn));
    if (dead.kind === "refused" || dead.value.length === 0) return;
    this.#shortfall.splice(0, Infinity, ...dead.value);
    this.#assigned.length = 0;
    const gone = dead.value.map(({ nodeName }) => nodeName);
    await this.#ports.state.updateHints((hints) => changedHints(hints, { endedNodes: gone }));
    await this.finish(jobs);
  }

  /** Tells Slurm addresses and verdicts, ends what is surplus, and forgets what is settled. */
  async finish(jobs: readonly ResumeJob[]): Promise<void> {
    const failures = new Map<string, FailureVerdict>();
    for (const { nodeName, refusal } of this.#shortfall) {
      const clock = { now: this.#ports.now(), cooldown: this.#ports.cooldown };
      failures.set(nodeName, failureVerdict(refusal, errorClass(refusal.code), clock));
    }
    for (const { nodeName, instance } of this.#assigned) {
      const { instanceId, privateIpAddress: nodeAddr = "" } = instance;
      this.verdicts.set(nodeName, { kind: "assigned", instanceId, nodeAddr });
    }
    for (const [nodeName, verdict] of failures) this.verdicts.set(nodeName, verdict);
    await this.#remember(failures);
    const [told] = await Promise.all([
      tellSlurm(this.#ports, { assigned: this.#assigned, failures, jobs }),
      this.#endSurplus(),
    ]);
    this.troubles.push(...told);
    await this.#ports.state.removeIntents(this.troubles.length === 0 ? this.#settledTokens : []);
  }

  /** Before Slurm is told: a hook that dies in between must leave what the next one needs. */
  async #remember(failures: ReadonlyMap<string, FailureVerdict>): Promise<void> {
    if (this.#assigned.length > 0) {
      await this.#ports.state.updateHints((hints) => changedHints(hints, { added: this.#assigned }));
    }
    const cooldowns = [...failures].flatMap(([node, verdict]) =>
      verdict.kind === "down" ? [[node, verdict.until] as const] : []
    );
    if (cooldowns.length > 0) {
      await this.#ports.state.updateCooldowns((before) => ({ ...before, ...Object.fromEntries(cooldowns) }));
    }
  }

  async #endSurplus(): Promise<void> {
    const ids = this.#surplus.splice(0).map(({ instanceId }) => instanceId);
    if (ids.length === 0) return;
    this.#ports.events({ kind: "ended", action: "terminate", instanceIds: ids, why: "nobody's node" });
    const unended = (await terminateInstances(this.#ports.ec2, ids, this.#ports)).map(({ item, error }) => ({
      name: item,
      error,
    }));
    this.troubles.push(
      ...troubleLines(
        unended,
        (names, error) =>
          `Instances ${names} are nobody's nodes and still run: ${error}; terminate them by hand`,
      ),
    );
  }
}

/** Whether EC2's answer leaves no doubt: an unanswered launch may have happened, and is replayed by a later hook. */
function isSettled(outcome: Outcome): boolean {
  return outcome.kind === "launched" || !isOutcomeUnknown(outcome.refusal.code);
}
