import type { InstanceEvent, InstanceStatus } from "../aws/ec2_api.ts";
import type { OwnedInstance } from "../identity/node_of_instance.ts";
import { type Costs, type Discrepancy, found } from "./discrepancy.ts";

/** What EC2's status checks say of the cluster's instances, and what AWS has planned for them. */
export function healthFindings(
  costs: Costs,
  health: readonly InstanceStatus[],
  alive: readonly OwnedInstance[],
): Discrepancy[] {
  const owned = new Map(alive.map((one) => [one.instance.instanceId, one]));
  return health.flatMap((status): Discrepancy[] => {
    const one = owned.get(status.instanceId);
    return one === undefined ? [] : ofInstance(costs, status, one);
  });
}

function ofInstance(
  costs: Costs,
  status: InstanceStatus,
  { instance, nodeName }: OwnedInstance,
): Discrepancy[] {
  const { instanceId } = instance;
  const nodes = nodeName === undefined ? [] : [nodeName];
  const next = (why: string) =>
    nodeName === undefined
      ? ""
      : `: scontrol update NodeName=${nodeName} State=POWER_DOWN_ASAP Reason="${why}" ` +
        "replaces it once its jobs have ended";
  const findings = status.events.filter(isToCome).map(({ code, notBefore }) =>
    found(costs, "scheduled-event", nodes, [instance], {
      evidence: `AWS has ${code} planned for ${instanceId}${
        notBefore === undefined ? "" : ` from ${new Date(notBefore).toISOString()}`
      }${next(code)}`,
      action: "none",
    })
  );
  const failed = (["system", "instance"] as const).filter((check) => status[check].status === "impaired");
  if (failed.length === 0) return findings;
  const since = failed.flatMap((check) => status[check].impairedSince ?? []);
  const evidence = `${instanceId} fails its ${failed.join(" and ")} status check${
    since.length === 0 ? "" : ` since ${new Date(Math.min(...since)).toISOString()}`
  }${next("status check failed")}`;
  return [...findings, found(costs, "failed-status", nodes, [instance], { evidence, action: "none" })];
}

/**
 * EC2 goes on showing an event for a while once it is over
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusEvent.html).
 */
function isToCome({ description }: InstanceEvent): boolean {
  return !/^\[(?:Completed|Canceled)\]/.test(description);
}
