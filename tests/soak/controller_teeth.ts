/**
 * Breaks the controller's rules one at a time in a copy, and runs its tests there: each broken rule must make them fail.
 * `deno task teeth:controller [PART_OF_NAME]`; exits 1 if a break goes unnoticed, or no longer fits the source.
 */
import { type Mutation, MUTATIONS } from "./controller_mutations.ts";

const ROOT = new URL("../../", import.meta.url);
const only = Deno.args[0];

/** A copy of what the tests need; the caches of the original serve it too. */
async function makeCopy(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "slurm-ec2-teeth-" });
  const parts = ["lib", "tests/fixtures", "tests/lib/controller", "tests/lib/iam", "deno.json", "deno.lock"];
  for (const part of parts) {
    const to = `${copy}/${part}`;
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    const { success } = await new Deno.Command("cp", { args: ["-r", new URL(part, ROOT).pathname, to] })
      .output();
    if (!success) throw new Error(`${part} could not be copied`);
  }
  return copy;
}

const TESTS = "tests/lib/controller/";
/** The quickest first. */
const SLOW = ["cases_test.ts", "histories_test.ts", "capacity_histories_test.ts"];

/** Whether the tests of a copy fail: the rules' own first, then the cases, then the histories. */
async function fails(copy: string): Promise<boolean> {
  const quick = [...Deno.readDirSync(`${copy}/${TESTS}`)].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && !SLOW.includes(name));
  for (const files of [quick, ...SLOW.map((name) => [name])]) {
    const args = ["test", "-A", "--no-check", "--fail-fast", ...files.map((name) => TESTS + name)];
    const run = new Deno.Command(Deno.execPath(), { args, cwd: copy, stdout: "null", stderr: "null" });
    if (!(await run.output()).success) return true;
  }
  return false;
}

async function isFound(copy: string, { file, from, to }: Mutation): Promise<boolean> {
  const path = `${copy}/lib/controller/${file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
  await Deno.writeTextFile(path, source.replace(from, () => to));
  try {
    return await fails(copy);
  } finally {
    await Deno.writeTextFile(path, source);
  }
}

const copy = await makeCopy();
let bad = 0;
try {
  if (await fails(copy)) throw new Error("The tests fail without any rule broken");
  for (const mutation of MUTATIONS) {
    if (only !== undefined && !mutation.name.includes(only)) continue;
    try {
      const found = await isFound(copy, mutation);
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
console.log(bad === 0 ? "Every broken rule is found" : `${bad} are not`);
if (bad > 0) Deno.exit(1);
