import { assert, assertEquals } from "@std/assert";
import { readExports, type Reading, unreadExports } from "./exports.ts";

const ROOT = new URL("../", import.meta.url);

/** Exports that only tests read, with the reason; `path#*` stands for a whole file or folder. */
const FOR_TESTS: Readonly<Record<string, string>> = {
  "lib/sim/in_memory.ts#inMemoryAws": "the simulator behind the ports, by which tests run without a network",
  "lib/slurm_conf/oracle.ts#oracleHandedOn":
    "by which a test holds NOT_HANDED_ON, which the parser needs for every release, to the daemons",
  "lib/std/*": "exports what the real packages export and we use",
};

/** What has no reader yet, since its reader is being built. */
const BEING_BUILT = [
  "lib/controller/drift.ts#drift",
  "lib/slurm_conf/oracle.ts#describeBasis",
  "lib/slurm_conf/oracle.ts#oracleHandedOn",
  "lib/store/heartbeat.ts#STUCK_AFTER",
];

function readAll(directory: string): Reading[] {
  return [...Deno.readDirSync(new URL(directory === "" ? "." : directory, ROOT))].flatMap((entry) => {
    if (entry.name.startsWith(".") || entry.name === "node_modules" || entry.name === "dist") return [];
    const path = `${directory}${entry.name}`;
    if (entry.isDirectory) return readAll(`${path}/`);
    return path.endsWith(".ts") ? [readExports(path, Deno.readTextFileSync(new URL(path, ROOT)))] : [];
  });
}

Deno.test("every export has a reader in the program, or a reason why tests alone read it", () => {
  const readings = readAll("");
  assert(readings.length > 500, `${readings.length} files`);
  const unread = unreadExports(readings).filter((key) => !key.startsWith("mod.ts#"));
  const isExcepted = (key: string, exception: string) =>
    exception.endsWith("*") ? key.startsWith(exception.slice(0, -1)) : key === exception;
  const exceptions = Object.keys(FOR_TESTS);
  assertEquals(
    unread.filter((key) => ![...exceptions, ...BEING_BUILT].some((one) => isExcepted(key, one))),
    [],
  );
  assertEquals(
    exceptions.filter((one) => !unread.some((key) => isExcepted(key, one))),
    [],
    "these exceptions are needed no longer",
  );
});

const CASES:
  readonly (readonly [what: string, sources: Readonly<Record<string, string>>, unread: readonly string[]])[] =
    [
      ["nobody imports", { "lib/a.ts": "export function a() {}" }, ["lib/a.ts#a"]],
      ["only its own file uses", { "lib/a.ts": "export const a = 1; const b = a;" }, ["lib/a.ts#a"]],
      [
        "only a test uses",
        { "lib/a.ts": "export class A {}", "tests/a_test.ts": 'import { A } from "../lib/a.ts";' },
        ["lib/a.ts#A"],
      ],
      [
        "its own file and a test use",
        {
          "lib/a.ts": "export const a = 1; const b = a;",
          "tests/a_test.ts": 'import { a } from "../lib/a.ts";',
        },
        [],
      ],
      [
        "another file imports",
        { "lib/a.ts": "export let a = 1;", "lib/b.ts": 'import { a } from "./a.ts";' },
        [],
      ],
      [
        "another file imports under another name",
        { "lib/a.ts": "export let a = 1;", "lib/b.ts": 'import { a as c } from "./a.ts";' },
        [],
      ],
      [
        "another file has a name of its own like",
        { "lib/a.ts": "export let a = 1;", "lib/b.ts": 'import { c as a } from "./a.ts";' },
        ["lib/a.ts#a"],
      ],
      ["the public library exports", {
        "lib/a.ts": "export let a = 1;",
        "mod.ts": 'export { a } from "./lib/a.ts";',
      }, []],
      ["the public library exports with all", {
        "lib/a.ts": "export let a = 1;",
        "mod.ts": 'export * from "./lib/a.ts";',
      }, []],
      [
        "a lazy import takes",
        {
          "lib/a.ts": "export let a = 1; export let b = 1;",
          "lib/b.ts": 'const { a } = await import("./a.ts");',
        },
        ["lib/a.ts#b"],
      ],
      [
        "a namespace takes",
        {
          "lib/a.ts": "export let a = 1; export let b = 1;",
          "lib/b.ts": 'import * as x from "./a.ts"; x.a;',
        },
        ["lib/a.ts#b"],
      ],
      [
        "is a type that its own file uses",
        { "lib/a.ts": "export interface A {} function a(b: A) {} a;" },
        [],
      ],
      ["is a type that nothing uses", { "lib/a.ts": "export interface A {}" }, ["lib/a.ts#A"]],
      ["only a comment names", {
        "lib/a.ts": "export let a = 1;",
        "lib/b.ts": '// import { a } from "./a.ts";',
      }, ["lib/a.ts#a"]],
    ];

for (const [what, sources, unread] of CASES) {
  Deno.test(`unreadExports() judges what ${what}`, () => {
    const readings = Object.entries(sources).map(([path, text]) => readExports(path, text));
    assertEquals(unreadExports(readings), unread);
  });
}
