import type { NodeOutcome, RequestRecord } from "./state.ts";
import { Table } from "./table.ts";

/** A resume that is not decided yet: when it was asked for last, and the jobs that wait for the node. */
export interface Held {
  readonly at: number;
  readonly jobs: readonly number[];
}

/** What a held resume means for a node: the generation that it began or joined, or an outcome at once. */
export type Meaning = { readonly generation: number } | NodeOutcome;

/** Requests by id, and the resumes among them that are held for some nodes. */
export class RequestTable extends Table<string, RequestRecord> {
  #held: Map<string, Held> | undefined;
  #meanings = new Map<string, Meaning>();

  /** Puts a request in, in place of what was known of it. */
  put(request: RequestRecord): void {
    this.set(request.id, request);
    this.#held = undefined;
  }

  /** Nodes that a resume was asked for, of which slurmctld has to say first what it means. */
  get held(): ReadonlyMap<string, Held> {
    return this.#heldNodes();
  }

  /** It is known now what a held resume means for a node. */
  release(name: string, meaning: Meaning): void {
    this.#heldNodes().delete(name);
    this.#meanings.set(name, meaning);
  }

  /** Writes what held resumes mean into their requests. */
  settleReleased(): void {
    if (this.#meanings.size === 0) return;
    const meanings = this.#meanings;
    this.#meanings = new Map();
    for (const request of [...this.map.values()]) {
      const own = heldBy(request).filter((name) => meanings.has(name));
      if (own.length === 0) continue;
      const outcomes = { ...request.outcomes };
      const generations = { ...request.generations };
      for (const name of own) {
        const meaning = meanings.get(name)!;
        if ("generation" in meaning) generations[name] = meaning.generation;
        else outcomes[name] = meaning;
      }
      this.put({ ...request, outcomes, generations });
    }
  }

  #heldNodes(): Map<string, Held> {
    if (this.#held !== undefined) return this.#held;
    this.#held = new Map();
    for (const request of this.map.values()) {
      const names = heldBy(request).filter((name) => !this.#meanings.has(name));
      if (names.length === 0) continue;
      const jobs = jobsByNode(request);
      for (const name of names) {
        const { at, jobs: others } = this.#held.get(name) ?? { at: -Infinity, jobs: [] };
        this.#held.set(name, { at: Math.max(at, request.at), jobs: [...others, ...jobs.get(name) ?? []] });
      }
    }
    return this.#held;
  }
}

function heldBy(request: RequestRecord): string[] {
  if (request.kind !== "resume" || request.settledAt !== undefined) return [];
  const { generations, outcomes } = request;
  return request.nodes.filter((name) => !Object.hasOwn(generations, name) && !Object.hasOwn(outcomes, name));
}

/** Ids of the jobs that wait for each node. */
export function jobsByNode({ jobs }: Pick<RequestRecord, "jobs">): Map<string, number[]> {
  const byNode = new Map<string, number[]>();
  for (const { jobId, nodes } of jobs) {
    for (const name of nodes) {
      const own = byNode.get(name);
      if (own === undefined) byNode.set(name, [jobId]);
      else own.push(jobId);
    }
  }
  return byNode;
}
