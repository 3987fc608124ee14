import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { whyNoRig } from "../../e2e/rig.ts";
import { takesRoot, testWhere } from "../../test_where.ts";
import { lint } from "../../../lib/slurm_conf/lint.ts";
import { fixFiles } from "../../../lib/slurm_conf/lint_files.ts";
import { parseDocument } from "../../../lib/slurm_conf/parse.ts";
import type { LintFinding } from "../../../lib/slurm_conf/rule.ts";
import { RULES } from "../../../lib/slurm_conf/rules/mod.ts";
import { confArbitrary, fixableArbitrary } from "./conf_arbitrary.ts";
import { rulesFor } from "./logged_error.ts";
import { type Answers, askSlurmctld, type ConfFiles } from "./real_parser.ts";

const VERSIONS = ["22.05", "24.11", "26.05"] as const;
type Version = typeof VERSIONS[number];

/** Enough to meet every line of the generator several times; SLURM_CONF_CASES asks for more. */
const GENERATED = Number(Deno.env.get("SLURM_CONF_CASES") ?? 40);
const SEED = Number(Deno.env.get("SLURM_CONF_SEED") ?? 20260523);

/** A configuration with what each release must make of it, so that agreement can't come from both being blind. */
interface Known {
  readonly name: string;
  readonly files: ConfFiles;
  readonly starts: readonly Version[];
}

const ALL: readonly Version[] = VERSIONS;
const NONE: readonly Version[] = [];

function known(name: string, text: string, starts: readonly Version[], files: ConfFiles = {}): Known {
  return { name, files: { "slurm.conf": text, ...files }, starts };
}

const gres = "GresTypes=gpu\nNodeName=d0 CPUs=1 Gres=gpu:1 State=CLOUD\n";

const KNOWN: readonly Known[] = [
  known("nothing more", "", ALL),
  known("an unknown key", "Bogus=1\n", NONE),
  known("two settings on a line", "ResumeRate=5 SuspendRate=6\n", NONE),
  known("CRLF and tabs", "ResumeRate\t=\t5\r\nSuspendRate=6\r\n", ALL),
  known("a byte order mark", "\uFEFFResumeRate=5\n", NONE),
  known("a byte order mark before a comment", "\uFEFF# ResumeRate=5\n", NONE),
  known("Latin-1 and UTF-8 in values and comments", "# ä\nMailDomain=ä\n", ALL),
  known("a blank after a comma", "SlurmctldParameters=a, b\n", NONE),
  known("a quoted blank", 'SlurmctldParameters="a, b"\n', ALL),
  known("no value", "LaunchParameters=\n", NONE),
  known("a continuation that swallows a line", "SlurmctldParameters=a\\\nResumeRate=5\n", ALL),
  known("a backslash at the end", "ResumeRate=5\\", ALL),
  known("an operator", "SlurmctldParameters=a\nSlurmctldParameters+=b\n", ALL),
  known("a key of 10,000 characters", `${"k".repeat(10_000)}=1\n`, NONE),
  known("an Include", "Include x.conf\n", ALL, { "x.conf": "ResumeRate=5\n" }),
  known("an Include in capitals", "INCLUDE\tx.conf # why\n", ALL, { "x.conf": "ResumeRate=5\n" }),
  known("an empty Include", "Include x.conf\n", ALL, { "x.conf": "" }),
  known("an indented Include", "  Include x.conf\n", NONE, { "x.conf": "ResumeRate=5\n" }),
  known("an Include of a directory", "Include sub\n", ALL, { "sub/x.conf": "Bogus=1\n" }),
  known("an Include with %c", "Include %c.conf\n", ALL, { "probe.conf": "ResumeRate=5\n" }),
  known("a missing Include", "Include x.conf\n", NONE),
  known("an Include with a broken line", "Include x.conf\n", NONE, { "x.conf": "Bogus=1\n" }),
  known("an Include next to an included file", "Include sub/x.conf\n", ["22.05"], {
    "sub/x.conf": "Include y.conf\n",
    "sub/y.conf": "ResumeRate=5\n",
  }),
  known("an Include next to slurm.conf", "Include sub/x.conf\n", ["24.11", "26.05"], {
    "sub/x.conf": "Include y.conf\n",
    "y.conf": "ResumeRate=5\n",
  }),
  known("an Include of itself", "Include slurm.conf\n", NONE),
  known("gres.conf", gres, ALL, { "gres.conf": "AutoDetect=off\nName=gpu File=/dev/null\n" }),
  known("gres.conf with an unknown key", gres, NONE, { "gres.conf": "Name=gpu Bogus=1\n" }),
  known("gres.conf with a line that begins wrong", gres, NONE, { "gres.conf": "Count=1\n" }),
  known("gres.conf with two settings on a line", gres, NONE, { "gres.conf": "AutoDetect=off Name=gpu\n" }),
  known("gres.conf with a fraction", gres, NONE, { "gres.conf": "Name=gpu Count=1.5\n" }),
  known("gres.conf that nobody reads", "", ALL, { "gres.conf": "Name=gpu Bogus=1\n" }),
  known("a node defined twice", "NodeName=c[2-5] CPUs=4 State=CLOUD\n", NONE),
  known("a partition defined twice", "PartitionName=p Nodes=c0\n", NONE),
  known("SuspendTime of a partition", "PartitionName=q Nodes=c0 SuspendTime=60\n", ALL),
  known("SuspendTime of a node", "NodeName=d0 CPUs=1 State=CLOUD SuspendTime=60\n", ["26.05"]),
  known("PowerDownOnIdle", "PartitionName=q Nodes=c0 PowerDownOnIdle=YES\n", ["24.11", "26.05"]),
];

/** What we say of the very text that slurmctld read. */
function findingsOf(files: ConfFiles, slurmConf: string, version: Version): readonly LintFinding[] {
  const all: Record<string, string> = { ...files, "slurm.conf": slurmConf };
  const directories = new Set(
    Object.keys(all).flatMap((name) => name.includes("/") ? [name.split("/")[0]!] : []),
  );
  const read = (path: string) => {
    const text = all[path];
    if (text !== undefined) return new TextEncoder().encode(text);
    throw directories.has(path) ? new Deno.errors.IsADirectory(path) : new Deno.errors.NotFound(path);
  };
  const document = parseDocument("slurm.conf", read);
  const gres = all["gres.conf"] === undefined ? {} : { gres: parseDocument("gres.conf", read) };
  return lint({ document, ...gres, rules: RULES, versions: [version] });
}

function fixedText(text: string, version: Version): string {
  const read = () => new TextEncoder().encode(text);
  const { changes } = fixFiles({ paths: ["slurm.conf"], read, rules: RULES, versions: [version] });
  return changes[0]?.text ?? text;
}

/** Where slurmctld and we disagree, in words; empty when we agree. */
function disagreements(
  version: Version,
  configurations: readonly ConfFiles[],
  { verdicts, conf }: Answers,
): string[] {
  return verdicts.flatMap(({ outcome, errors }, index) => {
    const files = configurations[index]!;
    const findings = findingsOf(files, conf(index), version);
    const refusing = findings.filter(({ daemon }) => daemon === "refuses").map(({ rule }) => rule);
    const wrong: string[] = [];
    if ((outcome === "starts") !== (refusing.length === 0)) {
      wrong.push(
        `slurmctld ${version} ${outcome}, we say it ${
          refusing.length === 0 ? "starts" : `refuses for ${refusing}`
        }`,
      );
    }
    for (const error of errors) {
      const rules = rulesFor(error);
      if (rules === undefined) wrong.push(`nobody knows what accounts for its error: ${error}`);
      else if (rules.length > 0 && !findings.some(({ rule }) => rules.includes(rule))) {
        wrong.push(`it logs ${JSON.stringify(error)}, and none of ${rules} speaks`);
      }
    }
    return wrong.map((text) => `${text}\n  errors: ${errors.join(" | ")}\n  ${JSON.stringify(files)}`);
  });
}

for (const version of VERSIONS) {
  const missing = takesRoot(whyNoRig(version));

  testWhere(
    missing,
    `lint() refuses what slurmctld ${version} refuses, for known configurations`,
    async () => {
      const configurations = KNOWN.map(({ files }) => files);
      const answers = await askSlurmctld(version, configurations);
      const outcomes = KNOWN.map(({ name }, index) =>
        `${name}: ${answers.verdicts[index]!.outcome === "starts"}`
      );
      assertEquals(outcomes, KNOWN.map(({ name, starts }) => `${name}: ${starts.includes(version)}`));
      assertEquals(disagreements(version, configurations, answers), []);
    },
  );

  testWhere(
    missing,
    `lint() refuses what slurmctld ${version} refuses and reports what it logs, for any configuration`,
    async () => {
      const texts = fc.sample(confArbitrary, { numRuns: GENERATED, seed: SEED });
      const configurations = texts.map((text) => ({ "slurm.conf": text }));
      const answers = await askSlurmctld(version, configurations);
      assert(answers.verdicts.some(({ outcome }) => outcome === "starts"));
      assert(answers.verdicts.some(({ outcome }) => outcome === "refuses"));
      assertEquals(disagreements(version, configurations, answers), []);
    },
  );

  testWhere(
    missing,
    `fixFiles() leaves a configuration that slurmctld ${version} starts on one that it starts on`,
    async () => {
      const texts = fc.sample(fixableArbitrary, { numRuns: GENERATED, seed: SEED });
      const before = await askSlurmctld(version, texts.map((text) => ({ "slurm.conf": text })));
      const fixed = texts.flatMap((text, index) => {
        if (before.verdicts[index]!.outcome !== "starts") return [];
        const whole = before.conf(index);
        const base = whole.slice(0, whole.length - text.length);
        const fixed = fixedText(whole, version);
        // An edit above our own lines would be one of what every private daemon needs.
        return fixed !== whole && fixed.startsWith(base) ? [fixed.slice(base.length)] : [];
      });
      assert(fixed.length > GENERATED / 4);
      const after = await askSlurmctld(version, fixed.map((text) => ({ "slurm.conf": text })));
      const broken = fixed.filter((_, index) => after.verdicts[index]!.outcome !== "starts");
      assertEquals(broken, []);
    },
  );
}
