import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseFlags, UsageError } from "../../commands/base/command.ts";
import { REGISTRY } from "../../commands/registry.ts";
import { runCommandLine } from "../../commands/run_command_line.ts";
import { fakeHost } from "./fake_host.ts";

for (const [name, { load }] of Object.entries(REGISTRY)) {
  Deno.test(`${name} refuses arguments beyond those that its help shows`, async () => {
    const command = await load();
    if (command.acceptsUnknownFlags) return;
    const { arguments: shown, argumentValues } = command;
    if (shown === undefined) {
      assertThrows(
        () => parseFlags(command, ["extra"]),
        UsageError,
        `Command ${name} takes no arguments, got "extra"`,
      );
    } else if (argumentValues !== undefined) {
      const error = assertThrows(() => parseFlags(command, [argumentValues[0]!, "extra"]), UsageError);
      assertStringIncludes(
        error.message,
        `Command ${name} takes ${shown}, got "${argumentValues[0]}" "extra"`,
      );
    } else if (!shown.includes("…")) {
      assertThrows(
        () => parseFlags(command, ["one", "extra"]),
        UsageError,
        `Command ${name} takes one argument, ${shown}, got "one" "extra"`,
      );
    }
    assert(parseFlags(command, ["--help", "extra"]).has("help"));
  });

  Deno.test(`${name} refuses values that its flags don't take, in one wording`, async () => {
    const command = await load();
    for (const flag of command.flags) {
      const start = flag.values !== undefined
        ? `Unknown value of --${flag.name}: "no such"`
        : flag.kind !== undefined
        ? `Flag --${flag.name} takes a`
        : undefined;
      if (start === undefined) continue;
      const { message } = assertThrows(() => parseFlags(command, [`--${flag.name}=no such`]), UsageError);
      assert(message.startsWith(start), message);
    }
  });
}

for (
  const line of [["version", "x"], ["demo", "extra"], ["self", "check", "x"], ["config", "check", "a", "b"]]
) {
  Deno.test(`slurm-ec2 ${line.join(" ")} says what is wrong and exits 2`, async () => {
    const printed = { stdout: "", stderr: "" };
    assertEquals(await runCommandLine(fakeHost({}, new Map(), printed), line), 2);
    assertStringIncludes(printed.stderr, `got "${line.at(-1) === "b" ? 'a" "b' : line.at(-1)}"`);
    assertEquals(printed.stdout, "");
  });
}
