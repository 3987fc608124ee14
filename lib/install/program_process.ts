import { InstallError } from "./disk_problem.ts";
import type { ReleaseFile } from "./release.ts";
import { copiedFile } from "./run.ts";

/** The program that a release gets. */
export type Program =
  /** Made from the sources that run now, by the Deno that runs them. */
  | { readonly kind: "sources" }
  /** A directory as deploy/hooks/prepare makes it: main.js with its parts, and deno. */
  | { readonly kind: "bundle"; readonly directory: string }
  /** One file with Deno in it, as `deno task compile` makes it. */
  | { readonly kind: "file"; readonly path: string };

/** A program's files in a release. */
export interface ProgramFiles {
  readonly version: string;
  readonly files: readonly ReleaseFile[];
}

const CHECKOUT = new URL("../../", import.meta.url).pathname;

/** The single file that `deno task compile` put into the checkout that runs now, where there is one. */
export function compiledInCheckout(): string | undefined {
  const path = `${CHECKOUT}dist/slurm-ec2`;
  return isFile(path) ? path : undefined;
}

/** The directory of the bundle that runs now. */
export function ownBundle(): string {
  return new URL(".", Deno.mainModule).pathname.replace(/\/$/, "");
}

/** What a path that the user named is. */
export function namedProgram(path: string): Program {
  const absolute = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  if (isFile(`${absolute}/main.js`)) return { kind: "bundle", directory: absolute };
  if (isFile(absolute)) return { kind: "file", path: absolute };
  throw new InstallError(
    `No program at ${path}: name a file made by deno task compile, or a directory made by deploy/hooks/prepare`,
  );
}

/**
 * Finds the files of a program, made first where it is one of sources, and does something with them.
 * @throws {InstallError} when the program can't be made or doesn't run.
 */
export async function withProgram<T>(
  program: Program,
  version: string,
  work: (files: ProgramFiles) => Promise<T>,
): Promise<T> {
  const temporary = await Deno.makeTempDir({ prefix: "slurm-ec2-install-" });
  try {
    if (program.kind === "file") {
      const files = [await copiedFile("bin/slurm-ec2", 0o755, program.path)];
      return await work({ version: await versionOf(program.path, temporary), files });
    }
    if (program.kind === "sources") await bundle(temporary);
    const directory = program.kind === "sources" ? temporary : program.directory;
    return await work({ version, files: await bundleFiles(directory) });
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

async function bundleFiles(directory: string): Promise<readonly ReleaseFile[]> {
  const names = [...Deno.readDirSync(directory)].filter(({ isFile, name }) => isFile && name.endsWith(".js"))
    .map(({ name }) => name);
  const deno = isFile(`${directory}/deno`) ? `${directory}/deno` : Deno.execPath();
  return await Promise.all([
    copiedFile("deno", 0o755, deno),
    ...names.map((name) => copiedFile(name, 0o644, `${directory}/${name}`)),
  ]);
}

async function bundle(directory: string): Promise<void> {
  const deno = Deno.execPath();
  const { code, stderr } = await new Deno.Command(`${CHECKOUT}deploy/hooks/prepare`, {
    args: [directory],
    env: { PATH: `${deno.slice(0, deno.lastIndexOf("/"))}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}` },
    stdin: "null",
    stdout: "null",
  }).output();
  if (code !== 0) {
    const said = new TextDecoder().decode(stderr).trim();
    throw new InstallError(
      `The program could not be made: ${said}; name a ready one with --program, or mend that first`,
    );
  }
}

/** What a single file says of itself; one that extracts itself does so below a directory that is removed. */
async function versionOf(path: string, temporary: string): Promise<string> {
  let said: string;
  try {
    const { stdout, stderr } = await new Deno.Command(path, {
      args: ["version"],
      env: { SLURM_EC2_HOME: temporary },
      stdin: "null",
    }).output();
    said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  } catch (error) {
    said = (error as Error).message;
  }
  const version = /^slurm-ec2 ([0-9][0-9A-Za-z.+-]*)$/m.exec(said)?.[1];
  if (version !== undefined) return version;
  throw new InstallError(
    `${path} is no slurm-ec2: asked for its version it said "${said.trim().slice(0, 200)}"`,
  );
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
