import type { DescribeInstanceStatusInput, Page, StatusCheck } from "../aws/ec2_api.ts";
import { filterItems, type FilterTable } from "./filters.ts";
import { type ScheduledEvent, type SimInstance, STATE_CODES } from "./instances.ts";
import { knownInstances, launchNumber, visibleInstances } from "./life.ts";
import { page } from "./paging.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** An instance with what its status checks say at one moment, and what is scheduled for it. */
export interface SimInstanceStatus {
  readonly instance: SimInstance;
  readonly system: StatusCheck;
  readonly guest: StatusCheck;
  readonly attachedEbs: StatusCheck;
  readonly events: readonly SimEvent[];
}

/** A scheduled event as DescribeInstanceStatus words it. */
export interface SimEvent extends ScheduledEvent {
  readonly description: string;
}

/** Ids that one call may name (API reference, DescribeInstanceStatus). */
const MAX_IDS = 100;

/** DescribeInstanceStatus: running instances unless all are asked for, filtered, a page at a time. */
export function describeInstanceStatus(
  world: World,
  input: DescribeInstanceStatusInput,
  now: number,
): Page<SimInstanceStatus> {
  const { InstanceIds, MaxResults, IncludeAllInstances } = input;
  const named = InstanceIds !== undefined && InstanceIds.length > 0;
  if (named && MaxResults !== undefined) {
    throw new Refusal(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  if (named && InstanceIds.length > MAX_IDS) {
    throw new Refusal(
      "InvalidParameterValue",
      `The number of instance IDs must not exceed ${MAX_IDS}: ${InstanceIds.length} given`,
    );
  }
  const instances = named ? knownInstances(world, InstanceIds, now) : [...visibleInstances(world, now)];
  const statuses = instances
    .filter(({ state }) => IncludeAllInstances || state === "running")
    .map((instance) => statusOf(instance, world, now));
  const kept = filterItems(statuses, input.Filters, FILTERS, { action: "DescribeInstanceStatus" });
  return page(kept, input, {
    bounds: { min: 5, max: 1000 },
    numberOf: ({ instance }) => launchNumber(instance),
  });
}

/** What EC2 says of an instance at a moment. */
function statusOf(instance: SimInstance, { settings }: World, now: number): SimInstanceStatus {
  const { impaired = {} } = instance;
  const firstResult = (instance.runningAt ?? Infinity) + settings.statusCheckMs;
  const check = (since: number | undefined): StatusCheck => {
    if (instance.state !== "running") return { status: "not-applicable" };
    if (now < firstResult) return { status: "initializing" };
    return since === undefined ? { status: "ok" } : { status: "impaired", impairedSince: since };
  };
  return {
    instance,
    system: check(impaired.system),
    // A guest that never comes up does not answer: the first check finds it so.
    guest: check(impaired.instance ?? (instance.bootFails ? firstResult : undefined)),
    attachedEbs: check(impaired.attachedEbs),
    events: eventsOf(instance, now),
  };
}

/**
 * An instance's scheduled events; one whose time has come is over, and says so
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusEvent.html).
 */
export function eventsOf({ notices }: SimInstance, now: number): readonly SimEvent[] {
  return (notices?.events ?? []).map((event) => ({
    ...event,
    description: `${isOver(event, now) ? "[Completed] " : ""}${DESCRIPTIONS[event.code]}`,
  }));
}

/** Whether a scheduled event has happened. */
export function isOver({ notBefore }: ScheduledEvent, now: number): boolean {
  return notBefore <= now;
}

/** EC2's words (EC2 user guide, "Scheduled events for your instances"). */
const DESCRIPTIONS: Readonly<Record<ScheduledEvent["code"], string>> = {
  "instance-reboot": "The instance is scheduled for a reboot",
  "system-reboot": "scheduled reboot",
  "system-maintenance": "scheduled maintenance",
  "instance-retirement": "The instance is running on degraded hardware",
  "instance-stop": "The instance is running on degraded hardware",
};

const reachability = ({ status }: StatusCheck) => REACHABILITY[status];

/** What the only detail of a check says where its summary says this (API reference, InstanceStatusDetails). */
export const REACHABILITY: Readonly<Record<StatusCheck["status"], string | undefined>> = {
  "ok": "passed",
  "impaired": "failed",
  "insufficient-data": "insufficient-data",
  "initializing": "initializing",
  "not-applicable": undefined,
};

const FILTERS: FilterTable<SimInstanceStatus> = {
  "attached-ebs-status.status": (s) => [s.attachedEbs.status],
  "availability-zone": (s) => [s.instance.availabilityZone],
  "availability-zone-id": (s) => [s.instance.availabilityZoneId],
  "event.code": (s) => s.events.map(({ code }) => code),
  "event.description": (s) => s.events.map(({ description }) => description),
  "event.instance-event-id": (s) => s.events.map(({ eventId }) => eventId),
  "event.not-before": (s) => s.events.map(({ notBefore }) => new Date(notBefore).toISOString()),
  "instance-state-code": (s) => [String(STATE_CODES[s.instance.state])],
  "instance-state-name": (s) => [s.instance.state],
  "instance-status.reachability": (s) => [reachability(s.guest)],
  "instance-status.status": (s) => [s.guest.status],
  "system-status.reachability": (s) => [reachability(s.system)],
  "system-status.status": (s) => [s.system.status],
};
