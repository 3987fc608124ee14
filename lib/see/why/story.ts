import type { EventBody } from "../../events/event.ts";
import { utcTime } from "../../base/utc_time.ts";
import { visible } from "../../base/visible.ts";
import { bootSteps } from "../../cluster/boot_steps.ts";
import { listedPrice } from "../../capacity/price.ts";
import type { History, PastEvent } from "../../store/history.ts";

/** One thing that happened. */
export interface StoryLine {
  /** Milliseconds since 1970 UTC. */
  readonly time: number;
  /** Without a final period. */
  readonly sentence: string;
}

/** Events of one node or job that a story has at most: the newest. */
const STORY_MAX = 200;

/** Lines of a console's end that a story has. */
const CONSOLE_LINES = 5;

/** USD/h by instance type, of those that are known. */
export type Prices = ReadonlyMap<string, { readonly onDemand?: number; readonly spot?: number }>;

/** What happened to a node, instance by instance, oldest first. */
export function nodeStory(history: History, name: string, prices: Prices = new Map()): StoryLine[] {
  const own = history.read({ subject: { kind: "node", name }, limit: STORY_MAX });
  return storyFrom(history, own, { node: name, prices });
}

/** What happened because of a job, oldest first. */
export function jobStory(history: History, id: string, prices: Prices = new Map()): StoryLine[] {
  const own = history.read({ subject: { kind: "job", name: id }, limit: STORY_MAX });
  return storyFrom(history, own, { prices });
}

interface Telling {
  readonly node?: string;
  readonly prices: Prices;
}

/** The events, and those that name the same launches and instances. */
function storyFrom(history: History, own: readonly PastEvent[], telling: Telling): StoryLine[] {
  const events = new Map(own.map((event) => [event.id, event]));
  const add = (kind: "launch" | "instance", names: Iterable<string>) => {
    for (const name of new Set(names)) {
      for (const event of history.read({ subject: { kind, name }, limit: STORY_MAX })) {
        events.set(event.id, event);
      }
    }
  };
  add("launch", own.flatMap(({ body }) => "clientToken" in body ? [body.clientToken] : []));
  add("instance", [...events.values()].flatMap(({ body }) => instanceOf(body, telling.node) ?? []));
  const launches = launchesOf(events.values());
  return [...events.values()].sort((a, b) => a.id - b.id).slice(-STORY_MAX).map(({ time, body }) => ({
    time,
    sentence: visible(sentenceOf(body, launches, telling)),
  }));
}

type Launch = EventBody & { kind: "launch" };

function launchesOf(events: Iterable<PastEvent>): ReadonlyMap<string, Launch> {
  const launches = new Map<string, Launch>();
  for (const { body } of events) if (body.kind === "launch") launches.set(body.clientToken, body);
  return launches;
}

/** The instance that an event names for a node. */
function instanceOf(body: EventBody, node: string | undefined): string | undefined {
  if (body.kind === "console") return body.instanceId;
  return body.kind === "launched" && node !== undefined ? body.instances?.[node] : undefined;
}

function sentenceOf(
  body: EventBody,
  launches: ReadonlyMap<string, Launch>,
  { node, prices }: Telling,
): string {
  switch (body.kind) {
    case "asked": {
      const jobs = body.jobs.length === 0 ? "" : ` for ${jobText(body.jobs)}`;
      return `slurmctld called ${body.hook}${jobs}`;
    }
    case "launch":
      return `a launch was planned: ${launchText(body, prices)}`;
    case "launched": {
      const launch = launches.get(body.clientToken);
      const of = launch === undefined ? "" : `, ${launchText(launch, prices)}`;
      const id = node === undefined ? undefined : body.instances?.[node];
      const took = `after ${seconds(body.milliseconds)}`;
      if (id !== undefined) return `EC2 launched ${id}${of}, ${took}`;
      return `EC2 launched ${body.got} of ${body.asked} instances${of}, ${took}` +
        (node === undefined ? "" : "; none of them for this node");
    }
    case "refused":
      return `EC2 refused the launch: ${body.code}: ${body.message}` +
        (body.requestId === undefined ? "" : ` (request ${body.requestId})`);
    case "replayed":
      return `an unanswered launch was looked up: ${body.outcome}`;
    case "verdict":
      return `verdict ${body.verdict}${body.reason === undefined ? "" : `: ${body.reason}`}`;
    case "ended": {
      const ids = body.instanceIds.length === 1
        ? body.instanceIds[0]
        : `${body.instanceIds.length} instances`;
      const done = body.action === "stop" ? "stopped" : "terminated";
      return `EC2 accepted that ${ids} ${body.instanceIds.length === 1 ? "is" : "are"} ${done}: ${body.why}`;
    }
    case "console":
      return `${bootText(body.steps)}last words of the console of ${body.instanceId}: ${
        body.tail.trimEnd().split("\n").slice(-CONSOLE_LINES).join(" | ")
      }`;
    case "booted":
      return `${body.instanceId} has booted: ${stepsText(body.steps)}`;
    case "lifetime":
      return lifetimeText(body);
    case "pause":
    case "unpause": {
      const what = body.nodeGroup === "*" ? "all node groups" : `node group ${body.nodeGroup}`;
      return `an administrator ${body.kind === "pause" ? "paused" : "let go on"} the launches of ${what}`;
    }
    case "calls":
      return `calls of AWS: ${
        Object.entries(body.calls).map(([operation, times]) => `${operation} ${times}`).join(", ")
      }`;
    case "trouble":
      return body.message;
    case "done":
      return `${body.hook} was done after ${seconds(body.milliseconds)}`;
  }
}

/** How long each part of a boot took that failed; the last one had not ended. */
function bootText(steps: string | undefined): string {
  const last = bootSteps(steps ?? "").at(-1);
  return last === undefined ? "" : `${stepsText(steps!)}, ${last.name} was not over; `;
}

/** When the boot script began, and how long each of its parts took that is over. */
function stepsText(steps: string): string {
  const all = bootSteps(steps);
  const took = all.flatMap(({ name, seconds }) =>
    seconds === undefined ? [] : [`${name} ${seconds.toFixed(1)} s`]
  );
  const began = `the boot script began ${all[0]?.from ?? "?"} s after the kernel`;
  return [began, ...took].join(", ").replace(", ", ", then ");
}

function lifetimeText(
  { instanceId, instanceType, availabilityZone, began, up, ended, why }: EventBody & { kind: "lifetime" },
): string {
  const place = `${instanceId} (${instanceType} in ${availabilityZone})`;
  if (ended !== undefined) {
    const hours = ((ended - began) / 3_600_000).toFixed(2);
    return `${place} has ended after ${hours} h${why === undefined ? ", and not by slurm-ec2" : `: ${why}`}`;
  }
  return up === undefined ? `${place} runs` : `${place} is up ${seconds(up - began)} after it began`;
}

function launchText(
  { instanceType, subnetId, capacityType, imageId, nodeGroup }: Launch,
  prices: Prices,
): string {
  const usd = listedPrice(prices, { instanceType, capacityType });
  const cost = usd === undefined ? "" : `, ${usd} USD/h`;
  return `${instanceType} ${capacityType} of group ${nodeGroup} in ${subnetId}${cost}, image ${imageId}`;
}

/** Jobs that a sentence names. */
const JOBS_MAX = 5;

function jobText(jobs: readonly number[]): string {
  const more = jobs.length > JOBS_MAX ? ` and ${jobs.length - JOBS_MAX} more` : "";
  return `${jobs.length === 1 ? "job" : "jobs"} ${jobs.slice(0, JOBS_MAX).join(", ")}${more}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A story as a person reads it. */
export function storyLines(story: readonly StoryLine[]): string[] {
  return story.map(({ time, sentence }) => `${utcTime(time)}  ${sentence}`);
}
