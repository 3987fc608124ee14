import { filePath } from "../../../lib/base/file_path.ts";
import { lightChunk, onDemand } from "./light_chunk.ts";
import { stableNames } from "./stable_names.ts";

const ROOT = filePath(new URL("../../../", import.meta.url));

/** How a bundle's parts are found. */
export interface BundleOptions {
  /** What is bundled; main.ts where it is absent. */
  readonly program?: string;
  /** Whether Deno has to see all parts from `main.js`, to put them into an executable. */
  readonly isEmbedded?: boolean;
}

/**
 * Bundles a program into a new directory: `main.js` of `main.ts`, and what it loads on demand. It is done twice: once for parts
 * that can be read, which are made lighter, and once more for what the parts still need of one another, minified. Where it
 * isn't embedded it takes the permission to read that directory.
 * @throws {Error} with what Deno said.
 */
export async function bundleProgram(
  directory: string,
  { program = `${ROOT}main.ts`, isEmbedded = false }: BundleOptions = {},
): Promise<void> {
  const [parts, made] = [`${directory}.parts`, `${directory}.made`];
  const entry = program.replace(/^.*\//, "").replace(/\.ts$/, ".js");
  try {
    // Packages' own modules rather than their CommonJS, of which nothing can be left out.
    await bundle(["--frozen", "--outdir", parts, program], { DENO_CONDITIONS: "module" });
    rewrite(parts, parts, entry, lightChunk);
    await bundle(["--no-config", "--no-lock", "--minify", "--outdir", made, `${parts}/${entry}`]);
    Deno.mkdirSync(directory);
    rewrite(made, directory, entry, (text) => isEmbedded ? lightChunk(text) : onDemand(lightChunk(text)));
    for (const name of ["LICENSE", "THIRD_PARTY_NOTICES.txt"]) {
      await Deno.copyFile(ROOT + name, `${directory}/${name}`);
    }
  } finally {
    for (const path of [parts, made]) await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

async function bundle(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--code-splitting", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", RUST_BACKTRACE: "0", ...env },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).split("\nStack backtrace:")[0]!.trim());
}

/** Files of one directory, changed and under names that don't depend on where they were made, in another or the same. */
function rewrite(from: string, to: string, entry: string, change: (text: string) => string): void {
  const names = [...Deno.readDirSync(from)].map(({ name }) => name).sort();
  const files = new Map(names.map((name) => [name, change(Deno.readTextFileSync(`${from}/${name}`))]));
  if (from === to) { for (const name of names) Deno.removeSync(`${from}/${name}`); }
  for (const [name, text] of stableNames(files, entry)) Deno.writeTextFileSync(`${to}/${name}`, text);
}

if (import.meta.main) await bundleProgram(Deno.args[0]!);
