import { filePath } from "../base/file_path.ts";
import { InstallError } from "./disk_problem.ts";
import { type ReleaseFile, textFile } from "./release.ts";
import { copiedFile } from "./run.ts";

/** The program that a release gets. */
export type Program =
  /** Made from the sources that run now, by the Deno that runs them. */
  | { readonly kind: "sources" }
  /** A directory as deploy/hooks/prepare makes it: main.js with its parts, and deno. */
  | { readonly kind: "bundle"; readonly directory: string }
  /** What a portable file extracted: its directory, and what each file must be (SHA-256), with its own launcher. */
  | {
    readonly kind: "extracted";
    readonly directory: string;
    readonly sums: Readonly<Record<string, string>>;
    /** The portable file, or the launcher that an installation has of it. */
    readonly launcher: string;
  }
  /** One file with Deno in it, as `deno task compile` makes it. */
  | { readonly kind: "file"; readonly path: string };

/** A program's files in a release. */
export interface ProgramFiles {
  readonly version: string;
  readonly files: readonly ReleaseFile[];
}

const CHECKOUT = filePath(new URL("../../", import.meta.url));

/** The single file that `deno task compile` put into the checkout that runs now, where there is one. */
export function compiledInCheckout(): string | undefined {
  const path = `${CHECKOUT}dist/slurm-ec2`;
  return isFile(path) ? path : undefined;
}

/** The directory of the bundle that runs now. */
export function ownBundle(): string {
  return filePath(new URL(".", Deno.mainModule)).replace(/\/$/, "");
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
      const named = await versionOf(program.path, temporary);
      const directory = extractedIn(temporary);
      // What extracts itself is extracted once, now, and hooks start as fast as from a checkout.
      const files = directory === undefined
        ? [await copiedFile("bin/slurm-ec2", 0o755, program.path)]
        : [...await bundleFiles(directory), await launcherOf(program.path)];
      return await work({ version: named, files });
    }
    if (program.kind === "extracted") {
      const files = await bundleFiles(program.directory);
      refuseChanged(files, program.sums, program.directory);
      return await work({ version, files: [...files, await launcherOf(program.launcher)] });
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

/** The one program that a portable file has extracted below a directory. */
function extractedIn(home: string): string | undefined {
  const found = [...Deno.readDirSync(home)].map(({ name }) => `${home}/${name}/app`);
  return found.find((directory) => isFile(`${directory}/main.js`));
}

/**
 * The script that a portable file begins with, with the word that the rest is there already.
 * @throws {InstallError} when a file has none.
 */
async function launcherOf(path: string): Promise<ReleaseFile> {
  const text = launcherText(await Deno.readFile(path));
  if (text === undefined) throw new InstallError(`${path} is not a portable file: name one with --program`);
  return await textFile("bin/slurm-ec2", 0o755, text);
}

/** The line that says how many bytes of a portable file are its archive. */
const PAYLOAD_SIZE = /^payload_size=([0-9]+)$/m;

/** The launcher of a portable file for a place where the archive is extracted; undefined: it is not one. */
function launcherText(bytes: Uint8Array): string | undefined {
  const size = PAYLOAD_SIZE.exec(new TextDecoder("latin1").decode(bytes.subarray(0, 10_000)))?.[1];
  if (size === undefined || Number(size) > bytes.length) return undefined;
  const script = new TextDecoder().decode(bytes.subarray(0, bytes.length - Number(size)));
  return script.replace(PAYLOAD_SIZE, "payload_size=0");
}

function refuseChanged(
  files: readonly ReleaseFile[],
  sums: Readonly<Record<string, string>>,
  directory: string,
): void {
  const wrong = files.filter(({ path, sha256 }) => (sums[path] ?? sha256) !== sha256).map(({ path }) => path);
  if (wrong.length === 0) return;
  throw new InstallError(
    `${directory} is not as it was built: ${
      wrong.join(", ")
    }; start the portable file again with an empty SLURM_EC2_HOME`,
  );
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
      `The program could not be made: ${said}; name a ready one with --program, or fix that first`,
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
    `${path} is not a slurm-ec2 that runs here (in ${temporary}; TMPDIR=DIRECTORY names another place): ` +
      `asked for its version it said "${said.trim().slice(0, 300)}"`,
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
