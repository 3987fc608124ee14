import { assert, assertEquals } from "@std/assert";
import type { Context } from "../../../lib/slurm_conf/context.ts";
import { lint } from "../../../lib/slurm_conf/lint.ts";
import { parseText } from "../../../lib/slurm_conf/parse.ts";
import type { Report, Rule } from "../../../lib/slurm_conf/rule.ts";
import { ALL_VERSIONS, before, since, type SlurmVersion } from "../../../lib/slurm_conf/versions.ts";

/** A rule that says `found` of every setting of key `Bad`. */
function makeRule(part: Partial<Rule> = {}): Rule {
  return {
    id: "XX001",
    title: "Bad key",
    severity: "warning",
    daemon: "silent",
    versions: {},
    what: "A key named Bad.",
    why: "For tests.",
    remedy: "Remove it.",
    sources: ["https://example.org/"],
    check: (context) => context.settings("bad").map((at): Report => ({ at, message: "found" })),
    ...part,
  };
}

function run(text: string, rules: readonly Rule[], versions?: readonly SlurmVersion[]): string[] {
  return lint({ document: parseText(text), rules, ...(versions === undefined ? {} : { versions }) }).map((
    f,
  ) => `${f.line}:${f.column}-${f.endColumn} ${f.severity} ${f.rule} ${f.message}`);
}

Deno.test("lint() gives each finding its place", { permissions: "none" }, () => {
  assertEquals(run("A=1\n  Bad = x\n", [makeRule()]), ["2:3-10 warning XX001 found"]);
});

Deno.test("lint() asks a rule once when no release matters to it", { permissions: "none" }, () => {
  let asked = 0;
  const check = (context: Context) => {
    asked++;
    return context.settings("bad").map((at) => ({ at, message: "found" }));
  };
  run("Bad=1\n", [makeRule({ check })]);
  assertEquals(asked, 1);
});

Deno.test("lint() asks a rule per release when it looks at the release, and joins what is alike", {
  permissions: "none",
}, () => {
  const check = (context: Context) =>
    context.settings("bad").map((at): Report => ({
      at,
      message: context.isSince("24.05") ? "refused" : "ignored",
      severity: context.isSince("24.05") ? "error" : "info",
    }));
  assertEquals(run("Bad=1\n", [makeRule({ check })]), [
    "1:1-6 info XX001 ignored (Slurm 23.11 and older)",
    "1:1-6 error XX001 refused (Slurm 24.05 and newer)",
  ]);
});

Deno.test("lint() says the range only where the targets differ", { permissions: "none" }, () => {
  const rule = makeRule({ versions: since("23.11") });
  assertEquals(run("Bad=1\n", [rule]), ["1:1-6 warning XX001 found (Slurm 23.11 and newer)"]);
  assertEquals(run("Bad=1\n", [rule], ["24.05"]), ["1:1-6 warning XX001 found"]);
  assertEquals(run("Bad=1\n", [rule], ["23.02"]), []);
});

Deno.test("lint() tells the release to the rule's version property too", { permissions: "none" }, () => {
  const check = (context: Context) =>
    context.version === "22.05" ? [{ at: context.start, message: "old" }] : [];
  assertEquals(run("A=1\n", [makeRule({ check })]), ["1:1-4 warning XX001 old (Slurm 22.05)"]);
});

Deno.test("lint() calls a fix safe only where the finding holds for all target releases", {
  permissions: "none",
}, () => {
  const check = (context: Context) =>
    context.settings("bad").map((at): Report => ({
      at,
      message: "x",
      fix: { title: "Fix", edits: [], safe: true },
    }));
  const rules = [makeRule({ check, versions: since("23.11") })];
  const safe = (versions: readonly SlurmVersion[]) =>
    lint({ document: parseText("Bad=1\n"), rules, versions }).map(({ fix }) => fix?.safe);
  assertEquals(safe(["23.02", "23.11"]), [false]);
  assertEquals(safe(["23.11", "26.05"]), [true]);
});

Deno.test("lint() sorts by place, then by rule", { permissions: "none" }, () => {
  const rules = [makeRule({ id: "XX002" }), makeRule()];
  assertEquals(run("Bad=1\nBad=2\n", rules), [
    "1:1-6 warning XX001 found",
    "1:1-6 warning XX002 found",
    "2:1-6 warning XX001 found",
    "2:1-6 warning XX002 found",
  ]);
});

const SUPPRESSED: readonly (readonly [name: string, text: string, findings: readonly string[]])[] = [
  ["behind the setting", "Bad=1 # slurm-ec2: ignore XX001 we know\n", []],
  ["without a reason", "Bad=1 # slurm-ec2: ignore XX001\n", []],
  ["in lower case", "Bad=1 # SLURM-EC2: IGNORE xx001\n", []],
  ["on the line above", "# slurm-ec2: ignore XX001 why\nBad=1\n", []],
  ["two lines above, comments between", "# slurm-ec2: ignore XX001 why\n# more\n\nBad=1\n", []],
  ["behind a continuation line", "Bad=a,\\ # slurm-ec2: ignore XX001 why\nb\n", []],
  ["behind the last line of a continuation", "Bad=a,\\\nb # slurm-ec2: ignore XX001 why\n", []],
  ["for several rules", "Bad=1 # slurm-ec2: ignore XX001, XX002 why\n", [
    "1:7-43 warning CF011 There is no rule XX002: see slurm-ec2 config lint --rules",
  ]],
  ["of another line", "Bad=1\nA=1 # slurm-ec2: ignore XX001 why\n", [
    "1:1-6 warning XX001 found",
    "2:5-34 warning CF010 XX001 finds nothing here: remove the comment",
  ]],
  ["of no rule", "Bad=1 # slurm-ec2: ignore please\n", [
    "1:1-6 warning XX001 found",
    "1:7-33 warning CF011 The comment names no rule: write # slurm-ec2: ignore ID reason",
  ]],
  ["that is not a suppression", "Bad=1 # slurm-ec2: ignored XX001\n", ["1:1-6 warning XX001 found"]],
];

for (const [name, text, findings] of SUPPRESSED) {
  Deno.test(`lint() obeys a suppression ${name}`, { permissions: "none" }, () => {
    assertEquals(run(text, [makeRule()]), findings);
  });
}

Deno.test("lint() calls a suppression unused only where a target release asks its rule", {
  permissions: "none",
}, () => {
  const rule = makeRule({ versions: before("23.11") });
  const text = "A=1 # slurm-ec2: ignore XX001 for the old cluster\n";
  assertEquals(run(text, [rule], ["24.05"]), []);
  assertEquals(run(text, [rule], ["22.05"]).length, 1);
});

Deno.test(
  "lint() points at a line of its own for a suppression that stands alone",
  { permissions: "none" },
  () => {
    const findings = lint({
      document: parseText("# slurm-ec2: ignore XX001\nBad=1\nBad=2\n"),
      rules: [makeRule()],
    });
    assertEquals(findings.map(({ line }) => line), [3]);
    assert(findings.every(({ span }) => span.file.path === "slurm.conf"));
  },
);

Deno.test("lint() leaves an echo out where another rule speaks of the same text for the same releases", {
  permissions: "none",
}, () => {
  const rule = (id: string, key: string, more: Partial<Rule> = {}): Rule => ({
    id,
    title: "T",
    severity: "error",
    daemon: "silent",
    versions: ALL_VERSIONS,
    what: "W.",
    why: "W.",
    remedy: "R.",
    sources: [],
    *check(context) {
      const setting = context.setting(key);
      if (setting !== undefined) yield { at: setting.value, message: id };
    },
    ...more,
  });
  const document = parseText("KillWait=1\nMinJobAge=2\nInactiveLimit=3\n");
  const rules = [
    rule("CF901", "KillWait", { isEcho: true }),
    rule("CF902", "MinJobAge", { isEcho: true }),
    rule("CF903", "InactiveLimit", { isEcho: true }),
    rule("CF911", "KillWait"),
    rule("CF912", "MinJobAge", { versions: since("24.05") }),
    rule("CF913", "InactiveLimit", { severity: "info" }),
  ];
  assertEquals(lint({ document, rules }).map(({ rule }) => rule), [
    "CF911",
    "CF902",
    "CF912",
    "CF903",
    "CF913",
  ]);
});
