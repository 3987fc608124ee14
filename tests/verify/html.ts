/**
 * Verifies how a real headless Chromium, from Debian's packages, shows the page of `report --html`: light, dark and on
 * paper: `deno task verify:html [FOLDER]` keeps the pictures in FOLDER, and writes html.json next to this file. Takes root,
 * a package mirror and about a minute; nothing of it is left on the machine.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { reportHtml } from "../../lib/see/report/html.ts";
import { made, NIGHT } from "../lib/see/report/sample_report.ts";
import { firstPixel } from "./png.ts";

const SCRIPT = new URL("html.sh", import.meta.url).pathname;

/** The page's background by what the reader prefers, as lib/see/report/html.ts has it. */
const BACKGROUNDS = { light: [0xff, 0xff, 0xff], dark: [0x0d, 0x11, 0x17] } as const;

/** Shows the pages in `out` and returns the browser's version; pictures and logs are next to them then. */
async function show(out: string): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-html-" });
  try {
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      // deno-fmt-ignore
      args: ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "sh", SCRIPT, dir, out],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

if (Deno.uid() !== 0) throw new Error("a browser of its own takes root (namespaces, mounts, packages)");
const kept = Deno.args[0];
const out = kept ?? await Deno.makeTempDir({ prefix: "slurm-ec2-html-" });
await Deno.mkdir(out, { recursive: true });
const html = reportHtml(made(NIGHT));
await Deno.writeTextFile(`${out}/page.html`, html);
// The page's own policy forbids what this one asks for: were that not seen, silence would prove nothing.
const wrong = html.replace("</body>", '<img src="http://127.0.0.1:9/x.png" alt=""></body>');
await Deno.writeTextFile(`${out}/wrong.html`, wrong);
const browser = await show(out);

const messagesOf = (name: string) =>
  Deno.readTextFileSync(`${out}/${name}.log`).split("\n").filter((line) => line.includes(":CONSOLE"));
assert(messagesOf("wrong").length > 0, "the browser says nothing of a page that breaks its own policy");
const messages = ["light", "dark", "print"].flatMap(messagesOf);
assertEquals(messages, [], "the browser has something to say of the page");
for (const [name, background] of Object.entries(BACKGROUNDS)) {
  assertEquals(await firstPixel(Deno.readFileSync(`${out}/${name}.png`)), [...background], name);
}
const pdf = new TextDecoder("latin1").decode(Deno.readFileSync(`${out}/print.pdf`));
const pages = [...pdf.matchAll(/\/Type\s*\/Page\b/g)].length;
assert(pdf.startsWith("%PDF-") && pages > 0, `${pages} pages`);
assertMatch(browser, /\d+\.\d+/);

const { stdout } = await new Deno.Command("git", { args: ["rev-parse", "--short", "HEAD"] }).output();
const result = {
  date: new Date().toISOString().slice(0, 10),
  commit: new TextDecoder().decode(stdout).trim(),
  browser,
  bytes: html.length,
  consoleMessages: messages.length,
  backgrounds: BACKGROUNDS,
  printedPages: pages,
};
await Deno.writeTextFile(new URL("html.json", import.meta.url), `${JSON.stringify(result, null, 2)}\n`);
console.log(result);
if (kept === undefined) await Deno.remove(out, { recursive: true });
