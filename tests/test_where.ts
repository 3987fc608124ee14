/** Whether missing programs are failures: on a developer's machine they only skip what needs them. */
const CI = Deno.env.get("CI") === "true";

/**
 * Registers a test that needs something of the machine. Where it is missing the test is skipped and its name says
 * why; with CI=true it fails instead.
 */
export function testWhere(missing: string | undefined, name: string, fn: () => Promise<void> | void): void {
  if (missing === undefined) Deno.test(name, fn);
  else if (!CI) Deno.test({ name: `${name} (skipped: ${missing})`, ignore: true, fn });
  else {
    Deno.test(name, () => {
      throw new Error(`Cannot run here: ${missing}`);
    });
  }
}

/** Why a test can't run without these programs, or undefined when all are in PATH. */
export function missingPrograms(...programs: readonly string[]): string | undefined {
  const directories = (Deno.env.get("PATH") ?? "").split(":");
  const missing = programs.filter((program) =>
    !directories.some((directory) => isFile(`${directory}/${program}`))
  );
  return missing.length === 0 ? undefined : `no ${missing.join(", ")} in PATH (.ci/run installs it)`;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
