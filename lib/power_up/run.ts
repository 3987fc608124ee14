import { AwsError } from "../aws/aws_error.ts";
import type { Ec2Api } from "../aws/ec2_api.ts";
import { errorClass } from "../aws/error_codes.ts";
import type { Instance } from "../aws/instance.ts";
import { snapshotInstanceTypes } from "../aws/instance_type_snapshot.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
import type { Parameter, SsmApi } from "../aws/ssm_api.ts";
import { errorText } from "../base/error_text.ts";
import type { Log } from "../base/log.ts";
import { startInstances, terminateInstances } from "../cluster/end_instances.ts";
import { type GroupedNodes, groupNodes } from "../cluster/group.ts";
import { listCluster } from "../cluster/inventory.ts";
import { readParameters } from "../cluster/read_parameters.ts";
import { distinctParameterNames, type LaunchSettings, launchSettings } from "../cluster/ssm_parameters.ts";
import { tellAddresses, tellVerdicts } from "../cluster/tell_slurm.ts";
import { type FailureVerdict, failureVerdict } from "../cluster/verdict.ts";
import type { Config } from "../config/model.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import type { ScontrolApi } from "../slurm/scontrol_api.ts";
import { assign, type Assignment, type Shortfall } from "./assign.ts";
import { planExisting } from "./existing.ts";
import { launchAll, type LaunchPorts } from "./launch.ts";
import { type LaunchPlan, planLaunches } from "./launch_plan.ts";
import { launchUnits } from "./launch_units.ts";
import { offeringsOf } from "./offering.ts";
import type { Refusal } from "./outcome.ts";

/** What powering up needs of the outside. */
export interface PowerUpPorts extends Omit<LaunchPorts, "ec2"> {
  readonly ec2: Ec2Api;
  readonly ssm: Pick<SsmApi, "getParameters">;
  readonly scontrol: ScontrolApi;
  readonly log: Log;
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
 * refusals are verdicts; only a fault of our own throws.
 */
export async function powerUp(
  ports: PowerUpPorts,
  config: Config,
  request: PowerUpRequest,
): Promise<PowerUpResult> {
  const { groups, foreign } = groupNodes(config, request.nodes);
  const wanted = groups.flatMap(({ nodes }) => nodes);
  const [parameters, inventory] = await Promise.all([
    attempt(
      ports,
      () => readParameters(ports.ssm, distinctParameterNames(config, groups.map(({ group }) => group))),
    ),
    attempt(ports, () => wanted.length === 0 ? Promise.resolve([]) : listCluster(ports.ec2, config.cluster)),
  ]);
  const work = new Work(ports, config);
  if (inventory.kind === "refused") work.shortAll(wanted, inventory.refusal);
  else await work.powerUpGroups(groups, request.jobs, parameters, byNode(inventory.value));
  return await work.finish(foreign);
}

type Attempt<T> = { readonly kind: "done"; readonly value: T } | {
  readonly kind: "refused";
  readonly refusal: Refusal;
};

async function attempt<T>(patience: Patience, call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: "done", value: await patiently(patience, call) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind: "refused", refusal: { code: error.code, message: error.message } };
  }
}

function byNode(instances: readonly OwnedInstance[]): Map<string, OwnedInstance[]> {
  const named = instances.filter((owned) => owned.nodeName !== undefined);
  return Map.groupBy(named, (owned) => owned.nodeName!);
}

/** One power-up in progress: collects what the steps bring, so that the end can give every node its verdict. */
class Work {
  readonly #ports: PowerUpPorts;
  readonly #config: Config;
  readonly #assignments: Assignment[] = [];
  readonly #shortfall: Shortfall[] = [];
  readonly #surplus: Instance[] = [];
  readonly #troubles: string[] = [];

  constructor(ports: PowerUpPorts, config: Config) {
    this.#ports = ports;
    this.#config = config;
  }

  shortAll(nodes: readonly string[], refusal: Refusal): void {
    for (const nodeName of nodes) this.#shortfall.push({ nodeName, refusal });
  }

  async powerUpGroups(
    groups: readonly GroupedNodes[],
    jobs: readonly ResumeJob[],
    parameters: Attempt<Map<string, Parameter>>,
    existing: ReadonlyMap<string, readonly OwnedInstance[]>,
  ): Promise<void> {
    const plans: LaunchPlan[] = [];
    for (const grouped of groups) {
      const settings = parameters.kind === "refused"
        ? { kind: "problem" as const, ...parameters.refusal }
        : launchSettings(this.#config, grouped.group, parameters.value);
      if ("kind" in settings) this.shortAll(grouped.nodes, settings);
      else plans.push(...await this.#planGroup(grouped, settings, jobs, existing));
    }
    await this.#endSurplus();
    const { assignments, shortfall, surplus } = assign(await launchAll(this.#ports, this.#config, plans));
    this.#assignments.push(...assignments);
    this.#shortfall.push(...shortfall);
    this.#surplus.push(...surplus);
  }

  async #planGroup(
    { group, nodes }: GroupedNodes,
    settings: LaunchSettings,
    jobs: readonly ResumeJob[],
    instances: ReadonlyMap<string, readonly OwnedInstance[]>,
  ): Promise<LaunchPlan[]> {
    const existing = planExisting(group, nodes, instances, {
      now: this.#ports.now(),
      bootMilliseconds: this.#config.limits.expectedBootSeconds * 1000,
      imageId: settings.imageId,
    });
    this.#assignments.push(...existing.adopt);
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
  async #start(stopped: readonly Assignment[]): Promise<string[]> {
    const failed = await startInstances(
      this.#ports.ec2,
      stopped.map(({ instance }) => instance.instanceId),
      this.#ports,
    );
    const failedIds = new Set(failed.map(({ item }) => item));
    this.#assignments.push(...stopped.filter(({ instance }) => !failedIds.has(instance.instanceId)));
    const replaced = stopped.filter(({ instance }) => failedIds.has(instance.instanceId));
    this.#surplus.push(...replaced.map(({ instance }) => instance));
    return replaced.map(({ nodeName }) => nodeName);
  }

  /** Tells Slurm addresses and verdicts, ends what is surplus, and sums up. */
  async finish(foreign: readonly string[]): Promise<PowerUpResult> {
    const nodes = new Map<string, NodeVerdict>();
    const failures = new Map<string, FailureVerdict>();
    for (const { nodeName, refusal } of this.#shortfall) {
      const verdict = failureVerdict(refusal, errorClass(refusal.code), this.#ports.now());
      failures.set(nodeName, verdict);
      nodes.set(nodeName, verdict);
    }
    for (const { nodeName, instance } of this.#assignments) {
      nodes.set(nodeName, {
        kind: "assigned",
        instanceId: instance.instanceId,
        nodeAddr: instance.privateIpAddress ?? "",
      });
    }
    for (const nodeName of foreign) nodes.set(nodeName, { kind: "not-ours" });
    await Promise.all([this.#tellSlurm(failures), this.#endSurplus()]);
    return { nodes, troubles: this.#troubles };
  }

  async #tellSlurm(failures: ReadonlyMap<string, FailureVerdict>): Promise<void> {
    const addresses = this.#assignments.map(({ nodeName, instance }) => ({
      nodeName,
      nodeAddr: instance.privateIpAddress ?? nodeName,
      nodeHostname: nodeName,
      instanceId: instance.instanceId,
      instanceType: instance.instanceType,
    }));
    for (const { item, error } of await tellAddresses(this.#ports.scontrol, addresses)) {
      this.#troubles.push(
        `Node ${item.nodeName} has instance ${item.instanceId}, but slurmctld was not told: ${
          errorText(error)
        }`,
      );
    }
    for (const { item, error } of await tellVerdicts(this.#ports.scontrol, failures)) {
      this.#troubles.push(`Node ${item} got no instance, but slurmctld was not told: ${errorText(error)}`);
    }
  }

  /** Before a launch too: two instances of one name must not both register. */
  async #endSurplus(): Promise<void> {
    const ids = this.#surplus.splice(0).map(({ instanceId }) => instanceId);
    for (const { item, error } of await terminateInstances(this.#ports.ec2, ids, this.#ports)) {
      this.#troubles.push(
        `Instance ${item} is nobody's node and still runs: ${errorText(error)}; terminate it by hand`,
      );
    }
  }
}
