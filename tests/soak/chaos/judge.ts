/** A job as slurmctld has it. */
export interface JobSeen {
  readonly id: string;
  /** E.g. `COMPLETED`. */
  readonly state: string;
  readonly reason: string;
  readonly restarts: number;
  /** Where its script runs. */
  readonly node?: string | undefined;
}

/** A node as slurmctld has it, e.g. `IDLE+CLOUD+POWERED_DOWN`. */
export interface NodeSeen {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
}

/** An instance as EC2 has it, and the node that its tags name. */
export interface InstanceSeen {
  readonly id: string;
  readonly node: string | undefined;
  readonly state: string;
}

/** A cluster at one moment. */
export interface Moment {
  readonly jobs: readonly JobSeen[];
  /** Ids of the jobs whose script has come to its end. */
  readonly ended: ReadonlySet<string>;
  readonly nodes: readonly NodeSeen[];
  readonly instances: readonly InstanceSeen[];
  /** Nodes whose instances are stopped, not terminated. */
  readonly stops: ReadonlySet<string>;
}

/** What is wrong once all mishaps are over. */
export interface Problem {
  readonly kind: "job" | "node" | "orphan" | "duplicate" | "without-instance" | "fault" | "record";
  readonly text: string;
}

/** Jobs that have not run to their end. */
export function unfinishedJobs({ jobs, ended }: Pick<Moment, "jobs" | "ended">): Problem[] {
  return jobs.filter(({ id, state }) => state !== "COMPLETED" || !ended.has(id)).map((
    { id, state, reason, restarts },
  ) => ({ kind: "job", text: `job ${id} is ${state} (${reason}, ${restarts} restarts)` }));
}

/**
 * Jobs that slurmctld takes for running although their slurmd, which answers, has never got them: it was stopped between
 * the allocation and the launch (seen on 24.11). That is Slurm's own to lose; a person requeues such a job.
 */
export function neverLaunched(
  { jobs, nodes }: Pick<Moment, "jobs" | "nodes">,
  begun: ReadonlySet<string>,
): string[] {
  const silent = new Set(
    nodes.filter(({ state }) => /NOT_RESPONDING|POWER|DOWN/.test(state)).map(({ name }) => name),
  );
  return jobs.filter(({ id, state, node }) =>
    state === "RUNNING" && !begun.has(id) && node !== undefined && !silent.has(node)
  ).map(({ id }) => id);
}

/** While a job runs on every node: each of them stands on one instance, and there is no other. */
export function problemsAtWork({ nodes, instances }: Pick<Moment, "nodes" | "instances">): Problem[] {
  const running = instances.filter(({ state }) => state === "running" || state === "pending");
  const byNode = Map.groupBy(running, ({ node }) => node);
  const problems = nodes.flatMap(({ name }): Problem[] => {
    const own = byNode.get(name) ?? [];
    if (own.length === 1) return [];
    const ids = own.map(({ id }) => id).join(", ");
    return own.length === 0
      ? [{ kind: "without-instance", text: `a job runs on ${name}, which has no instance` }]
      : [{ kind: "duplicate", text: `${name} has ${own.length} instances: ${ids}` }];
  });
  const names = new Set<string | undefined>(nodes.map(({ name }) => name));
  const strays = running.filter(({ node }) => !names.has(node));
  return [...problems, ...strays.map(({ id }): Problem => ({ kind: "orphan", text: `${id} is no node` }))];
}

/** When all is over: every node is powered down and may be used again, and nothing runs. */
export function problemsAtRest({ nodes, instances, stops }: Omit<Moment, "jobs" | "ended">): Problem[] {
  const stuck = nodes.filter(({ state }) => {
    const words = new Set(state.split("+"));
    return !words.has("IDLE") || !words.has("POWERED_DOWN") || words.has("DRAIN");
  });
  const kept = new Set<string>();
  const orphans = instances.filter(({ state, node }) => {
    if (state === "terminated" || state === "shutting-down") return false;
    const isKept = state === "stopped" && node !== undefined && stops.has(node) && !kept.has(node);
    if (isKept) kept.add(node);
    return !isKept;
  });
  return [
    ...stuck.map(({ name, state, reason }): Problem => ({
      kind: "node",
      text: `${name} is ${state}: ${reason}`,
    })),
    ...orphans.map(({ id, node, state }): Problem => ({
      kind: "orphan",
      text: `${id} (${node ?? "no node"}) is ${state}`,
    })),
  ];
}

/** What the product's log says of faults of its own: none is excused by what happens around it. */
export function faultsIn(log: string): Problem[] {
  const lines = log.split("\n").filter((line) =>
    /Internal ?fault|worker failed|\b(?:Type|Reference|Range|Syntax)Error\b|^\s+at (?:async )?\S+ \(file:/
      .test(line)
  );
  return [...new Set(lines)].slice(0, 20).map((text) => ({ kind: "fault", text }));
}
