import { isAt } from "./adopt.ts";
import type { Draft } from "./draft.ts";
import type { InstanceRecord, NodeRecord, SlurmView } from "./state.ts";

/** Milliseconds within which an answer of slurmctld may not show yet what it was given. */
const SETTLING = 5_000;

/** slurmctld has forgotten an address that it had accepted, or has it already without our word. */
export function takeAddress(draft: Draft, name: string, view: SlurmView): void {
  const node = draft.nodes.get(name);
  if (node?.want !== "up") return;
  const instance = draft.currentOf(node);
  if (instance === undefined) return;
  if (view.use === "up" && node.reportedInstance === undefined && isAt(instance, view)) {
    draft.changeNode(name, { reportedInstance: instance.id });
  } else if (
    view.use === "awaited" && node.reportedInstance === instance.id && !isAt(instance, view) &&
    view.began > (draft.addressedAt.get(name) ?? -Infinity) + SETTLING
  ) draft.changeNode(name, { reportedInstance: undefined });
}

/** slurmctld has accepted an address. */
export function takeReported(draft: Draft, name: string, instanceId: string): void {
  draft.addressedAt.set(name, draft.now.clock);
  const node = draft.nodes.get(name);
  if (node === undefined || draft.instances.get(instanceId)?.generation !== node.generation) return;
  draft.changeNode(name, { reportedInstance: instanceId });
}

/** Every node that is wanted up and has an instance is to be reached there. */
export function planAddresses(draft: Draft): void {
  const addresses = [];
  for (const node of draft.nodes.map.values()) {
    const instance = addressee(draft, node);
    if (instance === undefined) continue;
    addresses.push({
      nodeName: node.name,
      nodeAddr: instance.privateIpAddress!,
      nodeHostname: node.name,
      instanceId: instance.id,
      instanceType: instance.instanceType,
    });
  }
  if (addresses.length > 0) draft.actions.push({ kind: "report-addresses", addresses });
}

function addressee(draft: Draft, node: NodeRecord): InstanceRecord | undefined {
  if (node.want !== "up" || node.refusal !== undefined || draft.requests.held.has(node.name)) {
    return undefined;
  }
  const instance = draft.currentOf(node);
  if (instance?.privateIpAddress === undefined || node.reportedInstance === instance.id) return undefined;
  if (instance.state !== "pending" && instance.state !== "running") return undefined;
  // slurmctld reaches a node that is up already; only one instance can be meant by it.
  const isUp = draft.views.get(node.name)?.use === "up";
  return isUp && draft.instances.of(node.name).length > 1 ? undefined : instance;
}
