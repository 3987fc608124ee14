import { errorText } from "../base/error_text.ts";
import type { RequestKind } from "../controller/state.ts";
import type { ResumeJob } from "../slurm/resume_file.ts";
import { expandHostlist } from "../slurm/hostlist.ts";
import { parseResumeFile } from "../slurm/resume_file.ts";
import type { Clock } from "../store/clock.ts";
import type { Queue } from "../store/queue.ts";
import type { QueuedRequest } from "../store/request_file.ts";
import type { QueueFact, RequestFact, RequestQueue } from "./ports.ts";
import { watchQueue } from "./watch_queue.ts";

/**
 * The queue of a stateDir, as the loop takes it.
 * @param say Called once for each request that can't be served, and for each resume file that can't be read
 */
export function requestQueue(
  stateDir: string,
  queue: Queue,
  clock: Pick<Clock, "at">,
  say: (sentence: string) => void,
): RequestQueue {
  const said = new Set<string>();
  const sayOnce = (sentence: string) => {
    if (!said.has(sentence)) say(sentence);
    said.add(sentence);
  };
  return {
    take() {
      const { requests, rejected } = queue.take();
      for (const sentence of rejected) sayOnce(sentence);
      const facts: QueueFact[] = [];
      for (const request of requests) {
        try {
          facts.push(queueFact(request, clock, sayOnce));
        } catch (error) {
          queue.forget([request.id]);
          sayOnce(`Request ${request.id} is not served: ${errorText(error)}`);
        }
      }
      return Promise.resolve(facts);
    },
    forget(ids) {
      queue.forget(ids);
      return Promise.resolve();
    },
    watch: (changed) => watchQueue(`${stateDir}/queue`, () => queue.isEmpty(), changed),
  };
}

function queueFact(
  request: QueuedRequest,
  clock: Pick<Clock, "at">,
  say: (sentence: string) => void,
): QueueFact {
  const { id, kind, hostlist } = request;
  switch (kind) {
    case "reset":
    case "pause":
    case "unpause":
      return { kind, id, nodeGroup: hostlist };
    case "yield":
      return { kind, id };
    default:
      return requestFact({ ...request, kind }, clock, say);
  }
}

/**
 * A request as a fact; a resume file that can't be read costs the grouping by job, never the launch.
 * @throws {SyntaxError | RangeError} when its hostlist is not one
 */
export function requestFact(
  { id, kind, uptime, bootId, hostlist, resumeFile }: QueuedRequest & { readonly kind: RequestKind },
  clock: Pick<Clock, "at">,
  say: (sentence: string) => void,
): RequestFact {
  return {
    kind: "request",
    id,
    request: kind,
    nodes: [...new Set(expandHostlist(hostlist))],
    jobs: resumeFile === undefined ? [] : jobsOf(resumeFile, say),
    at: clock.at(uptime === undefined ? undefined : uptime * 1000, bootId),
  };
}

function jobsOf(resumeFile: string, say: (sentence: string) => void): readonly ResumeJob[] {
  try {
    return parseResumeFile(resumeFile).jobs;
  } catch (error) {
    say(`Going on without what SLURM_RESUME_FILE says of jobs: ${errorText(error)}`);
    return [];
  }
}
