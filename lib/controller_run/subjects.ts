import type { Action } from "../controller/action.ts";

/**
 * What an action is about: at most one call is under way for each subject, and a refused one is paced by itself. An
 * action about many instances or nodes has a subject for each, so one that is refused does not hold up the others.
 */
export function subjectsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case "run-instances":
    case "look-up-token":
      return [`${action.kind} ${action.token}`];
    case "start":
    case "end":
      return action.ids.map((id) => `instance ${id}`);
    case "keep-console":
      return [`console ${action.id}`];
    case "report-addresses":
      return action.addresses.map(({ nodeName }) => `address ${nodeName}`);
    case "set-state":
      return action.nodes.map(({ name }) => `state ${name}`);
    case "comment":
      return action.jobIds.map((id) => `comment ${id}`);
    case "describe":
    case "list":
    case "list-ended":
    case "ask-slurm":
    case "read-timeouts":
    case "read-parameters":
    case "read-subnets":
      return [action.kind];
  }
}

/** The part of an action whose subjects are free; undefined when none is. */
export function narrowed(action: Action, isFree: (subject: string) => boolean): Action | undefined {
  const subjects = subjectsOf(action);
  const free = subjects.map(isFree);
  if (free.every(Boolean)) return subjects.length === 0 ? undefined : action;
  if (!free.some(Boolean)) return undefined;
  const kept = <T>(items: readonly T[]) => items.filter((_, index) => free[index]);
  switch (action.kind) {
    case "start":
    case "end":
      return { ...action, ids: kept(action.ids) };
    case "report-addresses":
      return { ...action, addresses: kept(action.addresses) };
    case "set-state":
      return { ...action, nodes: kept(action.nodes) };
    case "comment":
      return { ...action, jobIds: kept(action.jobIds) };
    default:
      return undefined;
  }
}

/** Which API an action calls: calls of one channel share its limit of calls under way. */
export type Channel = "launch" | "instances" | "read" | "console" | "slurm" | "slurm-read";

/** The channel of each kind of action. */
export const CHANNEL: Readonly<Record<Action["kind"], Channel>> = {
  "run-instances": "launch",
  "look-up-token": "read",
  "describe": "read",
  "list": "read",
  "list-ended": "read",
  "read-parameters": "read",
  "read-subnets": "read",
  "start": "instances",
  "end": "instances",
  "keep-console": "console",
  "ask-slurm": "slurm-read",
  "read-timeouts": "slurm-read",
  "report-addresses": "slurm",
  "set-state": "slurm",
  "comment": "slurm",
};

/**
 * Calls under way in each channel. RunInstances: its request bucket holds 5 tokens
 * (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html). slurmctld is one process, and takes one
 * change after another.
 */
export const CHANNEL_LIMITS: Readonly<Record<Channel, number>> = {
  "launch": 5,
  "instances": 4,
  "read": 4,
  "console": 10,
  "slurm": 1,
  "slurm-read": 2,
};

/** Whether an action changes something at EC2 or in Slurm; the others only ask. */
export const CHANGES: Readonly<Record<Action["kind"], boolean>> = {
  "run-instances": true,
  "look-up-token": false,
  "describe": false,
  "list": false,
  "list-ended": false,
  "read-parameters": false,
  "read-subnets": false,
  "start": true,
  "end": true,
  "keep-console": false,
  "ask-slurm": false,
  "read-timeouts": false,
  "report-addresses": true,
  "set-state": true,
  "comment": true,
};
