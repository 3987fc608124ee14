// Builds all files of a release: deno task release [flags]; --help shows them.
import { CommandError, defineCommand, parseFlags, UsageError } from "../../commands/base/command.ts";
import type { Flag, Flags } from "../../commands/base/flag.ts";
import { makeCompletion } from "../../commands/completion/completion.ts";
import { loadCommands } from "../../commands/registry.ts";
import { ExitCode } from "../../commands/base/exit_code.ts";
import { commandHelp, PLAIN_HELP } from "../../commands/help.ts";
import { OUTPUTS, schemaFile } from "../../commands/outputs/mod.ts";
import { jsonSchemaText } from "../../commands/outputs/output.ts";
import { NO_PERMISSIONS } from "../../commands/base/permissions.ts";
import { errorText } from "../../lib/base/error_text.ts";
import { filePath } from "../../lib/base/file_path.ts";
import { VERSION } from "../../lib/base/version.ts";
import { jsonSchemaText as configSchemaText, SCHEMA_FILE } from "../../lib/config/json_schema.ts";
import { readChangelog } from "./changelog.ts";
import { sha256 } from "./portable/pack.ts";
import { ARCHITECTURES, planRelease, type ReleaseItem } from "./release_plan.ts";

const ROOT = filePath(new URL("../../", import.meta.url));

/** As `sha256sum --check` takes it. */
const SUMS = "SHA256SUMS";

const FLAGS = [
  { name: "plan", summary: "Say what would be built and what can't be, build nothing" },
  { name: "out", value: "DIR", summary: "Where to (dist/release); what is there is replaced" },
  ...ARCHITECTURES.map((architecture) => ({
    name: `deno-${architecture}` as const,
    value: "FILE",
    summary: `Deno for ${architecture}, for its portable file (this one, on such a machine)`,
  })),
  { name: "without-programs", summary: "Build all but the programs, which take minutes" },
] as const satisfies readonly Flag[];
type Given = Flags<typeof FLAGS>;

const release = defineCommand({
  name: "release",
  summary: "Build all files of a release: programs, schemas, completion, notes, and their checksums.",
  flags: FLAGS,
  examples: [
    { command: "deno task release --plan", says: "What would be built?" },
    {
      command: "deno task release --deno-aarch64 ./deno-aarch64",
      says: "Both machines' portable files, and compiled ones where denort can be had",
    },
  ],
  notes: "The same sources and the same Deno make the same bytes, so the same SHA256SUMS.",
  exits: { [ExitCode.Partly]: "some files can't be built here; the others are whole" },
  permissions: NO_PERMISSIONS,
  run: async (_host, flags) => await runRelease(flags),
});

async function runRelease(flags: Given): Promise<ExitCode> {
  const items = planRelease({
    version: VERSION,
    machine: Deno.build.arch,
    deno: Deno.version.deno,
    denos: Object.fromEntries(
      ARCHITECTURES.flatMap((architecture) => {
        const file = flags.get(`deno-${architecture}`);
        return file === undefined ? [] : [[architecture, file]];
      }),
    ),
    programs: !flags.has("without-programs"),
    texts: await texts(),
  });
  if (flags.has("plan")) {
    for (const item of items) console.log(planLine(item));
    console.log(`build    ${SUMS}`);
    return items.some(({ kind }) => kind === "missing") ? ExitCode.Partly : ExitCode.Done;
  }
  return await build(items, (flags.get("out") ?? `${ROOT}dist/release`).replace(/(?<=.)\/+$/, ""));
}

function planLine(item: ReleaseItem): string {
  if (item.kind === "missing") return `missing  ${item.file}: ${item.why}`;
  return `build    ${item.file}${
    item.kind === "program" && item.optional ? ", where denort can be had" : ""
  }`;
}

/** The notes of this version, the schemas, the completion. */
async function texts(): Promise<Record<string, string>> {
  const changelog = readChangelog(await Deno.readTextFile(`${ROOT}CHANGELOG.md`));
  const notes = changelog.find(({ version }) => version === VERSION);
  if (notes === undefined) {
    throw new CommandError(`CHANGELOG.md says nothing of ${VERSION}: add its section, or correct deno.json`);
  }
  const schemas = Object.entries(OUTPUTS).map(([name, output]) =>
    [`schemas/${schemaFile(name)}`, jsonSchemaText(name, output)] as const
  );
  return {
    "NOTES.md": `# slurm-ec2 ${VERSION}\n\n${notes.text}\n`,
    "slurm-ec2.bash": await makeCompletion(loadCommands),
    [SCHEMA_FILE]: configSchemaText(),
    ...Object.fromEntries(schemas),
  };
}

async function build(items: readonly ReleaseItem[], directory: string): Promise<ExitCode> {
  await removeOld(directory);
  await Deno.mkdir(`${directory}/schemas`, { recursive: true });
  const built: string[] = [];
  let missing = 0;
  for (const item of items) {
    const why = await make(item, `${directory}/${item.file}`);
    if (why === undefined) built.push(item.file);
    else missing++;
    console.log(why === undefined ? `built    ${item.file}` : `missing  ${item.file}: ${why}`);
  }
  const lines = await Promise.all(
    built.sort().map(async (file) => `${await sha256(`${directory}/${file}`)}  ${file}\n`),
  );
  await Deno.writeTextFile(`${directory}/${SUMS}`, lines.join(""));
  console.log(`built    ${SUMS}\n${directory}: ${built.length + 1} files of slurm-ec2 ${VERSION}`);
  return missing === 0 ? ExitCode.Done : ExitCode.Partly;
}

/** An earlier release there is replaced; a directory of anything else is not touched. */
async function removeOld(directory: string): Promise<void> {
  try {
    const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
    if (names.length > 0 && !names.includes(SUMS)) {
      throw new CommandError(
        `${directory} holds something else than a release: name another place with --out DIR`,
      );
    }
    await Deno.remove(directory, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Makes one file; why not, where it can be done without. */
async function make(item: ReleaseItem, path: string): Promise<string | undefined> {
  if (item.kind === "missing") return item.why;
  if (item.kind === "text") return await Deno.writeTextFile(path, item.text).then(() => undefined);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", `${ROOT}deploy/build/compile.ts`, ...item.args, "--out", path],
    cwd: ROOT,
    stdout: "null",
  }).output();
  if (success) {
    // Every file's checksum is in one list.
    await Deno.remove(`${path}.sha256`);
    return undefined;
  }
  const [said = ""] = new TextDecoder().decode(stderr).trim().split("\n");
  if (!item.optional) throw new CommandError(`Can't build ${item.file}: ${said}`);
  return said;
}

async function main(args: readonly string[]): Promise<ExitCode> {
  // What is built is for other users, too.
  Deno.umask(0o022);
  try {
    const flags = parseFlags(release, args);
    if (!flags.has("help")) return await release.run(undefined as never, flags);
    console.log(commandHelp(release, PLAIN_HELP, "deno task"));
    return ExitCode.Done;
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (!isUsage && !(error instanceof CommandError)) throw error;
    console.error(`release: ${errorText(error)}`);
    return isUsage ? ExitCode.Usage : ExitCode.Failed;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
