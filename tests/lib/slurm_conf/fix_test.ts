import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fixFiles } from "../../../lib/slurm_conf/lint_files.ts";
import { parseDocument } from "../../../lib/slurm_conf/parse.ts";
import { RULES } from "../../../lib/slurm_conf/rules/mod.ts";

const LINES = [
  "Include a.conf",
  "Include ./a.conf",
  "Include b.conf",
  "KillWait=30",
  "KillWait=40",
  "ReturnToService=1",
  "ReturnToService=2",
  "SlurmctldParameters=idle_on_node_suspend",
  "SlurmctldParameters+=enable_configless",
  "SlurmctldParameters=enable_configless,idle_on_node_suspend",
  "SchedulerParameters=bf_interval=10",
  "SuspendExcNodes=n1",
  "NodeName=n1 State=CLOUD Weight=3 Weight=4",
];

type Files = ReadonlyMap<string, string>;

const text = fc.array(fc.constantFrom(...LINES), { maxLength: 6 }).map((lines) => `${lines.join("\n")}\n`);
const files: fc.Arbitrary<Files> = fc.tuple(text, text, text).map(([slurm, a, b]) => {
  const own = a.replaceAll(/^Include.*\n/gm, "");
  return new Map([["slurm.conf", slurm], ["a.conf", own], ["./a.conf", own], ["b.conf", b]]);
});

function reader(files: Files) {
  return (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return new TextEncoder().encode(text);
  };
}

/** Everything that the files set: key and word, or key and value. */
function settingsOf(files: Files): Set<string> {
  const { entries } = parseDocument("slurm.conf", reader(files));
  const settings = entries.flatMap((entry) =>
    entry.kind === "record" ? entry.settings : entry.kind === "setting" ? [entry] : []
  );
  return new Set(
    settings.flatMap(({ name, value }) => value.text.split(",").map((word) => `${name}=${word}`)),
  );
}

/** What Slurm takes of it: the last value of a key. */
function inForce(files: Files): Map<string, string> {
  const { entries } = parseDocument("slurm.conf", reader(files));
  return new Map(
    entries.flatMap((entry) => entry.kind === "setting" ? [[entry.name, entry.value.text]] : []),
  );
}

Deno.test("fixFiles() deletes no word that stands nowhere else, and changes no value in force", {
  permissions: "none",
}, () => {
  let changed = 0;
  fc.assert(
    fc.property(files, (files) => {
      const { changes } = fixFiles({ paths: ["slurm.conf"], read: reader(files), rules: RULES });
      const fixed = new Map([...files, ...changes.map(({ file, text }) => [file.path, text] as const)]);
      // One file under two names: what is written to one is read from both.
      const written = changes.filter(({ file }) => file.path.endsWith("a.conf"));
      for (const { text } of written) fixed.set("a.conf", text).set("./a.conf", text);
      assert(written.length < 2, "both names of one file are written");
      changed += changes.length;
      assertEquals(settingsOf(fixed), settingsOf(files));
      assertEquals(inForce(fixed), inForce(files));
    }),
    { numRuns: 300, seed: 12 },
  );
  assert(changed > 50, `only ${changed} files were changed`);
});
