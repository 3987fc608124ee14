import { utcTime } from "../base/utc_time.ts";
import { readReason } from "../cluster/reason.ts";
import type { RunInstancesInput } from "../aws/ec2_api.ts";
import type { NodeState } from "../slurm/node_state.ts";
import type { Now } from "./now.ts";
import { nodeUse } from "./slurm_view.ts";
import type { InstanceRecord, LaunchRecord, RequestKind, State } from "./state.ts";

/** A node whose instance could not be ended, as releases before the worker keep it in `unended.json`. */
export interface FormerUnended {
  readonly action: "terminate" | "stop";
  /** Milliseconds since 1970 UTC: instances launched later belong to a later power-up. */
  readonly since: number;
}

/** A launch of unknown outcome, as releases before the worker keep it in `intents/`. */
export interface FormerIntent {
  readonly version: 1;
  readonly hook: string;
  readonly cluster: string;
  readonly nodeGroup: string;
  readonly nodes: readonly string[];
  /** Milliseconds since 1970 UTC; 0: it is only looked for, and never sent again. */
  readonly createdAt: number;
  readonly input: RunInstancesInput;
}

/** Nodes that get one reason. */
export interface NodesWithReason {
  readonly nodes: readonly string[];
  readonly reason: string;
}

/** What a release without a worker is left: it reads no database and no reason of ours, and acts only when a hook comes. */
export interface HandBack {
  /** Down for us with nothing that runs for them: given to the scheduler again, since that release may never do it. */
  readonly giveBack: readonly NodesWithReason[];
  /** Awaited by slurmctld, and nothing is on its way: powered down, so that their jobs go back into the queue. */
  readonly powerDown: readonly NodesWithReason[];
  /** Down because their instance could not be ended: they stay, with a reason that that release reads. */
  readonly stay: readonly NodesWithReason[];
  /** By node: each of that release's hooks tries these again, and gives the node back once it is done. */
  readonly unended: Readonly<Record<string, FormerUnended>>;
  readonly intents: readonly FormerIntent[];
  /** Ids of instances that are to end, and that that release has no place for: a person ends them. */
  readonly forPerson: readonly string[];
}

/** A request that came when the worker no longer served. */
export interface LateRequest {
  readonly kind: RequestKind;
  readonly nodes: readonly string[];
}

/** How a release before the worker begins each of its reasons; nothing else is its own to it. */
const FORMER_MARK = "slurm-ec2";

/** Why a node is given to the scheduler again. */
const GIVEN_BACK = `${FORMER_MARK} given back by install --rollback`;

/**
 * What is left to a release without a worker, from the state in which the worker ended and slurmctld's complete answer.
 * @param cluster The configuration's, as intents name it
 */
export function planHandBack(
  state: State,
  { cluster, nodes, now }: {
    readonly cluster: string;
    readonly nodes: readonly NodeState[];
    readonly now: Now;
  },
): HandBack {
  const due = [...state.instances.values()].filter(({ end }) => end === "due");
  const { unended, forPerson } = sortDue(state, due, now);
  const launching = new Set([...state.launches.values()].flatMap((launch) => launch.nodes));
  const down = nodes.filter((node) => nodeUse(node) === "down" && readReason(node.reason) !== undefined);
  return {
    giveBack: byReason(down.filter(({ name }) => unended[name] === undefined), () => GIVEN_BACK),
    stay: byReason(down.filter(({ name }) => unended[name] !== undefined), formerReason),
    powerDown: byReason(
      nodes.filter((node) => nodeUse(node) === "awaited" && isUnserved(state, node.name, launching)),
      () => `${FORMER_MARK} launched by nobody before install --rollback`,
    ),
    unended,
    intents: [...state.launches.values()].filter(({ doubt }) => doubt).map((launch) =>
      intentOf(launch, cluster, now)
    ),
    forPerson,
  };
}

/** What is left of requests that came too late for the worker: instances to be ended, and nodes that nobody launches for. */
export function planLate(
  requests: readonly LateRequest[],
  { wall }: Pick<Now, "wall">,
): Pick<HandBack, "unended"> & { readonly awaited: readonly string[] } {
  const unended: Record<string, FormerUnended> = {};
  const awaited = new Set<string>();
  for (const { kind, nodes } of requests) {
    for (const node of nodes) {
      if (kind === "resume") awaited.add(node);
      else {
        awaited.delete(node);
        unended[node] = { action: "terminate", since: wall };
      }
    }
  }
  return { unended, awaited: [...awaited] };
}

/** That release keeps what it could not end by node: where the node stands on another instance, both would end. */
function sortDue(
  state: State,
  due: readonly InstanceRecord[],
  { wall }: Now,
): { readonly unended: Record<string, FormerUnended>; readonly forPerson: string[] } {
  const unended: Record<string, FormerUnended> = {};
  const forPerson: string[] = [];
  const standing = new Set(
    [...state.instances.values()].filter(({ end }) => end === "no").map(({ node }) => node),
  );
  for (const { id, node, endAction } of due) {
    if (node === undefined || standing.has(node)) forPerson.push(id);
    else {unended[node] = {
        action: unended[node]?.action === "terminate" ? "terminate" : endAction,
        since: wall,
      };}
  }
  return { unended, forPerson };
}

/** slurmctld waits for a node for which no instance boots and no launch is in doubt. */
function isUnserved(state: State, name: string, launching: ReadonlySet<string>): boolean {
  const inDoubt = launching.has(name) &&
    [...state.launches.values()].some((launch) => launch.doubt && launch.nodes.includes(name));
  return !inDoubt && ![...state.instances.values()].some(({ node, end }) => node === name && end === "no");
}

/** As a release before the worker writes it, and asks for by its first word. */
function formerReason({ reason }: NodeState): string {
  const { code, message, until } = readReason(reason)!;
  const time = until === undefined ? "" : ` until=${utcTime(until)}`;
  return `${FORMER_MARK}${time}${code === "" ? "" : ` (Code:${code})`} ${message}`.trim();
}

function intentOf(launch: LaunchRecord, cluster: string, now: Now): FormerIntent {
  const { nodeGroup, nodes, input, over, token, at } = launch;
  return {
    version: 1,
    hook: token,
    cluster,
    nodeGroup,
    nodes,
    createdAt: over === true ? 0 : Math.round(now.wall - (now.clock - at)),
    input,
  };
}

function byReason(
  nodes: readonly NodeState[],
  reasonOf: (node: NodeState) => string,
): NodesWithReason[] {
  return [...Map.groupBy(nodes, reasonOf)].map(([reason, some]) => ({
    reason,
    nodes: some.map(({ name }) => name),
  }));
}
