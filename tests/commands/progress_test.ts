import { assertEquals } from "@std/assert";
import { progressBar } from "../../commands/progress.ts";

for (
  const [what, isTerminal, quiet, total] of [
    ["where nobody watches", false, false, 10],
    ["that is to be quiet", true, true, 10],
    ["of nothing", true, false, 0],
  ] as const
) {
  Deno.test(`progressBar() ${what} prints nothing`, () => {
    const written: string[] = [];
    const bar = progressBar({ write: (text) => void written.push(text), isTerminal, columns: 80 }, {
      label: "x",
      total,
      quiet,
    });
    bar.update(5);
    bar.stop();
    assertEquals(written, []);
  });
}
