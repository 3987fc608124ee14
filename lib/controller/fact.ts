import type { Subnet } from "../aws/ec2_api.ts";
import type { Instance } from "../aws/instance.ts";
import type { Parameter } from "../aws/ssm_api.ts";
import type { SlurmTimeouts } from "../cluster/slurm_timeouts.ts";
import type { NodeState } from "../slurm/node_state.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import type { Refusal, RequestKind } from "./state.ts";

/**
 * Something that the edge found out: what Slurm asks, what EC2, SSM and slurmctld answered. A refusal is a fact,
 * never an exception. `began` is when the question was asked ({@link Now.clock}): an answer says nothing of what
 * happened later.
 */
export type Fact =
  /** The worker has started with this state: launches that are open may have been sent. */
  | { readonly kind: "started" }
  | {
    readonly kind: "request";
    readonly id: string;
    readonly request: RequestKind;
    readonly nodes: readonly string[];
    readonly jobs: readonly ResumeJob[];
    /** When the hook was called. */
    readonly at: number;
  }
  /** A person has fixed the image of a node group: its failed boots count no more. */
  | { readonly kind: "reset"; readonly id: string; readonly nodeGroup: string }
  /** A person stops the launches of a node group, or of all of them ({@link ALL_GROUPS}), or lets them go on. */
  | { readonly kind: "pause" | "unpause"; readonly id: string; readonly nodeGroup: string }
  | { readonly kind: "timeouts"; readonly timeouts: SlurmTimeouts }
  /** SSM's answer: `names` were asked for, those that exist are in `values`. */
  | {
    readonly kind: "parameters";
    readonly names: readonly string[];
    readonly values: ReadonlyMap<string, Parameter>;
  }
  | { readonly kind: "parameters-refused"; readonly names: readonly string[]; readonly refusal: Refusal }
  /** EC2's answer about these subnets; one that does not exist is not in it. */
  | { readonly kind: "subnets"; readonly ids: readonly string[]; readonly subnets: readonly Subnet[] }
  | { readonly kind: "subnets-refused"; readonly ids: readonly string[]; readonly refusal: Refusal }
  | { readonly kind: "launched"; readonly token: string; readonly instances: readonly Instance[] }
  | {
    readonly kind: "launch-refused";
    readonly token: string;
    readonly refusal: Refusal;
    /** No valid answer came: it may have been carried out. */
    readonly unanswered: boolean;
  }
  /** DescribeInstances by client-token: every instance of that launch, ended ones too. */
  | {
    readonly kind: "token-looked-up";
    readonly token: string;
    readonly began: number;
    readonly instances: readonly Instance[];
  }
  /** A complete listing by the cluster's tag; ended instances are in it for about an hour. */
  | { readonly kind: "listed"; readonly began: number; readonly instances: readonly Instance[] }
  /** The cluster's instances that are shutting-down or terminated: says nothing of those that are not in it. */
  | { readonly kind: "listed-ended"; readonly began: number; readonly instances: readonly Instance[] }
  /** A listing, or a look at instances, was refused. */
  | { readonly kind: "reading-refused"; readonly began: number; readonly refusal: Refusal }
  /** Another controller may have acted since the state was stored: nothing is launched before a complete listing. */
  | { readonly kind: "out-of-date" }
  /** DescribeInstances by instance-id filter: which of `ids` were asked for, and what came. */
  | {
    readonly kind: "described";
    readonly began: number;
    readonly ids: readonly string[];
    readonly instances: readonly Instance[];
  }
  /** `scontrol show nodes`, complete for what was asked. `asked` undefined: all nodes of the cluster. */
  | {
    readonly kind: "slurm";
    readonly began: number;
    readonly asked?: readonly string[];
    readonly nodes: readonly NodeState[];
  }
  /** slurmctld does not know these nodes. */
  | { readonly kind: "unknown-to-slurm"; readonly nodes: readonly string[] }
  | { readonly kind: "end-accepted"; readonly ids: readonly string[] }
  | { readonly kind: "end-refused"; readonly id: string; readonly refusal: Refusal }
  | { readonly kind: "start-accepted"; readonly ids: readonly string[] }
  | { readonly kind: "start-refused"; readonly id: string; readonly refusal: Refusal }
  /** slurmctld has accepted this address for the node. */
  | { readonly kind: "address-reported"; readonly node: string; readonly instanceId: string }
  | { readonly kind: "address-refused"; readonly node: string; readonly message: string }
  /** The users of these jobs were written to, or the jobs are gone. */
  | { readonly kind: "jobs-informed"; readonly jobIds: readonly number[] }
  /** slurmctld was given the state, and shows it. */
  | {
    readonly kind: "state-set";
    readonly node: string;
    readonly generation: number;
    readonly purpose: StatePurpose;
  }
  | {
    readonly kind: "state-refused";
    readonly node: string;
    readonly generation: number;
    readonly purpose: StatePurpose;
    readonly message: string;
  }
  | {
    readonly kind: "console-kept";
    readonly node: string;
    readonly id: string;
    /** Its last lines; absent: EC2 did not give it. */
    readonly tail?: string;
    /** The line that says why the boot failed. */
    readonly failure?: string;
    /** When each part of the boot began, in words. */
    readonly steps?: string;
  };

/** Why slurmctld is given a node state. */
export type StatePurpose =
  /** The node got no instance. */
  | "verdict"
  /** It was not tried, for the launch of another node of its group was refused for all of them. */
  | "hold"
  /** Its cooldown is to end by slurmctld itself. */
  | "resume-after"
  /** A person has set it DOWN while it was to be ended by slurmctld itself, and it is not to be ended any more. */
  | "keep-down"
  /** Its cooldown or its failed end is over: the scheduler may use it again. */
  | "give-back"
  /** It is off, and the scheduler leaves it out because it did not answer. */
  | "offer"
  /** Its instance died under it: DOWN so that its jobs go back into the queue at once. */
  | "down-after-death"
  /** Its dead instance is dealt with: powered down so that it may be resumed again. */
  | "power-down-after-death";
