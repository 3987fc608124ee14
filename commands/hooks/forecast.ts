import { withQuota } from "../../lib/capacity/tokens.ts";
import type { Subnet } from "../../lib/aws/ec2_api.ts";
import { AwsError } from "../../lib/aws/aws_error.ts";
import { errorClass } from "../../lib/aws/error_codes.ts";
import { errorText } from "../../lib/base/error_text.ts";
import { type Charged, dayStart } from "../../lib/capacity/day_cost.ts";
import { type Forecast, forecast, type WantedGroup } from "../../lib/capacity/forecast.ts";
import { subnetFacts } from "../../lib/capacity/rank.ts";
import { deadlines } from "../../lib/cluster/deadlines.ts";
import type { SlurmTimeouts } from "../../lib/cluster/slurm_timeouts.ts";
import { launchSettings } from "../../lib/cluster/ssm_parameters.ts";
import type { Config, NodeGroup, Price } from "../../lib/config/model.ts";
import { groupOfNode } from "../../lib/controller/node_groups.ts";
import { pauseOf } from "../../lib/controller/pauses.ts";
import { poolMemory } from "../../lib/controller/pool_memory.ts";
import { reckonOf } from "../../lib/controller/reckon.ts";
import type { State } from "../../lib/controller/state.ts";
import { breakerRefusal } from "../../lib/power_up/breaker.ts";
import { readSubnets } from "../../lib/controller_run/read_instances.ts";
import type { Host } from "../base/host.ts";

/** What a forecast of some nodes is made from. */
export interface Asked {
  readonly config: Config;
  readonly state: State;
  readonly prices: ReadonlyMap<string, Price>;
  /** What has ended today, from the history. */
  readonly ended: Iterable<Charged>;
  readonly timeouts: SlurmTimeouts;
  /** {@link Now.clock}, and milliseconds since 1970 UTC. */
  readonly now: { readonly clock: number; readonly wall: number };
  /** The nodes are one job's. */
  readonly isJob?: boolean;
  /** As far as EC2 said. */
  readonly subnets: readonly Subnet[];
}

/** Node names that are in the configuration and have no instance that runs, and the others. */
export interface Sorted {
  readonly wanted: readonly string[];
  /** They have an instance, or a launch is under way. */
  readonly served: readonly string[];
  readonly unknown: readonly string[];
}

/** Which of these nodes would be launched at all. */
export function sortNodes(
  names: readonly string[],
  { config, state }: Pick<Asked, "config" | "state">,
): Sorted {
  const groups = groupOfNode(config);
  const served = new Set(
    [...state.launches.values()].flatMap(({ nodes, over }) => over === true ? [] : nodes),
  );
  for (const { node, end, state: is } of state.instances.values()) {
    if (node !== undefined && end === "no" && (is === "running" || is === "pending")) served.add(node);
  }
  const kind = (name: string) => !groups.has(name) ? "unknown" : served.has(name) ? "served" : "wanted";
  const { wanted = [], served: up = [], unknown = [] } = Object.groupBy([...new Set(names)], kind);
  return { wanted, served: up, unknown };
}

/** What launching these nodes now would come to, by the rules that launches go by; nothing is asked of anybody. */
export function forecastNodes(names: readonly string[], asked: Asked): Forecast {
  const { config, state, prices, ended, timeouts, now, subnets, isJob = false } = asked;
  const { limits } = config;
  const groups = groupOfNode(config);
  const byGroup = Map.groupBy(names, (name) => groups.get(name)!);
  return forecast([...byGroup].map(([group, nodes]) => wantedGroup(group, nodes, asked)), {
    pools: {
      memory: poolMemory({ exhausted: state.exhausted, zones: state.zones, now, context: { config } }),
      avoid: config.zones.avoid,
      subnets: new Map(subnets.map((one) => [one.subnetId, subnetFacts(one, now.clock)])),
    },
    prices,
    ceilings: limits,
    use: reckonOf(state.instances.values(), [...state.launches.values()], {
      prices,
      ...(limits.maxDailyCost !== undefined && { today: { wall: now.wall, ended } }),
    }),
    isJob,
    tokens: withQuota(state.tokens, config.limits.apiQuota),
    batch: limits.launchBatch,
    window: deadlines(timeouts, limits.expectedBootSeconds).launch * 1_000,
    now: now.clock,
  });
}

function wantedGroup(group: NodeGroup, nodes: readonly string[], { config, state }: Asked): WantedGroup {
  const settings = launchSettings(config, group, state.parameters);
  const refusal = pauseOf({ pauses: state.pauses ?? {} }, group.name) ??
    ("kind" in settings ? undefined : breakerRefusal(state.bootFailures, group.name, settings.imageId));
  return { group, nodes, ...(refusal !== undefined && { refusal }) };
}

/** What has ended since midnight UTC, of a history. */
export function endedSince(
  history: { lifetimes(from: number, to: number): Iterable<Charged> } | undefined,
  wall: number,
): readonly Charged[] {
  return [...history?.lifetimes(dayStart(wall), wall) ?? []].filter(({ ended }) => ended !== undefined);
}

/** The subnets of the nodes' groups as EC2 has them now; none where it does not say, which is reported. */
export async function subnetsOf(
  host: Host,
  config: Config,
  names: readonly string[],
  say: (sentence: string) => void,
): Promise<readonly Subnet[]> {
  const groups = groupOfNode(config);
  const ids = [...new Set(names.flatMap((name) => groups.get(name)?.subnets ?? []))];
  if (ids.length === 0) return [];
  try {
    return await readSubnets(await host.connect.ec2(config), ids);
  } catch (error) {
    say(
      // The whole advice is longer than a plan, and doctor's.
      error instanceof AwsError && errorClass(error.code) === "credentials"
        ? "EC2 does not say how many addresses are free: no valid credentials; slurm-ec2 doctor --only credentials says why"
        : `EC2 does not say how many addresses are free: ${errorText(error)}`,
    );
    return [];
  }
}
