import { visible } from "../../base/visible.ts";

/** One figure. */
export interface Sample {
  /** Without the prefix. */
  readonly name: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

const PREFIX = "slurm_ec2_";

/**
 * Samples in Prometheus' text format, all gauges, every metric's samples together
 * (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). `cluster` is a label of each.
 */
export function prometheusText(
  samples: readonly Sample[],
  cluster: string,
  help: (name: string) => string,
): string {
  return [...Map.groupBy(samples, ({ name }) => name)].map(([name, some]) => {
    const lines = some.map(({ value, labels }) =>
      `${PREFIX}${name}${labelText({ cluster, ...labels })} ${value}\n`
    );
    return `# HELP ${PREFIX}${name} ${escaped(help(name))}\n# TYPE ${PREFIX}${name} gauge\n${lines.join("")}`;
  }).join("");
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) =>
    `${name}="${escaped(value).replaceAll('"', '\\"')}"`
  );
  return `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return visible(text).replaceAll("\\", "\\\\");
}
