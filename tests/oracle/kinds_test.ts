import { assert, assertEquals } from "@std/assert";
import { oracleHandedOn } from "../../lib/slurm_conf/oracle.ts";
import { type Change, changed, type Table } from "./base.ts";
import { committedAnswers } from "./committed.ts";
import { askLint, type LintAnswer } from "./lint_answer.ts";
import { committedShapes } from "./shape_answers.ts";
import { filesOf } from "./shapes/shape.ts";
import type { Outcome } from "./verdict.ts";

/** A value that the daemons were asked about, and the rule that speaks of it. */
interface ValueMember {
  readonly kind: string;
  readonly change: Change;
  readonly rule: string;
}

/** A form of configurations that the daemons were asked about, and the rule that speaks of each that isn't accepted. */
interface ShapeMember {
  readonly kind: string;
  readonly form: RegExp;
  readonly rules: RegExp;
}

const VALUES: readonly ValueMember[] = ([
  ["word that an enumerated key of a partition lacks", "PartitionName OverSubscribe=SHARED", "CF016"],
  ["word that an enumerated key lacks", "slurm.conf PreemptMode=CHECKPOINT", "CF016"],
  ["name that a key of names lacks", "slurm.conf PropagateResourceLimitsExcept=memlock", "CF023"],
  ["time with a unit, in minutes", "PartitionName DefaultTime=30m", "CF016"],
  ["time with a unit, in seconds", "slurm.conf MinJobAge=10m", "CF005"],
  ["time with a unit that is read as another number", "PartitionName SuspendTime=1:2:3", "PS035"],
  ["text that is read as zero seconds", "slurm.conf SuspendTime=YES", "PS035"],
  ["number below zero", "slurm.conf MessageTimeout=-5", "CF005"],
  ["weight of a TRES that nobody counts", "PartitionName TRESBillingWeights=license/foo=1", "CF017"],
  ["state that DownNodes lacks", "DownNodes State=RESUME", "CL040"],
  ["state that takes a cloud node out of power saving", "DownNodes State=FAILING", "CL040"],
  ["state of power saving in a configuration", "NodeName State=POWERING_UP", "CL031"],
  ["size that its node can't have", "NodeName MemSpecLimit=1000", "CL042"],
  ["all nodes among other names", "PartitionName Nodes=all,ALL", "CL023"],
  ["nodes that no line defines", "PartitionName Nodes=c[00-03]", "CL023"],
  ["node set of a feature that no node has", "NodeSet Feature=a&b", "CL036"],
  ["hardware detection on cloud nodes", "gres.conf AutoDetect=oneapi", "CL039"],
  ["list where one plugin is meant", "slurm.conf SwitchType=a,b", "CF024"],
  ["word that is not a log level", "slurm.conf SlurmctldSyslogDebug=warning", "CF027"],
  ["list where one port is meant", "slurm.conf SlurmctldPort=1,2", "CF025"],
] as const).map(([kind, text, rule]) => {
  const [, table, key, value] = /^(\S+) (\w+)=(.*)$/.exec(text)!;
  return { kind, change: { table: table as Table, key: key!, value: value! }, rule };
});

const SHAPES: readonly ShapeMember[] = [
  {
    kind: "records of gres.conf against each other and against Gres",
    form: /"gres\.conf":"[^"]*Name=\w+[^"]*\\n[^"]*Name=\w/,
    rules: /^C[FL]/,
  },
  { kind: "hostlist functions", form: /Nodes=\S*feature\{/, rules: /^(?:CL|CF|PS)/ },
  { kind: "cloud nodes and a topology", form: /"topology\.conf":/, rules: /^(?:CL|CF|TP)/ },
  { kind: "nodes that come at run time only", form: /MaxNodeCount=/, rules: /^C[FL]/ },
  { kind: "settings on a line of defaults", form: /Name=DEFAULT/, rules: /^(?:C[FL]|PS|SC)/ },
  { kind: "addresses of nodes", form: /NodeAddr=/, rules: /^C[FL]/ },
];

for (const version of ["22.05", "24.11", "26.05"] as const) {
  const answers = new Map(
    committedAnswers(version).map(({ change, outcome }) => [JSON.stringify(change), outcome]),
  );
  const shapes = committedShapes(version).map((answer) => ({
    ...answer,
    text: JSON.stringify(answer.shape),
  }));

  for (const { kind, change, rule } of VALUES) {
    const { table, key, value } = change;
    Deno.test(`lint() agrees with slurmctld ${version} on a ${kind}: ${table} ${key}=${value}`, () => {
      const outcome = answers.get(JSON.stringify(change));
      assert(outcome !== undefined && outcome !== "machine", `no answer of slurmctld: ${outcome}`);
      const lint = askLint(version, changed([change]));
      assert(lint.findings.some((finding) => finding.rule === rule), JSON.stringify(lint.findings));
      assert(agrees(outcome, lint), `${outcome}: ${JSON.stringify(lint.findings)}`);
    });
  }

  for (const { kind, form, rules } of SHAPES) {
    Deno.test(`lint() agrees with slurmctld ${version} on ${kind}, good ones and bad ones`, () => {
      const members = shapes.filter(({ text, outcome }) => outcome !== "machine" && form.test(text));
      const good = members.filter(({ outcome }) => outcome === "accepted");
      const bad = members.filter(({ outcome }) => outcome !== "accepted");
      assert(good.length > 0 && bad.length > 0, `${good.length} good, ${bad.length} bad`);
      for (const { shape, text } of good) {
        assert(agrees("accepted", askLint(version, filesOf(shape))), text);
      }
      const found = bad.filter(({ shape, outcome }) => {
        const lint = askLint(version, filesOf(shape));
        return agrees(outcome, lint) && lint.findings.some(({ rule }) => rules.test(rule));
      });
      assert(found.length > 0, bad.map(({ text }) => text).join("\n"));
    });
  }

  Deno.test(`oracleHandedOn() knows what slurmctld ${version} keeps on a DEFAULT line and what it hands on`, () => {
    assertEquals(oracleHandedOn(version, "PartitionName", "SuspendTime"), "no");
    assertEquals(oracleHandedOn(version, "PartitionName", "DisableRootJobs"), "no");
    assertEquals(oracleHandedOn(version, "PartitionName", "MaxTime"), "yes");
  });
}

/** Whether lint says of a configuration what the daemon did with it. */
function agrees(outcome: Outcome, { errors, findings }: LintAnswer): boolean {
  if (outcome === "refused") return errors.length > 0;
  if (outcome === "logged") return findings.length > 0;
  return errors.every(({ daemon }) => daemon === "silent");
}
