import type { EventBody } from "../events/event.ts";
import { expandHostlist } from "../slurm/hostlist.ts";

/** What an event can be looked up by. */
export type SubjectKind = "node" | "instance" | "job" | "launch";

/** One node, instance, job or launch that an event tells of. */
export interface Subject {
  readonly kind: SubjectKind;
  /** NodeName, instance id, job id in decimal, or client token. */
  readonly name: string;
}

/** Which fields of an event name what, and how their value is read: a new kind of event that uses them is found as well. */
const FIELDS: Readonly<Record<string, (value: unknown) => readonly Subject[]>> = {
  nodes: (value) => hostlistNodes(value).map(node),
  node: (value) => typeof value === "string" ? [node(value)] : [],
  instanceIds: (value) => texts(value).map(instance),
  instanceId: (value) => typeof value === "string" ? [instance(value)] : [],
  instances: instancesByNode,
  jobs: (value) => numbers(value).map(job),
  jobId: (value) => numbers([value]).map(job),
  clientToken: (value) => typeof value === "string" ? [{ kind: "launch", name: value }] : [],
};

/** Everything that an event can be looked up by, each once. */
export function subjectsOf(body: EventBody): Subject[] {
  const found = new Map<string, Subject>();
  for (const [field, value] of Object.entries(body)) {
    for (const subject of FIELDS[field]?.(value) ?? []) {
      found.set(`${subject.kind} ${subject.name}`, subject);
    }
  }
  return [...found.values()];
}

function node(name: string): Subject {
  return { kind: "node", name };
}

function instance(name: string): Subject {
  return { kind: "instance", name };
}

function job(id: number): Subject {
  return { kind: "job", name: String(id) };
}

/** `{ NODE: ID }`, as `launched` has it. */
function instancesByNode(value: unknown): Subject[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, id]) =>
    typeof id === "string" ? [node(name), instance(id)] : []
  );
}

/** A hostlist, or a list of names; what is neither names no node. */
function hostlistNodes(value: unknown): readonly string[] {
  if (typeof value !== "string") return texts(value);
  try {
    return expandHostlist(value);
  } catch {
    return [];
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((item) => Number.isSafeInteger(item)) : [];
}
