import { launchSubnet } from "../aws/launch_subnet.ts";
import type { Action } from "../controller/action.ts";
import type { State } from "../controller/state.ts";
import { foldHostlist } from "../slurm/hostlist.ts";

/** Each change as a sentence for a person; questions have none. */
export function planLines(actions: readonly Action[], state: State): string[] {
  return actions.flatMap((action) => planLine(action, state) ?? []);
}

function planLine(action: Action, state: State): string | undefined {
  switch (action.kind) {
    case "run-instances": {
      const launch = state.launches.get(action.token);
      if (launch === undefined) return undefined;
      const { InstanceType, ImageId, MaxCount, InstanceMarketOptions } = launch.input;
      const spot = InstanceMarketOptions === undefined ? "" : " spot";
      return `launch ${MaxCount} ${InstanceType}${spot} (${ImageId}) in ${launchSubnet(launch.input)} for ${
        foldHostlist(launch.nodes)
      }`;
    }
    case "start":
      return `start ${named(action.ids, state)}`;
    case "end":
      return `${action.action} ${named(action.ids, state)}: ${action.why}`;
    case "report-addresses":
      return `report to Slurm: ${
        action.addresses.map(({ nodeName, nodeAddr }) => `${nodeName} is ${nodeAddr}`).join(", ")
      }`;
    case "set-state": {
      const nodes = foldHostlist(action.nodes.map(({ name }) => name));
      return `set ${nodes} ${action.state}${action.reason === undefined ? "" : `: ${action.reason}`}`;
    }
    case "comment":
      return `comment on ${
        action.jobIds.length === 1 ? "job" : "jobs"
      } ${action.jobIds.join()}: ${action.text}`;
    default:
      return undefined;
  }
}

/** `i-1 (c0)`: instances with their nodes. */
function named(ids: readonly string[], { instances }: State): string {
  return ids.map((id) => {
    const node = instances.get(id)?.node;
    return node === undefined ? id : `${id} (${node})`;
  }).join(", ");
}
