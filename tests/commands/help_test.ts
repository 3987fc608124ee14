import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Command } from "../../commands/base/command.ts";
import { commandHelp, familyHelp, overview, PLAIN_HELP } from "../../commands/help.ts";
import { NO_PERMISSIONS } from "../../commands/base/permissions.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { type Paint, PLAIN } from "../../lib/base/paint.ts";

const COMMAND: Command = {
  name: "launch",
  summary: "Launch what was asked for, and say so.",
  arguments: "NODE…",
  flags: [
    { name: "fast", summary: "Don't wait for anything that could be waited for by somebody else later on" },
    { name: "a-rather-long-name", value: "VALUE", repeat: true, summary: "Something" },
  ],
  examples: [{ command: `slurm-ec2 launch ${"x".repeat(90)}`, says: "All of it" }],
  notes: "One remark.\n  kept as it is:   x\nAnother remark.",
  exits: { 3: "some came" },
  permissions: NO_PERMISSIONS,
  run: () => Promise.resolve(0),
};

/** Shows tones, so that they can be seen. */
const marked: Paint = (tone, text) => `<${tone}>${text}</${tone}>`;

Deno.test("commandHelp() shows flags, examples, notes and exit statuses in its width", () => {
  assertEquals(
    commandHelp(COMMAND, { columns: 60, paint: PLAIN }),
    `Launch what was asked for, and say so.

Usage: slurm-ec2 launch [flags] NODE…

Flags:
  --fast                      Don't wait for anything that
                              could be waited for by
                              somebody else later on
  --a-rather-long-name VALUE…
                              Something
  --help                      Show this help

Examples:
  # All of it
  slurm-ec2 launch ${"x".repeat(90)}

Notes:
  One remark.
    kept as it is:   x
  Another remark.

Exit status:
  0  done
  1  failed; the message says what to do next
  2  the command line, or a file that it names, is wrong:
     nothing was tried
  3  some came
`,
  );
});

Deno.test("commandHelp() says how another program's command is called", () => {
  assertStringIncludes(commandHelp(COMMAND, PLAIN_HELP, "deno task"), "Usage: deno task launch [flags]");
});

Deno.test("commandHelp() paints headings and what an example is for, and nothing that is copied", () => {
  const text = commandHelp(COMMAND, { columns: 60, paint: marked });
  assertStringIncludes(text, "<bold>Flags:</bold>\n");
  assertStringIncludes(text, "  <dim># All of it</dim>\n  slurm-ec2 launch");
});

for (const columns of [40, 80, 120, 300]) {
  Deno.test(`every help keeps to ${columns} columns, but for what is to be copied`, async () => {
    const style = { columns, paint: PLAIN };
    for (const { load } of Object.values(REGISTRY)) {
      const command = await load();
      const copied = new Set(command.examples.map(({ command }) => `  ${command}`));
      for (const line of commandHelp(command, style).split("\n")) {
        // Words that are longer than their column can't be broken.
        const fits = line.length <= Math.min(100, Math.max(columns, 50));
        const isOneWord = /^ *\S+(?: \S+)?$/.test(line) || /^ {2}(?:# |--|Usage:)/.test(line);
        assert(fits || isOneWord || copied.has(line) || line.startsWith("    "), `${command.name}: ${line}`);
      }
    }
  });
}

Deno.test("overview() and every group fit into 80 columns and hold every command once", async () => {
  const text = overview(PLAIN_HELP);
  for (const name of Object.keys(REGISTRY)) {
    const lines = text.split("\n").filter((line) => line.startsWith(`  ${name}  `));
    assertEquals(lines.length, 1, name);
  }
  const families = new Set(
    Object.keys(REGISTRY).filter((name) => name.includes(" ")).map((name) => name.split(" ")[0]!),
  );
  const texts = await Promise.all([...families].map(async (family) => {
    const entries = Object.entries(REGISTRY).filter(([name]) => name.startsWith(`${family} `));
    const commands = await Promise.all(entries.map(([, { load }]) => load()));
    const copied = commands.flatMap(({ examples }) => examples.map(({ command }) => command));
    return familyHelp(family, commands, PLAIN_HELP).split("\n").filter((line) =>
      !copied.includes(line.trim())
    ).join("\n");
  }));
  for (const line of [text, ...texts].join("\n").split("\n")) {
    assert(line.length <= 80 || line.startsWith("slurm-ec2 0"), line);
  }
});

Deno.test("every command speaks in the one voice of the help", async () => {
  for (const { load, summary: short } of Object.values(REGISTRY)) {
    const { name, summary, flags, notes, exits, examples } = await load();
    assert(/^[A-Z].*\.$/.test(summary), `${name}: the summary is not a sentence`);
    assert(!short.endsWith("."), `${name}: the short summary ends with a period`);
    for (const flag of flags) {
      assert(
        /^[^a-z].*[^.]$|^slurm-ec2|^vCPU|^json|^text|^controller/.test(flag.summary),
        `${name} --${flag.name}`,
      );
    }
    for (const line of notes?.split("\n") ?? []) {
      assert(line.startsWith(" ") || /[.:]$|reason$/.test(line), `${name}: ${line}`);
    }
    assert(
      !/exit status \d|Exit status \d|exits \d/.test(notes ?? ""),
      `${name}: exit statuses belong to exits`,
    );
    for (const says of Object.values(exits ?? {})) {
      assert(/^[^A-Z]|^AWS/.test(says) && !says.endsWith("."), `${name}: ${says}`);
    }
    for (const { says } of examples) assert(/^[A-Z]/.test(says) && !says.endsWith("."), `${name}: ${says}`);
  }
});

Deno.test("help of every command, family and all of them fits 80 columns", async () => {
  const commands = await Promise.all(Object.values(REGISTRY).map(({ load }) => load()));
  const families = Map.groupBy(commands, ({ name }) => name.split(" ")[0]!);
  const pages = [
    overview(PLAIN_HELP),
    ...commands.map((command) => commandHelp(command, PLAIN_HELP)),
    ...[...families].map(([family, members]) => familyHelp(family, members, PLAIN_HELP)),
  ];
  assertEquals(pages.flatMap((page) => page.split("\n")).filter((line) => [...line].length > 80), []);
});

Deno.test("commandHelp() continues long examples on lines that a shell reads as the example", async () => {
  const commands = await Promise.all(Object.values(REGISTRY).map(({ load }) => load()));
  for (const command of commands) {
    const joined = commandHelp(command, PLAIN_HELP).replaceAll(/ \\\n +/g, " ");
    for (const example of command.examples) assertStringIncludes(joined, `\n  ${example.command}\n`);
  }
});
