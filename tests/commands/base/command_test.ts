import { assertEquals, assertThrows } from "@std/assert";
import { parseFlags, UsageError } from "../../../commands/base/command.ts";

const HOOK = {
  name: "resume",
  flags: [{ name: "config", value: "FILE", summary: "" }, { name: "dry-run", summary: "" }],
  arguments: "FILE",
  acceptsUnknownFlags: true,
};
const COMMAND = { ...HOOK, acceptsUnknownFlags: false };

const HOOK_LINES: readonly (readonly [args: string, positional: string, config: string | undefined])[] = [
  ["c[0-3]", "c[0-3]", undefined],
  ["--new c1", "c1", undefined],
  ["--new=a --other b c1", "c1", undefined],
  ["-x c1", "c1", undefined],
  ["--config file c1", "c1", "file"],
  ["c1 --config file", "c1", "file"],
  ["--config - c1", "c1", "-"],
  ["--config=- c1", "c1", "-"],
  ["-- c1", "c1", undefined],
];

for (const [args, positional, config] of HOOK_LINES) {
  Deno.test(`parseFlags() finds the hostlist in "${args}"`, { permissions: "none" }, () => {
    const flags = parseFlags(HOOK, args.split(" "));
    assertEquals([flags.positional.at(-1), flags.get("config")], [positional, config]);
  });
}

Deno.test("parseFlags() takes a single dash as a value and as an argument", { permissions: "none" }, () => {
  const flags = parseFlags(COMMAND, ["--config", "-", "-", "--dry-run"]);
  assertEquals([flags.get("config"), flags.positional, flags.has("dry-run")], ["-", ["-"], true]);
});

Deno.test(
  "parseFlags() refuses a switch that is turned off by a flag of its own",
  { permissions: "none" },
  () => {
    assertThrows(
      () => parseFlags(COMMAND, ["--no-dry-run"]),
      UsageError,
      "Unknown flag for resume: --no-dry-run",
    );
  },
);

Deno.test("parseFlags() finds no argument where there is none", { permissions: "none" }, () => {
  assertEquals(parseFlags(HOOK, []).positional, []);
  assertEquals(parseFlags(HOOK, ["--config", "file"]).positional, []);
});
