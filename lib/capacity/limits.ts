import { LIMIT_MAX_DAILY_COST, LIMIT_MAX_HOURLY_COST, LIMIT_MAX_NODES } from "../aws/error_codes.ts";
import type { Limits } from "../config/model.ts";
import type { NodePrice } from "./price.ts";
import { asked, plus, type Reckoning } from "./reckoning.ts";

/** The ceilings among the limits. */
export type Ceilings = Pick<Limits, "maxNodes" | "maxHourlyCost" | "maxDailyCost">;

/** A node that is wanted and has no instance that runs. */
export interface WantedNode {
  readonly name: string;
  readonly nodeGroup: string;
  /** 0: its own stopped instance counts already. */
  readonly instances: 0 | 1;
  readonly price: NodePrice;
}

/** Nodes that are asked for by one job; or one node that no job waits for. */
export interface Demand {
  readonly nodes: readonly WantedNode[];
  /** The job can't start on fewer: all of them or none. */
  readonly whole: boolean;
  readonly jobId?: number;
  /** Slurm's; larger goes first. */
  readonly priority?: number;
}

/** Why a limit holds something back. */
export interface LimitRefusal {
  readonly code: string;
  readonly message: string;
}

/** Nodes that a limit holds back. */
export interface Held {
  readonly demand: Demand;
  /** Those of its nodes that are not launched. */
  readonly nodes: readonly WantedNode[];
  readonly refusal: LimitRefusal;
  /** It only waits behind another that its group is held for. */
  readonly behind: boolean;
}

/** What limits make of demands. */
export interface Admission {
  /** Names of the nodes that may be launched. */
  readonly admitted: ReadonlySet<string>;
  readonly held: readonly Held[];
  /** What counts once the admitted are launched. */
  readonly after: Reckoning;
}

/** Whether any ceiling is set. */
export function hasCeiling({ maxNodes, maxHourlyCost, maxDailyCost }: Ceilings): boolean {
  return maxNodes !== undefined || maxHourlyCost !== undefined || maxDailyCost !== undefined;
}

/**
 * Lets demands in as long as there is room: jobs by priority, then by id, each whole where it can't start on fewer;
 * nodes that no job waits for come last. What finds no room holds its node groups: whatever comes after it there
 * waits, so that small jobs don't keep a large one out for ever.
 */
export function admit(ceilings: Ceilings, before: Reckoning, demands: readonly Demand[]): Admission {
  const admitted = new Set<string>();
  const held: Held[] = [];
  const first = new Map<string, Held>();
  let use = before;
  const hold = (demand: Demand, nodes: readonly WantedNode[], refusal: LimitRefusal, behind: boolean) => {
    const one = { demand, nodes, refusal, behind };
    held.push(one);
    for (const { nodeGroup } of demand.nodes) if (!first.has(nodeGroup)) first.set(nodeGroup, one);
  };
  for (const demand of [...demands].sort(compareDemands)) {
    const ahead = demand.nodes.map(({ nodeGroup }) => first.get(nodeGroup)).find((one) => one !== undefined);
    if (ahead !== undefined) {
      hold(demand, demand.nodes, behind(ahead), true);
      continue;
    }
    const parts = demand.whole ? [demand.nodes] : demand.nodes.map((node) => [node]);
    for (const [index, nodes] of parts.entries()) {
      const more = sumOf(nodes);
      const refusal = refusalOf(ceilings, use, more, demand);
      if (refusal !== undefined) {
        hold(demand, parts.slice(index).flat(), refusal, false);
        break;
      }
      for (const { name } of nodes) admitted.add(name);
      use = plus(use, more);
    }
  }
  return { admitted, held, after: use };
}

/** Jobs before nodes of none, higher priority first, then the older job. */
export function compareDemands(
  a: Pick<Demand, "jobId" | "priority">,
  b: Pick<Demand, "jobId" | "priority">,
): number {
  const rank = ({ jobId, priority = -1 }: Pick<Demand, "jobId" | "priority">) =>
    jobId === undefined ? -Infinity : priority;
  const [one, other] = [rank(a), rank(b)];
  return one === other ? (a.jobId ?? Infinity) - (b.jobId ?? Infinity) || 0 : other - one;
}

/** What nodes come to once they are launched. */
export function sumOf(nodes: readonly Pick<WantedNode, "instances" | "price">[]): Reckoning {
  return asked(
    nodes.reduce((sum, { instances }) => sum + instances, 0),
    nodes.reduce((sum, { price }) => sum + price.usdPerHour, 0),
    nodes.flatMap(({ price }) => price.unpriced),
  );
}

/** Sums of prices are not exact; a ten-thousandth of a cent is not a cost. */
const TOLERANCE = 1e-6;

/**
 * Why there is no room for more; undefined: there is. A cost limit that would have to guess a price leaves no room.
 * @param asker who asks, for the message
 */
export function refusalOf(
  ceilings: Ceilings,
  use: Reckoning,
  more: Reckoning,
  asker: Pick<Demand, "jobId" | "whole"> = { whole: false },
): LimitRefusal | undefined {
  const { maxNodes } = ceilings;
  if (maxNodes !== undefined && use.nodes + more.nodes > maxNodes && more.nodes > 0) {
    return {
      code: LIMIT_MAX_NODES,
      message: `held by limits.maxNodes: ${use.nodes} of ${maxNodes} nodes` +
        needText(asker, String(more.nodes), more.nodes > maxNodes),
    };
  }
  if (more.usdPerHour === 0 && more.unpriced.size === 0) return undefined;
  return hourlyRefusal(ceilings, use, more, asker) ?? dailyRefusal(ceilings, use, more);
}

function hourlyRefusal(
  { maxHourlyCost: limit }: Ceilings,
  use: Reckoning,
  more: Reckoning,
  asker: Pick<Demand, "jobId" | "whole">,
): LimitRefusal | undefined {
  if (limit === undefined) return undefined;
  const code = LIMIT_MAX_HOURLY_COST;
  const unpriced = unpricedText("maxHourlyCost", more.unpriced, use.unpriced);
  if (unpriced !== undefined) return { code, message: unpriced };
  if (use.usdPerHour + more.usdPerHour <= limit + TOLERANCE) return undefined;
  const usd = usdText(limit);
  const never = more.usdPerHour > limit + TOLERANCE;
  return {
    code,
    message: `held by limits.maxHourlyCost: ${usd(use.usdPerHour)} of ${usd(limit)} USD/h` +
      needText(asker, `${usd(more.usdPerHour)} USD/h`, never),
  };
}

function dailyRefusal({ maxDailyCost: limit }: Ceilings, use: Reckoning, more: Reckoning) {
  if (limit === undefined) return undefined;
  const code = LIMIT_MAX_DAILY_COST;
  const unpriced = unpricedText("maxDailyCost", more.unpriced, use.today.unpriced);
  if (unpriced !== undefined) return { code, message: unpriced };
  if (use.today.usd + more.today.usd <= limit + TOLERANCE) return undefined;
  const usd = usdText(limit);
  return {
    code,
    message: `held by limits.maxDailyCost: ${usd(use.today.usd)} of ${usd(limit)} USD since 00:00 UTC`,
  };
}

function unpricedText(limit: string, ...types: readonly ReadonlySet<string>[]): string | undefined {
  const names = [...new Set(types.flatMap((some) => [...some]))].sort();
  if (names.length === 0) return undefined;
  return `held by limits.${limit}: no price is known for ${names.join(", ")}; see slurm-ec2 config prices`;
}

/** What is asked for, as the end of a refusal's message. */
function needText(
  { jobId, whole }: Pick<Demand, "jobId" | "whole">,
  need: string,
  never: boolean,
): string {
  const who = jobId === undefined ? "a node" : whole ? `job ${jobId}` : `a node of job ${jobId}`;
  if (!never) return `; ${who} needs ${need} more`;
  return `; ${who} needs ${need} and never fits: raise the limit${
    jobId === undefined ? "" : ` or scancel ${jobId}`
  }`;
}

/** An amount as exactly as its limit needs it: cents, or a hundredth of one below 1 USD/h. */
function usdText(limit: number): (usd: number) => string {
  return (usd) => usd.toFixed(limit < 1 ? 4 : 2);
}

/** The refusal of what waits behind another. */
function behind({ demand, refusal }: Held): LimitRefusal {
  const { jobId } = demand;
  const [limit = ""] = refusal.message.split(";");
  return {
    code: refusal.code,
    message: `${limit}; waits behind ${
      jobId === undefined ? "another node" : `job ${jobId}`
    } of its node group`,
  };
}
