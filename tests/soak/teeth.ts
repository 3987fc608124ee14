import type { Mutation } from "./controller_mutations.ts";

const ROOT = new URL("../../", import.meta.url);

/** What is broken, and what must notice. */
export interface Teeth {
  /** Folder of the sources, below the checkout. */
  readonly sources: string;
  /** Folder of their tests. */
  readonly tests: string;
  /** What the tests need besides `lib`, `deno.json` and `deno.lock`. */
  readonly parts: readonly string[];
  /** Test files that take long, the quickest first: they run after the others. */
  readonly slow: readonly string[];
  readonly mutations: readonly Mutation[];
}

/**
 * Breaks one thing at a time in a copy, and runs the tests there: each must make them fail. The process ends with 1 if a
 * break goes unnoticed, or no longer fits the source.
 * @param only Part of the names of the breaks that are tried; undefined: all
 */
export async function showTeeth(teeth: Teeth, only: string | undefined): Promise<void> {
  const copy = await makeCopy(teeth);
  let bad = 0;
  try {
    if (await fails(copy, teeth)) throw new Error("The tests fail without anything broken");
    for (const mutation of teeth.mutations) {
      if (only !== undefined && !mutation.name.includes(only)) continue;
      try {
        const found = await isFound(copy, teeth, mutation);
        if (!found) bad++;
        console.log(`${found ? "found" : "MISSED"}  ${mutation.name}`);
      } catch (error) {
        bad++;
        console.log(`STALE   ${mutation.name}: ${(error as Error).message}`);
      }
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
  console.log(bad === 0 ? "Every break is found" : `${bad} are not`);
  if (bad > 0) Deno.exit(1);
}

/** A copy of what the tests need; the caches of the original serve it too. */
async function makeCopy({ tests, parts }: Teeth): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "slurm-ec2-teeth-" });
  for (const part of ["lib", tests, ...parts, "deno.json", "deno.lock"]) {
    const to = `${copy}/${part}`;
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    const { success } = await new Deno.Command("cp", { args: ["-r", new URL(part, ROOT).pathname, to] })
      .output();
    if (!success) throw new Error(`${part} could not be copied`);
  }
  return copy;
}

/** Whether the tests of a copy fail: the quick ones first, then each slow one. */
async function fails(copy: string, { tests, slow }: Teeth): Promise<boolean> {
  const quick = [...Deno.readDirSync(`${copy}/${tests}`)].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && !slow.includes(name));
  for (const files of [quick, ...slow.map((name) => [name])]) {
    const args = ["test", "-A", "--no-check", "--fail-fast", ...files.map((name) => `${tests}/${name}`)];
    const run = new Deno.Command(Deno.execPath(), { args, cwd: copy, stdout: "null", stderr: "null" });
    if (!(await run.output()).success) return true;
  }
  return false;
}

async function isFound(copy: string, teeth: Teeth, { file, from, to }: Mutation): Promise<boolean> {
  const path = `${copy}/${teeth.sources}/${file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
  await Deno.writeTextFile(path, source.replace(from, () => to));
  try {
    return await fails(copy, teeth);
  } finally {
    await Deno.writeTextFile(path, source);
  }
}
