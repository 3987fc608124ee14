import { openAncestors } from "../../lib/install/prefix.ts";
import { type FileFacts, lookAt, readSafely } from "../../lib/preflight/machine/file_facts.ts";
import type { CheckResult } from "../../lib/preflight/check_result.ts";
import {
  checkHookProgram,
  HOOK_KEYS,
  type HookKey,
  type HookProgramFacts,
} from "../../lib/preflight/machine/hook_program_checks.ts";
import type { Machine } from "../../lib/preflight/machine/machine.ts";
import { checkReady } from "../../lib/preflight/machine/ready_checks.ts";
import { found } from "../../lib/preflight/machine/unanswered.ts";
import { slurmUnknown } from "../../lib/preflight/machine/slurm_view.ts";
import { checkStateLocation } from "../../lib/preflight/machine/state_location_checks.ts";
import type { KnownUser } from "../../lib/preflight/machine/user_checks.ts";
import { checkVersions } from "../../lib/preflight/machine/version_checks.ts";
import { volumeOf } from "../../lib/preflight/machine/volume_facts.ts";
import { controllerHosts, releaseOf, settingOf } from "../../lib/slurm/daemon_settings.ts";
import { lintFiles } from "../../lib/slurm_conf/lint_files.ts";
import { RULES } from "../../lib/slurm_conf/rules/mod.ts";
import { parseVersion, SUPPORTED_VERSIONS } from "../../lib/slurm_conf/versions.ts";
import type { MachineView } from "./machine.ts";
import type { Examination } from "./section.ts";

/** Versions on both sides; on the controller also what slurmctld calls, where it saves, and how it is configured. */
export async function examineSlurm(
  { config, where }: Examination,
  around: MachineView,
): Promise<readonly CheckResult[]> {
  const { slurm, image, against } = around;
  const slurmctld = settingOf(slurm.settings, "SLURM_VERSION") ?? against?.slurm;
  const unknown = slurm.trouble === undefined
    ? []
    : [slurmUnknown({ check: "slurm", what: "slurmctld" }, slurm.trouble)];
  const slurmd = where === "node" ? await slurmdVersion(around, config.slurm.binDir) : undefined;
  const imageVersion = image.get("SLURM_VERSION");
  const versions = checkVersions({
    ...(slurmctld !== undefined && { slurmctld }),
    ...(slurmd !== undefined && { slurmd }),
    ...(imageVersion && { image: imageVersion }),
    ...(config.slurm.version !== undefined && { configured: config.slurm.version }),
    nodes: where === "controller" ? slurm.nodes : [],
    releases: SUPPORTED_VERSIONS,
  });
  if (where === "node") return [...unknown, ...versions];
  return [
    ...unknown,
    ...versions,
    ...await examinePrograms(around),
    ...await examineReady(around, config.limits.expectedBootSeconds),
    ...await examineStateLocation(around),
    ...lintRunning(
      around,
      slurmctld ?? config.slurm.version ?? await scontrolVersion(around, config.slurm.binDir),
    ),
  ];
}

/** Of the commands here, for when slurmctld does not say: packages have both. Even for this they read slurm.conf. */
async function scontrolVersion(
  { machine, slurm }: MachineView,
  binDir: string,
): Promise<string | undefined> {
  if (slurm.conf === undefined) return undefined;
  const ran = await machine.run([`${binDir}/scontrol`, "--version"], { env: { SLURM_CONF: slurm.conf } });
  return ran.kind === "ended" && ran.code === 0 ? releaseOf(ran.stdout) : undefined;
}

async function slurmdVersion({ machine, image }: MachineView, binDir: string): Promise<string | undefined> {
  const prefix = image.get("SLURM_PREFIX");
  const places = [
    ...(prefix ? [`${prefix}/sbin/slurmd`] : []),
    `${binDir.replace(/\/bin$/, "")}/sbin/slurmd`,
    "slurmd",
  ];
  for (const program of places) {
    const ran = await machine.run([program, "-V"]);
    if (ran.kind === "ended" && ran.code === 0) return ran.stdout.trim();
  }
  return undefined;
}

async function examinePrograms({ machine, slurm, slurmUser }: MachineView): Promise<CheckResult[]> {
  if (slurm.settings.size === 0) return [];
  const keys = Object.keys(HOOK_KEYS) as HookKey[];
  const facts = await Promise.all(keys.map(async (key): Promise<HookProgramFacts> => {
    const path = settingOf(slurm.settings, key);
    const known = {
      key,
      open: [],
      ...(path !== undefined && { path }),
      ...(slurmUser && { user: slurmUser }),
    };
    if (!path?.startsWith("/")) return known;
    const look = await lookAt(machine, path);
    if (look.kind !== "there") return { ...known, look };
    const [open, is] = await Promise.all([
      openDirectories(machine, path, slurmUser),
      whichHook(machine, path),
    ]);
    return { ...known, look, open, is };
  }));
  return facts.flatMap(checkHookProgram);
}

/** The prologs that slurmctld runs: one, or from 24.05 on several. */
async function examineReady(
  { machine, slurm, slurmUser }: MachineView,
  expectedBoot: number,
): Promise<CheckResult[]> {
  if (slurm.settings.size === 0) return [];
  const paths = [...slurm.settings.keys()].filter((key) => /^PrologSlurmctld(?:\[\d+\])?$/i.test(key))
    .flatMap((key) => settingOf(slurm.settings, key) ?? []);
  const prologs = await Promise.all(
    paths.map(async (path) => path.startsWith("/") ? { path, look: await lookAt(machine, path) } : { path }),
  );
  const limits = ["PrologTimeout", "PrologEpilogTimeout"].flatMap((key) => {
    const seconds = Number.parseInt(settingOf(slurm.settings, key) ?? "", 10);
    return seconds > 0 && seconds < NO_LIMIT ? [[key, seconds] as const] : [];
  });
  return checkReady({
    prologs,
    limits: Object.fromEntries(limits),
    expectedBoot,
    ...(slurmUser && { user: slurmUser }),
  });
}

/** Seconds; slurmctld prints 65534 for a limit that is not set. */
const NO_LIMIT = 65_533;

/** Directories on the way to a program, and to what it is a link to, in which others could put another. */
async function openDirectories(
  machine: Machine,
  path: string,
  user: KnownUser | undefined,
): Promise<string[]> {
  const ran = await machine.run(["realpath", "--", path]);
  const real = ran.kind === "ended" && ran.code === 0 ? ran.stdout.trim() : path;
  const directories = new Set([path, real].flatMap((one) => {
    const parts = one.split("/").slice(1, -1);
    return ["/", ...parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`)];
  }));
  const looks = await Promise.all([...directories].map((one) => lookAt(machine, one)));
  const there = looks.filter((look): look is FileFacts => look.kind === "there");
  return openAncestors(there, [0, ...(user === undefined ? [] : [user.uid])]);
}

/** Our hooks are links to one wrapper, which goes by its name; the legacy plugin's names lead there too. */
async function whichHook(
  machine: Machine,
  path: string,
): Promise<"resume" | "stop" | "resume-fail" | "other"> {
  const text = await readSafely(machine, path) ?? "";
  const name = /([^/]+)$/.exec(path)?.[1] ?? "";
  const ours = /^#!.*\n# Runs one slurm-ec2 command for slurmctld/.test(text);
  return (ours ? NAMES[name] : undefined) ?? "other";
}

const NAMES: Readonly<Record<string, "resume" | "stop" | "resume-fail">> = {
  "resume": "resume",
  "slurm_ec2_resume.py": "resume",
  "stop": "stop",
  "slurm_ec2_stop.py": "stop",
  "resume-fail": "resume-fail",
  "slurm_ec2_resume_fail.py": "resume-fail",
};

async function examineStateLocation({ machine, slurm, slurmUser }: MachineView): Promise<CheckResult[]> {
  const path = settingOf(slurm.settings, "StateSaveLocation");
  if (path === undefined) return [];
  const [look, volume] = await Promise.all([lookAt(machine, path), volumeOf(machine, path)]);
  const controllers = controllerHosts(slurm.settings).length;
  return checkStateLocation({
    look,
    controllers,
    ...(volume && { volume }),
    ...(slurmUser && { user: slurmUser }),
  });
}

const SEVERITIES = { error: "fail", warning: "warn" } as const;

/** What config lint says of the files that slurmctld runs with, one finding a rule; advice is left to config lint. */
function lintRunning({ slurm, confFiles }: MachineView, slurmctld: string | undefined): CheckResult[] {
  const { conf } = slurm;
  if (conf === undefined) return [];
  const about = { check: "slurm", what: "slurm.conf" };
  if (!confFiles.has(conf)) return [found(about, "can't tell", `${conf} can't be read by this user`)];
  const version = slurmctld === undefined ? undefined : parseVersion(slurmctld);
  const findings = lintFiles({
    paths: [conf],
    rules: RULES,
    ...(version !== undefined && { versions: [version] }),
    read: (path) => {
      const bytes = confFiles.get(path);
      if (bytes !== undefined) return bytes;
      throw new Deno.errors.NotFound(`Can't read ${path}`);
    },
  }).filter(({ severity }) => severity !== "info");
  const rules = Map.groupBy(findings, ({ rule }) => rule);
  if (rules.size === 0) return [found(about, "pass", `${conf}: config lint finds nothing but advice`)];
  return [...rules].map(([rule, [first, ...more]]) => {
    const { file, line, message, severity } = first!;
    return found(
      { check: "slurm", what: `${file.slice(file.lastIndexOf("/") + 1)}:${line} ${rule}` },
      SEVERITIES[severity as keyof typeof SEVERITIES],
      `${message}${more.length > 0 ? ` (and ${more.length} more)` : ""}`,
      `edit ${file}:${line}; slurm-ec2 config lint --explain ${rule} tells why`,
    );
  });
}
