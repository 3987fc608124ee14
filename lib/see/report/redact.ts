import type { Report } from "./report.ts";

/**
 * A report for support: the cluster, node groups, images and subnets have numbers instead of names, and what was said is
 * left out. Instance types, zones, codes, times and figures stay.
 */
export function redacted(report: Report): Report {
  const names = new Map<string, string>();
  const alias = (kind: string, name: string) => {
    const known = names.get(`${kind} ${name}`);
    if (known !== undefined) return known;
    const made = `${kind}-${[...names.keys()].filter((key) => key.startsWith(`${kind} `)).length + 1}`;
    names.set(`${kind} ${name}`, made);
    return made;
  };
  const { boots, pools, reasons, cost } = report;
  return {
    ...report,
    cluster: "cluster",
    prices: "redacted",
    boots: { ...boots, byImage: boots.byImage.map((row) => ({ ...row, name: alias("image", row.name) })) },
    pools: pools.map(({ pool, ...row }) => {
      const [type = "", capacity = "", subnet = ""] = pool.split(" ");
      return { pool: pool === "?" ? pool : `${type} ${capacity} ${alias("subnet", subnet)}`, ...row };
    }),
    reasons: reasons.map(({ example: _, ...row }) => row),
    cost: {
      ...cost,
      rows: cost.by === "day"
        ? cost.rows
        : cost.rows.map((row) => ({ ...row, name: alias(cost.by, row.name) })),
      endUnknown: cost.endUnknown.map((id) => alias("instance", id)),
    },
  };
}
