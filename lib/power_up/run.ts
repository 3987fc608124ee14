import { isOutcomeUnknown } from "../aws/error_codes.ts";
import { snapshotInstanceTypes } from "../aws/instance_type_snapshot.ts";
import type { Parameter, SsmApi } from "../aws/ssm_api.ts";
import { startInstances } from "../cluster/end_instances.ts";
import { type GroupedNodes, groupNodes } from "../cluster/group.ts";
import { findInstances } from "../cluster/inventory.ts";
import type { HookPorts } from "../cluster/ports.ts";
import { type LaunchSettings, launchSettings } from "../cluster/ssm_parameters.ts";
import { type Inherited, type NodeInstance, tend } from "../cluster/tend.ts";
import { troubleLines } from "../cluster/troubles.ts";
import type { Config } from "../config/model.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import { assign } from "./assign.ts";
import { type Attempt, attempt } from "./attempt.ts";
import { bootTimes } from "./boot_times.ts";
import { breakerRefusal } from "./breaker.ts";
import { currentParameters } from "./current_parameters.ts";
import { onePerNode, planExisting } from "./existing.ts";
import { launchAll, type LaunchPorts } from "./launch.ts";
import { type LaunchPlan, planLaunches } from "./launch_plan.ts";
import { launchUnits } from "./launch_units.ts";
import { offeringsOf } from "./offering.ts";
import type { Outcome } from "./outcome.ts";
import { type NodeVerdict, Settlement } from "./settlement.ts";

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
  const settlement = new Settlement(ports, config.limits.launchCheckSeconds);
  const { verdicts } = settlement;
  for (const nodeName of foreign) verdicts.set(nodeName, { kind: "not-ours" });
  try {
    await ports.state.open();
    const { taken } = await ports.state.claim(groups.flatMap(({ nodes }) => nodes));
    for (const nodeName of taken) verdicts.set(nodeName, { kind: "claimed" });
    await new Work(ports, config, settlement).powerUp(withoutNodes(groups, taken), request.jobs);
  } catch (error) {
    settlement.giveUp(groups.flatMap(({ nodes }) => nodes), error);
  }
  await settlement.finish(request.jobs);
  // Given back first: Slurm may want the same nodes again while the births are watched.
  await ports.state.close();
  await settlement.watchBirths(request.jobs);
  return { nodes: verdicts, troubles: settlement.troubles };
}

function withoutNodes(groups: readonly GroupedNodes[], taken: readonly string[]): GroupedNodes[] {
  if (taken.length === 0) return [...groups];
  const gone = new Set(taken);
  return groups.map(({ group, nodes }) => ({ group, nodes: nodes.filter((node) => !gone.has(node)) }))
    .filter(({ nodes }) => nodes.length > 0);
}

/** Reads, decides and acts; what comes of it goes to the settlement. */
class Work {
  readonly #ports: PowerUpPorts;
  readonly #config: Config;
  readonly #settlement: Settlement;

  constructor(ports: PowerUpPorts, config: Config, settlement: Settlement) {
    this.#ports = ports;
    this.#config = config;
    this.#settlement = settlement;
  }

  async powerUp(groups: readonly GroupedNodes[], jobs: readonly ResumeJob[]): Promise<void> {
    const nodes = groups.flatMap((grouped) => grouped.nodes);
    // Two services, neither of which needs the other's answer.
    const [parameters, { open, existing }] = await Promise.all([
      attempt(() => currentParameters(this.#ports, this.#config, groups.map(({ group }) => group))),
      this.#takeStock(groups, nodes),
    ]);
    if (existing.kind === "refused") {
      this.#settlement.shortAll(open.flatMap((grouped) => grouped.nodes), existing.refusal);
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
    this.#settlement.assigned.push(...assigned);
    this.#settlement.surplus.push(...surplus);
    this.#settlement.settledTokens.push(...clientTokens);
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
        this.#settlement.shortAll(grouped.nodes, settings);
        continue;
      }
      const broken = breakerRefusal(failures, grouped.group.name, settings.imageId);
      if (broken !== undefined) this.#settlement.shortAll(grouped.nodes, broken);
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
    this.#settlement.assigned.push(...existing.adopt);
    this.#settlement.surplus.push(...existing.terminate);
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
    this.#settlement.assigned.push(...stopped.filter(({ instance }) => !failed.has(instance.instanceId)));
    const replaced = stopped.filter(({ instance }) => failed.has(instance.instanceId));
    this.#settlement.surplus.push(...replaced.map(({ instance }) => instance));
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
    await this.#settlement.endSurplus();
    const ports = {
      ...this.#ports,
      deadline: this.#ports.launchDeadline,
      saveIntent: this.#ports.state.saveIntent.bind(this.#ports.state),
    };
    const outcomes = await launchAll(ports, this.#config, plans);
    const { assignments, shortfall, surplus } = assign(outcomes);
    this.#settlement.assigned.push(...assignments);
    this.#settlement.shortfall.push(...shortfall);
    this.#settlement.surplus.push(...surplus);
    this.#settlement.settledTokens.push(...outcomes.filter(isSettled).map(({ clientToken }) => clientToken));
    this.#settlement.newborn.push(...assignments);
  }
}

/** Whether EC2's answer leaves no doubt: an unanswered launch may have happened, and is replayed by a later hook. */
function isSettled(outcome: Outcome): boolean {
  return outcome.kind === "launched" || !isOutcomeUnknown(outcome.refusal.code);
}
