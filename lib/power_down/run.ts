import { AwsError } from "../aws/aws_error.ts";
import type { Ec2Api } from "../aws/ec2_api.ts";
import { errorClass } from "../aws/error_codes.ts";
import { type Patience, patiently } from "../aws/patiently.ts";
import { errorText } from "../base/error_text.ts";
import type { Isolated } from "../base/isolate.ts";
import type { Log } from "../base/log.ts";
import { stopInstances, terminateInstances } from "../cluster/end_instances.ts";
import { groupNodes } from "../cluster/group.ts";
import { listCluster } from "../cluster/inventory.ts";
import { tellVerdicts } from "../cluster/tell_slurm.ts";
import { type FailureVerdict, failureVerdict, REASON_MARK } from "../cluster/verdict.ts";
import type { Config } from "../config/model.ts";
import type { ScontrolApi } from "../slurm/scontrol_api.ts";
import { type NodeInstance, planPowerDown, type PowerDownPlan } from "./plan.ts";

/** What powering down needs of the outside. */
export interface PowerDownPorts extends Patience {
  readonly ec2: Pick<
    Ec2Api,
    "describeInstances" | "terminateInstances" | "stopInstances" | "getConsoleOutput"
  >;
  readonly scontrol: ScontrolApi;
  readonly log: Log;
}

/** What became of one node. */
export type PoweredDown =
  | { readonly kind: "terminated" | "stopped"; readonly instanceIds: readonly string[] }
  | { readonly kind: "no-instance" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "not-ours" };

/** What became of a request; troubles are sentences for the administrator. */
export interface PowerDownResult {
  readonly nodes: ReadonlyMap<string, PoweredDown>;
  readonly troubles: readonly string[];
}

/** Powers nodes down, as SuspendProgram: terminates or stops what is theirs, as their node group says. */
export async function powerDown(
  ports: PowerDownPorts,
  config: Config,
  nodes: readonly string[],
): Promise<PowerDownResult> {
  const decidedAt = ports.now();
  const { groups, foreign } = groupNodes(config, nodes);
  const wanted = new Set(groups.flatMap((group) => group.nodes));
  const result = new Summary(foreign);
  if (wanted.size === 0) return result;
  try {
    const owned = await patiently(ports, () => listCluster(ports.ec2, config.cluster));
    const named = owned.filter(({ nodeName }) => nodeName !== undefined && wanted.has(nodeName));
    const plan = planPowerDown(groups, Map.groupBy(named, ({ nodeName }) => nodeName!), decidedAt);
    await endPlanned(ports, plan, result);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    for (const nodeName of wanted) result.failed(nodeName, error);
  }
  await tellFailures(ports, result);
  return result;
}

/**
 * Ends the instances of nodes that did not register in time, as ResumeFailProgram: slurmctld does not call
 * SuspendProgram for them, so whoever does not terminate here leaks. Their consoles are kept first.
 * https://slurm.schedmd.com/slurm.conf.html#OPT_ResumeFailProgram
 */
export async function resumeFail(
  ports: PowerDownPorts,
  config: Config,
  nodes: readonly string[],
): Promise<PowerDownResult> {
  const { groups, foreign } = groupNodes(config, nodes);
  const wanted = new Set(groups.flatMap((group) => group.nodes));
  const result = new Summary(foreign);
  if (wanted.size === 0) return result;
  try {
    const owned = await patiently(ports, () => listCluster(ports.ec2, config.cluster));
    const own = owned.flatMap(({ nodeName, instance }) =>
      nodeName !== undefined && wanted.has(nodeName) ? [{ nodeName, instance }] : []
    );
    await keepConsoles(ports, own);
    const withInstance = new Set(own.map(({ nodeName }) => nodeName));
    const without = [...wanted].filter((nodeName) => !withInstance.has(nodeName));
    await endPlanned(ports, { terminate: own, stop: [], without }, result);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    for (const nodeName of wanted) result.failed(nodeName, error);
  }
  await tellFailures(ports, result);
  await giveBack(ports, result);
  return result;
}

async function endPlanned(ports: PowerDownPorts, plan: PowerDownPlan, result: Summary): Promise<void> {
  for (const nodeName of plan.without) result.nodes.set(nodeName, { kind: "no-instance" });
  const ids = (ended: readonly NodeInstance[]) => ended.map(({ instance }) => instance.instanceId);
  const [notTerminated, notStopped] = await Promise.all([
    terminateInstances(ports.ec2, ids(plan.terminate), ports),
    stopInstances(ports.ec2, ids(plan.stop), ports),
  ]);
  result.ended("terminated", plan.terminate, notTerminated);
  result.ended("stopped", plan.stop, notStopped);
}

/** Consoles read on one call of the hook, and the time for all of them: then termination goes ahead regardless. */
const CONSOLES = { instances: 10, milliseconds: 5_000 };

/** Keeps the last console lines of instances that never registered: the evidence is gone once they are. */
async function keepConsoles(ports: PowerDownPorts, own: readonly NodeInstance[]): Promise<void> {
  const signal = AbortSignal.timeout(CONSOLES.milliseconds);
  await Promise.all(
    own.slice(0, CONSOLES.instances).map(async ({ nodeName, instance }) => {
      try {
        const { output } = await ports.ec2.getConsoleOutput({ InstanceId: instance.instanceId }, { signal });
        ports.log.info(`Console of ${nodeName} (${instance.instanceId}): ${lastLines(output)}`);
      } catch (error) {
        ports.log.warn(`No console output of ${nodeName} (${instance.instanceId}): ${errorText(error)}`);
      }
    }),
  );
}

/** Characters of console output kept per instance: the end is where a boot says why it failed. */
const CONSOLE_TAIL = 4_000;

function lastLines(output: string): string {
  return JSON.stringify(output.slice(-CONSOLE_TAIL));
}

/** A node whose instance may still run is set down with the reason: seen in `sinfo -R`, and not scheduled. */
async function tellFailures(ports: PowerDownPorts, result: Summary): Promise<void> {
  for (const { item, error } of await tellVerdicts(ports.scontrol, result.failures(ports.now()))) {
    result.troubles.push(`Node ${item} could not be set down: ${errorText(error)}`);
  }
}

/** After ResumeTimeout a node stays down until somebody acts: its instance is gone, so it may be scheduled again. */
async function giveBack(ports: PowerDownPorts, result: Summary): Promise<void> {
  const verdicts = new Map<string, FailureVerdict>();
  for (const [nodeName, { kind }] of result.nodes) {
    if (kind !== "terminated" && kind !== "no-instance") continue;
    verdicts.set(nodeName, {
      kind: "powered-down",
      reason: `${REASON_MARK} (Code:ResumeTimeout) did not register in time, instance terminated`,
    });
  }
  for (const { item, error } of await tellVerdicts(ports.scontrol, verdicts)) {
    result.troubles.push(
      `Node ${item} could not be given back: ${
        errorText(error)
      }; try scontrol update NodeName=${item} State=POWER_DOWN_FORCE`,
    );
  }
}

/** What became of each node, as the steps bring it. */
class Summary implements PowerDownResult {
  readonly nodes = new Map<string, PoweredDown>();
  readonly troubles: string[] = [];
  readonly #errors = new Map<string, { readonly code: string; readonly message: string }>();

  constructor(foreign: readonly string[]) {
    for (const nodeName of foreign) this.nodes.set(nodeName, { kind: "not-ours" });
  }

  failed(nodeName: string, error: unknown): void {
    const code = error instanceof AwsError ? error.code : "Unknown";
    const message = errorText(error);
    this.#errors.set(nodeName, { code, message });
    this.nodes.set(nodeName, { kind: "failed", reason: `${code}: ${message}` });
    this.troubles.push(`Node ${nodeName} may still have a running instance: ${code}: ${message}`);
  }

  ended(
    kind: "terminated" | "stopped",
    planned: readonly NodeInstance[],
    failures: readonly Isolated<string>[],
  ): void {
    const errors = new Map(failures.map(({ item, error }) => [item, error]));
    for (const [nodeName, own] of Map.groupBy(planned, (entry) => entry.nodeName)) {
      const ids = own.map(({ instance }) => instance.instanceId);
      const bad = ids.find((id) => errors.has(id));
      if (bad === undefined) this.nodes.set(nodeName, { kind, instanceIds: ids });
      else this.failed(nodeName, errors.get(bad));
    }
  }

  failures(now: number): Map<string, FailureVerdict> {
    return new Map([...this.#errors].map(([nodeName, error]) => [
      nodeName,
      failureVerdict(error, errorClass(error.code), now),
    ]));
  }
}
