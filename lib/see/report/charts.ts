import { visible } from "../../base/visible.ts";
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { BootRow } from "./boots.ts";
import type { Report } from "./report.ts";

use([BarChart, GridComponent, LegendComponent, SVGRenderer]);

/** Colours are the page's own variables, so that a chart follows light, dark and paper. */
const COLOURS = ["var(--a)", "var(--b)", "var(--c)", "var(--d)"];
const TEXT = "var(--text)";
const GRID = "var(--line)";

interface Chart {
  readonly categories: readonly string[];
  readonly series: readonly {
    readonly name: string;
    readonly data: readonly number[];
    readonly stack?: string;
  }[];
  readonly unit: string;
  /** Whether it counts things, of which there are no halves. */
  readonly counts?: boolean;
}

/** Drawn as SVG here, so the page needs no script; the library escapes every text. */
function draw({ categories, series, unit, counts = false }: Chart): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 960, height: 280 });
  chart.setOption({
    animation: false,
    color: COLOURS,
    textStyle: { color: TEXT },
    grid: { left: 64, right: 16, top: 40, bottom: 48 },
    // Widths of letters are guessed here: a wider gap keeps words apart.
    legend: { top: 4, itemGap: 32, textStyle: { color: TEXT } },
    xAxis: {
      type: "category",
      data: categories.map(visible),
      axisLabel: { color: TEXT, hideOverlap: true },
      axisLine: { lineStyle: { color: GRID } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      name: unit,
      ...(counts && { minInterval: 1 }),
      nameTextStyle: { color: TEXT },
      axisLabel: { color: TEXT },
      splitLine: { lineStyle: { color: GRID } },
    },
    series: series.map(({ name, data, stack }) => ({
      ...{ type: "bar" as const, name: visible(name), data: [...data], barMaxWidth: 56 },
      ...(stack !== undefined && { stack }),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function stepLabels({ timeline, step }: Report): string[] {
  return timeline.map(({ from }) => {
    const text = new Date(from).toISOString();
    return step >= 86_400 ? text.slice(5, 10) : `${text.slice(5, 10)} ${text.slice(11, 16)}`;
  });
}

/** Pools that have a colour of their own. */
const POOLS_MAX = 4;

/** What EC2 refused over time, by the pools that refused most. */
export function refusalChart(report: Report): string {
  const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0);
  const pools = [...report.pools].filter(({ refusedBy }) => sum(refusedBy) > 0)
    .sort((a, b) => sum(b.refusedBy) - sum(a.refusedBy)).slice(0, POOLS_MAX);
  return draw({
    categories: stepLabels(report),
    unit: "refusals",
    counts: true,
    series: pools.map(({ pool, refusedBy }) => ({ name: pool, stack: "refused", data: refusedBy })),
  });
}

/** Nodes asked for, instances launched, and what failed, over time. */
export function timelineChart(report: Report): string {
  const { timeline } = report;
  return draw({
    categories: stepLabels(report),
    unit: "nodes",
    counts: true,
    series: [
      { name: "asked for", data: timeline.map(({ asked }) => asked) },
      { name: "launched", data: timeline.map(({ launched }) => launched) },
      { name: "failed", data: timeline.map(({ failed }) => failed) },
    ],
  });
}

/** Seconds to boot, by type, zone or image. */
export function bootChart(rows: readonly BootRow[]): string {
  const up = rows.filter(({ seconds }) => seconds !== undefined);
  return draw({
    categories: up.map(({ name }) => name),
    unit: "seconds",
    series: (["p50", "p90", "p99"] as const).map((part) => ({
      name: part,
      data: up.map(({ seconds }) => Math.round(seconds![part] * 10) / 10),
    })),
  });
}

/** Money by day, stacked by what it was paid for. */
export function moneyChart({ cost }: Report): string {
  const phases = [["job", "jobs"], ["up", "jobs or idle"], ["idle", "idle"], ["boot", "boot"]] as const;
  return draw({
    categories: cost.rows.map(({ name }) => name),
    unit: "USD",
    series: phases.filter(([phase]) => cost.total.phases[phase].hours > 0).map(([phase, name]) => ({
      name,
      stack: "usd",
      data: cost.rows.map(({ phases }) => phases[phase].cents / 100),
    })),
  });
}
