import { median } from "../peers/summary.ts";
import { firstLineTargets, NOT_MEASURED } from "./targets.ts";
import {
  type FirstLineResults,
  type FormName,
  type ModeName,
  type StepName,
  STEPS,
  type VersionResult,
} from "./results.ts";
import { waits } from "./waits.ts";

/** The figures that all of it is made of. */
export const FIRST_LINE = new URL("../first_line.json", import.meta.url);

/** What the last runs came to. */
export function firstLineResults(): FirstLineResults {
  return JSON.parse(Deno.readTextFileSync(FIRST_LINE));
}

const FORMS: readonly FormName[] = ["sbatch -N1", "sbatch -N3", "srun -N2", "salloc -N2"];
const MODES: Readonly<Record<ModeName, string>> = {
  "defaults": "Slurm's defaults",
  "defaults, ready": "Slurm's defaults, ready",
  "rendered, ready: off": "as rendered, `slurm.ready: off`",
  "rendered": "as rendered",
};
/** Load average up to which nothing else can be said to run. */
const QUIET = 0.5;
/** Jobs of each form that medians are taken of. */
const ROUNDS = 5;

/** The table of README.md, and of docs/benchmarks.md's head: submission to first line. */
export function firstLineHeadline(results: FirstLineResults): string {
  const rows = versionsOf(results).flatMap(([version, { modes }]) =>
    FORMS.map((form) => [
      version,
      `\`${form}\``,
      ...(["defaults", "rendered"] as const).map((mode) => figure(modes[mode].jobs[form]["first line"])),
    ])
  );
  return [
    `Seconds from submission to a job's first line, where its nodes are powered down and a machine boots in ` +
    `${results.bootSeconds} s: medians${runsOf(results)}, on real Slurm with a simulated EC2.`,
    table(["Slurm", "Job", "with Slurm's defaults", "with what `config render` writes"], rows),
    ...notQuiet(results),
  ].join("\n\n");
}

/** The section of docs/benchmarks.md. */
export function firstLineSection(results: FirstLineResults): string {
  return [
    "## From submission to the first line",
    firstLineHeadline(results),
    "To repeat it (root; Slurm's daemons as `.ci/run` installs them; about 14 minutes, nearly all of it waiting):",
    "```sh\ndeno task bench:first-line\n```",
    table(["Slurm", "Date", "Commit", "Jobs of each form", "Load average", "Machine"], machineRows(results)),
    "*Slurm's defaults*: nothing but `SlurmctldParameters=idle_on_node_suspend`. *As rendered*: the parameters that " +
    "`config render` writes for that version, before 25.11 with the `cred_expire=70` that lint advises. " +
    "A job's first line is that of the first of its tasks.",
    "### All settings",
    allModes(
      results,
      "Submission to first line, seconds, medians:",
      ({ jobs }, form) => jobs[form]["first line"],
    ),
    allModes(
      results,
      "Last node registered to first line, seconds, medians:",
      ({ jobs }, form) => waits(jobs[form]),
    ),
    "### Where the time goes",
    `Seconds since submission, medians, as rendered; "without" is \`slurm.ready: off\`. A dash: slurmctld does not say.`,
    timeLines(results),
    "### A refused launch",
    "Seconds from slurmctld's requeue to when the job may be scheduled again, and to the next call of ResumeProgram for " +
    "it, medians. Of the group: EC2 has no capacity, and the partition has another group. Of the node: its instance ended " +
    "while it booted.",
    refusals(results),
    "The same for other refusals of the node alone, as rendered. Throttled: EC2 refused every launch for its rate until it " +
    "was too late for the node to register in time. Too late: EC2 gives fewer instances a second than the job wants together. " +
    "Nothing else happens in their cluster: what may be scheduled again waits there for slurmctld's next look for jobs, " +
    "which comes every 30 s (`bf_interval`).",
    lateRefusals(results),
    "### Targets of the first line",
    table(
      ["Slurm", "What", "Target", "Measured", ""],
      firstLineTargets(results).map(({ version, title, limit, measured, met }) => [
        version,
        title,
        limit,
        measured,
        met ? "met" : measured === NOT_MEASURED ? "not measured" : "**not met**",
      ]),
    ),
  ].join("\n\n");
}

function versionsOf({ versions }: FirstLineResults): [string, VersionResult][] {
  return Object.entries(versions);
}

function runsOf(results: FirstLineResults): string {
  const counts = new Set(versionsOf(results).map(([, { rounds }]) => rounds));
  return counts.size === 1 ? ` of ${[...counts][0]}` : "";
}

function notQuiet(results: FirstLineResults): string[] {
  const loaded = versionsOf(results).filter(([, { machine }]) => machine.load[0] > QUIET);
  const short = versionsOf(results).filter(([, { rounds }]) => rounds < ROUNDS);
  return [
    ...(loaded.length === 0 ? [] : [
      `**Not quiet**: the machine had a load of ${
        [...new Set(loaded.map(([, { machine }]) => machine.load[0]))].join(", ")
      } before the run. Trust seconds, not tenths.`,
    ]),
    ...(short.length === 0 ? [] : [
      `**A short run**: fewer than ${ROUNDS} jobs of each form on ${
        short.map(([version]) => version).join(", ")
      }.`,
    ]),
  ];
}

function machineRows(results: FirstLineResults): string[][] {
  return versionsOf(results).map(([, { slurm, date, commit, rounds, machine }]) => [
    slurm,
    `${date.slice(0, 16).replace("T", " ")} UTC`,
    commit,
    String(rounds),
    `${machine.load[0]} before, ${machine.load[1]} after${machine.load[0] > QUIET ? ": not quiet" : ""}`,
    `${machine.processor}, ${machine.processors} processors, ${machine.system}`,
  ]);
}

type Columns = VersionResult["modes"][ModeName];

function allModes(
  results: FirstLineResults,
  title: string,
  values: (result: Columns, form: FormName) => readonly (number | null)[],
): string {
  const rows = versionsOf(results).flatMap(([version, { modes }]) =>
    FORMS.map((form) => [
      version,
      `\`${form}\``,
      ...(Object.keys(MODES) as ModeName[]).map((mode) => figure(values(modes[mode], form))),
    ])
  );
  return `${title}\n\n${table(["Slurm", "Job", ...Object.values(MODES)], rows)}`;
}

function timeLines(results: FirstLineResults): string {
  const rows = versionsOf(results).flatMap(([version, { modes }]) =>
    FORMS.flatMap((form) =>
      ([["without", "rendered, ready: off"], ["with", "rendered"]] as const).map(([ready, mode]) => [
        version,
        `\`${form}\``,
        ready,
        ...STEPS.map((step: StepName) => figure(modes[mode].jobs[form][step])),
      ])
    )
  );
  return table(["Slurm", "Job", "ready", ...STEPS], rows);
}

function refusals(results: FirstLineResults): string {
  const kinds = ["group", "node"] as const;
  const rows = versionsOf(results).flatMap(([version, { modes }]) =>
    (Object.keys(MODES) as ModeName[]).map((mode) => [
      version,
      MODES[mode],
      ...kinds.flatMap((kind) => [
        figure(modes[mode].refused[kind].eligible),
        figure(modes[mode].refused[kind].resumeProgram),
      ]),
    ])
  );
  return table([
    "Slurm",
    "Settings",
    "group: eligible",
    "group: ResumeProgram",
    "node: eligible",
    "node: ResumeProgram",
  ], rows);
}

function lateRefusals(results: FirstLineResults): string {
  const rows = versionsOf(results).map(([version, { withoutLaunches }]) => [
    version,
    ...(["throttle", "deadline"] as const).flatMap((kind) => [
      figure(withoutLaunches?.[kind].eligible ?? []),
      figure(withoutLaunches?.[kind].resumeProgram ?? []),
    ]),
  ]);
  return table([
    "Slurm",
    "throttled: eligible",
    "throttled: ResumeProgram",
    "too late: eligible",
    "too late: ResumeProgram",
  ], rows);
}

/** The median of what is known; a dash where nothing is. */
function figure(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? "–" : median(known).toFixed(median(known) < 10 ? 2 : 1);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
