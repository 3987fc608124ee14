import { expandHostlist } from "../../../lib/slurm/hostlist.ts";
import type { StepName } from "./results.ts";

/** What is known of a job from outside of slurmctld; milliseconds since 1970 UTC. */
export interface Observed {
  readonly job: string;
  readonly nodes: readonly string[];
  readonly submitted: number;
  /** When instances began to boot, by instance id; others than the job's, too. */
  readonly running: ReadonlyMap<string, number>;
  readonly firstLine: number;
}

/** Logs of slurmctld and of our hooks. */
export interface Logs {
  readonly slurmctld: string;
  readonly hooks: string;
}

/** A line of slurmctld's log with its time, milliseconds since 1970 UTC. */
interface LogLine {
  readonly at: number;
  readonly text: string;
}

/** Seconds from submission to each step; null where slurmctld does not say when. */
export function timeLine(logs: Logs, seen: Observed): Record<StepName, number | null> {
  const lines = slurmctldLines(logs.slurmctld).filter(({ at }) => at >= seen.submitted - SKEW);
  const allocated = allocation(lines, seen.job);
  const called = lines.find((line) => resumes(line, seen.nodes[0]!))?.at;
  const registered = seen.nodes.map((node) =>
    lines.find(({ text }) => text === `Node ${node} now responding`)?.at
  );
  const configured = lines.find(({ text }) =>
    new RegExp(`Configuration for JobId=${seen.job} (?:is )?complete`).test(text)
  )?.at;
  const done = seen.nodes.map((node) => assigned(logs.hooks, node, seen.submitted));
  const since = (at: number | undefined) =>
    at === undefined ? null : Math.round((at - seen.submitted) / 10) / 100;
  return {
    "allocated": since(allocated),
    "hook called": since(called),
    "hook done": since(last(done.map((one) => one?.at))),
    "instances run": since(last(done.map((one) => seen.running.get(one?.instanceId ?? "")))),
    "registered": since(last(registered)),
    "configured": since(configured),
    "first line": since(seen.firstLine),
  };
}

/** The job's way back: when it was requeued, and when ResumeProgram was called for it again. */
export function nextTry(
  slurmctld: string,
  { job, nodes }: { readonly job: string; readonly nodes: readonly string[] },
): { readonly requeued: number; readonly resumeProgram: number } | undefined {
  const lines = slurmctldLines(slurmctld);
  const requeued = lines.find(({ text }) => text.includes(`requeue job JobId=${job} due to failure`))?.at;
  if (requeued === undefined) return undefined;
  const resumed = lines.find((line) => line.at > requeued && nodes.some((node) => resumes(line, node)));
  return resumed === undefined ? undefined : { requeued, resumeProgram: resumed.at };
}

/** Milliseconds by which a job's first line of the log may lie before its submission was noted. */
const SKEW = 100;

function last(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length < times.length || known.length === 0 ? undefined : Math.max(...known);
}

/** slurmctld writes local time with milliseconds (LogTimeFormat's default). */
function slurmctldLines(log: string): LogLine[] {
  return [...log.matchAll(/^\[(\S+)\] (.*)$/gm)].map(([, time, text]) => ({
    at: Date.parse(time!),
    text: text!,
  }));
}

/** What the backfill scheduler starts is not always in the log. */
function allocation(lines: readonly LogLine[], job: string): number | undefined {
  const says = new RegExp(
    `\\b(?:Allocate JobId=${job} NodeList=|_slurm_rpc_allocate_resources JobId=${job} NodeList=(?!\\(null\\))|` +
      `Started JobId=${job} in )`,
  );
  return lines.find(({ text }) => says.test(text))?.at;
}

function resumes({ text }: LogLine, node: string): boolean {
  const [, list] = /(?:waking nodes|__resumeprog__ on nodes) (\S+)$/.exec(text) ?? [];
  return list !== undefined && expandHostlist(list).includes(node);
}

/** When our log says that the node has an instance, and which. */
function assigned(
  log: string,
  node: string,
  since: number,
): { readonly at: number; readonly instanceId: string } | undefined {
  const says = new RegExp(`^(\\S+Z) [A-Z]+ resume: assigned .*\\b${node} is (i-\\w+) `, "gm");
  return [...log.matchAll(says)].map(([, time, instanceId]) => ({
    at: Date.parse(time!),
    instanceId: instanceId!,
  })).find(({ at }) => at >= since);
}
