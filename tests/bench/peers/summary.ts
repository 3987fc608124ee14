import type { PowerRun, Results, Samples } from "./results.ts";

/** The least of some figures; NaN of none. */
export function minimum(values: readonly number[]): number {
  return values.length === 0 ? NaN : Math.min(...values);
}

/** The middle figure, of an even number the upper one; NaN of none. */
export function median(values: readonly number[]): number {
  return values.length === 0 ? NaN : values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Which of a program's runs are meant. */
export type RunKey = Pick<PowerRun, "operation" | "nodes" | "latencyMs">;

/** The runs of one program at one size and latency. */
export function powerRun(
  results: Pick<Results, "powerRuns">,
  program: string,
  key: RunKey,
): PowerRun | undefined {
  return results.powerRuns.find((run) =>
    run.program === program && run.operation === key.operation && run.nodes === key.nodes &&
    run.latencyMs === key.latencyMs
  );
}

/** One measured thing, for every program that has it. */
export interface Comparison {
  readonly title: string;
  readonly unit: "s" | "MiB" | "";
  /** Program → the least that was measured. */
  readonly values: ReadonlyMap<string, number>;
}

/** What is worth comparing at a glance: the smallest and the largest size, the shortest and the longest latency. */
export function comparisons(results: Results): Comparison[] {
  const { sizes, latencies } = results.plan;
  const [one, most] = [Math.min(...sizes), Math.max(...sizes)];
  const [near, far] = [Math.min(...latencies), Math.max(...latencies)];
  const pick = (key: RunKey, column: keyof Samples, title: string, unit: Comparison["unit"]): Comparison => {
    const values = results.programs.map(({ id }) =>
      [id, minimum(powerRun(results, id, key)?.samples[column] ?? [])] as const
    );
    return { title, unit, values: new Map(values.filter(([, value]) => !Number.isNaN(value))) };
  };
  const at = (operation: RunKey["operation"], nodes: number, latencyMs: number) => ({
    operation,
    nodes,
    latencyMs,
  });
  const walls = (["resume", "suspend"] as const).flatMap((operation) =>
    unique([one, most]).flatMap((nodes) =>
      unique([near, far]).map((latencyMs) =>
        pick(
          at(operation, nodes, latencyMs),
          "wall",
          `${operation} of ${nodesText(nodes)}, ${latencyMs} ms a call`,
          "s",
        )
      )
    )
  );
  return [
    pick(at("resume", one, near), "first", "start to first request", "s"),
    ...walls,
    pick(at("resume", most, near), "cpu", `CPU of a resume of ${nodesText(most)}`, "s"),
    ...unique([one, most]).map((nodes) =>
      pick(at("resume", nodes, near), "peakMiB", `peak memory of a resume of ${nodesText(nodes)}`, "MiB")
    ),
    ...(["resume", "suspend"] as const).map((operation) =>
      pick(at(operation, most, near), "requests", `requests of a ${operation} of ${nodesText(most)}`, "")
    ),
  ];
}

/** A number of nodes in words. */
export function nodesText(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes.toLocaleString("en-US")} nodes`;
}

function unique(values: readonly number[]): number[] {
  return [...new Set(values)];
}
