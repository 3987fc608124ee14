import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Everything that people read here. */
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  ...below("docs"),
  ...below("deploy"),
].filter((path) => path.endsWith(".md"));

/** Files below a directory, by their paths from the root. */
function below(directory: string): string[] {
  return [...Deno.readDirSync(ROOT + directory)].flatMap(({ name, isDirectory }) => {
    const path = `${directory}/${name}`;
    return isDirectory ? below(path) : [path];
  });
}

/** Paths of this repository that prose names, besides those that only exist once something was built or rendered. */
const NAMED = /^(?:commands|deploy|docs|lib|tests|\.ci)\/[\w./-]*$/;
const MADE: Readonly<Record<string, string>> = {
  "lib/slurm-ec2": "a link below an installation's prefix",
  "lib/slurm-ec2/main.js": "the same",
};

for (const document of DOCUMENTS) {
  Deno.test(`${document} links to and names what exists`, async () => {
    const text = await Deno.readTextFile(ROOT + document);
    const prose = text.replace(/^```.*?^```$/gms, "");
    const folder = document.replace(/[^/]+$/, "");
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
      .filter((target) => !/^https?:/.test(target));
    const broken: string[] = [];
    for (const target of links) {
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? document : folder + file;
      if (!exists(path)) broken.push(target);
      else if (anchor !== undefined && !(await anchors(path)).includes(anchor)) broken.push(target);
    }
    const named = [...prose.matchAll(/`([^`\s]+)`/g)].map((match) => match[1]!)
      .filter((path) => NAMED.test(path) && !(path in MADE));
    assertEquals([...broken, ...named.filter((path) => !exists(path))], []);
  });
}

Deno.test("no cell of the documents' tables begins code that another one ends", async () => {
  const rows = await Promise.all(DOCUMENTS.map(async (document) => {
    const prose = (await Deno.readTextFile(ROOT + document)).replace(/^```.*?^```$/gms, "");
    return [...prose.matchAll(/^\|.*\|$/gm)].map(([row]) => ({ document, row }));
  }));
  assert(rows.flat().length > 100, "the tables are no longer found");
  assertEquals(rows.flat().filter(({ row }) => row.split(BAR).some(isHalfCode)), []);
});

/** Within code, too, a bar that isn't escaped ends the cell, and `deno fmt` drops the cells that are then too many. */
const BAR = /(?<!\\)\|/;

function isHalfCode(cell: string): boolean {
  return (cell.match(/(?<!\\)`/g) ?? []).length % 2 === 1;
}

Deno.test("the documents that must be linked are", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  for (const document of DOCUMENTS.filter((path) => path.startsWith("docs/"))) {
    assert(readme.includes(`](${document})`), `README.md does not link to ${document}`);
  }
});

function exists(path: string): boolean {
  try {
    Deno.statSync(ROOT + path);
    return true;
  } catch {
    return false;
  }
}

/** What the headings of a document are linked by on GitHub: lower case, no punctuation, dashes for blanks. */
async function anchors(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(ROOT + path);
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-")
  );
}
