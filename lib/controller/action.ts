import type { InstanceState } from "../aws/instance.ts";
import type { NodeAddress, UpdatedState } from "../slurm/scontrol_api.ts";
import type { StatePurpose } from "./fact.ts";

/**
 * Something to do now. What is not true yet is asked for again at each step; the loop leaves out what is in flight
 * or was refused a moment ago, subject by subject, so a rule never counts tries.
 */
export type Action =
  /** RunInstances with the stored input of this launch: the first time and every time. */
  | { readonly kind: "run-instances"; readonly token: string }
  /** DescribeInstances by client token. */
  | { readonly kind: "look-up-token"; readonly token: string }
  | { readonly kind: "describe"; readonly ids: readonly string[] }
  /** A complete listing by the cluster's tag. */
  | { readonly kind: "list" }
  /** Only those of the cluster's tag that are in one of these states: one small answer shows who died. */
  | { readonly kind: "list-ended"; readonly states: readonly InstanceState[] }
  /** `scontrol show nodes`; `nodes` undefined: all. */
  | { readonly kind: "ask-slurm"; readonly nodes?: readonly string[] }
  | { readonly kind: "read-timeouts" }
  | { readonly kind: "read-parameters"; readonly names: readonly string[] }
  /** DescribeSubnets: zones, and free addresses. */
  | { readonly kind: "read-subnets"; readonly ids: readonly string[] }
  | { readonly kind: "start"; readonly ids: readonly string[] }
  | {
    readonly kind: "end";
    readonly action: "terminate" | "stop";
    readonly ids: readonly string[];
    /** For the history. */
    readonly why: string;
  }
  | { readonly kind: "keep-console"; readonly node: string; readonly id: string }
  | { readonly kind: "report-addresses"; readonly addresses: readonly NodeAddress[] }
  | {
    readonly kind: "set-state";
    readonly purpose: StatePurpose;
    readonly state: UpdatedState;
    readonly reason?: string;
    /** Seconds after which slurmctld ends a `down` by itself; -1: not any more. */
    readonly resumeAfter?: number;
    readonly nodes: readonly { readonly name: string; readonly generation: number }[];
  }
  /** What the users of these jobs read as AdminComment, and in the terminal where srun or salloc waits. */
  | { readonly kind: "comment"; readonly jobIds: readonly number[]; readonly text: string };
