import { assertEquals } from "@std/assert";
import type { Change } from "./base.ts";
import type { Seen } from "./daemon.ts";
import { baseLines, judge } from "./verdict.ts";

const base = baseLines({ outcome: "starts", log: ["error: always there, line 3"], shown: "" });
const change: Change = { table: "PartitionName", key: "MaxTime", value: "2h" };

function seen(outcome: Seen["outcome"], ...log: string[]): Seen {
  return { outcome, log, shown: "" };
}

const CASES: readonly (readonly [name: string, seen: Seen, outcome: string, words: string])[] = [
  ["silence", seen("starts", "error: always there, line 7", "Running as primary controller"), "accepted", ""],
  ["a complaint", seen("starts", "error: MaxTime 2h ignored"), "logged", "error: KEY VALUE ignored"],
  [
    "an end",
    seen("refuses", 'error: Bad value "2h" for MaxTime', "fatal: Unable to process configuration file"),
    "refused",
    'error: Bad value "VALUE" for KEY',
  ],
  ["the last words", seen("refuses", "error: a", "fatal: b"), "refused", "fatal: b"],
  ["an unknown host", seen("refuses", 'error: Unable to resolve "x"', "fatal: b"), "machine", "fatal: b"],
  [
    "a plugin that is not installed",
    seen("refuses", "error: Couldn't find the specified plugin name for jobcomp/mysql looking at all files"),
    "machine",
    "error: Couldn't find the specified plugin name for jobcomp/mysql looking at all files",
  ],
  [
    "a plugin that there is not",
    seen("refuses", "error: Couldn't find the specified plugin name for sched/backfil looking at all files"),
    "refused",
    "error: Couldn't find the specified plugin name for sched/backfil looking at all files",
  ],
  ["neither", seen("hangs"), "machine", ""],
];

for (const [name, one, outcome, words] of CASES) {
  Deno.test(`judge() takes ${name} for ${outcome}`, () => {
    assertEquals(judge(one, base, [change]), { outcome, words } as ReturnType<typeof judge>);
  });
}
