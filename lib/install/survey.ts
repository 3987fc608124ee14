import type { Ancestor } from "./prefix.ts";
import { isReleaseName, sha256Hex, UNFINISHED } from "./release.ts";
import type { Found, Survey } from "./survey_model.ts";

/** Looks at these paths below the prefix (absolute ones as they are), and at all of every release in `lib/`. */
export async function survey(prefix: string, paths: readonly string[]): Promise<Survey> {
  const found = new Map<string, Found>();
  const look = async (path: string) => {
    const one = await lookAt(place(prefix, path));
    if (one !== undefined) found.set(path, one);
    return one;
  };
  for (const path of paths) await look(path);
  const visit = async (path: string) => {
    if ((await look(path))?.kind !== "directory") return;
    for (const name of namesIn(place(prefix, path))) await visit(`${path}/${name}`);
  };
  for (const name of namesIn(`${prefix}/lib`)) {
    if (isReleaseName(name)) await visit(`lib/${name}`);
    else if (name.startsWith(UNFINISHED)) await look(`lib/${name}`);
  }
  return found;
}

/** Where a path of a plan is. */
export function place(prefix: string, path: string): string {
  return path.startsWith("/") ? path : path === "" ? prefix : `${prefix}/${path}`;
}

async function lookAt(path: string): Promise<Found | undefined> {
  try {
    const { isFile, isDirectory, isSymlink, mode, uid } = Deno.lstatSync(path);
    const facts = { mode: (mode ?? 0) & 0o7777, uid: uid ?? 0 };
    if (isSymlink) return { kind: "link", uid: facts.uid, target: Deno.readLinkSync(path) };
    if (isDirectory) return { kind: "directory", ...facts };
    if (!isFile) return { kind: "other", uid: facts.uid };
    return { kind: "file", ...facts, sha256: await sha256Hex(await Deno.readFile(path)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return [];
    throw error;
  }
}

/** Every directory that is there on the way to what hooks are made of, the prefix's own among them, through links as they lead. */
export function ancestors(prefix: string): readonly Ancestor[] {
  const all = ["bin", "lib", "etc"].flatMap((name) => directoriesTo(`${prefix}/${name}`));
  return [...new Map(all.map((one) => [one.path, one])).values()].toSorted((a, b) =>
    a.path < b.path ? -1 : 1
  );
}

function directoriesTo(target: string): readonly Ancestor[] {
  const directories = new Map<string, Ancestor>();
  const add = (path: string) => {
    for (let at = path;; at = at.slice(0, at.lastIndexOf("/"))) {
      const { mode, uid, gid, isSymlink } = Deno.lstatSync(at === "" ? "/" : at);
      if (!isSymlink) {
        directories.set(at || "/", {
          path: at || "/",
          mode: (mode ?? 0) & 0o7777,
          uid: uid ?? 0,
          gid: gid ?? 0,
        });
      }
      if (at === "") return;
    }
  };
  for (let at = target;; at = at.slice(0, at.lastIndexOf("/"))) {
    const real = realPath(at || "/");
    if (real === undefined) continue;
    add(at);
    add(real === "/" ? "" : real);
    return [...directories.values()];
  }
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** The user who owns what this process makes. */
export async function ownUid(): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-install-" });
  try {
    return Deno.statSync(directory).uid ?? 0;
  } finally {
    await Deno.remove(directory);
  }
}
