import { assert, assertEquals } from "@std/assert";
import { EXIT_CODES } from "../commands/base/exit_code.ts";
import { REGISTRY } from "../commands/registry.ts";
import { NOT_ENFORCED, UNENFORCED } from "../lib/config/unenforced.ts";
import { firstLineHeadline, firstLineResults } from "./bench/first_line/page.ts";
import { formatted, markdownTable } from "./docs/markdown.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const README = `${ROOT}README.md`;
const MADE_BY = "made by `UPDATE_README=1 deno test -A tests/readme_test.ts`";

Deno.test("README.md lists every command with its summary and permissions, every exit status, unenforced key and what was measured", async () => {
  const text = await Deno.readTextFile(README);
  const filled = [
    ["commands", await commandTable()],
    ["exit codes", exitTable()],
    ["unenforced", unenforcedTable()],
    ["first line", `${firstLineHeadline(firstLineResults())}\n`],
  ].reduce((done, [what, table]) => fill(done, what!, table!), text);
  const wanted = await formatted(filled);
  if (Deno.env.get("UPDATE_README") === "1") await Deno.writeTextFile(README, wanted);
  else assertEquals(text, wanted, "run UPDATE_README=1 deno test -A tests/readme_test.ts");
});

/** The text with one of its tables made from the program. */
function fill(text: string, what: string, table: string): string {
  const end = `<!-- /${what} -->`;
  const [before, rest] = text.split(new RegExp(`<!-- ${what}: .*\\n`)) as [string, string];
  return `${before}<!-- ${what}: ${MADE_BY} -->\n\n${table}\n${rest.slice(rest.indexOf(end))}`;
}

/** What every exit status means; a command's help says more. */
function exitTable(): string {
  return markdownTable(["Exit", "Means"], Object.entries(EXIT_CODES));
}

/** What slurm-ec2.yaml accepts and nothing obeys yet. */
function unenforcedTable(): string {
  if (UNENFORCED.length === 0) return "Every key of `slurm-ec2.yaml` is enforced.\n";
  const rows = UNENFORCED.map(({ key, instead }) => [key, instead]);
  return markdownTable([`Accepted, but ${NOT_ENFORCED}`, "What happens"], rows);
}

async function commandTable(): Promise<string> {
  const commands = await Promise.all(Object.values(REGISTRY).map(({ load }) => load()));
  const rows = commands.map((command) => {
    const usage = `\`${command.name}${command.arguments ? ` ${command.arguments}` : ""}\``;
    const { net, run, write } = command.permissions;
    return [usage, command.summary.replace(/\.$/, ""), list(net), list(run), list(write)];
  });
  return markdownTable(["Command", "What it does", "Network", "Runs", "Writes"], rows);
}

function list(words: readonly string[]): string {
  return words.length === 0 ? "–" : words.join(", ");
}

/** Commands of the README that are not run here: which test does instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "npx -y deno@2.9 task demo --slurm": "takes Slurm and root: tests/e2e/power_test.ts runs such jobs",
  "npx -y deno@2.9 task test": "this is it; .ci/run calls it by these very words",
};

Deno.test("README.md's commands work in its order", async () => {
  const blocks = [...(await Deno.readTextFile(README)).matchAll(/^```sh\n(.*?)^```/gms)].map((match) =>
    match[1]!
  );
  const commands = blocks.flatMap((block) => block.trim().split("\n"));
  assert(commands.length >= 8, "the README lost its commands");
  assertEquals(commands[1], "npx -y deno@2.9 task demo --slurm");
  const site = await Deno.makeTempDir({ prefix: "slurm-ec2-readme-" });
  try {
    for (const command of commands.filter((line) => !(line in ELSEWHERE))) {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", translate(command, site)],
        cwd: site,
      }).output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assertEquals(code, 0, `${command}\n${said}`);
    }
  } finally {
    await Deno.remove(site, { recursive: true });
  }
});

/** The same command from a directory of its own, by the Deno that runs the tests. */
function translate(command: string, site: string): string {
  const deno = `'${Deno.execPath()}'`;
  return command
    .replace(/^npx -y deno@2\.9 task (\w+)/, `${deno} task --config '${ROOT}deno.json' $1`)
    .replace(/^deno task cli/, `${deno} run -A '${ROOT}main.ts'`)
    .replace(
      /^deploy\/hooks\/prepare$/,
      `PATH="$(dirname ${deno}):$PATH" '${ROOT}deploy/hooks/prepare' '${site}/hooks'`,
    );
}
