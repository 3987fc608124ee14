import { expandHostlist } from "./hostlist.ts";

/** One try of a job as accounting has it; times are milliseconds since 1970 UTC. */
export interface JobUse {
  /** In decimal. */
  readonly jobId: string;
  readonly user: string;
  readonly account: string;
  readonly partition: string;
  readonly nodes: readonly string[];
  /** CPUs that it has on all of its nodes. */
  readonly cpus: number;
  readonly start: number;
  /** Absent: it runs. */
  readonly end?: number;
}

/** What sacct says of jobs. */
export interface SacctApi {
  /**
   * Every try of every job that ran on nodes between two times (milliseconds since 1970 UTC).
   * @throws {SacctError} where accounting does not answer
   */
  jobs(from: number, to: number): Promise<readonly JobUse[]>;
}

/** Why accounting gave no answer: sacct took too long and was ended, reported an error, or can't be run. */
export type SacctFailure = "timeout" | "refused" | "missing";

/** Accounting does not answer, or there is none. */
export class SacctError extends Error {
  override readonly name = "SacctError";

  constructor(readonly kind: SacctFailure, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The fields that {@link parseSacct} reads, as `--format` takes them (https://slurm.schedmd.com/sacct.html). */
const SACCT_FIELDS = "jobidraw,user,account,partition,alloccpus,start,end,nodelist";

/**
 * What sacct is asked for {@link parseSacct}, between two times (milliseconds since 1970 UTC); its TZ has to be UTC. All
 * users' jobs without their steps, every try of one, cut to the window: what is outside is not of this bill.
 */
export function sacctArguments(from: number, to: number): string[] {
  return [
    ...["--allusers", "--allocations", "--duplicates", "--truncate", "--parsable2", "--noheader"],
    ...[`--format=${SACCT_FIELDS}`, `--starttime=${sacctTime(from)}`, `--endtime=${sacctTime(to)}`],
  ];
}

/** `2026-11-30T21:00:00` in UTC. */
function sacctTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19);
}

/**
 * The lines of sacct as {@link sacctArguments} asks for them. A line that is not one, a try that
 * got no node, or whose nodes can't be read, counts for nothing. The nodes stand last: their list has no bar in it.
 */
export function parseSacct(text: string): JobUse[] {
  return text.split("\n").flatMap((line) => {
    const [
      jobId = "",
      user = "",
      account = "",
      partition = "",
      cpus,
      start = "",
      end = "",
      nodelist = "",
      ...more
    ] = line.split("|");
    const began = Date.parse(`${start}Z`);
    if (!/^\d+$/.test(jobId) || more.length > 0 || Number.isNaN(began)) return [];
    const nodes = nodesIn(nodelist);
    if (nodes.length === 0) return [];
    const ended = Date.parse(`${end}Z`);
    return [{
      ...{ jobId, user, account, partition, nodes },
      cpus: Number(cpus) || nodes.length,
      start: began,
      ...(!Number.isNaN(ended) && { end: ended }),
    }];
  });
}

function nodesIn(hostlist: string): readonly string[] {
  if (hostlist === "" || hostlist === "None assigned") return [];
  try {
    return expandHostlist(hostlist);
  } catch {
    return [];
  }
}
