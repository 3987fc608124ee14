import type { RunInstancesInput } from "../aws/ec2_api.ts";
import type { InstanceState } from "../aws/instance.ts";
import type { Parameter } from "../aws/ssm_api.ts";
import type { Exhausted, Zones } from "../capacity/exhausted.ts";
import type { SubnetFacts } from "../capacity/rank.ts";
import type { LaunchTokens } from "../capacity/tokens.ts";
import type { BootFailures } from "../cluster/boot_failures.ts";
import type { FailureVerdict } from "../cluster/verdict.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";

/** The hooks, as requests name them. */
export type RequestKind = "resume" | "stop" | "resume-fail";

/** Why a node got no instance, or an instance could not be ended: AWS's code or one of ours. */
export interface Refusal {
  /** EC2's, SSM's or our own error code. */
  readonly code: string;
  /** A sentence for the administrator. */
  readonly message: string;
  /** AWS's id of the refused call. */
  readonly requestId?: string;
}

/**
 * What is wanted of a node. A generation is one power-up or power-down of it: instances and launches belong to a
 * generation, never to the name alone, so that what an older request does can't harm a newer one.
 */
export interface NodeRecord {
  /** NodeName. */
  readonly name: string;
  /** What Slurm wants of it. */
  readonly want: "up" | "down";
  /** Counts the power-ups and power-downs of all nodes; larger is newer. */
  readonly generation: number;
  /** When it was asked for ({@link Now.clock}). */
  readonly since: number;
  /** When it was asked for ({@link Now.wall}). */
  readonly sinceWall: number;
  /** Ids of the jobs that wait for it. */
  readonly jobs: readonly number[];
  /** `resume-fail`: Slurm gave the boot up, so the instance is terminated whatever the group says, and the node given back. */
  readonly because: RequestKind | "slurm" | "orphan";
  /** Why this generation has no instance; absent while there is hope, or there is one. */
  readonly refusal?: Refusal;
  /** What Slurm is to know of the refusal, and whether slurmctld has been seen to show it. */
  readonly verdict?: FailureVerdict & {
    readonly reported: boolean;
    /** When slurmctld was seen to show it ({@link Now.clock}). */
    readonly reportedAt?: number;
    /** Jobs that the verdict waits for until they are informed of it, and until when at most ({@link Now.clock}). */
    readonly uninformed?: { readonly jobs: readonly number[]; readonly until: number };
    /** The refusal speaks for its whole node group: what the group's other nodes are kept out of scheduling by. */
    readonly group?: GroupRest;
  };
  /** Its instance died after the node had registered: not reported yet, or slurmctld has it DOWN. */
  readonly died?: "noticed" | "down";
  /** The instance whose address slurmctld has accepted for this generation. */
  readonly reportedInstance?: string;
  /** The node is down with our reason and is to be given back to the scheduler; the text that it gets as its reason. */
  readonly giveBack?: string;
  /** The last words of the console of an instance that never registered. */
  readonly lastWords?: string;
}

/** For how long the nodes of a group that were not tried are kept out of scheduling. */
export interface GroupRest {
  /** When it was decided ({@link Now.clock}): an answer of slurmctld from before says nothing of who is idle. */
  readonly at: number;
  /** Milliseconds since 1970 UTC. */
  readonly until: number;
}

/** What is known of one instance with the cluster's tag. */
export interface InstanceRecord {
  /** Its id. */
  readonly id: string;
  /** Undefined when its tags name no node: it is ended as surplus. */
  readonly node: string | undefined;
  /** Node group of its tags. */
  readonly nodeGroup: string;
  /** The generation of its node that it was launched (or started again) for; 0: not known, so of none that is wanted. */
  readonly generation: number;
  /** When the launch was recorded, or the instance first seen ({@link Now.clock}). */
  readonly knownSince: number;
  /** EC2's launch time, milliseconds since 1970 UTC. */
  readonly launchTime: number;
  /** As EC2 last said. */
  readonly state: InstanceState;
  /** Whether an answer of DescribeInstances has shown it: only then does absence mean that it is gone. */
  readonly seen: boolean;
  /** Whether it is to be ended and how far that is; `asked`: EC2 has accepted it. */
  readonly end: "no" | "due" | "asked";
  /** What ending means for it. */
  readonly endAction: "terminate" | "stop";
  /** Why it is ended, for the history. */
  readonly endReason?: string;
  /** When its end became due ({@link Now.clock}). */
  readonly endAt?: number;
  /** What EC2 last answered to its end. */
  readonly endRefusal?: Refusal;
  /** How often in a row its end was refused like that. */
  readonly endTries?: number;
  /** When a try to start it last went unanswered ({@link Now.clock}): it may have been carried out. */
  readonly startDoubt?: number;
  /** Since when it is stopped ({@link Now.clock}). */
  readonly stoppedSince?: number;
  /** When it was last started after a stop: milliseconds since 1970 UTC; absent: it runs since its launch. */
  readonly startedAt?: number;
  /** When its slurmd started, or was first seen up, since its last launch or start: milliseconds since 1970 UTC. */
  readonly upAt?: number;
  /** When each part of its boot began, as its guard has said. */
  readonly bootSteps?: string;
  /** Whether its console has been kept, or could not be. */
  readonly consoleKept?: boolean;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly capacityType: "on-demand" | "spot";
  readonly imageId: string;
  readonly privateIpAddress?: string;
  /** Token of the launch that made it. */
  readonly clientToken?: string;
}

/** A RunInstances whose outcome is open. It is stored before it is sent, and sent again byte for byte. */
export interface LaunchRecord {
  /** The client token. */
  readonly token: string;
  readonly nodeGroup: string;
  /** In launch-index order. */
  readonly nodes: readonly string[];
  /** The generation of each node, in the same order. */
  readonly generations: readonly number[];
  /** The exact request. */
  readonly input: RunInstancesInput;
  /** When it was planned ({@link Now.clock}). */
  readonly at: number;
  /** One of its tries went unanswered, or the worker ended in between: it may have been carried out. */
  readonly doubt: boolean;
  /** What EC2 last answered. */
  readonly refusal?: Refusal;
  /** Tries in a row that were refused for the same class of reason. */
  readonly tries?: number;
  /** When EC2 last answered a try, or one was last known to be possible ({@link Now.clock}); absent: never tried. */
  readonly triedAt?: number;
  /** It is not sent any more: too late, or none of its nodes is wanted. Only its outcome is still looked for. */
  readonly over?: boolean;
  /** How often the call that it came from was halved. */
  readonly halvings: number;
  /** The other half of a call that EC2 refused for its size: launched once this half has brought an instance. */
  readonly rest?: readonly { readonly node: string; readonly generation: number }[];
  /** All of its nodes or none. */
  readonly whole: boolean;
}

/** A request that is not settled, or was settled a short while ago: commands follow it. */
export interface RequestRecord {
  /** Name of its file in the queue. */
  readonly id: string;
  readonly kind: RequestKind;
  /** As it was asked for. */
  readonly nodes: readonly string[];
  readonly jobs: readonly ResumeJob[];
  /** When the hook was called ({@link Now.clock}). */
  readonly at: number;
  /** The generation that it began or joined for each node; absent: it changed nothing for the node. */
  readonly generations: Readonly<Record<string, number>>;
  /** What became of each node, as it gets settled. */
  readonly outcomes: Readonly<Record<string, NodeOutcome>>;
  /** When the last of its nodes was settled ({@link Now.clock}). */
  readonly settledAt?: number;
}

/** What became of one node of a request; the kinds are those that commands print. */
export type NodeOutcome =
  | { readonly kind: "assigned"; readonly instanceId: string; readonly nodeAddr: string }
  | FailureVerdict
  /** It is up already: nothing was done. */
  | { readonly kind: "up" }
  /** A newer request replaced this one before it was settled. */
  | { readonly kind: "superseded" }
  | { readonly kind: "terminated" | "stopped"; readonly instanceIds: readonly string[] }
  | { readonly kind: "no-instance" }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "not-ours" };

/** What a limit has refused and is waited for: noticed again once there is room. */
export interface Hold extends Pick<Refusal, "code" | "message"> {
  /** How many nodes of which group there has to be room for. */
  readonly nodes: Readonly<Record<string, number>>;
  /** All of them or none. */
  readonly whole: boolean;
  /** The job that waits; absent: none does. */
  readonly jobId?: number;
  /** Slurm's; larger goes first. */
  readonly priority?: number;
  /** When its nodes go back to Slurm, room or not ({@link Now.clock}). */
  readonly until: number;
  /** When nodes were last lifted for it ({@link Now.clock}). */
  readonly liftedAt?: number;
}

/** Stands for every node group where one would be named. */
export const ALL_GROUPS = "*";

/** Everything that the controller knows; it may be lost at any time, and costs one full listing then. */
export interface State {
  /** By NodeName; only nodes that something is known of. */
  readonly nodes: ReadonlyMap<string, NodeRecord>;
  /** By instance id. */
  readonly instances: ReadonlyMap<string, InstanceRecord>;
  /** By client token. */
  readonly launches: ReadonlyMap<string, LaunchRecord>;
  /** By id. */
  readonly requests: ReadonlyMap<string, RequestRecord>;
  /** The values that SSM gave last, by name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Boots in a row that never registered, by group and image. */
  readonly bootFailures: BootFailures;
  /** What EC2 had no capacity of, by {@link Now.clock}: it is not asked for until then. */
  readonly exhausted: Exhausted;
  /** The zone of each subnet that an instance was seen in. */
  readonly zones: Zones;
  /** What RunInstances' buckets hold, as far as known. */
  readonly tokens: LaunchTokens;
  /** The highest generation given out. */
  readonly lastGeneration: number;
  /** Since when the launches of a node group, or of all ({@link ALL_GROUPS}), are stopped: milliseconds since 1970 UTC; absent: none is. */
  readonly pauses?: Readonly<Record<string, number>>;
  /** What limits hold back; absent: nothing. */
  readonly holds?: readonly Hold[];
  /** When a complete listing of the cluster's instances last began ({@link Now.clock}); absent: never, so the store is not to be trusted. */
  readonly listedAt?: number;
  /** What only the running worker remembers; not stored, and absent when it starts. */
  readonly memory?: Memory;
}

/** What a worker remembers between two steps and gets to know again when it starts; times are {@link Now.clock}. */
export interface Memory {
  /** What slurmctld last said of each node. */
  readonly views: ReadonlyMap<string, SlurmView>;
  /** Before when an answer of slurmctld says nothing of a node any more: something has been decided about it since. */
  readonly viewsFrom: ReadonlyMap<string, number>;
  /** When the last complete answer of slurmctld was asked for; absent: there is none yet. */
  readonly allViewsAt?: number;
  /** Nodes of which that answer said nothing, although the configuration has them. */
  readonly notInSlurm: ReadonlySet<string>;
  /** When an instance was last looked at by its id. */
  readonly looks: ReadonlyMap<string, number>;
  /** Instances that an answer did not show although they were seen before, and when that answer was asked for. */
  readonly missing: ReadonlyMap<string, number>;
  /** Nodes of which EC2 shows an instance that has ended: the one launched last, and how it ended. */
  readonly ended: ReadonlyMap<string, EndedInstance>;
  /** When the ended instances were last listed. */
  readonly endedListedAt?: number;
  /** What EC2 said of each subnet that was asked for. */
  readonly subnets?: ReadonlyMap<string, SubnetFacts>;
  /** Why EC2 said nothing of subnets when it was last asked. */
  readonly subnetsRefused?: { readonly at: number; readonly refusal: Refusal };
  /** When each parameter was last read. */
  readonly parametersAt: ReadonlyMap<string, number>;
  /** What SSM last refused, by name of the parameter. */
  readonly parametersRefused: ReadonlyMap<string, Refused>;
  /** When slurmctld was last given the address of a node. */
  readonly addressedAt: ReadonlyMap<string, number>;
  /** When slurmctld was last asked to give jobs to a node that is off and did not answer. */
  readonly offeredAt: ReadonlyMap<string, number>;
  /** Why EC2 can't be read. */
  readonly readingRefused?: Refused;
  /** AWS has refused the caller's credentials: what was asked for before is not asked for again. */
  readonly credentialsRefused?: { readonly at: number; readonly refusal: Refusal };
  /** Ends that no request asked for, since the last complete answer of slurmctld. */
  readonly unaskedEnds: number;
}

/** An instance that EC2 shows ended. */
export interface EndedInstance {
  /** Milliseconds since 1970 UTC. */
  readonly launchTime: number;
  /** Why it ended, as its node's refusal. */
  readonly refusal: Refusal;
  /** When the answer that shows it was asked for ({@link Now.clock}). */
  readonly began: number;
}

/** A question that was refused: when, what the answer was, and how often in a row. */
export interface Refused {
  readonly at: number;
  readonly refusal: Refusal;
  readonly tries: number;
}

/** What slurmctld makes of a node. */
export type NodeUse =
  /** It is powered up, or about to be: slurmctld waits for its registration. */
  | "awaited"
  /** It has registered, or jobs are still on it: nothing may be taken from it. */
  | "up"
  /** It is on its way down. */
  | "going-down"
  | "off"
  /** Set DOWN: by us, by a person, or by slurmctld itself. */
  | "down"
  /** slurmctld has no word on it: UNKNOWN, FUTURE. */
  | "unclear";

/** What slurmctld said of a node. */
export interface SlurmView {
  readonly use: NodeUse;
  /** When it was asked ({@link Now.clock}). */
  readonly began: number;
  readonly reason: string;
  /** Until when a reason of ours keeps it down, milliseconds since 1970 UTC; absent: it is not ours, or says nothing of it. */
  readonly until?: number;
  readonly nodeAddr: string;
  /** Whether it is drained. */
  readonly drained: boolean;
  /** Whether the reason is one of ours. */
  readonly ours?: boolean;
  /** Whether it is powered down, also where it is DOWN besides. */
  readonly poweredDown?: boolean;
  /** Whether a person keeps it for a purpose: drained, failing, under maintenance, reserved. */
  readonly marked?: boolean;
  /** When slurmctld ends its DOWN by itself, milliseconds since 1970 UTC; says nothing of a node that is not DOWN. */
  readonly resumeAfter?: number;
  /** Whether slurmctld gets no answer of its slurmd. */
  readonly silent: boolean;
  /** Whether its base state is one that jobs are in. */
  readonly busy: boolean;
  /** When it last booted, milliseconds since 1970 UTC; absent: never. */
  readonly bootTime?: number;
  /** When its slurmd started, milliseconds since 1970 UTC; absent: it has not registered. */
  readonly slurmdStart?: number;
}

/** A state that knows nothing. */
export const EMPTY_STATE: State = {
  nodes: new Map(),
  instances: new Map(),
  launches: new Map(),
  requests: new Map(),
  parameters: new Map(),
  bootFailures: {},
  exhausted: {},
  zones: {},
  tokens: {},
  lastGeneration: 0,
};
