import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** An import or a re-export of values at a file's top level; what `import()` names is loaded when it is asked for. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:([^;"]*?)\s+from\s+)?"([^"]+)"/gm;

/** Whether every name of an import is a type's. */
function isTypesOnly(names = ""): boolean {
  const list = /^\{([^}]*)\}$/s.exec(names.trim())?.[1];
  const each = list?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  return each.length > 0 && each.every((name) => name.startsWith("type "));
}

/** Everything that comes with a module when it is loaded: files below the checkout, and packages by their names. */
function loadedWith(path: string): Set<string> {
  const seen = new Set<string>([path]);
  for (const one of seen) {
    if (!one.endsWith(".ts")) continue;
    const file = new URL(one, ROOT);
    for (const [, names, from] of Deno.readTextFileSync(file).matchAll(STATIC)) {
      if (isTypesOnly(names)) continue;
      seen.add(from!.startsWith(".") ? new URL(from!, file).pathname.slice(ROOT.pathname.length) : from!);
    }
  }
  return seen;
}

/** What a start pays for although it needs none of it: 16 ms and 8 MiB for touching `process` alone. */
const COSTLY = /^(?:yaml|node:process|@aws-sdk\/.*|echarts)$/;

Deno.test("commands that read no configuration load neither YAML, process nor the SDK", () => {
  for (
    const path of [
      "main.ts",
      "commands/version.ts",
      "commands/help.ts",
      "commands/schema.ts",
      "commands/completion/completion.ts",
      "commands/config/lint.ts",
      "commands/config/schema.ts",
      "lib/slurm_conf/lint.ts",
    ]
  ) {
    assertEquals([...loadedWith(path)].filter((name) => COSTLY.test(name)), [], path);
  }
});

Deno.test("what a hook's worker starts with is without the SDK, whose place is behind import()", () => {
  const loaded = loadedWith("commands/hooks/worker.ts");
  assert(loaded.has("lib/config/parse.ts") && loaded.has("yaml"), "its configuration is YAML");
  assertEquals([...loaded].filter((name) => name.startsWith("@aws-sdk/")), []);
});
