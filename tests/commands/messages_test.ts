import { assert, assertEquals } from "@std/assert";
import { COMMON_FLAGS } from "../../commands/base/command.ts";
import { REGISTRY } from "../../commands/registry.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Whatever a person may read: sources with their messages, scripts, and pages. */
function* texts(directory: string): Generator<readonly [file: string, text: string]> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(`${ROOT}${directory}`)) {
    const path = `${directory}/${name}`;
    if (isDirectory && name !== "std") yield* texts(path);
    if (isFile && /\.(?:ts|md|sh)$|^[a-z-]+$/.test(name)) {
      yield [path, Deno.readTextFileSync(`${ROOT}${path}`)];
    }
  }
}

Deno.test("every command line that a message, a script or a page tells has its command and its flags", async () => {
  const commands = new Map(
    await Promise.all(
      Object.entries(REGISTRY).map(async ([name, { load }]) => {
        const { flags } = await load();
        return [name, new Set([...flags, ...COMMON_FLAGS].map(({ name }) => name))] as const;
      }),
    ),
  );
  const names = [...commands.keys()].sort((a, b) => b.length - a.length).join("|");
  const told = new RegExp(`(?:slurm-ec2|deno task cli) (${names})(?![\\w-])([^\\n\`"',;#|>]*)`, "g");
  const wrong: string[] = [];
  let seen = 0;
  const pages = ["README.md", "CONTRIBUTING.md"].map((file) =>
    [file, Deno.readTextFileSync(`${ROOT}${file}`)] as const
  );
  for (
    const [file, text] of [
      ...texts("commands"),
      ...texts("lib"),
      ...texts("deploy"),
      ...texts("docs"),
      ...pages,
    ]
  ) {
    for (const [line, name, rest] of text.matchAll(told)) {
      for (const [, flag] of rest!.matchAll(/(?<![\w-])--([a-z][\w-]*)/g)) {
        seen++;
        if (!commands.get(name!)!.has(flag!)) wrong.push(`${file}: ${line}`);
      }
    }
  }
  assertEquals(wrong, []);
  assert(seen > 40, `only ${seen} flags were seen`);
});
