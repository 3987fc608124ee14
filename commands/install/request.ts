import type { Config } from "../../lib/config/model.ts";
import type { Desired, SettingsFile, StateDirectory } from "../../lib/install/plan.ts";
import { checkPrefix } from "../../lib/install/prefix.ts";
import type { Program, ProgramFiles } from "../../lib/install/program_process.ts";
import { makeRelease } from "../../lib/install/release.ts";
import { rotationFile } from "../../lib/install/rotation.ts";
import { unitFiles, type UnitSite } from "../../lib/install/units.ts";
import type { User } from "../../lib/install/user_process.ts";
import { currentBuild } from "../base/build.ts";
import { CommandError, type ConfigFlags, UsageError } from "../base/command.ts";
import type { Host } from "../base/host.ts";
import type { InstallFlags } from "./flags.ts";
import { HOOKS_ENV, NOTIFY_UNITS, payload, ROTATION, UNITS } from "./payload.ts";
import { loadConfigFile, readConfigText } from "../base/load_config.ts";

/** What is known before anything is looked at. */
export interface Site {
  readonly prefix: string;
  readonly config?: Config;
  /** The configuration's own text, where it may have to be copied. */
  readonly configText?: string;
  readonly notes: readonly string[];
}

/**
 * The prefix and its configuration. An installation that has one keeps it; another cluster's is never taken for it,
 * so besides --prefix only --config names one.
 */
export function readSite(host: Host, flags: InstallFlags): Site {
  const [given, named] = [flags.get("prefix"), flags.get("config")];
  if (given === undefined) {
    const { config } = loadConfigFile(host, flags);
    return withInstalledConfig(host, flags, readPrefix(`/opt/slurm/${config.cluster}`));
  }
  const prefix = readPrefix(given);
  if (named !== undefined || host.files.exists(`${prefix}/etc/slurm-ec2.yaml`)) {
    return withInstalledConfig(host, flags, prefix);
  }
  const file = `${prefix}/etc/slurm-ec2.yaml`;
  return {
    prefix,
    notes: [
      `There is no ${file} yet: write one with slurm-ec2 config init --output ${file}, or give --config; then install again for stateDir`,
    ],
  };
}

/**
 * The prefix that a flag names.
 * @throws {UsageError} when it is not one.
 */
export function readPrefix(text: string): string {
  try {
    return checkPrefix(text);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function withInstalledConfig(host: Host, flags: InstallFlags, prefix: string): Site {
  const installed = `${prefix}/etc/slurm-ec2.yaml`;
  const isInstalled = host.files.exists(installed);
  const source: ConfigFlags = isInstalled ? { get: () => installed } : flags;
  const { config } = loadConfigFile(host, source);
  const { text } = readConfigText(host, source);
  const other = isInstalled && flags.get("config") !== undefined ? readConfigText(host, flags) : undefined;
  const notes = other !== undefined && other.text !== text
    ? [`${installed} is kept and differs from ${other.file}: copy it yourself where that is meant`]
    : [];
  return { prefix, config, configText: text, notes };
}

/**
 * The user that slurmctld runs as, by --owner or the configuration.
 * @throws {UsageError} when --owner names nobody.
 */
export async function findOwner(
  flags: InstallFlags,
  config: Config | undefined,
  uid: number,
): Promise<{ readonly user?: User; readonly notes: readonly string[] }> {
  const name = flags.get("owner") ?? config?.slurm.user;
  if (name === undefined) return { notes: [] };
  const { findUser } = await import("../../lib/install/user_process.ts");
  const user = await findUser(name);
  if (user !== undefined && (uid === 0 || uid === user.uid)) return { user, notes: [] };
  if (user !== undefined) {
    if (flags.get("owner") !== undefined) {
      throw new CommandError(
        `Nothing was installed: only root can give files to ${name} (--owner); run this as root`,
      );
    }
    return {
      notes: [
        `Only root can give files to ${name} (slurm.user): all of it belongs to this user, and hooks that run as ${name} ` +
        "can't use its stateDir; run install as root where slurmctld is to call them",
      ],
    };
  }
  if (flags.get("owner") !== undefined) {
    throw new UsageError(`Unknown user: "${name}" (--owner); name SlurmUser, or give UID:GID`);
  }
  return {
    notes: [`This host knows no user ${name} (slurm.user): stateDir belongs to the user that installed`],
  };
}

/** The program that is installed: the one that was named, else the one that runs now. */
export async function chooseProgram(host: Host, flags: InstallFlags): Promise<Program> {
  const { compiledInCheckout, namedProgram, ownBundle } = await import(
    "../../lib/install/program_process.ts"
  );
  const named = flags.get("program");
  if (named !== undefined) return namedProgram(named);
  const { kind, files } = currentBuild();
  if (kind === "bundle") return { kind: "bundle", directory: ownBundle() };
  if (kind === "compiled") return { kind: "file", path: Deno.execPath() };
  if (kind === "portable") {
    const main = host.env("SLURM_EC2_MAIN_SUM");
    const sums = { ...files, ...(main !== undefined && { "main.js": main }) };
    return { kind: "extracted", directory: ownBundle(), sums, launcher: ownLauncher(host, ownBundle()) };
  }
  const compiled = compiledInCheckout();
  return compiled === undefined ? { kind: "sources" } : { kind: "file", path: compiled };
}

/** The portable file that runs, or what an installation has of it. */
function ownLauncher(host: Host, directory: string): string {
  const file = host.env("SLURM_EC2_FILE") || `${directory}/bin/slurm-ec2`;
  if (host.files.exists(file)) return file;
  throw new CommandError("The file that runs is not known: name it with --program FILE");
}

/** All that an installation of a program for a site consists of. */
export async function makeDesired(
  { prefix, config, configText }: Site,
  program: ProgramFiles,
  { owner, ownerName, completion }: {
    readonly owner: User | undefined;
    /** As --owner or slurm.user has it. */
    readonly ownerName: string | undefined;
    readonly completion: string;
  },
): Promise<Desired> {
  const files = [...program.files, ...await payload(program.version, program, completion)];
  // Settings may come to hold credentials: SlurmUser reads them by its group, where it is known.
  const secret = owner === undefined ? { mode: 0o644 } : { mode: 0o640, gid: owner.gid };
  const settings: readonly SettingsFile[] = [
    ...(configText === undefined ? [] : [{ path: "etc/slurm-ec2.yaml", text: configText, mode: 0o644 }]),
    { path: "etc/hooks.env", text: hooksEnv(config), ...secret },
    ...(config === undefined || owner === undefined ? [] : [
      ...unitsOf(config, { prefix, cluster: config.cluster, user: ownerName ?? String(owner.uid) }),
      ...await rotationOf(config, { prefix, owner }),
    ]),
  ];
  return {
    release: await makeRelease(program.version, files),
    settings,
    state: config === undefined ? [] : stateDirectories(config),
    ...(owner !== undefined && { owner }),
  };
}

async function rotationOf(
  { cluster, logFile }: Config,
  { prefix, owner }: { readonly prefix: string; readonly owner: User },
): Promise<readonly SettingsFile[]> {
  const { groupName, userName } = await import("../../lib/install/user_process.ts");
  const [user, group] = await Promise.all([userName(owner.uid), groupName(owner.gid)]);
  return [rotationFile({ prefix, cluster, logFile, user, group }, ROTATION) ?? []].flat();
}

function unitsOf({ notify }: Config, site: UnitSite): readonly SettingsFile[] {
  const pairs = notify.command === undefined ? [UNITS] : [UNITS, NOTIFY_UNITS];
  return pairs.flatMap((pair) => unitFiles(site, pair));
}

/** The state's directories, and that of the log where it is another; outer ones first. */
export function stateDirectories(
  { stateDir, logFile }: Pick<Config, "stateDir" | "logFile">,
): StateDirectory[] {
  const own = [stateDir, `${stateDir}/deno`, `${stateDir}/queue`].map((path) => ({ path, mode: 0o750 }));
  const log = logFile.slice(0, logFile.lastIndexOf("/"));
  if (log === "" || own.some(({ path }) => path === log)) return own;
  return [...own, { path: log, mode: 0o750, shared: true }].sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The hooks find stateDir by this line in no time; without it they look for it in the configuration. */
function hooksEnv(config: Config | undefined): string {
  return config === undefined
    ? HOOKS_ENV
    : HOOKS_ENV.replace(/^#(SLURM_EC2_STATE_DIR=).*$/m, `$1${config.stateDir}`);
}
