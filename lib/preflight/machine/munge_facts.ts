import { settingOf } from "../../slurm/daemon_settings.ts";
import { lookAt } from "./file_facts.ts";
import type { Machine, Ran } from "./machine.ts";
import type { MungeFacts, RoundTrip } from "./munge_checks.ts";
import type { SlurmView } from "./slurm_view.ts";
import type { UserLook } from "./user_checks.ts";

/** Where packages of munge put its socket and key (munged(8)). */
const SOCKET = "/run/munge/munge.socket.2";
const KEY = "/etc/munge/munge.key";

/** Looks at munge: its socket, its key's mode, and a credential of our own that goes there and back. */
export async function askMunge(
  machine: Machine,
  slurm: SlurmView,
  munge: UserLook,
): Promise<MungeFacts> {
  const socket = socketOf(slurm);
  const [socketLook, key, roundTrip] = await Promise.all([
    lookAt(machine, socket),
    lookAt(machine, KEY),
    tripThere(machine, socket),
  ]);
  const authType = settingOf(slurm.settings, "AuthType");
  return {
    ...(authType !== undefined && { authType }),
    socket: socketLook,
    key,
    roundTrip,
    ...("uid" in munge && { uid: munge.uid }),
    slurmctld: { ...(slurm.trouble && { trouble: slurm.trouble }) },
  };
}

/** slurm.conf may name the socket: https://slurm.schedmd.com/slurm.conf.html#OPT_AuthInfo */
export function socketOf({ settings }: Pick<SlurmView, "settings">): string {
  return /(?:^|,)socket=([^,]+)/.exec(settingOf(settings, "AuthInfo") ?? "")?.[1] ?? SOCKET;
}

async function tripThere(machine: Machine, socket: string): Promise<RoundTrip> {
  const made = await makeCredential(machine, socket);
  if (made.kind !== "ended") return made;
  if (made.code !== 0) return { kind: "failed", words: wordsOf(made) };
  const read = await readCredential(machine, socket, made.stdout);
  if (read.kind !== "ended") return read;
  return read.code === 0 ? { kind: "ok" } : { kind: "failed", words: wordsOf(read) };
}

function wordsOf({ stdout, stderr }: Ran & { readonly kind: "ended" }): string {
  return (stderr.trim() || /^STATUS:\s*(.*)$/m.exec(stdout)?.[1] || "no words").replace(
    /^(?:un)?munge: Error: /,
    "",
  );
}

/** A fresh credential of this user's without content, for another machine to read. */
export function makeCredential(machine: Machine, socket: string): Promise<Ran> {
  return machine.run(["munge", "--no-input", `--socket=${socket}`]);
}

/** What munged says of a credential. */
export function readCredential(machine: Machine, socket: string, credential: string): Promise<Ran> {
  return machine.run(["unmunge", `--socket=${socket}`], { input: credential });
}
