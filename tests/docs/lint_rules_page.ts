import { RULES } from "../../lib/slurm_conf/rules/mod.ts";
import type { Rule } from "../../lib/slurm_conf/rule.ts";
import { describeVersions, versionsIn } from "../../lib/slurm_conf/versions.ts";
import { DIRECTORY, type Pair, WHOLE } from "../lib/slurm_conf/rules/pairs/pair.ts";
import { PAIRS } from "../lib/slurm_conf/rules/pairs/mod.ts";
import { markdownTable } from "./markdown.ts";

const INTRODUCTION = `# The rules of config lint

Made from the rules themselves and the examples that their tests run. A rule's severity is error where slurmctld refuses
the configuration or the feature is dead, warning where trouble is likely, info where it is advice. \`slurmctld\` says
what the daemon itself does about it: refuse to start, log an error and go on, or say nothing.
`;

/** What slurmctld does, in a word. */
const DAEMON: Readonly<Record<Rule["daemon"], string>> = {
  refuses: "refuses to start",
  logs: "logs an error and goes on",
  silent: "says nothing",
};

/** docs/lint_rules.md. */
export function lintRulesPage(): string {
  const rules = [...RULES].sort((a, b) => a.id < b.id ? -1 : 1);
  return [
    INTRODUCTION,
    markdownTable(
      ["Rule", "Severity", "What it is about"],
      rules.map(({ id, severity, title }) => [`[${id}](#${id.toLowerCase()})`, severity, title]),
    ),
    ...rules.flatMap(section),
  ].join("\n");
}

function section(rule: Rule): string[] {
  const pair = PAIRS.find(({ id }) => id === rule.id);
  return [
    `## ${rule.id}\n`,
    `**${rule.title}** (${rule.severity}; slurmctld ${DAEMON[rule.daemon]}; ${
      describeVersions(versionsIn(rule.versions))
    })\n`,
    `${rule.what}\n`,
    `${rule.why}\n`,
    `Remedy: ${rule.remedy}\n`,
    ...(pair === undefined ? [] : example(pair)),
    `Sources: ${rule.sources.map((url) => `<${url}>`).join(", ")}\n`,
  ];
}

/** Reported in full, without the mark that shows the tests where the finding points. */
function example(pair: Pair): string[] {
  const bad = pair.bad.replace("«", "");
  const gres = gresOf(pair);
  return [
    "Reported:\n",
    block(lines(bad), gres.bad),
    "Not reported:\n",
    block(lines(pair.good), gres.good),
  ];
}

function gresOf({ gres, goodGres }: Pair) {
  const shown = (text: string | undefined) =>
    text === undefined || text === DIRECTORY ? "" : `# gres.conf\n${text}`;
  return { bad: shown(gres), good: shown(goodGres ?? gres) };
}

/** The two lines that make any slurm.conf whole say nothing of the rule. */
function lines(text: string): string {
  return text.startsWith(WHOLE) && text.length > WHOLE.length ? text.slice(WHOLE.length) : text;
}

/** Longest line that an example shows, in characters. */
const LINE_MAX = 160;

function block(text: string, gres: string): string {
  const all = [text, gres].filter((part) => part !== "").join("\n").trim();
  const cut = all.split("\n").map((line) => line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX)}…`)
    .map((line) =>
      line.replace(
        /[\p{Cc}\ufeff\ufffd]/gu,
        (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, "0")}`,
      )
    );
  return `\`\`\`text\n${
    cut.length === 1 && cut[0] === "" ? "# nothing" : cut.slice(0, 20).join("\n")
  }\n\`\`\`\n`;
}
