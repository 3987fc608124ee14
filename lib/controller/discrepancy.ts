import type { Instance } from "../aws/instance.ts";
import type { Now } from "./now.ts";

/** What is not as it should be. */
export type DiscrepancyKind =
  /** An instance whose node Slurm has off, down or on its way there. */
  | "orphan"
  /** A second instance of a node. */
  | "duplicate"
  /** A node that is up and has no instance. */
  | "missing"
  /** slurmctld reaches a node elsewhere than at its instance. */
  | "wrong-address"
  /** A node that nobody will give back. */
  | "down-for-ever"
  | "not-in-configuration"
  /** Its tags name no node. */
  | "no-node"
  | "stopped-too-long"
  /** A stopped instance that its node can't use again. */
  | "stopped-drift"
  | "failed-status"
  | "scheduled-event"
  /** Left over from a test launch. */
  | "test-launch";

/** What is done about a discrepancy; `none`: a person has to decide. */
export type DiscrepancyAction = "terminate" | "give-back" | "report-address" | "none";

/** One difference between what Slurm wants and what EC2 has. */
export interface Discrepancy {
  readonly kind: DiscrepancyKind;
  readonly nodes: readonly string[];
  readonly instanceIds: readonly string[];
  /** A sentence: what was seen, and for `none` what a person can do. */
  readonly evidence: string;
  readonly action: DiscrepancyAction;
  /** It goes beyond what one pass may end without force. */
  readonly deferred?: boolean;
  /** Of the running instances; absent where a price is not known. */
  readonly usdPerHour?: number;
  /** What they have cost since their launch. */
  readonly usdSoFar?: number;
}

/** Most instances that one pass ends without force, when no request asked for their end: ten, or this share. */
export const MAX_UNFORCED = { instances: 10, share: 0.1 };

/** Prices and the time, as far as they are known. */
export interface Costs {
  readonly now: Now;
  readonly usdPerHour?: (instance: Instance) => number | undefined;
}

const HOUR = 3_600_000;

/** Makes a discrepancy, with what its running instances cost. */
export function found(
  { now, usdPerHour }: Costs,
  kind: DiscrepancyKind,
  nodes: readonly string[],
  instances: readonly Instance[],
  { evidence, action }: Pick<Discrepancy, "evidence" | "action">,
): Discrepancy {
  const running = instances.filter(({ state }) => state === "pending" || state === "running");
  const prices = running.map((instance) => usdPerHour?.(instance));
  const isPriced = prices.length > 0 && prices.every((price) => price !== undefined);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    kind,
    nodes,
    instanceIds: instances.map(({ instanceId }) => instanceId),
    evidence,
    action,
    ...(isPriced && {
      usdPerHour: sum(prices.map((price) => price ?? 0)),
      usdSoFar: sum(running.map(({ launchTime }, i) => (prices[i] ?? 0) * (now.wall - launchTime) / HOUR)),
    }),
  };
}
