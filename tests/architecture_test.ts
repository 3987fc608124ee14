import { assert, assertEquals } from "@std/assert";
import { MAY_IMPORT } from "./layers.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const TEXT = await Deno.readTextFile(`${ROOT}docs/architecture.md`);

Deno.test("docs/architecture.md names paths that exist", () => {
  const paths = new Set(
    [...TEXT.matchAll(/(?:(?:lib|commands|deploy|tests|docs)\/[\w./-]*|\b(?:main|mod)\.ts)/g)].map(([path]) =>
      path.replace(/[.]$/, "")
    ),
  );
  assert(paths.size > 40, "the page lost its paths");
  const missing = [...paths].filter((path) => !exists(`${ROOT}${path}`));
  assertEquals(missing, []);
});

Deno.test("docs/architecture.md names files of the folder that they stand below in the picture", () => {
  const folders: Readonly<Record<string, readonly string[]>> = {
    "commands": ["registry.ts", "base/", "outputs/"],
    "commands/base": ["command.ts", "host.ts", "real_host.ts"],
    "lib/aws": ["ec2_api.ts", "ssm_api.ts", "ec2_client.ts", "ssm_client.ts", "error_codes.ts"],
    "lib/slurm": ["scontrol_api.ts", "scontrol_process.ts", "hostlist.ts", "resume_file.ts", "node_state.ts"],
  };
  const drawn = new Set([...picture().matchAll(/(?<![\w/])[a-z]\w+(?:\.ts|\/)/g)].map(([name]) => name));
  for (const [folder, names] of Object.entries(folders)) {
    for (const name of names) {
      assert(drawn.has(name), `${name} is not in the picture`);
      assert(exists(`${ROOT}${folder}/${name}`), `${folder}/${name}`);
    }
  }
});

Deno.test("docs/architecture.md draws every layer, upper ones above those that they import", () => {
  const layers = [...Deno.readDirSync(`${ROOT}lib`)].filter(({ isDirectory }) => isDirectory).map((
    { name },
  ) => `lib/${name}`);
  const lines = picture().split("\n");
  const lineOf = (layer: string) =>
    lines.findIndex((line) => new RegExp(`(?<![\\w/])${layer}(?:/|\\b)`).test(line));
  // A border between two layers is a line of its own.
  const floorOf = (layer: string) =>
    lines.slice(0, lineOf(layer)).filter((line) => line.startsWith("───")).length;
  for (const layer of ["main.ts", "commands", ...layers]) {
    assert(lineOf(layer) >= 0, `${layer} is not in the picture`);
  }
  for (const [from, targets] of Object.entries(MAY_IMPORT)) {
    if (lineOf(from) < 0) continue;
    for (const to of targets.filter((to) => lineOf(to) >= 0)) {
      assert(floorOf(from) < floorOf(to), `${from} may import ${to} and is not drawn above it`);
    }
  }
});

Deno.test("docs/architecture.md's pictures line up", () => {
  const lines = picture().trimEnd().split("\n");
  const borders = new Set(lines.filter((line) => line.startsWith("───")).map((line) => [...line].length));
  assertEquals(borders.size, 1);
  const [width] = borders;
  for (const line of lines) assert([...line].length <= width!, line);
  // What stands next to something else is separated by one line, top to bottom.
  const columns = lines.filter((line) => line.includes("│")).map((line) => [...line].indexOf("│"));
  assert(columns.length >= 4 && new Set(columns).size === 1, `${columns}`);
  const story = [...TEXT.matchAll(/^```\n([^]*?)^```/gm)][1]![1]!.trimEnd().split("\n");
  const calls = story.filter((line) => /[▲┤┘]$|│$/.test(line)).map((line) => [...line].length);
  assert(calls.length >= 8 && new Set(calls).size === 1, `${calls}`);
});

Deno.test("CONTRIBUTING.md and README.md lead to docs/architecture.md", async () => {
  for (const file of ["CONTRIBUTING.md", "README.md"]) {
    assert((await Deno.readTextFile(`${ROOT}${file}`)).includes("(docs/architecture.md)"), file);
  }
});

function picture(): string {
  return /^```\n([^]*?)^```/m.exec(TEXT)![1]!;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
