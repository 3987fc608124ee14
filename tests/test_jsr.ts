/**
 * Runs every check and test with the real @std packages from JSR instead of the stand-ins of lib/std: the same
 * deno.json without its `links`, and a lock of its own. Needs a network that reaches JSR.
 *
 *     deno task test:jsr
 */
const ROOT = new URL("../", import.meta.url).pathname;
const CONFIG = `${ROOT}deno.jsr.json`;

const { links: _, tasks: __, ...config } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
await Deno.writeTextFile(CONFIG, JSON.stringify(config, undefined, 2));
try {
  const shared = [`--config=${CONFIG}`, `--lock=${ROOT}deno.jsr.lock`];
  await run(["check", ...shared, `${ROOT}main.ts`, `${ROOT}mod.ts`, `${ROOT}tests/`]);
  await run([
    "test",
    ...shared,
    "-A",
    "--sanitize-ops",
    "--sanitize-resources",
    "--ignore=tests/lib/std",
    `${ROOT}tests/`,
  ]);
} finally {
  await Deno.remove(CONFIG);
}

async function run(args: readonly string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT }).spawn().status;
  if (code !== 0) throw new Error(`deno ${args[0]} without the stand-ins failed with exit status ${code}`);
}
