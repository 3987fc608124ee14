import { assert, assertEquals } from "@std/assert";
import { commandHelp, familyHelp, overview, PLAIN_HELP } from "../../commands/help.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { RULES } from "../../lib/slurm_conf/rules/mod.ts";
import { formatted, markdownTable } from "../docs/markdown.ts";
import { ALLOWED, type FoundWord, PLAIN_WORDS, questionsIn, wordsIn } from "./plain_words.ts";

const ROOT = new URL("../../", import.meta.url);

/** Text of other people, figures and answers of daemons. */
const NOT_OURS = /^lib\/std\/|^lib\/slurm_conf\/data\/|^docs\/benchmarks\.json$/;

/** Programs, scripts, templates and pages: literals are messages, and comments are read too. */
function* files(directory: string): Generator<readonly [path: string, text: string]> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(new URL(directory, ROOT))) {
    const path = `${directory}${name}`;
    if (isDirectory) yield* files(`${path}/`);
    // The names of hooks lead to one file.
    if (isFile && !NOT_OURS.test(path)) yield [path, Deno.readTextFileSync(new URL(path, ROOT))];
  }
}

/** What every help page, command by command, says at 80 columns. */
async function helpPages(): Promise<[where: string, text: string][]> {
  const commands = await Promise.all(Object.values(REGISTRY).map(({ load }) => load()));
  const families = [...new Set(commands.map(({ name }) => name.split(" ")[0]!))];
  return [
    ["slurm-ec2 help", overview(PLAIN_HELP)],
    ...commands.map((command) => [command.name, commandHelp(command, PLAIN_HELP)] as [string, string]),
    ...families.map((family) => {
      const ofIt = commands.filter(({ name }) => name.startsWith(`${family} `));
      return [family, familyHelp(family, ofIt, PLAIN_HELP)] as [string, string];
    }),
  ];
}

const saidOf = (where: string, found: readonly FoundWord[]) =>
  found.map(({ word, around }) => `${where}: "${word}" in: ${around}`);

Deno.test("rules, help, messages, comments and pages use the plain words of CONTRIBUTING.md", async () => {
  const used = new Set<string>();
  const wrong: string[] = [];
  let seen = 0;
  const single = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "main.ts", "mod.ts", ".ci/run"].map((
    path,
  ) => [path, Deno.readTextFileSync(new URL(path, ROOT))] as const);
  for (
    const [path, text] of [
      ...["commands/", "lib/", "deploy/", "docs/", "findings/", ".github/"].flatMap((directory) => [
        ...files(directory),
      ]),
      ...single,
    ]
  ) {
    seen++;
    const isAllowed = ({ around }: FoundWord) =>
      ALLOWED.some(({ file, text }) => file === path && around.includes(text) && used.add(text));
    const body = path === "CONTRIBUTING.md" ? text.replace(TABLE, "") : text;
    wrong.push(...saidOf(path, wordsIn(body).filter((found) => !isAllowed(found))));
  }
  // What is put together when it is asked for.
  for (const { id, title, what, why, remedy } of RULES) {
    wrong.push(...saidOf(id, wordsIn([title, what, why, remedy].join("\n"))));
  }
  for (const [where, text] of await helpPages()) wrong.push(...saidOf(where, wordsIn(text)));
  assertEquals(wrong, []);
  assertEquals(ALLOWED.filter(({ text }) => !used.has(text)), [], "no longer there");
  assert(seen > 500, `${seen} files`);
});

Deno.test("help and rules ask the reader nothing", async () => {
  const asked = [
    ...(await helpPages()).map(([where, text]) => [where, questionsIn(text)] as const),
    ...RULES.map((
      { id, title, what, why, remedy },
    ) => [id, questionsIn([title, what, why, remedy].join(" "))]),
  ].filter(([, questions]) => questions!.length > 0);
  assertEquals(asked, []);
});

/** The table of CONTRIBUTING.md. */
const TABLE = /(?<=<!-- plain words -->\n\n)[^]*?(?=\n<!-- \/plain words -->)/;

Deno.test("CONTRIBUTING.md's table of words is that of the tests", async () => {
  const page = Deno.readTextFileSync(new URL("CONTRIBUTING.md", ROOT));
  const wanted = await formatted(
    markdownTable(["Not", "But"], PLAIN_WORDS.map(({ word, plain }) => [word, plain])),
  );
  const filled = page.replace(TABLE, () => wanted);
  if (Deno.env.get("UPDATE_README") === "1") Deno.writeTextFileSync(new URL("CONTRIBUTING.md", ROOT), filled);
  else assertEquals(page, filled, "run UPDATE_README=1 deno test -A tests/commands/plain_words_test.ts");
  assert(page.includes("<!-- plain words -->"), "the table is gone");
});

const PLANTED: readonly (readonly [text: string, words: readonly string[]])[] = [
  ["Mend the image, then start it anew", ["mend", "anew"]],
  ["/**\n * The file is\n * no hostlist.\n */", ["is no, is none"]],
  ['"the value is " +\n  "none of UP and DOWN"', ["is no, is none"]],
  ["# beside\n# this file, written by\n# hand", ["beside", "by hand"]],
  ["whoever owns it; whom it runs as; nobody's; so many", [
    "nobody's",
    "whom X runs as",
    "whoever",
    "so many",
  ]],
  ["There is no node; it is no longer there; there are none; side by side; untold; recommended", []],
];

for (const [text, words] of PLANTED) {
  Deno.test(`wordsIn() finds ${words.length} in ${JSON.stringify(text)}`, { permissions: "none" }, () => {
    assertEquals(wordsIn(text).map(({ word }) => word), [...words]);
  });
}

Deno.test(
  "questionsIn() finds questions, not did-you-means within a sentence",
  { permissions: "none" },
  () => {
    assertEquals(questionsIn("Who runs it? The slurm user. Why so?"), ["Who runs it?", "Why so?"]);
    assertEquals(questionsIn("a name of [a-z]? characters; answers with did you mean X"), []);
  },
);
