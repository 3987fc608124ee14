import { utcTime } from "../../base/utc_time.ts";
import { visible } from "../../base/visible.ts";
import { usd } from "../cost/csv.ts";
import { bootChart, moneyChart, refusalChart, timelineChart } from "./charts.ts";
import type { BootRow } from "./boots.ts";
import type { Report } from "./report.ts";
import {
  bootCells,
  callCells,
  poolCells,
  proposalLines,
  reasonCells,
  requestCells,
  stepCells,
  summaryLines,
} from "./text.ts";

/** Nothing is loaded and nothing runs: a report may be mailed. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `:root{color-scheme:light dark;--text:#1b1f24;--back:#fff;--line:#d0d7de;--dim:#57606a;
--a:#0a5fb4;--b:#1a7f37;--c:#bc4c00;--d:#8250df}
@media (prefers-color-scheme:dark){:root{--text:#e6edf3;--back:#0d1117;--line:#30363d;--dim:#8d96a0;
--a:#58a6ff;--b:#3fb950;--c:#f0883e;--d:#bc8cff}}
@media print{:root{color-scheme:light;--text:#000;--back:#fff;--line:#999;--dim:#333;--a:#0a5fb4;--b:#1a7f37;--c:#bc4c00;--d:#8250df}
section{break-inside:avoid}}
body{margin:0 auto;padding:1.5rem;max-width:64rem;font:15px/1.45 system-ui,sans-serif;color:var(--text);background:var(--back)}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
svg{display:block;width:100%;height:auto}.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.75rem 0;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);overflow-wrap:break-word}
th,td.figure{white-space:nowrap}th{color:var(--dim);font-weight:600}p.dim{color:var(--dim)}`;

/** A report as one page that needs nothing else: charts as SVG, no script, light, dark and for paper. */
export function reportHtml(report: Report): string {
  const { cluster, from, to, boots, cost } = report;
  const title = `slurm-ec2: ${cluster}, ${utcTime(from)} to ${utcTime(to)}`;
  const sections = [
    section("In short", lines(summaryLines(report))),
    section("Nodes over time (UTC)", timelineChart(report)),
    section("Boots", bootParts(boots)),
    section("Money by day (UTC)", moneyParts(report)),
    section(
      "Why nodes got no instance",
      table(["Class", "Code", "Nodes", "Last", "What to do"], reasonCells(report)),
    ),
    section("Capacity pools", poolParts(report)),
    section("Calls of AWS", table(["Operation", "Calls", "Throttled"], callCells(report))),
    section(
      "Requests",
      table(["Hook", "Count", "p50 s", "p90 s", "p99 s", "Longest s"], requestCells(report)),
    ),
    section("Proposals", lines(proposalLines(report))),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${text(title)}</title><style>${STYLE}</style></head>
<body><h1>${text(title)}</h1>
${sections.join("\n")}
<p class="dim">Prices: ${text(report.prices)}. ${cost.runs} runs of instances.</p>
</body></html>
`;
}

function bootParts({ byType, byZone, byImage, steps }: Report["boots"]): string {
  const heads = ["", "Boots", "Failed", "p50 s", "p90 s", "p99 s", "Longest s"];
  const part = (name: string, rows: readonly BootRow[]) =>
    rows.length === 0 ? "" : table([name, ...heads.slice(1)], rows.map(bootCells));
  const chart = byType.some(({ seconds }) => seconds !== undefined) ? bootChart(byType) : "";
  return chart + part("Type", byType) + part("Zone", byZone) + part("Image", byImage) +
    (steps.length === 0 ? "" : table(["Step", "Boots", ...heads.slice(3)], steps.map(stepCells)));
}

function moneyParts(report: Report): string {
  const { cost } = report;
  if (cost.rows.length === 0) return lines(["No instance ran."]);
  const rows = cost.rows.map(({ name, hours, cents }) => [name, hours.toFixed(1), usd(cents)]);
  const total = ["total", cost.total.hours.toFixed(1), usd(cost.total.cents)];
  return moneyChart(report) + table(["Day", "Hours", "USD"], [...rows, total]);
}

function poolParts(report: Report): string {
  const chart = report.pools.some(({ refusedBy }) => refusedBy.some((count) => count > 0))
    ? refusalChart(report)
    : "";
  return chart + table(["Type, purchase, subnet", "Launched", "Refused"], poolCells(report));
}

function section(title: string, body: string): string {
  return `<section><h2>${text(title)}</h2><div class="wide">${body}</div></section>`;
}

function lines(sentences: readonly string[]): string {
  return sentences.map((sentence) => `<p>${text(sentence)}</p>`).join("");
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return lines(["None."]);
  const head = heads.map((cell) => `<th>${text(cell)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map(tableCell).join("")}</tr>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

/** A number or a time stays on one line, however narrow its column is. */
function tableCell(cell: string): string {
  return /^\d\S*$/.test(cell) ? `<td class="figure">${text(cell)}</td>` : `<td>${text(cell)}</td>`;
}

/** Whatever it says, it is text: no tag, no control character. */
function text(value: string): string {
  const escapes: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return visible(value).replace(/[&<>"']/g, (character) => escapes[character]!);
}
