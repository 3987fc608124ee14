// Builds slurm-ec2 as one executable: deno task compile [flags]; --help shows them.
import { type Build, BUILD_KEY } from "../../commands/base/build.ts";
import { CommandError, defineCommand, parseFlags, UsageError } from "../../commands/base/command.ts";
import type { Flag, Flags } from "../../commands/base/flag.ts";
import {
  effectivePermissions,
  ENVIRONMENT,
  SYSTEM_FACTS,
  USUAL_SACCTS,
  USUAL_SCONTROLS,
} from "../../commands/base/effective_permissions.ts";
import { ExitCode } from "../../commands/base/exit_code.ts";
import { commandHelp, PLAIN_HELP } from "../../commands/help.ts";
import { NO_PERMISSIONS } from "../../commands/base/permissions.ts";
import { realHost } from "../../commands/base/real_host.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { helpersOf } from "../../commands/base/restrict.ts";
import { usualHosts } from "../../commands/base/revocations.ts";
import { ProblemError } from "../../lib/base/problem.ts";
import { filePath } from "../../lib/base/file_path.ts";
import { VERSION } from "../../lib/base/version.ts";
import { decodeText } from "../../lib/config/decode.ts";
import { parseConfig } from "../../lib/config/parse.ts";
import { bundleProgram } from "./portable/bundle.ts";
import { packPortable, sha256 } from "./portable/pack.ts";

const ROOT = filePath(new URL("../../", import.meta.url));
const TARGETS = { x86_64: "x86_64-unknown-linux-gnu", aarch64: "aarch64-unknown-linux-gnu" } as const;
/** Machines that a program is built for, as `uname -m` names them. */
export type Architecture = keyof typeof TARGETS;

const FLAGS = [
  { name: "portable", summary: "A self-extracting file of Deno and the bundle, where denort can't be had" },
  {
    name: "for",
    value: "FILE",
    summary: "slurm-ec2.yaml of the site whose endpoints, proxy and programs to add",
  },
  { name: "target", value: "ARCH", summary: "x86_64 or aarch64 (this machine's)" },
  { name: "deno", value: "FILE", summary: "With --portable: the target's Deno executable (this one)" },
  {
    name: "gzip",
    value: "1-9",
    kind: "number",
    min: 1,
    max: 9,
    summary: "With --portable: how hard to compress (9)",
  },
  { name: "out", value: "FILE", summary: "Where to (dist/slurm-ec2, with --target dist/slurm-ec2-ARCH)" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

const compile = defineCommand({
  name: "compile",
  summary: "Build slurm-ec2 as one executable with no more permissions than its commands need.",
  flags: FLAGS,
  examples: [
    { command: "deno task compile", says: "dist/slurm-ec2, from Deno's own denort" },
    {
      command: "DENORT_BIN=./denort deno task compile --target aarch64",
      says: "From a denort that you have",
    },
    { command: "deno task compile --portable --for slurm-ec2.yaml", says: "Without denort, for one site" },
  ],
  permissions: NO_PERMISSIONS,
  run: async (_host, flags) => await build(readOptions(flags)),
});

/** What the flags ask for. */
interface Options {
  readonly portable: boolean;
  readonly site: string | undefined;
  readonly architecture: Architecture;
  readonly deno: string;
  readonly level: number;
  readonly out: string;
}

function readOptions(flags: Given): Options {
  const target = flags.get("target");
  const architecture = (target ?? Deno.build.arch).replace(/-unknown-linux-gnu$/, "");
  if (architecture !== "x86_64" && architecture !== "aarch64") {
    throw new UsageError(`Unknown target "${architecture}": x86_64 or aarch64`);
  }
  const portable = flags.has("portable");
  for (const name of ["deno", "gzip"] as const) {
    if (!portable && flags.get(name) !== undefined) {
      throw new UsageError(`Flag --${name} goes with --portable`);
    }
  }
  const deno = flags.get("deno");
  if (portable && deno === undefined && architecture !== Deno.build.arch) {
    throw new UsageError(
      `Flag --target ${architecture} needs that machine's Deno: --deno FILE (it is in the npm package ` +
        `@deno/linux-${architecture === "aarch64" ? "arm64" : "x64"}-glibc@${Deno.version.deno})`,
    );
  }
  return {
    portable,
    site: flags.get("for"),
    architecture,
    deno: deno ?? Deno.execPath(),
    level: flags.number.gzip ?? 9,
    out: flags.get("out") ?? `${ROOT}dist/slurm-ec2${target === undefined ? "" : `-${architecture}`}`,
  };
}

async function build(options: Options): Promise<ExitCode> {
  const additions = await siteGrants(options.site);
  await Deno.mkdir(options.out.replace(/[^/]*$/, "") || ".", { recursive: true });
  const work = await Deno.makeTempDir({ prefix: "slurm-ec2-compile-" });
  try {
    const program = `${work}/program`;
    await bundleProgram(program, { isEmbedded: !options.portable }).catch((error) => {
      throw new CommandError(`Can't bundle main.ts\nDeno said: ${error.message}`);
    });
    if (options.portable) await makePortable(options, program, additions);
    else await makeCompiled(options, program, additions);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  const sum = await sha256(options.out);
  await Deno.writeTextFile(`${options.out}.sha256`, `${sum}  ${options.out.replace(/^.*\//, "")}\n`);
  const megabytes = (Deno.statSync(options.out).size / 1e6).toFixed(1);
  console.log(
    `${options.out}: ${options.portable ? "portable file" : "compiled"}, ${megabytes} MB, sha256 ${sum}`,
  );
  return ExitCode.Done;
}

/** Hosts and programs beyond those of every build. */
async function siteGrants(file: string | undefined): Promise<Pick<Build, "net" | "run">> {
  if (file === undefined) return { net: [], run: [] };
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(file);
  } catch (error) {
    throw new UsageError(`Can't read ${file} (--for): ${error instanceof Error ? error.message : error}`);
  }
  const config = parseConfig(decodeText(bytes, file), file);
  const needs = {
    ...NO_PERMISSIONS,
    net: ["ec2", "ssm", "sts", "pricing", "quotas", "imds"],
    run: ["scontrol", "sacct", "notify"],
  } as const;
  const site = { config, configFile: file, env: (name: string) => Deno.env.get(name) };
  const credentialHelpers = await helpersOf(realHost(), site);
  const { net, run } = effectivePermissions(needs, { ...site, credentialHelpers });
  const beyond = (grant: typeof net, usual: readonly string[]) =>
    typeof grant === "string" ? [] : grant.filter((one) => !usual.includes(one));
  return { net: beyond(net, usualHosts()), run: beyond(run, [...USUAL_SCONTROLS, ...USUAL_SACCTS]) };
}

async function makePortable(
  options: Options,
  program: string,
  site: Pick<Build, "net" | "run">,
): Promise<void> {
  await Deno.copyFile(options.deno, `${program}/deno`);
  await bake(program, { kind: "portable", ...site, files: await sumsOf(program) });
  await packPortable({
    program,
    file: options.out,
    version: VERSION,
    architecture: options.architecture,
    level: options.level,
    commands: await Promise.all(Object.values(REGISTRY).map(({ load }) => load())),
    grants: allGrants(site),
  });
}

async function makeCompiled(
  { architecture, out }: Options,
  program: string,
  site: Pick<Build, "net" | "run">,
): Promise<void> {
  await bake(program, { kind: "compiled", ...site, files: {} });
  const next = "Set DENORT_BIN to one that you have, or make a portable file, which takes none: " +
    "deno task compile --portable";
  const denort = `the denort of Deno ${Deno.version.deno} for ${TARGETS[architecture]}`;
  // Under another name and renamed when it is whole: Deno overwrites no file that it has not made, a portable one say.
  const made = `${out}.new`;
  const removeMade = () => Deno.remove(made).catch(() => {});
  await removeMade();
  try {
    await deno(
      compileArguments({ architecture, out: made, main: `${program}/main.js` }, site),
      `Can't compile: deno compile takes ${denort}, from DENORT_BIN or else from dl.deno.land. ${next}`,
    );
    // Deno takes whatever executable DENORT_BIN names for one.
    if (await isProgram(made, architecture)) return await Deno.rename(made, out);
    throw new CommandError(
      `Can't compile: DENORT_BIN (${
        Deno.env.get("DENORT_BIN")
      }) is not ${denort}: what was made of it is not a slurm-ec2. ${next}`,
    );
  } finally {
    await removeMade();
  }
}

/** What `deno` is run with to compile: every grant is a list, but for the files that people name. */
export function compileArguments(
  { architecture, out, main }: {
    readonly architecture: Architecture;
    readonly out: string;
    readonly main: string;
  },
  site: Pick<Build, "net" | "run">,
): string[] {
  const { net, run, env, sys } = allGrants(site);
  return [
    ...["compile", "--quiet", "--no-check", "--no-config", "--no-lock", "--no-npm", "--no-remote"],
    ...[
      `--allow-net=${net}`,
      `--allow-run=${run}`,
      `--allow-env=${env}`,
      "--ignore-env",
      `--allow-sys=${sys}`,
    ],
    ...[
      "--allow-read",
      "--allow-write",
      "--no-prompt",
      "--v8-flags=--max-semi-space-size=1,--single-threaded,--no-incremental-marking,--no-opt",
    ],
    ...["--target", TARGETS[architecture], "--output", out, main],
  ];
}

/** ELF's number of a machine, in bytes 18 and 19 (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html). */
const ELF_MACHINES: Readonly<Record<Architecture, number>> = { x86_64: 62, aarch64: 183 };

/** Whether an executable is the target's and, where it can be asked, says that it is this slurm-ec2. */
async function isProgram(path: string, architecture: Architecture): Promise<boolean> {
  using file = await Deno.open(path);
  const head = new Uint8Array(20);
  await file.read(head);
  if (new DataView(head.buffer).getUint16(18, true) !== ELF_MACHINES[architecture]) return false;
  if (architecture !== Deno.build.arch) return true;
  const { stdout } = await new Deno.Command(path, {
    args: ["version"],
    stdin: "null",
    stderr: "null",
    signal: AbortSignal.timeout(30_000),
  }).output();
  return new TextDecoder().decode(stdout) === `slurm-ec2 ${VERSION}\n`;
}

/** What the program may be started with at most; each command gives up the rest. */
function allGrants(site: Pick<Build, "net" | "run">) {
  return {
    net: [...usualHosts().filter((host) => !["127.0.0.1", "localhost"].includes(host)), ...site.net],
    run: [...USUAL_SCONTROLS, ...USUAL_SACCTS, ...site.run],
    env: ENVIRONMENT,
    sys: SYSTEM_FACTS,
  };
}

async function sumsOf(directory: string): Promise<Record<string, string>> {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) => name !== "main.js")
    .sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await sha256(`${directory}/${name}`)] as const)),
  );
}

/** Writes into the program what it is: its first statement, so that it is there before a command runs. */
async function bake(program: string, facts: Build): Promise<void> {
  const main = `${program}/main.js`;
  const statement = `globalThis[Symbol.for(${JSON.stringify(BUILD_KEY)})]=${JSON.stringify(facts)};\n`;
  await Deno.writeTextFile(main, statement + await Deno.readTextFile(main));
}

/** @throws {CommandError} with what Deno said, after what it means. */
async function deno(args: readonly string[], meaning: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", RUST_BACKTRACE: "0" },
  }).output();
  if (success) return;
  const [said] = new TextDecoder().decode(stderr).split("\nStack backtrace:");
  throw new CommandError(`${meaning}\nDeno said: ${said!.trim()}`);
}

async function main(args: readonly string[]): Promise<ExitCode> {
  // What is built is for other users, too.
  Deno.umask(0o022);
  try {
    const flags = parseFlags(compile, args);
    if (!flags.has("help")) return await compile.run(undefined as never, flags);
    console.log(commandHelp(compile, PLAIN_HELP, "deno task"));
    return ExitCode.Done;
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof ProblemError;
    if (!isUsage && !(error instanceof CommandError)) throw error;
    console.error(`compile: ${error.message}`);
    return isUsage ? ExitCode.Usage : ExitCode.Failed;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
