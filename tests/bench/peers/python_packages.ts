/** A Python to measure with, and what is installed for it. */
export interface Python {
  readonly program: string;
  /** Package → version; null where it is missing. */
  readonly versions: Readonly<Record<string, string | null>>;
}

const VERSIONS = new URL("./python/versions.py", import.meta.url).pathname;
/** From https://github.com/aws/aws-parallelcluster-node and https://github.com/boto/boto3. */
const PACKAGES = ["boto3", "aws-parallelcluster-node"];

/**
 * The first Python that has every package: the one in PATH, or that of an environment of the bench's own below the
 * user's cache. If need be and allowed, the environment is made. Undefined: there is no Python at all.
 */
export async function findPython(
  options: { readonly install: boolean; readonly say: (line: string) => void },
): Promise<Python | undefined> {
  const own = `${cacheDirectory()}/slurm-ec2-bench/venv`;
  const found = [await look("python3"), await look(`${own}/bin/python3`)].filter((python) =>
    python !== undefined
  );
  const complete = found.find(isComplete);
  if (complete || !options.install || found.length === 0) return complete ?? found.toSorted(byPackages)[0];
  options.say(`Installing ${PACKAGES.join(" and ")} into ${own}`);
  const made = await run("python3", ["-m", "venv", "--clear", own]) &&
    await run(`${own}/bin/pip`, ["install", "--quiet", "--disable-pip-version-check", ...PACKAGES]);
  if (!made) options.say(`They can't be had: what needs them is not measured`);
  return [await look(`${own}/bin/python3`), ...found].filter((python) => python !== undefined).toSorted(
    byPackages,
  )[0];
}

function isComplete({ versions }: Python): boolean {
  return PACKAGES.every((name) => versions[name]);
}

function byPackages(a: Python, b: Python): number {
  const count = ({ versions }: Python) => PACKAGES.filter((name) => versions[name]).length;
  return count(b) - count(a);
}

function cacheDirectory(): string {
  return Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
}

async function look(program: string): Promise<Python | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args: [VERSIONS], stderr: "null" })
      .output();
    if (!success) return undefined;
    // A virtual environment is found through the link's own place, a program in PATH through PATH.
    const path = program.includes("/") ? program : await which(program);
    return { program: path, versions: JSON.parse(new TextDecoder().decode(stdout)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function which(program: string): Promise<string> {
  const args = ["-c", "import sys; print(sys.executable)"];
  const { stdout } = await new Deno.Command(program, { args }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function run(program: string, args: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(program, {
    args: [...args],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  return success;
}
