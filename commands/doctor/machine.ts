import { errorText } from "../../lib/base/error_text.ts";
import { lookAt, readSafely } from "../../lib/preflight/machine/file_facts.ts";
import type { Machine } from "../../lib/preflight/machine/machine.ts";
import { lookAtMounts } from "../../lib/preflight/machine/mount_facts.ts";
import { askSlurm, type SlurmView } from "../../lib/preflight/machine/slurm_view.ts";
import type { KnownUser, UserLook } from "../../lib/preflight/machine/user_checks.ts";
import { lookUpUser } from "../../lib/preflight/machine/user_facts.ts";
import type { Config } from "../../lib/config/model.ts";
import { settingOf, userOf } from "../../lib/slurm/daemon_settings.ts";
import type { Document } from "../../lib/slurm_conf/document.ts";
import { parseDocument } from "../../lib/slurm_conf/parse.ts";
import { UsageError } from "../base/command.ts";
import type { SectionFlags } from "./flags.ts";
import type { Host } from "../base/host.ts";

/** What several sections see of this machine and of its slurmctld, each asked for once. */
export interface MachineView {
  readonly machine: Machine;
  readonly slurm: SlurmView;
  /** Files that slurm.conf consists of, by path, as far as they can be read. */
  readonly confFiles: ReadonlyMap<string, Uint8Array>;
  readonly users: { readonly slurm: UserLook; readonly munge: UserLook };
  /** SlurmUser as this machine knows it: slurmctld's own, else the configuration's. */
  readonly slurmUser?: KnownUser;
  /** What this node's image was made for: KEY → value. */
  readonly image: ReadonlyMap<string, string>;
  /** The configuration's file systems; looked at when it is first asked for. */
  readonly mounts: () => ReturnType<typeof lookAtMounts>;
  /** What the controller saw: `--against FILE`. */
  readonly against?: MachineFacts;
}

/** What `doctor --json` tells of a machine for another to compare with. */
export interface MachineFacts {
  readonly slurm?: string;
  /** Their numbers; slurmGroup is SlurmUser's own group. */
  readonly users: { readonly slurm?: number; readonly slurmGroup?: number; readonly munge?: number };
  readonly mounts: Readonly<
    Record<
      string,
      { readonly source?: string; readonly uid: number; readonly gid: number; readonly mode: number }
    >
  >;
}

/** What is looked at, and with what. */
export interface MachineQuestion {
  readonly host: Host;
  readonly flags: SectionFlags;
  readonly config: Config;
}

/** Looks at this machine and asks slurmctld. */
export async function viewMachine({ host, flags, config }: MachineQuestion): Promise<MachineView> {
  const machine = await host.connect.machine();
  const confFiles = new Map<string, Uint8Array>();
  const [slurm, munge, image] = await Promise.all([
    askSlurm({
      machine,
      config,
      slurmConf: host.env("SLURM_CONF"),
      now: host.now,
      readConf: async (path) => settingsOf(await readConf(machine, path, new Map())),
    }),
    lookUpUser(machine, "munge"),
    readImage(machine),
  ]);
  if (slurm.conf !== undefined) await readConf(machine, slurm.conf, confFiles);
  const configured = await lookUpUser(machine, config.slurm.user);
  const name = userOf(settingOf(slurm.settings, "SlurmUser"))?.name;
  const real = name === undefined || name === config.slurm.user
    ? configured
    : await lookUpUser(machine, name);
  const against = readAgainst(host, flags);
  let mounts: ReturnType<typeof lookAtMounts> | undefined;
  return {
    machine,
    slurm,
    mounts: () => mounts ??= lookAtMounts(machine, config.fileSystems),
    confFiles,
    users: { slurm: configured, munge },
    ...("uid" in real && { slurmUser: real }),
    image,
    ...(against !== undefined && { against }),
  };
}

/**
 * slurm.conf and what it includes, each file read by a process that can be given up: the parser reads at once, and
 * names the files that it misses until all are there or can't be had.
 */
async function readConf(
  machine: Machine,
  path: string,
  files: Map<string, Uint8Array>,
): Promise<Document | undefined> {
  const asked = new Set(files.keys());
  for (;;) {
    const missing = new Set<string>();
    const document = tryParse(path, files, missing);
    const news = [...missing].filter((one) => !asked.has(one));
    if (news.length === 0) return document;
    for (const one of news) {
      asked.add(one);
      const text = await readSafely(machine, one);
      if (text !== undefined) files.set(one, new TextEncoder().encode(text));
    }
  }
}

function tryParse(
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
  missing: Set<string>,
): Document | undefined {
  try {
    return parseDocument(path, (asked) => {
      const bytes = files.get(asked);
      if (bytes !== undefined) return bytes;
      missing.add(asked);
      throw new Deno.errors.NotFound(`Can't read ${asked}`);
    });
  } catch {
    return undefined; // the file itself is not there yet, or can't be read
  }
}

/** slurm.conf's own settings under the names that `scontrol show config` has for them. */
function settingsOf(document: Document | undefined): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const entry of document?.entries ?? []) {
    if (entry.kind !== "setting") continue;
    if (entry.name === "slurmctldhost") settings.set(`SlurmctldHost[${settings.size}]`, entry.value.text);
    const name = NAMES.find((one) => one.toLowerCase() === entry.name);
    if (name !== undefined) settings.set(name, entry.value.text);
  }
  return settings;
}

const NAMES = [
  ...["SlurmctldPort", "SlurmdPort", "AuthType", "AuthInfo", "StateSaveLocation"],
  ...["ResumeProgram", "SuspendProgram", "ResumeFailProgram"],
];

/** What deploy/ami/provision notes in an image: its README.md says where. */
const IMAGE_RECORD = "/usr/local/libexec/slurm-ec2/image";

async function readImage(machine: Machine): Promise<ReadonlyMap<string, string>> {
  if ((await lookAt(machine, IMAGE_RECORD)).kind !== "there") return new Map();
  const text = await readSafely(machine, IMAGE_RECORD) ?? "";
  return new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key!, value!]));
}

/**
 * What the controller saw, where `--against` names a file with it.
 * @throws {UsageError} for a file that is not a `doctor --json` of a controller.
 */
export function readAgainst(host: Host, flags: SectionFlags): MachineFacts | undefined {
  const path = flags.get("against");
  if (path === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(host.files.readText(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`Can't read --against ${path}: ${errorText(error)}`);
  }
  const facts = (parsed as { readonly facts?: Partial<MachineFacts> } | null)?.facts;
  if (facts?.users !== undefined && facts.mounts !== undefined) return facts as MachineFacts;
  throw new UsageError(
    `--against ${path} holds no facts: make it on the controller by slurm-ec2 doctor --json >FILE`,
  );
}
