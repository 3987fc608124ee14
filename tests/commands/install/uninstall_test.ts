import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CommandError, UsageError } from "../../../commands/base/command.ts";
import { askToPurge } from "../../../commands/install/uninstall.ts";

/** A terminal at which somebody says this, or none, and what it shows. */
function terminal(said: string | undefined) {
  const shown: string[] = [];
  const stderr = { write: (text: string) => void shown.push(text), isTerminal: true, columns: 80 };
  const ask = (question: string) => {
    shown.push(question);
    return said;
  };
  return { host: { stderr, ...(said !== undefined && { ask }) }, shown };
}

const ACTIONS = [{ kind: "remove-tree", path: "/state" }] as const;

for (const said of ["y", "Yes"]) {
  Deno.test(`askToPurge() shows what goes, and takes "${said}"`, { permissions: "none" }, () => {
    const { host, shown } = terminal(said);
    askToPurge(host, "/opt/slurm/bio", ACTIONS);
    assertStringIncludes(shown[0]!, "/state");
    assertEquals(shown.length, 2);
  });
}

for (const [said, kind, words] of [["", CommandError, "Nothing"], ["n", CommandError, "Nothing"]] as const) {
  Deno.test(`askToPurge() removes nothing at "${said}"`, { permissions: "none" }, () => {
    assertThrows(() => askToPurge(terminal(said).host, "/opt/slurm/bio", ACTIONS), kind, words);
  });
}

Deno.test("askToPurge() removes nothing where there is no terminal", { permissions: "none" }, () => {
  assertThrows(() => askToPurge(terminal(undefined).host, "/opt/slurm/bio", ACTIONS), UsageError, "--yes");
});
