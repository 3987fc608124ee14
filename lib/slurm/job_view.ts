/** One job, or one record of a job array, as `scontrol show job` prints it. */
export interface JobView {
  /** Its number, in decimal. */
  readonly id: string;
  /** Number of the array that it is of; absent: it is of none. */
  readonly arrayId?: string;
  /** `PENDING`, `CONFIGURING`, `RUNNING`, `COMPLETED`, … */
  readonly state: string;
  /** Why slurmctld does not start it, e.g. `Resources`; `None`: it has said nothing. */
  readonly reason: string;
  /** What it depends on, e.g. `afterok:2(unfulfilled)`; empty: on nothing. */
  readonly dependency: string;
  /** The partitions that it was submitted to, separated by commas. */
  readonly partition: string;
  /** How often it was requeued. */
  readonly restarts: number;
  /** Hostlist of the nodes that it has; empty: none. */
  readonly nodeList: string;
  /** Hostlist of the nodes that it asks for by name; empty: none. */
  readonly requestedNodes: string;
  /** Where backfill plans it. */
  readonly plannedNodes: string;
  /** Licences that it asks for, e.g. `matlab:2`; empty: none. */
  readonly licenses: string;
  /** What an administrator's programs wrote; empty: nothing. */
  readonly adminComment: string;
  /** Milliseconds since 1970 UTC, to the second; absent: slurmctld does not know. */
  readonly submitTime?: number;
  /** From when it may start; milliseconds since 1970 UTC. */
  readonly eligibleTime?: number;
  /** When it began, or is expected to. */
  readonly startTime?: number;
  /** When it ended, or will at the latest; milliseconds since 1970 UTC. */
  readonly endTime?: number;
}

/**
 * The jobs of `scontrol show job ID` (22.05, 24.11 and 26.05 looked at). A job's name may have line breaks and words of
 * this format in it: what counts is the last block of lines that begins as slurmctld's own does.
 */
export function parseJobs(text: string): JobView[] {
  return text.split(/^(?=JobId=)/m).flatMap((record) => parseJob(record) ?? []);
}

/** The three lines that follow a job's name, whatever the name is. */
const BLOCK = /^ {3}UserId=.*\n {3}Priority=.*\n {3}JobState=/gm;

function parseJob(record: string): JobView | undefined {
  const id = /^JobId=(\d+)/.exec(record)?.[1];
  const begin = [...record.matchAll(BLOCK)].at(-1)?.index;
  if (id === undefined || begin === undefined) return undefined;
  const facts = record.slice(begin);
  const word = (key: string) =>
    new RegExp(`^ {3}(?:.* )?${key}=(\\S*)`, "m").exec(facts)?.[1]?.replace("(null)", "") ?? "";
  const line = (key: string) =>
    new RegExp(`^ {3}${key}=(.*)$`, "m").exec(facts)?.[1]?.trim().replace(/^\(null\)$/, "") ?? "";
  const time = (key: string, name: string) => {
    const parsed = Date.parse(word(key));
    return Number.isNaN(parsed) ? {} : { [name]: parsed };
  };
  const [, state = "", reason = "", dependency = ""] =
    /^ {3}JobState=(\S+) Reason=(.*?) (?:FailedNode=\S* )?Dependency=(.*)$/m.exec(facts) ?? [];
  if (state === "") return undefined;
  const arrayId = /^JobId=\d+ ArrayJobId=(\d+)/.exec(record)?.[1];
  return {
    id,
    ...(arrayId !== undefined && { arrayId }),
    state,
    reason: reason.replaceAll("_", " "),
    dependency: dependency.trim().replace("(null)", ""),
    partition: word("Partition"),
    restarts: Number(word("Restarts") || 0),
    nodeList: word("NodeList"),
    requestedNodes: word("ReqNodeList"),
    plannedNodes: word("SchedNodeList"),
    licenses: word("Licenses"),
    adminComment: line("AdminComment"),
    ...time("SubmitTime", "submitTime"),
    ...time("EligibleTime", "eligibleTime"),
    ...time("StartTime", "startTime"),
    ...time("EndTime", "endTime"),
  };
}
