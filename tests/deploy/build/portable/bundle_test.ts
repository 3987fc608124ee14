import { assert, assertEquals } from "@std/assert";
import { REGISTRY } from "../../../../commands/registry.ts";
import { hookBundle } from "../../../fixtures/hook_bundle.ts";

/** What Deno reads before the first line of a chunk runs: all that an import, or an `import()` that it sees, names. */
function readWith(directory: string, entry: string): Set<string> {
  const seen = new Set([entry]);
  for (const name of seen) {
    const text = Deno.readTextFileSync(`${directory}/${name}`);
    for (const [, other] of text.matchAll(/\b(?:import|from)\s*\(?"\.\/([^"]+)"/g)) seen.add(other!);
  }
  return seen;
}

Deno.test("a bundle's main.js makes Deno read no command, no YAML and no SDK; each command has its parts", async () => {
  const bundle = await hookBundle();
  const all = [...Deno.readDirSync(bundle)].map(({ name }) => name);
  const read = [...readWith(bundle, "main.js")];
  const commands = all.flatMap((name) =>
    [
      ...Deno.readTextFileSync(`${bundle}/${name}`).matchAll(
        /load:async\(\)=>\(await import\(String\("\.\/([^"]+)"\)/g,
      ),
    ]
      .map(([, part]) => part!)
  );
  assert(
    new Set(commands).size >= 30,
    `${new Set(commands).size} of ${Object.keys(REGISTRY).length} commands`,
  );
  assertEquals(read.filter((name) => commands.includes(name)), []);
  const texts = (names: Iterable<string>) =>
    [...names].map((name) => Deno.readTextFileSync(`${bundle}/${name}`)).join("\n");
  assert(!texts(read).includes("RunInstances") && !texts(read).includes("YAMLParseError"));
  const resume = commands.find((name) => name.startsWith("resume-") && !name.startsWith("resume_fail"))!;
  assert(texts(readWith(bundle, resume)).includes("YAMLParseError"), resume);
  const connections = commands.find((name) => name.startsWith("connections-"))!;
  assert(texts(readWith(bundle, connections)).includes("RunInstances"), connections);
});

for (const shell of ["bash", "zsh"]) {
  Deno.test(`a bundle's completion ${shell} has every command when its permissions are what it declares`, async () => {
    const bundle = await hookBundle();
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-config",
        "--allow-read",
        "--allow-env",
        `${bundle}/main.js`,
        "completion",
        shell,
      ],
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    const script = new TextDecoder().decode(stdout);
    assertEquals(Object.keys(REGISTRY).filter((name) => !script.includes(name.split(" ")[0]!)), []);
  });
}
