import { assert, assertEquals, assertMatch } from "@std/assert";
import { COMMON_FLAGS } from "../../../commands/base/command.ts";
import { completionCommand, makeCompletion } from "../../../commands/completion/completion.ts";
import { payload } from "../../../commands/install/payload.ts";
import { loadCommands } from "../../../commands/registry.ts";
import { SUPPORTED_VERSIONS } from "../../../lib/slurm_conf/versions.ts";
import { RULES } from "../../../lib/slurm_conf/rules/mod.ts";
import { missingPrograms, testWhere } from "../../test_where.ts";
import { runFake } from "../fake_host.ts";

const SCRIPT = await makeCompletion(loadCommands);
const completion = completionCommand(loadCommands);

/** What pressing Tab at the end of each of these lines offers, in a directory with two files and a directory. */
async function complete(lines: readonly (readonly string[])[]): Promise<string[][]> {
  const directory = await Deno.makeTempDir({ prefix: "slurm-ec2-completion-" });
  try {
    await Deno.writeTextFile(`${directory}/slurm.conf`, "");
    await Deno.writeTextFile(`${directory}/with blank.yaml`, "");
    await Deno.mkdir(`${directory}/rendered`);
    await Deno.writeTextFile(`${directory}/completion`, SCRIPT);
    const asked = lines.map((words) =>
      `COMP_WORDS=(slurm-ec2 ${
        words.map((word) => `'${word}'`).join(" ")
      }); COMP_CWORD=${words.length}; _slurm_ec2\n` +
      `printf '%s\\0' "\${COMPREPLY[@]}" END`
    );
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      args: ["--norc", "-uc", ["source ./completion", ...asked].join("\n")],
      cwd: directory,
    }).output();
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
    return new TextDecoder().decode(stdout).split("END\0").slice(0, -1).map((part) =>
      part.split("\0").slice(0, -1)
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const LINES: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [["res"], ["reset", "resume", "resume-fail"]],
  [["he"], ["help"]],
  [["nonsense", ""], []],
  [["config", ""], ["init", "check", "schema", "lint", "migrate", "render", "prices"]],
  [["config", "re"], ["render"]],
  [["help", "config", "li"], ["lint"]],
  [["help", "version", ""], []],
  [["config", "lint", "--fo"], ["--format"]],
  [["config", "lint", "--format", ""], ["text", "json", "sarif", "github"]],
  [["config", "lint", "--format", "s"], ["sarif"]],
  [["config", "lint", "--format", "="], ["text", "json", "sarif", "github"]],
  [["config", "lint", "--format", "=", "s"], ["sarif"]],
  [["config", "lint", "--fix", "sl"], ["slurm.conf"]],
  [["config", "lint", "w"], ["with blank.yaml"]],
  [["config", "lint", "--slurm-version", "2"], SUPPORTED_VERSIONS],
  [
    ["config", "lint", "--explain", "PS00"],
    RULES.map(({ id }) => id).filter((id) => id.startsWith("PS00")).sort(),
  ],
  [["config", "render", "--out", "r"], ["rendered"]],
  [["config", "render", "--out", "s"], []],
  [["config", "render", "--config", "s"], ["slurm.conf"]],
  [["config", "render", "--profile", "l"], ["legacy"]],
  [["reset", "--config", "slurm.conf", ""], ["--config", "--help"]],
  [["stop", "--json", "--c"], ["--config"]],
  [["ssm", "put", "--image", ""], []],
  [["iam", "policy", "--for", ""], ["controller", "node"]],
  [["completion", ""], ["bash", "zsh"]],
];

testWhere(missingPrograms("bash"), "slurm-ec2 completion bash completes in a real bash", async () => {
  const offered = await complete(LINES.map(([words]) => words));
  for (const [index, [words, wanted]] of LINES.entries()) {
    assertEquals(offered[index], wanted, words.join(" "));
  }
});

testWhere(
  missingPrograms("bash"),
  "slurm-ec2 completion bash knows every command and every flag of it",
  async () => {
    const commands = await loadCommands();
    const offered = await complete(commands.map(({ name }) => [...name.split(" "), "--"]));
    for (const [index, command] of commands.entries()) {
      const shown = [...command.flags, ...COMMON_FLAGS].map(({ name }) => `--${name}`);
      assertEquals(offered[index], shown, command.name);
    }
    const names = new Set([...commands.map(({ name }) => name.split(" ")[0]!), "help"]);
    assertEquals((await complete([[""]]))[0], [...names].sort());
  },
);

testWhere(missingPrograms("shellcheck"), "slurm-ec2 completion bash passes shellcheck", async () => {
  const child = new Deno.Command("shellcheck", { args: ["-s", "bash", "-"], stdin: "piped", stdout: "piped" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(SCRIPT));
  await writer.close();
  const { success, stdout } = await child.output();
  assert(success, new TextDecoder().decode(stdout));
});

Deno.test("makeCompletion() has no word that bash would read as more than a word", () => {
  for (const quoted of SCRIPT.matchAll(/_slurm_ec2_words '([^']*)'/g)) {
    assert(/^[\w .:,/-]*$/.test(quoted[1]!), quoted[0]);
  }
});

Deno.test("slurm-ec2 completion zsh loads what bash's script needs there", async () => {
  const { exit, stdout } = await runFake(completion, ["zsh"]);
  assertEquals([exit, stdout], [0, `autoload -U +X bashcompinit && bashcompinit\n${SCRIPT}`]);
  assertEquals(await runFake(completion, ["bash"]).then(({ stdout }) => stdout), SCRIPT);
});

for (const args of [[], ["fish"], ["bash", "zsh"]]) {
  Deno.test(`slurm-ec2 completion ${args.join(" ")} says which shells there are`, async () => {
    const { exit, stderr } = await runFake(completion, args);
    assertEquals(exit, 2);
    assertMatch(
      stderr,
      /^Command completion (needs one shell: |takes SHELL, got .*; it takes )bash or zsh\n$/,
    );
  });
}

Deno.test("install puts the completion where bash looks next to a command's bin/", async () => {
  const files = await payload("1.0.0", { files: [{ path: "main.js" }] }, SCRIPT);
  const file = files.find(({ path }) => path === "share/bash-completion/completions/slurm-ec2");
  assertEquals(file?.content, { kind: "text", text: SCRIPT });
  assert(files.some(({ path }) => path === "bin/slurm-ec2"));
});
