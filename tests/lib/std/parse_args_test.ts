import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

/** What jsr:@std/cli 1.0.32 answers, by its source; these tests pass with it and with the stand-in. */
const CASES: readonly (readonly [args: string, expected: Record<string, unknown>])[] = [
  ["", {}],
  ["a b", { _: ["a", "b"] }],
  ["1 0x2", { _: ["1", "0x2"] }],
  ["--switch", { switch: true }],
  ["--switch a", { switch: true, _: ["a"] }],
  ["--switch=false", { switch: false }],
  ["--switch false", { switch: false }],
  ["--switch true a", { switch: true, _: ["a"] }],
  ["--text a", { text: "a" }],
  ["--text=a", { text: "a" }],
  ["--text=a=b", { text: "a=b" }],
  ["--text 1", { text: "1" }],
  ["--text=-", { text: "-" }],
  ["--text=-a", { text: "-a" }],
  ["--text", { text: "" }],
  ["--text --switch", { text: "", switch: true }],
  ["--text -", { text: "", _: ["-"] }],
  ["--text a --text b", { text: "b" }],
  ["--many a --many=b", { many: ["a", "b"] }],
  ["--many", { many: [""] }],
  ["a --text b c", { text: "b", _: ["a", "c"] }],
  ["-", { _: ["-"] }],
  ["--text a -- --text b -x", { text: "a", _: ["--text", "b", "-x"] }],
];

for (const [args, expected] of CASES) {
  Deno.test(`parseArgs() reads "${args}" as @std/cli does`, { permissions: "none" }, () => {
    const parsed = parseArgs(args === "" ? [] : args.split(" "), {
      boolean: ["switch"],
      string: ["text", "many", "_"],
      collect: ["many"],
    });
    assertEquals({ ...parsed }, { switch: false, many: [], _: [], ...expected });
  });
}

const UNKNOWN: readonly (readonly [args: string, asked: readonly string[], positional: string[]])[] = [
  ["a", ["a"], ["a"]],
  ["--new", ["--new"], []],
  ["--new a", ["--new"], []],
  ["--new=a b", ["--new=a", "b"], ["b"]],
  ["--no-switch", ["--no-switch"], []],
  ["--no-switch a", ["--no-switch"], []],
  ["--text= a", ["--text="], []],
  ["-x", ["-x"], []],
  ["-x a", ["-x"], []],
  ["--switch --text a", [], []],
];

for (const [args, asked, positional] of UNKNOWN) {
  Deno.test(`parseArgs() asks about "${args}" as @std/cli does`, { permissions: "none" }, () => {
    const seen: string[] = [];
    const parsed = parseArgs(args.split(" "), {
      boolean: ["switch"],
      string: ["text", "_"],
      unknown: (arg: string) => {
        seen.push(arg);
        return !arg.startsWith("-");
      },
    });
    assertEquals(seen, asked);
    assertEquals(parsed._, positional);
  });
}

Deno.test("parseArgs() stops at the first positional argument when asked to", { permissions: "none" }, () => {
  const options = { boolean: ["help"], string: ["_"], stopEarly: true } as const;
  assertEquals({ ...parseArgs(["--help", "lint", "--json", "-x", "a"], options) }, {
    help: true,
    _: ["lint", "--json", "-x", "a"],
  });
});

Deno.test("parseArgs() keeps what follows -- apart when asked to", { permissions: "none" }, () => {
  assertEquals({ ...parseArgs(["a", "--", "--b"], { string: ["_"], "--": true }) }, {
    _: ["a"],
    "--": ["--b"],
  });
});
