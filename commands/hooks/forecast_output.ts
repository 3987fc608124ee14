import type { Forecast } from "../../lib/capacity/forecast.ts";
import { foldHostlist } from "../../lib/slurm/hostlist.ts";

/** What `plan` prints. */
export interface PlanOutput extends Omit<Forecast, "held" | "groups"> {
  readonly groups: readonly (Omit<Forecast["groups"][number], "nodes" | "out"> & {
    /** Hostlist. */
    readonly nodes: string;
    readonly count: number;
    readonly out: readonly { readonly pool: string; readonly reason: string }[];
  })[];
  readonly held: readonly { readonly nodes: string; readonly code: string; readonly message: string }[];
  /** Nodes that have an instance already, a hostlist. */
  readonly served: string;
  /** The job's time limit in seconds, where it has one. */
  readonly timeLimit?: number;
  /** USD for that time, by the first pools and by the dearest. */
  readonly usd?: { readonly first: number; readonly most: number };
}

/** A forecast as it is printed. */
export function outputOf(
  { groups, held, ...found }: Forecast,
  served: readonly string[],
  timeLimit?: number,
): PlanOutput {
  const { usdPerHour: price } = found;
  const hours = (timeLimit ?? 0) / 3_600;
  return {
    ...found,
    groups: groups.map(({ nodes, out, ...group }) => ({
      ...group,
      nodes: foldHostlist(nodes),
      count: nodes.length,
      out: out.map(({ offering: { instanceType, subnetId, capacityType }, reason }) => ({
        pool: `${instanceType} ${capacityType} in ${subnetId}`,
        reason,
      })),
    })),
    held: held.map(({ nodes, refusal }) => ({
      nodes: foldHostlist(nodes.map(({ name }) => name)),
      code: refusal.code,
      message: refusal.message,
    })),
    served: foldHostlist(served),
    ...(timeLimit !== undefined && { timeLimit }),
    ...(timeLimit !== undefined && price !== undefined && {
      usd: { first: hours * price.first, most: hours * price.most },
    }),
  };
}
