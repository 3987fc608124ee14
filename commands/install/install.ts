import { limitFindings } from "../hooks/limit_findings.ts";
import { VERSION } from "../../lib/base/version.ts";
import { compareInstalled } from "../../lib/install/compare.ts";
import { InstallError } from "../../lib/install/disk_problem.ts";
import type { Config } from "../../lib/config/model.ts";
import { newlyBindingNotes } from "../../lib/config/newly_binding.ts";
import {
  type Action,
  type Desired,
  pathsToSurvey,
  type Plan,
  planInstall,
  planRollback,
} from "../../lib/install/plan.ts";
import { openAncestors } from "../../lib/install/prefix.ts";
import {
  alone,
  carryOutAll,
  install as carryOut,
  makeReadable,
  readManifest,
  writeManifest,
} from "../../lib/install/run.ts";
import { READY } from "../../lib/slurm_conf/render/ready_conf.ts";
import { READY_PRICE } from "../../lib/slurm/ready_price.ts";
import { statePlaceProblem } from "../../lib/install/state_place.ts";
import { ancestors, ownUid, survey } from "../../lib/install/survey.ts";
import { type Command, CommandError, defineCommand, type LoadCommands, UsageError } from "../base/command.ts";
import { rotationCommand } from "../../lib/install/rotation.ts";
import { unitCommands, type UnitPair } from "../../lib/install/units.ts";
import { NOTIFY_UNITS, UNITS } from "./payload.ts";
import { legacyCluster, writeLegacyCluster } from "../../lib/store/legacy.ts";
import { makeCompletion } from "../completion/completion.ts";
import { ExitCode } from "../base/exit_code.ts";
import type { Host } from "../base/host.ts";
import { type InstallReport, printDifferences, printInstalled } from "./output.ts";
import { handBackAround, isFormerInUse, mustHandBack } from "./hand_back.ts";
import { INSTALL_FLAGS, type InstallFlags } from "./flags.ts";
import { chooseProgram, findOwner, makeDesired, readSite } from "./request.ts";
import { renderInto } from "./render.ts";
import { type Progress, progressBar } from "../base/progress.ts";
import { NO_PERMISSIONS } from "../base/permissions.ts";

/** `slurm-ec2 install`, whose releases complete these commands. */
export function installCommand(loadCommands: LoadCommands): Command {
  return defineCommand({
    name: "install",
    summary:
      "Put hooks, program, settings and node files below one prefix, in one step and with right modes.",
    argumentHint: "the place is --prefix DIR",
    flags: INSTALL_FLAGS,
    examples: [
      {
        command: "slurm-ec2 install --config slurm-ec2.yaml",
        says: "Below /opt/slurm/CLUSTER, which nodes mount, too",
      },
      {
        command: "slurm-ec2 install --prefix /opt/slurm/bio --check",
        says: "In CI: is it as this version has it?",
      },
      {
        command: "slurm-ec2 install --prefix /opt/slurm/bio --rollback",
        says: "The release before was better",
      },
    ],
    notes:
      "A release is whole in lib/ before the link lib/slurm-ec2 is switched to it; hooks that run go on with the one " +
      "they began with, and it stays for --rollback.\n" +
      "Files in etc/ are yours: never overwritten.",
    exits: { [ExitCode.Partly]: "with --check: what is installed differs" },
    permissions: {
      ...NO_PERMISSIONS,
      run: ["deno", "tools"],
      read: ["config", "named", "prefix", "program", "temp"],
      write: ["prefix", "temp"],
      env: true,
    },
    async run(host, flags) {
      try {
        return await runInstall(host, flags, loadCommands);
      } catch (error) {
        throw asCommandError(error);
      }
    },
  });
}

/** Refusals of the file system and of installing as the command line prints them. */
export function asCommandError(error: unknown): unknown {
  if (error instanceof InstallError) return new CommandError(error.message, { cause: error });
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  const { code } = error as { readonly code?: unknown };
  // Only what came from the system has a code: all of it is about a path that can't be read.
  return typeof code === "string"
    ? new CommandError(`Can't look at what is installed: ${error.message}`)
    : error;
}

async function runInstall(host: Host, flags: InstallFlags, loadCommands: LoadCommands): Promise<ExitCode> {
  checkFlags(flags);
  const site = readSite(host, flags);
  const { prefix } = site;
  const uid = await ownUid();
  const owner = await findOwner(flags, site.config, uid);
  const trusted = [0, uid, ...(owner.user === undefined ? [] : [owner.user.uid])];
  const open = openAncestors(ancestors(prefix), trusted);
  if (open.length > 0 && !flags.has("force")) {
    throw new CommandError(`Nothing was installed:\n${open.map((line) => `  ${line}`).join("\n")}`);
  }
  const notes = [...site.notes, ...owner.notes, ...open];
  if (flags.has("rollback")) return await rollBack(host, flags, { prefix, notes });
  if (site.config !== undefined) await checkStatePlace(site.config);
  const { withProgram } = await import("../../lib/install/program_process.ts");
  // The program is one step, then each of its files is one.
  const bar = progressBar(host.stderr, { label: "installing", total: 1, quiet: flags.has("json") });
  return await withProgram(await chooseProgram(host, flags), VERSION, async (program) => {
    const completion = await makeCompletion(loadCommands);
    const ownerName = flags.get("owner") ?? site.config?.slurm.user;
    const desired = await makeDesired(site, program, { owner: owner.user, ownerName, completion });
    if (flags.has("check")) return await check(host, flags, { prefix, desired, notes });
    const code = await apply(host, flags, { prefix, desired, notes, uid, bar, config: site.config });
    if (site.config !== undefined && !flags.has("dry-run")) claimStateDir(site.config, desired);
    return code;
  }).finally(() => bar.stop());
}

function checkFlags(flags: InstallFlags): void {
  for (const [one, other] of [["check", "dry-run"], ["check", "rollback"], ["rollback", "render"]] as const) {
    if (flags.has(one) && flags.has(other)) {
      throw new UsageError(`Flags --${one} and --${other} exclude each other`);
    }
  }
}

/** @throws {CommandError} when the state can't be where the configuration has it */
async function checkStatePlace({ stateDir, cluster }: Config): Promise<void> {
  const { fileSystemOf } = await import("../../lib/install/file_system_process.ts");
  const fileSystem = await fileSystemOf(stateDir);
  const problem = statePlaceProblem({ stateDir, cluster, fileSystem, usedBy: legacyCluster(stateDir) });
  if (problem !== undefined) throw new CommandError(`Nothing was installed: ${problem}`);
}

/** The next cluster's install finds out whose the directory is, also before anything has run. */
function claimStateDir({ stateDir, cluster }: Config, { owner }: Desired): void {
  writeLegacyCluster(stateDir, cluster);
  try {
    if (owner !== undefined) Deno.chownSync(`${stateDir}/cluster.json`, owner.uid, owner.gid);
  } catch {
    // Only root may; any other installer is SlurmUser, or the owner of stateDir was reported.
  }
}

interface Job {
  readonly prefix: string;
  readonly desired: Desired;
  readonly notes: readonly string[];
}

async function check(host: Host, flags: InstallFlags, { prefix, desired, notes }: Job): Promise<ExitCode> {
  const problems: string[] = [];
  const manifest = readManifest(prefix, (problem) => void problems.push(problem));
  const found = await survey(prefix, pathsToSurvey(desired, manifest));
  const differences = compareInstalled(desired, found, manifest);
  const rendered = flags.has("render") ? await renderInto(host, prefix, { how: ["--check"] }) : undefined;
  return printDifferences(host, {
    prefix,
    release: desired.release.name,
    differences,
    notes: [...notes, ...problems],
    ...(rendered !== undefined && { rendered }),
  }, { json: flags.has("json") });
}

async function apply(
  host: Host,
  flags: InstallFlags,
  { prefix, desired, notes, uid, bar, config }: Job & {
    readonly uid: number;
    readonly bar: Progress;
    readonly config: Config | undefined;
  },
): Promise<ExitCode> {
  const dryRun = flags.has("dry-run");
  const binding = config !== undefined && isFormerInUse(prefix) ? newlyBindingNotes(config) : [];
  const work = async (made: readonly string[]): Promise<InstallReport> => {
    const problems: string[] = [];
    const manifest = readManifest(prefix, (problem) => void problems.push(`${problem}: written again`));
    const found = await survey(prefix, pathsToSurvey(desired, manifest));
    const plan = accepted(
      planInstall(desired, { survey: found, manifest, uid, force: flags.has("force"), made }),
    );
    const files = desired.release.files.length;
    if (!dryRun) await carryOut(prefix, desired, plan, (done) => bar.update(1 + done, 1 + files));
    return {
      prefix,
      release: plan.end.current,
      ...(plan.end.previous !== undefined && { previous: plan.end.previous }),
      version: plan.end.version,
      dryRun,
      actions: plan.actions,
      notes: [
        ...notes,
        ...problems,
        ...plan.notes,
        ...timerNotes(prefix, config, plan.actions),
        ...readyNotes(prefix, config, plan.actions),
        ...binding,
        ...limitNotes(host, config),
      ],
    };
  };
  const report = dryRun ? await work([]) : await alone(prefix, work);
  bar.stop();
  const rendered = flags.has("render")
    ? await renderInto(
      host,
      prefix,
      dryRun
        ? { how: ["--dry-run"], config: flags.get("config") }
        : { how: flags.has("force") ? ["--force"] : [] },
    )
    : undefined;
  if (rendered !== undefined && !dryRun) noteSettings(prefix, rendered.made);
  return printInstalled(host, { ...report, ...(rendered !== undefined && { rendered }) }, {
    json: flags.has("json"),
  });
}

/** Limits that this release holds, and that the cluster exceeds as it is: nothing is ended for them. */
function limitNotes(host: Host, config: Config | undefined): string[] {
  if (config === undefined) return [];
  return limitFindings(host, config).findings.map(({ evidence, fix }) => `${evidence} (${fix})`);
}

/** What is left to do for the timer, once its units are there for the first time. */
function timerNotes(prefix: string, config: Config | undefined, actions: readonly Action[]): string[] {
  if (config === undefined) return [];
  const { cluster } = config;
  const isNew = ({ suffix }: UnitPair) =>
    actions.some(({ kind, path }) =>
      kind === "write-settings" && path.endsWith(`/slurm-ec2-${cluster}${suffix}.timer`)
    );
  const note = (pair: UnitPair, says: string) =>
    isNew(pair) ? [`${says}; as root: ${unitCommands({ prefix, cluster }, pair).join(" && ")}`] : [];
  return [
    ...note(UNITS, "The timer looks after instances when no hook does"),
    ...note(NOTIFY_UNITS, "A timer of its own runs notify.command"),
    ...(actions.some(({ kind, path }) => kind === "write-settings" && path.endsWith(".logrotate"))
      ? [`logFile grows until something rotates it; as root: ${rotationCommand({ prefix, cluster })}`]
      : []),
  ];
}

/** What the prolog costs, once it is there for the first time: config render names it unless the site says not to. */
function readyNotes(prefix: string, config: Config | undefined, actions: readonly Action[]): string[] {
  const path = `${prefix}/${READY}`;
  const isNew = actions.some((action) => action.kind === "link" && action.path === READY);
  if (!isNew || config === undefined || config.slurm.ready === "off") return [];
  return [
    `${path} starts jobs as soon as their nodes are up, and makes each srun and salloc of the cluster take ` +
    `${READY_PRICE} longer: slurm.ready: off in slurm-ec2.yaml leaves it out of what config render writes`,
  ];
}

/** What was rendered where nothing was before is ours to remove, once that is asked for. */
function noteSettings(prefix: string, made: readonly string[]): void {
  makeReadable(made);
  const manifest = readManifest(prefix, () => {});
  if (manifest === undefined || made.length === 0) return;
  const paths = made.map((path) => path.slice(prefix.length + 1));
  writeManifest(prefix, { ...manifest, settings: [...new Set([...manifest.settings, ...paths])] });
}

/** What a person has left to do where the release before knows no timer. */
function formerNotes(settings: readonly string[] = []): string[] {
  const timer = settings.find((path) => path.endsWith(".timer"))?.split("/").at(-1);
  const then = timer === undefined ? "" : `; as root: systemctl disable --now ${timer}`;
  return [`The release in use by now has no worker, and no timer is of use to it${then}`];
}

async function rollBack(
  host: Host,
  flags: InstallFlags,
  { prefix, notes }: Pick<Job, "prefix" | "notes">,
): Promise<ExitCode> {
  const problems: string[] = [];
  const dryRun = flags.has("dry-run");
  const work = async (): Promise<InstallReport> => {
    const manifest = readManifest(prefix, (problem) => void problems.push(problem));
    const found = await survey(prefix, pathsToSurvey(undefined, manifest));
    const plan = accepted(planRollback({ survey: found, manifest }));
    const change = () => {
      carryOutAll(prefix, plan.actions);
      writeManifest(prefix, plan.end);
    };
    const isFormer = mustHandBack(prefix);
    if (!dryRun && isFormer && !flags.has("force")) await handBackAround(prefix, change);
    else if (!dryRun) change();
    const { current, previous, version } = plan.end;
    return {
      ...{ prefix, release: current, previous: previous!, version, dryRun, actions: plan.actions },
      notes: [...notes, ...problems, ...(isFormer ? formerNotes(manifest?.settings) : [])],
    };
  };
  // Nothing is made for a lock where nothing is installed.
  const isThere = readManifest(prefix, () => {}) !== undefined;
  return printInstalled(host, dryRun || !isThere ? await work() : await alone(prefix, work), {
    json: flags.has("json"),
  });
}

function accepted(plan: Plan): Extract<Plan, { readonly kind: "plan" }> {
  if (plan.kind === "plan") return plan;
  throw new CommandError(
    `Nothing was changed:\n${plan.problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
}
