import { lightChunk } from "./light_chunk.ts";
import { stableNames } from "./stable_names.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const ENTRY = "main.js";

/**
 * Bundles the program into a new directory: main.js, and what it loads on demand. It is done twice: once for parts
 * that can be read, which are made lighter, and once more for what the parts still need of one another, minified.
 * @throws {Error} with what Deno said.
 */
export async function bundleProgram(directory: string): Promise<void> {
  const [parts, made] = [`${directory}.parts`, `${directory}.made`];
  try {
    // Packages' own modules rather than their CommonJS, of which nothing can be left out.
    await bundle(["--frozen", "--outdir", parts, `${ROOT}main.ts`], { DENO_CONDITIONS: "module" });
    rewrite(parts, parts, lightChunk);
    await bundle(["--no-config", "--no-lock", "--minify", "--outdir", made, `${parts}/${ENTRY}`]);
    Deno.mkdirSync(directory);
    rewrite(made, directory, lightChunk);
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
function rewrite(from: string, to: string, change: (text: string) => string): void {
  const names = [...Deno.readDirSync(from)].map(({ name }) => name).sort();
  const files = new Map(names.map((name) => [name, change(Deno.readTextFileSync(`${from}/${name}`))]));
  if (from === to) { for (const name of names) Deno.removeSync(`${from}/${name}`); }
  for (const [name, text] of stableNames(files, ENTRY)) Deno.writeTextFileSync(`${to}/${name}`, text);
}

if (import.meta.main) await bundleProgram(Deno.args[0]!);
