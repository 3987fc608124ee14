/** What a run of `deno task bench:peers` found: all that docs/benchmarks.md is made of. */
export interface Results {
  /** When it began, ISO 8601 in UTC. */
  readonly date: string;
  /** The command that repeats it. */
  readonly command: string;
  readonly machine: Machine;
  readonly plan: Plan;
  readonly programs: readonly Program[];
  /** What could not be measured here, and why. */
  readonly absent: readonly string[];
  readonly powerRuns: readonly PowerRun[];
  readonly faultRuns: readonly FaultRun[];
  readonly lintRuns: readonly LintRun[];
  /** Many hooks at once. */
  readonly crowdRuns?: readonly CrowdRun[];
  /** What clustermgtd's pass would have slept, and its period, in seconds; absent without the peer. */
  readonly clustermgtd?: { readonly slept: number; readonly loop: number };
}

/** Where it was measured. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly memoryMiB: number;
  readonly system: string;
  readonly kernel: string;
  /** Load average of one minute before the first run and after the last. */
  readonly load: readonly [before: number, after: number];
  /** Name of a program or library → its version. */
  readonly versions: Readonly<Record<string, string>>;
}

/** How much is measured. */
export interface Plan {
  /** Runs of each program that come first and don't count. */
  readonly warmUps: number;
  readonly rounds: number;
  /** Rounds in which faults are measured too: they are slow and vary little. */
  readonly faultRounds: number;
  readonly sizes: readonly number[];
  /** Milliseconds a call. */
  readonly latencies: readonly number[];
  /** How often which sizes are measured at which latency; absent: all in each round. */
  readonly cells?: readonly Cell[];
  /** Nodes wanted and instances to be had, where capacity is short. */
  readonly wanted: number;
  readonly available: number;
  /** Launch calls refused in a row. */
  readonly throttles: number;
  /** Hooks called at once, and nodes of each. */
  readonly crowd?: { readonly hooks: number; readonly nodes: number; readonly rounds: number };
}

/** A size at a latency, and in how many rounds programs of each kind are measured with it. */
export interface Cell {
  readonly nodes: number;
  readonly latencyMs: number;
  readonly rounds: Readonly<Record<Program["kind"], number>>;
}

/** One of the measured programs. */
export interface Program {
  readonly id: string;
  readonly name: string;
  readonly kind: "ours" | "former" | "peer" | "floor";
}

/** Columns of figures, an entry for each run: seconds, MiB, numbers of requests and of calls of scontrol. */
export interface Samples {
  readonly wall: readonly number[];
  /** From the start of the process to the arrival of its first request. */
  readonly first: readonly number[];
  /** User and system time of the process and its children. */
  readonly cpu: readonly number[];
  /** Largest resident set of any one of its processes. */
  readonly peakMiB: readonly number[];
  readonly requests: readonly number[];
  readonly scontrol: readonly number[];
  /** Processors that anything else kept busy meanwhile. */
  readonly others?: readonly number[];
}

/** Powering nodes up or down where nothing goes wrong. */
export interface PowerRun {
  readonly program: string;
  readonly operation: "resume" | "suspend";
  readonly nodes: number;
  readonly latencyMs: number;
  readonly samples: Samples;
  /** Requests by action, of the last run. */
  readonly actions: Readonly<Record<string, number>>;
}

/** What goes wrong in a {@link FaultRun}. */
export type FaultName = "half capacity, one job" | "half capacity, a job a node" | "throttled";

/** Powering nodes up where something goes wrong. */
export interface FaultRun {
  readonly program: string;
  readonly fault: FaultName;
  readonly samples: Samples;
  readonly actions: Readonly<Record<string, number>>;
  /** Instances that run afterwards. */
  readonly launched: number;
  /** Nodes that Slurm got an address for and no bad word since. */
  readonly addressed: number;
  /** Nodes with another last word, by that word. */
  readonly told: readonly Told[];
}

/** A state and a reason that Slurm was given, and for how many nodes. */
export interface Told {
  readonly nodes: number;
  readonly state: string;
  readonly reason: string;
}

/** Many hooks called at once, each for nodes of its own. */
export interface CrowdRun {
  readonly program: string;
  readonly samples: Samples;
  /** Requests by action, of the last run. */
  readonly actions: Readonly<Record<string, number>>;
}

/** Seconds of `config lint` of a small slurm.conf. */
export interface LintRun {
  readonly program: string;
  readonly wall: readonly number[];
}
