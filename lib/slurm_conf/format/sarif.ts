import type { Severity } from "../../base/finding.ts";
import { positionAt, type Span } from "../document.ts";
import type { Edit, Fix, LintFinding, Rule } from "../rule.ts";
import { describeVersions, versionsIn } from "../versions.ts";

/** SARIF's words for our severities (section 3.27.10 of SARIF 2.1.0). */
const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  info: "note",
};

/**
 * Findings in the Static Analysis Results Interchange Format
 * (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
 */
export function formatSarif(
  findings: readonly LintFinding[],
  rules: readonly Rule[],
  version: string,
): string {
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: { driver: { name: "slurm-ec2", version, rules: rules.map(descriptor) } },
      columnKind: "utf16CodeUnits",
      results: findings.map((finding) => result(finding, indices)),
    }],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function descriptor(rule: Rule): unknown {
  const remedy = `${rule.remedy} Applies to ${describeVersions(versionsIn(rule.versions))}.`;
  return {
    id: rule.id,
    name: pascalCase(rule.title),
    shortDescription: { text: rule.title },
    fullDescription: { text: `${rule.what} ${rule.why}` },
    help: {
      text: [remedy, `More, with examples: docs/lint_rules.md#${rule.id.toLowerCase()}`, ...rule.sources]
        .join("\n"),
    },
    ...(rule.sources[0] === undefined ? {} : { helpUri: rule.sources[0] }),
    defaultConfiguration: { level: LEVELS[rule.severity] },
  };
}

/** A rule's name as viewers want it: one word (section 3.49.7). */
function pascalCase(title: string): string {
  return title.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

function result(finding: LintFinding, indices: ReadonlyMap<string, number>): unknown {
  const index = indices.get(finding.rule);
  return {
    ruleId: finding.rule,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: LEVELS[finding.severity],
    message: { text: finding.message },
    locations: [{
      physicalLocation: { artifactLocation: { uri: uri(finding.file) }, region: region(finding.span) },
    }],
    ...(finding.fix === undefined ? {} : { fixes: [fix(finding.fix)] }),
  };
}

function fix({ title, edits }: Fix): unknown {
  const byFile = new Map<string, Edit[]>();
  for (const edit of edits) {
    byFile.set(edit.span.file.path, [...(byFile.get(edit.span.file.path) ?? []), edit]);
  }
  return {
    description: { text: title },
    artifactChanges: [...byFile].map(([path, ofFile]) => ({
      artifactLocation: { uri: uri(path) },
      replacements: ofFile.map(({ span, text }) => ({
        deletedRegion: region(span),
        ...(text === "" ? {} : { insertedContent: { text } }),
      })),
    })),
  };
}

function region({ file, start, end }: Span): unknown {
  const [from, until] = [positionAt(file, start), positionAt(file, end)];
  return { startLine: from.line, startColumn: from.column, endLine: until.line, endColumn: until.column };
}

/** A path as a URI reference: absolute ones with `file://`. */
function uri(path: string): string {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `file://${encoded}` : encoded;
}
