import type { FileSystem } from "../../config/model.ts";
import { lookAt } from "./file_facts.ts";
import type { Lookup, Machine, Unanswered } from "./machine.ts";
import { type Mount, type MountFacts, splitSource } from "./mount_checks.ts";
import { isAddress } from "../../base/ip_address.ts";
import { resolveHere } from "./name_facts.ts";

/** Looks at every configured file system, each in processes of its own. */
export async function lookAtMounts(
  machine: Machine,
  fileSystems: readonly FileSystem[],
): Promise<readonly MountFacts[] | Unanswered> {
  // First the paths, so that an automounter mounts what it has.
  const roots = await Promise.all(fileSystems.map(({ mount }) => lookAt(machine, mount)));
  const mounts = await listMounts(machine);
  if (!Array.isArray(mounts)) return mounts as Unanswered;
  return await Promise.all(fileSystems.map(async (wanted, index) => {
    const root = roots[index]!;
    const mount = mountAt(mounts, wanted.mount) ??
      (root.kind === "there" ? mountAt(mounts, await realPath(machine, wanted.mount)) : undefined);
    const servers = mount && await serversOf(machine, wanted, mount);
    return { wanted, root, ...(mount && { mount }), ...(servers && { servers }) };
  }));
}

/** What lies on top there; an automounter's own entry does not count. */
function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  const plain = path.replace(/(?<=.)\/+$/, "");
  return mounts.findLast(({ target, fstype }) => target === plain && fstype !== "autofs");
}

/** The kernel's table has no links in it. */
async function realPath(machine: Machine, path: string): Promise<string> {
  const ran = await machine.run(["realpath", "--", path]);
  return ran.kind === "ended" && ran.code === 0 ? ran.stdout.trim() : path;
}

/** findmnt(8) reads the kernel's table: it asks no file system anything. */
async function listMounts(machine: Machine): Promise<Mount[] | Unanswered> {
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
