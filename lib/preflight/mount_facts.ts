import type { FileSystem } from "../config/model.ts";
import { lookAt } from "./file_facts.ts";
import type { Lookup, Machine, NotKnown } from "./machine.ts";
import { type Mount, type MountFacts, splitSource } from "./mount_checks.ts";
import { isAddress } from "./name_checks.ts";
import { resolveHere } from "./name_facts.ts";

/** Looks at every configured file system, each in processes of its own. */
export async function lookAtMounts(
  machine: Machine,
  fileSystems: readonly FileSystem[],
): Promise<readonly MountFacts[] | NotKnown> {
  // First the paths, so that an automounter mounts what it has.
  const roots = await Promise.all(fileSystems.map(({ mount }) => lookAt(machine, mount)));
  const mounts = await listMounts(machine);
  if (!Array.isArray(mounts)) return mounts as NotKnown;
  return await Promise.all(fileSystems.map(async (wanted, index) => {
    const path = wanted.mount.replace(/(?<=.)\/+$/, "");
    const mount = mounts.findLast(({ target, fstype }) => target === path && fstype !== "autofs");
    const servers = mount && await serversOf(machine, wanted, mount);
    return { wanted, root: roots[index]!, ...(mount && { mount }), ...(servers && { servers }) };
  }));
}

/** findmnt(8) reads the kernel's table: it asks no file system anything. */
async function listMounts(machine: Machine): Promise<Mount[] | NotKnown> {
  const argv = ["findmnt", "--json", "--list", "--output", "TARGET,SOURCE,FSTYPE,OPTIONS"] as const;
  const ran = await machine.run([...argv]);
  if (ran.kind !== "ended") return ran;
  try {
    return (JSON.parse(ran.stdout) as { readonly filesystems: Mount[] }).filesystems;
  } catch {
    return { kind: "missing", program: "findmnt that prints JSON (util-linux 2.27)" };
  }
}

async function serversOf(
  machine: Machine,
  wanted: FileSystem,
  mount: Mount,
): Promise<readonly [Lookup, Lookup] | undefined> {
  const [mine, its] = [splitSource(wanted.source), splitSource(mount.source)];
  if (mine === undefined || its === undefined || mine.host === its.host) return undefined;
  const address = (host: string): Promise<Lookup> =>
    isAddress(host) ? Promise.resolve({ kind: "found", values: [host] }) : resolveHere(machine, host);
  return [await address(mine.host), await address(its.host)];
}
