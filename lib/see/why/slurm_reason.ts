/** What slurmctld's reason for not starting a job means. */
export interface SlurmReason {
  /** Without a final period. */
  readonly sentence: string;
  readonly next: string;
}

/**
 * Reasons by which a job waits whatever nodes there are (https://slurm.schedmd.com/job_reason_codes.html, and squeue's
 * manual page). Those about nodes are judged by the nodes.
 */
const REASONS: readonly (readonly [reason: RegExp, meaning: SlurmReason])[] = [
  [/^JobHeldUser$/, held("its owner holds it", "scontrol release JOB lets it go on")],
  [/^JobHeldAdmin$/, held("an administrator holds it", "an administrator has to release it")],
  [
    /^(?:job requeued in held state|JobHoldMaxRequeue)$/i,
    held("it was requeued and is held", "look at why it failed, then scontrol release JOB"),
  ],
  [/^launch failed requeued held$/i, held("its launch failed and it is held", "scontrol release JOB")],
  [/^BeginTime$/, { sentence: "it is not eligible yet", next: "slurmctld considers it" }],
  [/^Dependency$/, { sentence: "it waits for other jobs", next: "it is eligible when they are as it asks" }],
  [
    /^DependencyNeverSatisfied$/,
    {
      sentence: "what it depends on can't come true any more",
      next: "scancel JOB, or change its dependency",
    },
  ],
  [/^Licenses$/, { sentence: "a licence that it asks for is in use", next: "it starts when one is free" }],
  [
    /^(?:Reservation|ReservationDeleted)$/,
    { sentence: "it waits for its reservation", next: "scontrol show reservation" },
  ],
  [
    /^PartitionDown$/,
    { sentence: "its partition is down", next: "an administrator has to set the partition UP" },
  ],
  [
    /^PartitionInactive$/,
    { sentence: "its partition is inactive", next: "an administrator has to set the partition UP" },
  ],
  [
    /^(?:PartitionNodeLimit|PartitionTimeLimit|PartitionConfig)$/,
    {
      sentence: "it asks for more than its partition allows",
      next: "lower its nodes or time, or use another partition: scontrol show partition",
    },
  ],
  [
    /^(?:Assoc|QOS|MaxJobs|JobArrayTaskLimit|AccountNotAllowed|InvalidQOS|InvalidAccount)/,
    {
      sentence: "a limit of accounting or of its job array holds it",
      next: "sacctmgr show assoc or sacctmgr show qos says which; it starts when others of the limit end",
    },
  ],
  [
    /^BadConstraints$/,
    {
      sentence: "no node can ever have what it asks for",
      next: "scancel JOB, and submit it with other demands",
    },
  ],
  [/^DeadLine$/i, { sentence: "it can't end before its deadline", next: "scancel JOB" }],
  [/^Prolog$/, { sentence: "its prolog runs", next: "it starts when the prolog has ended" }],
  [/^Cleaning$/, { sentence: "its last try is being cleaned up", next: "it is considered again after that" }],
];

function held(sentence: string, next: string): SlurmReason {
  return { sentence, next };
}

/** What a reason means that has nothing to do with nodes; undefined for all others. */
export function slurmReason(reason: string): SlurmReason | undefined {
  return REASONS.find(([pattern]) => pattern.test(reason))?.[1];
}

/** The first word of a reason: the rest may name nodes. */
export function reasonCode(reason: string): string {
  return /^Nodes required for job are DOWN/.test(reason) ? "NodesDown" : reason.split(/[ ,(]/)[0] || "None";
}
