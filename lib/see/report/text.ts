import { textTable } from "../../base/text_table.ts";
import { utcTime } from "../../base/utc_time.ts";
import { visible } from "../../base/visible.ts";
import { usd } from "../cost/csv.ts";
import type { Spread } from "./percentiles.ts";
import type { BootRow, StepRow } from "./boots.ts";
import type { Report } from "./report.ts";

/** The most important figures, a sentence each. */
export function summaryLines({ timeline, launches, throttled, boots, cost }: Report): string[] {
  const sum = (part: "asked" | "launched" | "refused" | "failed") =>
    timeline.reduce((all, step) => all + step[part], 0);
  const { seconds, failed } = boots.all;
  return [
    `${sum("asked")} nodes were asked for, ${sum("launched")} instances launched in ${launches} calls; ` +
    `EC2 refused ${sum("refused")}, ${throttled} of them for too many calls; ${
      sum("failed")
    } nodes got a verdict`,
    seconds === undefined
      ? `No boot was seen through; ${failed} failed`
      : `${seconds.count} boots: half of them within ${seconds.p50.toFixed(0)} s, 99 % within ${
        seconds.p99.toFixed(0)
      } s; ${failed} failed`,
    `${cost.total.hours.toFixed(1)} hours of instances, ${usd(cost.total.cents)} USD` +
    (cost.unpriced.length === 0 ? "" : `, without ${cost.unpriced.join(", ")}, which have no price`),
  ];
}

/** What the measured boots suggest, a sentence each. */
export function proposalLines({ proposals }: Report): string[] {
  const { boots, resumeTimeout, expectedBootSeconds, failureRate, failuresInARow, breakerLimit } = proposals;
  if (resumeTimeout === undefined || failureRate === undefined) {
    return [`${boots} boots are too few to propose anything`];
  }
  return [
    `ResumeTimeout=${resumeTimeout} in slurm.conf: half as long again as 99 % of ${boots} boots took`,
    `limits.expectedBootSeconds: ${expectedBootSeconds} in slurm-ec2.yaml: 90 % of the boots were up by then`,
    `${
      (failureRate * 100).toFixed(1)
    } % of the boots failed: ${failuresInARow} in a row come by chance less than once in 10,000; ` +
    `the breaker opens after ${breakerLimit}`,
  ];
}

/** A row of boots as cells. */
export function bootCells({ name, failed, seconds }: BootRow): string[] {
  return [name, String((seconds?.count ?? 0) + failed), String(failed), ...spreadCells(seconds)];
}

/** A row of a boot's steps as cells. */
export function stepCells({ name, seconds }: StepRow): string[] {
  return [name, String(seconds.count), ...spreadCells(seconds)];
}

function spreadCells(spread: Spread | undefined): string[] {
  if (spread === undefined) return ["-", "-", "-", "-"];
  return [spread.p50, spread.p90, spread.p99, spread.most].map((seconds) => seconds.toFixed(1));
}

/** Reasons as cells. */
export function reasonCells({ reasons }: Report): string[][] {
  return reasons.map((row) => [row.class, row.code, String(row.nodes), utcTime(row.last), row.advice]);
}

/** Pools as cells. */
export function poolCells({ pools }: Report): string[][] {
  return pools.map(({ pool, launched, refused }) => [
    pool,
    String(launched),
    Object.entries(refused).map(([code, count]) => `${code} ${count}`).join(", ") || "-",
  ]);
}

/** Operations of AWS as cells. */
export function callCells({ calls }: Report): string[][] {
  return calls.map(({ operation, calls, throttled }) => [operation, String(calls), String(throttled)]);
}

/** Hooks as cells. */
export function requestCells({ requests }: Report): string[][] {
  return Object.entries(requests).map((
    [hook, spread],
  ) => [hook, String(spread.count), ...spreadCells(spread)]);
}

/** Cells of the longest bar. */
const BAR = 30;

function bar(part: number, most: number): string {
  return most > 0 ? "█".repeat(Math.round(BAR * part / most)) : "";
}

/** A report for a terminal. */
export function reportText(report: Report, columns: number | undefined): string {
  const { cluster, from, to, timeline, boots, cost } = report;
  const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? "none\n" : textTable(heads, rows, undefined, columns);
  const busy = timeline.filter((step) => step.asked + step.launched + step.refused + step.failed > 0);
  const most = Math.max(0, ...busy.map(({ asked }) => asked));
  const dearest = Math.max(0, ...cost.rows.map(({ cents }) => cents));
  const spread = ["BOOTS", "FAILED", "P50 S", "P90 S", "P99 S", "LONGEST S"];
  const parts = [
    [`Cluster ${cluster}, ${utcTime(from)} to ${utcTime(to)}`, ...summaryLines(report)].map(visible).join(
      "\n",
    ) + "\n",
    heading(
      "Nodes over time",
      table(
        ["FROM", "ASKED", "LAUNCHED", "REFUSED", "FAILED", ""],
        busy.map(({ from, asked, launched, refused, failed }) => [
          utcTime(from),
          ...[asked, launched, refused, failed].map(String),
          bar(asked, most),
        ]),
      ),
    ),
    heading("Boots by type", table(["TYPE", ...spread], boots.byType.map(bootCells))),
    heading("Boots by zone", table(["ZONE", ...spread], boots.byZone.map(bootCells))),
    heading("Boots by image", table(["IMAGE", ...spread], boots.byImage.map(bootCells))),
    heading("Boots by step", table(["STEP", "BOOTS", ...spread.slice(2)], boots.steps.map(stepCells))),
    heading(
      "Why nodes got no instance",
      table(["CLASS", "CODE", "NODES", "LAST", "WHAT TO DO"], reasonCells(report)),
    ),
    heading("Capacity pools", table(["POOL", "LAUNCHED", "REFUSED"], poolCells(report))),
    heading("Calls of AWS", table(["OPERATION", "CALLS", "THROTTLED"], callCells(report))),
    heading(
      "Requests",
      table(["HOOK", "COUNT", "P50 S", "P90 S", "P99 S", "LONGEST S"], requestCells(report)),
    ),
    heading(
      "Money by day (UTC)",
      table(
        ["DAY", "HOURS", "USD", ""],
        cost.rows.map(({ name, hours, cents }) => [name, hours.toFixed(1), usd(cents), bar(cents, dearest)]),
      ),
    ),
    heading("Proposals", proposalLines(report).map((line) => `${visible(line)}\n`).join("")),
    visible(`Prices: ${report.prices}`) + "\n",
  ];
  return parts.join("\n");
}

function heading(title: string, body: string): string {
  return `${title}\n${body}`;
}
