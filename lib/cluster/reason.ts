import { type ErrorClass, errorClass } from "../aws/error_codes.ts";

/** What a node's reason says, when it is ours. */
export interface Reason {
  /** AWS's error code or one of ours; empty in a reason of an earlier release that named none. */
  readonly code: string;
  /** A sentence for the administrator; may be empty. */
  readonly message: string;
  /** Until when the node is kept out of scheduling, milliseconds since 1970 UTC; absent: not at all. */
  readonly until?: number;
}

/** Every reason that we write carries this word, so that we only ever clear our own. */
const REASON_MARK = "slurm-ec2";

/** Longest message kept in a reason, in characters: sinfo -R shows reasons in a table. */
const MESSAGE_MAX = 300;

/**
 * The one way in which a reason is written: the code first, since `sinfo -R` cuts a reason at 20 characters
 * (https://slurm.schedmd.com/sinfo.html#OPT_list-reasons), our mark last. `until` is written to the next full second.
 */
export function formatReason({ code, message, until }: Reason): string {
  const time = until === undefined ? "" : ` until=${utcSeconds(until)}`;
  const first = code === "" ? "" : `${oneLine(code)}: `;
  return `${first}${oneLine(message)} [${REASON_MARK}${time}]`;
}

/** As {@link formatReason} writes it; slurmctld 24.11 and later append words of their own. */
const OURS = /^(?:([\w.]+): )?(.*) \[slurm-ec2(?: until=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ))?\]/;
/** As releases up to 0.1.0 wrote it: `slurm-ec2 until=TIME (Code:CODE) MESSAGE`. */
const FORMER = /^slurm-ec2(?: until=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ))?(?: \(Code:([^)]*)\))?(?: (.*))?$/;

/** What a reason says, in today's form or an earlier release's; undefined when it is not one of ours. */
export function readReason(reason: string): Reason | undefined {
  const ours = OURS.exec(reason);
  if (ours !== null) return reasonOf(ours[1], ours[2], ours[3]);
  const former = FORMER.exec(reason);
  if (former === null) return undefined;
  return reasonOf(former[2], former[3]?.replace(SLURMS_OWN, ""), former[1]);
}

/** The class of the error that a reason of ours begins with; `unknown` for any other text. */
export function reasonClass(reason: string): ErrorClass {
  return errorClass(readReason(reason)?.code ?? "");
}

/** What slurmctld 24.11 and 26.05 append to the reason of a node that reaches ResumeTimeout while DOWN. */
const SLURMS_OWN = / : ResumeTimeout reached$/;

function reasonOf(code = "", message = "", until?: string): Reason {
  return { code, message, ...(until !== undefined && { until: Date.parse(until) }) };
}

function utcSeconds(milliseconds: number): string {
  return new Date(Math.ceil(milliseconds / 1000) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Slurm keeps a reason as one line; quotes would be kept as part of it, and a second mark would be read. The apostrophe
 * of a word is not a quote.
 */
function oneLine(message: string): string {
  const cut = message.trim().slice(0, MESSAGE_MAX);
  // deno-lint-ignore no-control-regex -- control characters are what is replaced
  return cut.replace(/[\x00-\x1f\x7f]+/g, " ").replace(/["`]|\B'|'\B/g, "").replaceAll(`[${REASON_MARK}`, "(")
    .trim();
}
