import { type Context, contextFor, type Facts, gatherFacts } from "./context.ts";
import { type Document, positionAt, type SourceFile, type Span } from "./document.ts";
import type { LintFinding, Report, Rule } from "./rule.ts";
import { type Suppression, suppressionsOf } from "./suppress.ts";
import type { TopologyConf } from "./topology_conf.ts";
import type { TopologyYaml } from "./topology_yaml.ts";
import {
  ALL_VERSIONS,
  describeVersions,
  inRange,
  type SlurmVersion,
  SUPPORTED_VERSIONS,
} from "./versions.ts";

/** What to check, and for which releases. */
export interface LintInput {
  /** slurm.conf with its includes, or a part of it. */
  readonly document: Document;
  /** gres.conf, where it is at hand. */
  readonly gres?: Document;
  /** topology.conf, where it is at hand. */
  readonly topology?: TopologyConf;
  /** topology.yaml, where it is at hand. */
  readonly topologyYaml?: TopologyYaml;
  /** What to look for. */
  readonly rules: readonly Rule[];
  /** Target releases; all supported ones when absent. */
  readonly versions?: readonly SlurmVersion[];
}

/** Findings of the comments that suppress others; no rule of rules/ makes them, so they are described here. */
export const SUPPRESSION_RULES: readonly Rule[] = [
  {
    id: "CF010",
    title: "Suppression without use",
    severity: "warning",
    daemon: "silent",
    versions: ALL_VERSIONS,
    what:
      "A comment `# slurm-ec2: ignore ID` whose line draws no finding of that rule for the target releases.",
    why: "It may hide the next, real finding.",
    remedy: "Remove the comment.",
    sources: [],
    check: () => [],
  },
  {
    id: "CF011",
    title: "Suppression of an unknown rule",
    severity: "warning",
    daemon: "silent",
    versions: ALL_VERSIONS,
    what: "A comment `# slurm-ec2: ignore` without a rule's id, or with one that does not exist.",
    why: "It suppresses nothing.",
    remedy: "Name the rules by id, then the reason: # slurm-ec2: ignore PS013 EC2 is paced by the plugin.",
    sources: [],
    check: () => [],
  },
];

/**
 * Runs the rules over a configuration for each target release and says of each finding for which of them it holds.
 * Findings that a comment suppresses are left out, suppressions without use added. In reading order of the files,
 * then by place, then by rule: the same input gives the same list.
 */
export function lint(input: LintInput): LintFinding[] {
  const versions = input.versions ?? SUPPORTED_VERSIONS;
  const facts = gatherFacts(input.document, input.gres, input.topology, input.topologyYaml);
  const found = withoutEchoes(input.rules, (rule) => runRule(rule, facts, versions));
  const topology = [input.topology, input.topologyYaml].flatMap((one) => one === undefined ? [] : [one.file]);
  const files = [...input.document.files, ...(input.gres?.files ?? []), ...topology];
  return sortFindings(applySuppressions(found, files, input.rules, versions), files);
}

interface Gathered {
  readonly report: Report;
  readonly versions: SlurmVersion[];
}

function runRule(rule: Rule, facts: Facts, targets: readonly SlurmVersion[]): LintFinding[] {
  const versions = targets.filter((version) => inRange(version, rule.versions));
  const gathered = new Map<string, Gathered>();
  let reports: Report[] | undefined;
  for (const version of versions) {
    let asked = false;
    if (reports === undefined) {
      const context: Context = contextFor(facts, version, () => asked = true);
      reports = [...rule.check(context)];
    }
    for (const report of reports) {
      const key = reportKey(report);
      const known = gathered.get(key);
      if (known === undefined) gathered.set(key, { report, versions: [version] });
      else if (known.versions.at(-1) !== version) known.versions.push(version);
    }
    if (asked) reports = undefined;
  }
  return [...gathered.values()].map((group) => toFinding(rule, group, targets));
}

function reportKey({ at, message, severity, daemon }: Report): string {
  const { file, start, end } = spanOf(at);
  return `${file.path}\n${start}\n${end}\n${severity}\n${daemon}\n${message}`;
}

function spanOf(at: Report["at"]): Span {
  return "span" in at ? at.span : at;
}

function toFinding(
  rule: Rule,
  { report, versions }: Gathered,
  targets: readonly SlurmVersion[],
): LintFinding {
  const span = spanOf(report.at);
  const start = positionAt(span.file, span.start);
  const end = positionAt(span.file, Math.max(span.start, span.end));
  const forAll = versions.length === targets.length;
  const range = forAll ? "" : ` (${describeVersions(versions)})`;
  return {
    rule: rule.id,
    severity: report.severity ?? rule.severity,
    daemon: report.daemon ?? rule.daemon,
    file: span.file.path,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    message: report.message + range,
    versions,
    span,
    // What one target release wants removed, another may need.
    ...(report.fix === undefined ? {} : { fix: { ...report.fix, safe: report.fix.safe && forAll } }),
  };
}

/** The findings of all rules; those of a rule that only echoes others are left out where another speaks of the place. */
function withoutEchoes(rules: readonly Rule[], run: (rule: Rule) => LintFinding[]): LintFinding[] {
  const own = rules.filter(({ isEcho }) => !isEcho).flatMap(run);
  const echoes = rules.filter(({ isEcho }) => isEcho).flatMap(run);
  if (echoes.length === 0) return own;
  const byFile = new Map<SourceFile, LintFinding[]>();
  for (const finding of own) {
    if (finding.severity === "info") continue;
    const group = byFile.get(finding.span.file);
    if (group === undefined) byFile.set(finding.span.file, [finding]);
    else group.push(finding);
  }
  const isSaid = ({ span, versions }: LintFinding) =>
    (byFile.get(span.file) ?? []).some((other) =>
      other.span.start < span.end && span.start < other.span.end &&
      versions.every((version) => other.versions.includes(version))
    );
  return [...own, ...echoes.filter((echo) => !isSaid(echo))];
}

function applySuppressions(
  findings: readonly LintFinding[],
  files: readonly SourceFile[],
  rules: readonly Rule[],
  targets: readonly SlurmVersion[],
): LintFinding[] {
  const suppressions = files.flatMap(suppressionsOf);
  if (suppressions.length === 0) return [...findings];
  const used = new Set<string>();
  const kept = findings.filter((finding) => {
    const hit = suppressions.filter((suppression) => suppresses(suppression, finding));
    for (const { file, start } of hit) used.add(`${file.path}:${start}:${finding.rule}`);
    return hit.length === 0;
  });
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return [
    ...kept,
    ...suppressions.flatMap((suppression) => [...judgeSuppression(suppression, used, byId, targets)]),
  ];
}

function suppresses(suppression: Suppression, finding: LintFinding): boolean {
  return suppression.file === finding.span.file && suppression.rules.includes(finding.rule) &&
    finding.line >= suppression.firstLine && finding.line <= suppression.lastLine;
}

function* judgeSuppression(
  suppression: Suppression,
  used: ReadonlySet<string>,
  rules: ReadonlyMap<string, Rule>,
  targets: readonly SlurmVersion[],
): Iterable<LintFinding> {
  const { file, start, end } = suppression;
  const [unused, unknown] = SUPPRESSION_RULES;
  const say = (rule: Rule, message: string) => {
    const report = { at: { file, start, end }, message };
    return toFinding(rule, { report, versions: [...targets] }, targets);
  };
  if (suppression.rules.length === 0) {
    yield say(unknown!, "The comment names no rule: write # slurm-ec2: ignore ID reason");
  }
  for (const id of suppression.rules) {
    const rule = rules.get(id);
    if (rule === undefined) yield say(unknown!, `There is no rule ${id}: see slurm-ec2 config lint --rules`);
    // A rule that no target release asks may well be needed for another.
    else if (
      !used.has(`${file.path}:${start}:${id}`) && targets.some((version) => inRange(version, rule.versions))
    ) {
      yield say(unused!, `${id} finds nothing here: remove the comment`);
    }
  }
}

function sortFindings(findings: readonly LintFinding[], files: readonly SourceFile[]): LintFinding[] {
  const order = new Map(files.map((file, index) => [file, index]));
  return [...findings].sort((a, b) =>
    order.get(a.span.file)! - order.get(b.span.file)! ||
    a.span.start - b.span.start || a.span.end - b.span.end ||
    compareText(a.rule, b.rule) || compareText(a.message, b.message)
  );
}

/** By code unit, so that no locale changes the order. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
