import type { Instance } from "../aws/instance.ts";
import type { Parameter } from "../aws/ssm_api.ts";
import { launchSettings } from "../cluster/ssm_parameters.ts";
import type { Config, NodeGroup } from "../config/model.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";
import type { NodeState } from "../slurm/node_state.ts";
import { type Costs, type Discrepancy, found } from "./discrepancy.ts";
import { groupOfNode } from "./node_groups.ts";
import { isResumeTimeout, isSlurmsOwn, viewOf } from "./slurm_view.ts";
import type { SlurmView, State } from "./state.ts";

interface NodeReading extends Costs {
  readonly state: Pick<State, "instances">;
  readonly config: Config;
  readonly nodes: readonly NodeState[] | undefined;
  readonly parameters?: ReadonlyMap<string, Parameter>;
}

/** One node with everything that was read of it. */
interface Subject {
  readonly reading: NodeReading;
  readonly name: string;
  readonly group: NodeGroup;
  readonly view: SlurmView;
  /** Pending or running. */
  readonly running: readonly Instance[];
  /** Stopping or stopped. */
  readonly stopped: readonly Instance[];
  /** Ended within the last hour. */
  readonly ended: readonly Instance[];
}

/** What is wrong with the nodes of the configuration. */
export function nodeFindings(
  reading: NodeReading,
  alive: readonly OwnedInstance[],
  owned: readonly OwnedInstance[],
): Discrepancy[] {
  const nodes = new Map(reading.nodes!.map((node) => [node.name, node]));
  const aliveOf = Map.groupBy(alive, ({ nodeName }) => nodeName);
  const ownedOf = Map.groupBy(owned, ({ nodeName }) => nodeName);
  return [...groupOfNode(reading.config)].flatMap(([name, group]) => {
    const own = (aliveOf.get(name) ?? []).map(({ instance }) => instance);
    const isStopped = ({ state }: Instance) => state === "stopping" || state === "stopped";
    const subject: Subject = {
      reading,
      name,
      group,
      view: viewOf(nodes.get(name)!, reading.now.clock),
      running: own.filter((instance) => !isStopped(instance)),
      stopped: own.filter(isStopped),
      ended: (ownedOf.get(name) ?? []).map(({ instance }) => instance)
        .filter(({ instanceId }) => !own.some((one) => one.instanceId === instanceId)),
    };
    return [
      ...ofRunning(subject),
      ...subject.stopped.flatMap((one) => ofStopped(subject, one)),
      ...ofDown(subject),
    ];
  });
}

function ofRunning(subject: Subject): Discrepancy[] {
  const { reading, name, view, running, ended } = subject;
  switch (view.use) {
    case "off":
    case "going-down":
      return running.map((instance) =>
        found(reading, "orphan", [name], [instance], {
          evidence: `${instance.instanceId} is ${instance.state}, and slurmctld has ${name} ${
            view.use === "off" ? "powered down" : "on its way down"
          }`,
          action: "terminate",
        })
      );
    case "up":
      return running.length > 0 ? [...ofDuplicates(subject), ...ofAddress(subject)] : [
        found(reading, "missing", [name], [], {
          evidence: ended.length > 0
            ? `slurmctld has ${name} up, and EC2 shows its instance ${ended[0]!.instanceId} ${
              ended[0]!.state
            }`
            : `slurmctld has ${name} up, and EC2 lists no instance of it: it is set DOWN once it does not respond`,
          action: ended.length > 0 ? "give-back" : "none",
        }),
      ];
    case "awaited":
      return ofDuplicates(subject);
    default:
      return [];
  }
}

/** The instance that slurmctld reaches is the node; where it reaches none of them, the oldest. */
function keptOf({ view, running }: Subject): Instance | undefined {
  const oldest = running.toSorted((a, b) =>
    a.launchTime - b.launchTime || (a.instanceId < b.instanceId ? -1 : 1)
  );
  return oldest.find(({ privateIpAddress }) => privateIpAddress === view.nodeAddr) ?? oldest[0];
}

function ofDuplicates(subject: Subject): Discrepancy[] {
  const { reading, name, running } = subject;
  const kept = keptOf(subject);
  return running.filter((instance) => instance !== kept).map((instance) =>
    found(reading, "duplicate", [name], [instance], {
      evidence: `${instance.instanceId} is ${name} as well as ${kept!.instanceId}, which stays`,
      action: "terminate",
    })
  );
}

function ofAddress(subject: Subject): Discrepancy[] {
  const { reading, name, view } = subject;
  const kept = keptOf(subject)!;
  // A node that is reached by its name has an address of the site's own making.
  if (kept.privateIpAddress === undefined || view.nodeAddr === name) return [];
  if (view.nodeAddr === kept.privateIpAddress) return [];
  return [found(reading, "wrong-address", [name], [kept], {
    evidence:
      `slurmctld reaches ${name} at ${view.nodeAddr}, its instance ${kept.instanceId} is ${kept.privateIpAddress}`,
    action: "report-address",
  })];
}

function ofStopped({ reading, name, group, view }: Subject, instance: Instance): Discrepancy[] {
  const { instanceId } = instance;
  const finding = (kind: "orphan" | "stopped-drift" | "stopped-too-long", evidence: string) => [
    found(reading, kind, [name], [instance], { evidence, action: "terminate" }),
  ];
  if (group.powerDownAction !== "stop") {
    return finding(
      "orphan",
      `${instanceId} of ${name} is ${instance.state}, and node group ${group.name} terminates`,
    );
  }
  // A node that waits for it, or for another, is the controller's business.
  if (view.use === "awaited") return [];
  if (!group.instanceTypes.includes(instance.instanceType)) {
    return finding(
      "stopped-drift",
      `${instanceId} of ${name} is a ${instance.instanceType}, which node group ${group.name} does not have any more`,
    );
  }
  const imageId = imageOf(reading, group);
  if (imageId !== undefined && imageId !== instance.imageId) {
    return finding("stopped-drift", `${instanceId} of ${name} has image ${instance.imageId}, not ${imageId}`);
  }
  const since = reading.state.instances.get(instanceId)?.stoppedSince;
  const limit = group.maxStoppedDuration;
  if (since === undefined || limit === undefined || reading.now.clock - since < limit * 1_000) return [];
  return finding("stopped-too-long", `${instanceId} of ${name} is stopped for longer than ${limit} s`);
}

/** The image that a launch of the group would have, where that is known. */
function imageOf({ config, parameters = new Map() }: NodeReading, group: NodeGroup): string | undefined {
  if (group.imageId !== undefined) return group.imageId;
  const settings = launchSettings(config, group, parameters);
  return "kind" in settings ? undefined : settings.imageId;
}

function ofDown(subject: Subject): Discrepancy[] {
  const { reading, name, view, running } = subject;
  if (view.use !== "down") return [];
  const isOver = view.until !== undefined && view.until <= reading.now.wall;
  // Down by us, or given up by slurmctld: whatever runs for it is not wanted. Else it may be looked into.
  const isUnwanted = view.until !== undefined || isResumeTimeout(view.reason);
  const findings = (isUnwanted ? running : []).map((instance) =>
    found(reading, "orphan", [name], [instance], {
      evidence: `${instance.instanceId} is ${instance.state}, and ${name} is DOWN: ${view.reason}`,
      action: "terminate",
    })
  );
  const down = (evidence: string, action: "give-back" | "none") =>
    found(reading, "down-for-ever", [name], action === "none" ? running : [], { evidence, action });
  if (isOver) {
    const evidence = `${name} is DOWN, although the time of its reason is over: ${view.reason}`;
    return [...findings, down(evidence, "give-back")];
  }
  if (!isSlurmsOwn(view.reason)) return findings;
  if (isUnwanted || running.length === 0) {
    const without = running.length === 0 ? " without an instance" : "";
    return [...findings, down(`${name} is DOWN${without}: ${view.reason}`, "give-back")];
  }
  const evidence = `${name} is DOWN, and its instance ${running[0]!.instanceId} runs: ${view.reason}. ` +
    `scontrol update NodeName=${name} State=POWER_DOWN_FORCE gives it a new one`;
  return [...findings, down(evidence, "none")];
}
