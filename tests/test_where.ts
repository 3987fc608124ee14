/** Whether missing programs are failures: on a developer's machine they only skip what needs them. */
const CI = Deno.env.get("CI") === "true";

/** What a test needs that only root has, and besides it. */
export interface RootOnly {
  readonly takesRoot: true;
  /** Why it can't run even as root. */
  readonly missing: string | undefined;
}

/**
 * What `testWhere` is given by a test that takes root. The gate runs all other tests as an ordinary user, and these as
 * root: by the end of their names.
 */
export function takesRoot(missing?: string): RootOnly {
  return { takesRoot: true, missing };
}

/** Whether root's tests have a run of their own: then nothing is said of them elsewhere. */
const APART = Deno.env.get("SLURM_EC2_TESTS") === "ordinary";

/**
 * Registers a test that needs something of the machine. Where it is missing the test is skipped and its name says
 * why; with CI=true it fails instead.
 */
export function testWhere(
  needed: string | undefined | RootOnly,
  name: string,
  fn: () => Promise<void> | void,
): void {
  const forRoot = typeof needed === "object";
  if (forRoot && APART) return;
  const missing = forRoot ? (Deno.uid() === 0 ? needed.missing : "only root may do this") : needed;
  const full = forRoot ? `${name} (as root)` : name;
  if (missing === undefined) Deno.test(full, fn);
  else if (!CI) Deno.test({ name: `${full} (skipped: ${missing})`, ignore: true, fn });
  else {
    Deno.test(full, () => {
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
