import type { Results, Samples } from "./results.ts";
import { minimum, nodesText, powerRun, type RunKey } from "./summary.ts";

/** Something that one of our programs is to reach. */
export interface Target {
  readonly program: string;
  readonly title: string;
  readonly limit: string;
  readonly measured: string;
  readonly met: boolean;
}

/** A share that a program may take of what another one takes. */
interface Share extends RunKey {
  readonly column: "wall" | "cpu" | "peakMiB";
  readonly of: string;
  readonly limit: number;
}

const KINDS = { wall: "time", cpu: "CPU", peakMiB: "peak memory" } as const;

/** Shares, for the worker that a hook has to start: a warm one takes less. */
const SHARES: readonly Share[] = [
  { operation: "resume", nodes: 1, latencyMs: 0, column: "wall", of: "boto3", limit: 0.5 },
  { operation: "resume", nodes: 1, latencyMs: 0, column: "cpu", of: "former", limit: 0.85 },
  { operation: "resume", nodes: 1_000, latencyMs: 0, column: "peakMiB", of: "pc-ri", limit: 0.97 },
  { operation: "resume", nodes: 1_000, latencyMs: 0, column: "cpu", of: "former", limit: 0.6 },
  { operation: "resume", nodes: 1_000, latencyMs: 0, column: "wall", of: "former", limit: 0.7 },
  { operation: "resume", nodes: 10_000, latencyMs: 0, column: "peakMiB", of: "former", limit: 0.55 },
  { operation: "resume", nodes: 10_000, latencyMs: 0, column: "cpu", of: "former", limit: 0.4 },
  { operation: "suspend", nodes: 1_000, latencyMs: 150, column: "wall", of: "boto3", limit: 0.9 },
  { operation: "suspend", nodes: 10_000, latencyMs: 150, column: "wall", of: "former", limit: 0.45 },
];

/** Seconds from the start of a hook to its first request, at most. */
const FIRST_REQUEST = 0.13;
/** MiB of a resume of 1,000 nodes, at most. */
const PEAK = 80;
/** Requests of a suspend of 1,000 nodes, at most. */
const SUSPEND_REQUESTS = 2;
/** Seconds of `config lint` of a small file, at most. */
const LINT = 0.06;

/** Which targets our programs reach, by their best runs. */
export function targets(results: Pick<Results, "programs" | "powerRuns" | "lintRuns">): Target[] {
  return results.programs.filter(({ kind }) => kind === "ours").flatMap(({ id, name }) => {
    const best = (program: string, column: keyof Samples, key: RunKey) =>
      minimum(powerRun(results, program, key)?.samples[column] ?? []);
    const target = (title: string, measured: number, limit: number, unit: string, digits = 3): Target[] =>
      Number.isNaN(measured) ? [] : [{
        program: name,
        title,
        limit: `≤ ${limit}${unit}`,
        measured: `${measured.toFixed(digits)}${unit}`,
        met: measured <= limit,
      }];
    const one: RunKey = { operation: "resume", nodes: 1, latencyMs: 0 };
    const many: RunKey = { ...one, nodes: 1_000 };
    const down: RunKey = { ...many, operation: "suspend" };
    const lint = minimum(results.lintRuns.find(({ program }) => program === id)?.wall ?? []);
    return [
      ...target("start to first request", best(id, "first", one), FIRST_REQUEST, " s"),
      ...target(`peak memory, resume of ${nodesText(1_000)}`, best(id, "peakMiB", many), PEAK, " MiB", 1),
      ...target(
        `requests, suspend of ${nodesText(1_000)}`,
        best(id, "requests", down),
        SUSPEND_REQUESTS,
        "",
        0,
      ),
      ...SHARES.flatMap(({ column, of, limit, ...key }) => {
        const other = results.programs.find((program) => program.id === of);
        return target(
          `${KINDS[column]}, ${key.operation} of ${nodesText(key.nodes)}, ${key.latencyMs} ms a call`,
          best(id, column, key) / best(of, column, key),
          limit,
          ` × ${other?.name ?? of}`,
        );
      }),
      ...target("`config lint` of a small file", lint, LINT, " s"),
    ];
  });
}
