/** What registers a test that only root may run (tests/test_where.ts). */
const MARK = /\btakesRoot\(/;

/** Imports of other files of the tests. */
const IMPORTS = /\bfrom "(\.[^"]+\.ts)"/g;

/**
 * Test files that register tests of root's, by themselves or by a fixture that they import.
 * @param sources text by path below the checkout, of everything in `tests/`
 */
export function rootTestFiles(sources: ReadonlyMap<string, string>): string[] {
  const isMarked = (file: string): boolean => {
    // A set goes on to what is added while it is walked.
    const reached = new Set([file]);
    for (const path of reached) {
      const text = path === "tests/test_where.ts" ? "" : sources.get(path) ?? "";
      if (MARK.test(text)) return true;
      for (const [, to] of text.matchAll(IMPORTS)) {
        reached.add(new URL(to!, `file:///${path}`).pathname.slice(1));
      }
    }
    return false;
  };
  return [...sources.keys()].filter((path) => path.endsWith("_test.ts") && isMarked(path)).sort();
}

/** Every source below a folder of the checkout, by path. */
export function readSources(root: URL, directory: string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const { name, isDirectory, isFile } of Deno.readDirSync(new URL(directory, root))) {
    const path = `${directory}${name}`;
    if (isDirectory) { for (const one of readSources(root, `${path}/`)) sources.set(...one); }
    if (isFile && name.endsWith(".ts")) sources.set(path, Deno.readTextFileSync(new URL(path, root)));
  }
  return sources;
}

// `deno task test:root`: the other files need not be loaded. End-to-end tests have a task of their own.
if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  const files = rootTestFiles(readSources(root, "tests/")).filter((path) => !path.startsWith("tests/e2e/"));
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "-A", "--frozen", "--no-check", "--sanitize-ops", "--sanitize-resources"],
      ...["--filter", "(as root)", ...files],
    ],
    cwd: root,
  }).spawn().status;
  Deno.exit(code);
}
