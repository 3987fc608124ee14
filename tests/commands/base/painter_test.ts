import { assertEquals } from "@std/assert";
import { painter } from "../../../commands/base/painter.ts";

for (
  const [isTerminal, noColor, painted] of [
    [true, false, "\x1b[31mfail\x1b[39m"],
    [true, undefined, "\x1b[31mfail\x1b[39m"],
    [true, true, "fail"],
    [false, false, "fail"],
    [false, true, "fail"],
  ] as const
) {
  Deno.test(`painter() where a terminal is ${isTerminal} and NO_COLOR ${noColor}: ${JSON.stringify(painted)}`, async () => {
    const output = { write() {}, isTerminal, columns: 80 };
    const paint = await painter(noColor === undefined ? {} : { noColor }, output);
    assertEquals(paint("bad", "fail"), painted);
  });
}
