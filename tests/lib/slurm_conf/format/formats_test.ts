import { assert, assertEquals } from "@std/assert";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import schema from "../../../golden/sarif-2.1.0.json" with { type: "json" };
import { ansiPaint } from "../../../../lib/base/ansi_paint.ts";
import { PLAIN as PLAIN_PAINT } from "../../../../lib/base/paint.ts";
import { formatGithub } from "../../../../lib/slurm_conf/format/github.ts";
import { formatJson } from "../../../../lib/slurm_conf/format/json.ts";
import { explainRule, listRules } from "../../../../lib/slurm_conf/format/rule_text.ts";
import { formatSarif } from "../../../../lib/slurm_conf/format/sarif.ts";
import { formatText } from "../../../../lib/slurm_conf/format/text.ts";
import { lint } from "../../../../lib/slurm_conf/lint.ts";
import { parseText } from "../../../../lib/slurm_conf/parse.ts";
import type { LintFinding, Rule } from "../../../../lib/slurm_conf/rule.ts";
import { RULES } from "../../../../lib/slurm_conf/rules/mod.ts";

const RULE: Rule = {
  id: "XX001",
  title: "Bad key",
  severity: "warning",
  daemon: "logs",
  versions: { from: "23.11" },
  what: "A key named Bad.",
  why: "For tests.",
  remedy: "Remove it.",
  sources: ["https://example.org/"],
  check: (context) => [
    ...context.settings("bad").map((at) => ({ at, message: `${at.key} is bad` })),
    ...context.settings("worse").map((at) => ({
      at: at.value,
      message: "Worse",
      severity: "error" as const,
      fix: { title: "Empty it", edits: [{ span: at.value.span, text: "" }], safe: true },
    })),
    ...context.settings("note").map((at) => ({
      at: at.keySpan,
      message: "50% is, well: noted",
      severity: "info" as const,
    })),
  ],
};

function findings(text: string, path = "slurm.conf"): LintFinding[] {
  return lint({ document: parseText(text, path), rules: [RULE], versions: ["24.05"] });
}

const PLAIN = { paint: PLAIN_PAINT, columns: 80 } as const;

Deno.test("formatText() shows the line with a caret under the place", { permissions: "none" }, () => {
  assertEquals(
    formatText(findings("# x\n\tBad=1 # c\nWorse=abc\n"), PLAIN),
    [
      "slurm.conf:2:2: warning XX001: Bad is bad",
      "  2 | \tBad=1 # c",
      "    | \t^^^^^",
      "",
      "slurm.conf:3:7: error XX001: Worse",
      "  3 | Worse=abc",
      "    |       ^^^",
      "  fix: Empty it (--fix does it)",
      "",
      "1 error, 1 warning",
      "",
    ].join("\n"),
  );
});

Deno.test("formatText() says so when nothing is found", { permissions: "none" }, () => {
  assertEquals(formatText([], PLAIN), "Nothing found\n");
});

Deno.test("formatText() cuts a long line around the place", { permissions: "none" }, () => {
  const text = formatText(findings(`Worse=${"x".repeat(10_000)}`), PLAIN);
  assert(text.split("\n").every((line) => line.length <= 80), text);
  const [, source, caret] = text.split("\n");
  assertEquals(source!.slice(0, 16), "  1 | Worse=xxxx");
  assertEquals(caret!.slice(0, 16), "    |       ^^^^");
});

Deno.test(
  "formatText() carries a caret to the end of a line that is continued",
  { permissions: "none" },
  () => {
    const text = formatText(findings("Worse=a,\\\nb\n"), PLAIN);
    assertEquals(text.split("\n").slice(1, 3), ["  1 | Worse=a,\\", "    |       ^^^"]);
  },
);

Deno.test("formatText() uses colours only when asked to", { permissions: "none" }, () => {
  assert(!formatText(findings("Bad=1\n"), PLAIN).includes("\x1b"));
  assert(formatText(findings("Bad=1\n"), { ...PLAIN, paint: ansiPaint }).includes("\x1b[33m"));
});

Deno.test("formatText() shows control characters instead of sending them", { permissions: "none" }, () => {
  const text = formatText(findings("Bad=\x1b[2J\x07\u202e\x9b\n", "a\x1b[1m.conf"), PLAIN);
  // deno-lint-ignore no-control-regex
  assert(!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/.test(text), JSON.stringify(text));
  assert(text.includes("Bad=\u241b[2J\u2407"));
});

Deno.test("formatJson() prints an array with the promised keys", { permissions: "none" }, () => {
  assertEquals(JSON.parse(formatJson(findings("Bad=1\nWorse=abc\n"))), [
    { rule: "XX001", severity: "warning", file: "slurm.conf", line: 1, column: 1, message: "Bad is bad" },
    {
      rule: "XX001",
      severity: "error",
      file: "slurm.conf",
      line: 2,
      column: 7,
      message: "Worse",
      fix: {
        title: "Empty it",
        safe: true,
        edits: [{ file: "slurm.conf", line: 2, column: 7, endLine: 2, endColumn: 10, text: "" }],
      },
    },
  ]);
  assertEquals(formatJson([]), "[]\n");
});

Deno.test(
  "formatGithub() writes workflow commands and escapes what they reserve",
  { permissions: "none" },
  () => {
    assertEquals(
      formatGithub(findings("Bad=1\nWorse=a,\\\nb\nNote=1\n", "a,b:c%.conf")),
      "::warning file=a%2Cb%3Ac%25.conf,line=1,endLine=1,col=1,endColumn=5,title=XX001::Bad is bad\n" +
        "::error file=a%2Cb%3Ac%25.conf,line=2,endLine=3,col=7,title=XX001::Worse\n" +
        "::notice file=a%2Cb%3Ac%25.conf,line=4,endLine=4,col=1,endColumn=4,title=XX001::50%25 is, well: noted\n",
    );
  },
);

// tests/golden/sarif-2.1.0.json is the schema of SARIF 2.1.0 as Microsoft's validator carries it (npm package
// @microsoft/sarif-multitool-linux 5.7.0, MIT licence).
const validate = addFormats.default(new Ajv.default({ strict: false, allErrors: true })).compile(schema);

for (const text of ["", "A=1\n", "Bad=1\nWorse=abc\nNote=1\n", "Bad=a,\\\nb\n"]) {
  for (const path of ["slurm.conf", "/etc/slurm/a b%ä.conf"]) {
    Deno.test(`formatSarif() satisfies the schema for ${JSON.stringify(text)} in ${path}`, {
      permissions: "none",
    }, () => {
      const log = JSON.parse(formatSarif(findings(text, path), [RULE], "1.2.3"));
      assert(validate(log), JSON.stringify(validate.errors, null, 2));
    });
  }
}

Deno.test("formatSarif() satisfies the schema with all rules", { permissions: "none" }, () => {
  const found = lint({ document: parseText("ResumeRate=x\nInclude y\n"), rules: RULES });
  assert(found.length >= 2);
  assert(validate(JSON.parse(formatSarif(found, RULES, "1.2.3"))), JSON.stringify(validate.errors, null, 2));
});

Deno.test("formatSarif() says where, how bad and how to fix it", { permissions: "none" }, () => {
  const log = JSON.parse(formatSarif(findings("Worse=abc\n", "/etc/slurm.conf"), [RULE], "1.2.3"));
  const [run] = log.runs;
  assertEquals(run.tool.driver.rules[0].id, "XX001");
  const [result] = run.results;
  assertEquals([result.ruleId, result.ruleIndex, result.level], ["XX001", 0, "error"]);
  assertEquals(result.locations[0].physicalLocation, {
    artifactLocation: { uri: "file:///etc/slurm.conf" },
    region: { startLine: 1, startColumn: 7, endLine: 1, endColumn: 10 },
  });
  assertEquals(result.fixes[0].artifactChanges[0].replacements.length, 1);
});

Deno.test("formatSarif() tells the schema apart from a broken log", { permissions: "none" }, () => {
  const log = JSON.parse(formatSarif(findings("Bad=1\n"), [RULE], "1.2.3"));
  log.runs[0].results[0].level = "fatal";
  assert(!validate(log));
});

Deno.test("explainRule() tells everything there is to know", { permissions: "none" }, () => {
  const text = explainRule(RULE);
  for (
    const part of [
      "XX001: Bad key",
      "Slurm 23.11 and newer",
      RULE.what,
      RULE.why,
      RULE.remedy,
      RULE.sources[0]!,
    ]
  ) {
    assert(text.includes(part), part);
  }
  assert(text.includes("slurmctld logs an error"));
});

Deno.test("listRules() prints a line a rule", { permissions: "none" }, () => {
  assertEquals(listRules([RULE]), "XX001  warning  Slurm 23.11 and newer  Bad key\n");
});
