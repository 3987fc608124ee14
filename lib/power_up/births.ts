import type { Instance } from "../aws/instance.ts";
import { patiently } from "../aws/patiently.ts";
import { chunk } from "../base/chunk.ts";
import { FILTER_VALUES_MAX } from "../cluster/inventory.ts";
import type { HookPorts } from "../cluster/ports.ts";
import type { NodeInstance } from "../cluster/tend.ts";
import type { Shortfall } from "./assign.ts";

/** Of the instances just launched, those that have died since, as nodes without an instance. */
export async function findDead(
  ports: Pick<HookPorts, "ec2" | "now" | "sleep" | "random" | "deadline">,
  newborn: readonly NodeInstance[],
): Promise<Shortfall[]> {
  const states = [{ Name: "instance-state-name", Values: ["shutting-down", "terminated"] }];
  const answers = await Promise.all(
    chunk(newborn.map(({ instance }) => instance.instanceId), FILTER_VALUES_MAX).map((Values) =>
      patiently(
        ports,
        () => ports.ec2.describeInstances({ Filters: [{ Name: "instance-id", Values }, ...states] }),
      )
    ),
  );
  const dead = new Map(
    answers.flatMap(({ items }) => items).map((instance) => [instance.instanceId, instance]),
  );
  return newborn.flatMap(({ nodeName, instance }) => {
    const died = dead.get(instance.instanceId);
    return died === undefined
      ? []
      : [{ nodeName, refusal: { code: codeOf(died), message: messageOf(died) } }];
  });
}

function codeOf(instance: Instance): string {
  return instance.stateReasonCode ?? "Server.Unknown";
}

function messageOf(instance: Instance): string {
  return `Instance ${instance.instanceId} died right after its launch: ` +
    `see aws ec2 describe-instances --instance-ids ${instance.instanceId} (StateReason)`;
}
