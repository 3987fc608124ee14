import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { readyLoadSection } from "./page.ts";
import { parseReadyLoad, READY_LOAD, readyLoadResults } from "./results.ts";

const EXAMPLE = Deno.readTextFileSync(new URL("example.json", import.meta.url));

Deno.test("parseReadyLoad() takes what the bench writes, and nothing that lacks a figure or has another", () => {
  const example = parseReadyLoad(EXAMPLE)["24.11"]!;
  assertEquals(example.waiting.privateKilobytes, { median: 130, most: 160 });
  const { ratio: _, ...shortJobs } = example.shortJobs;
  for (
    const wrong of [
      {},
      { "24.05": example },
      { "24.11": { ...example, shortJobs } },
      { "24.11": { ...example, typed: 1 } },
      { "24.11": { ...example, quiet: "no" } },
      { "24.11": { ...example, waiting: { ...example.waiting, waiters: null } } },
    ]
  ) {
    assertThrows(() => parseReadyLoad(JSON.stringify(wrong)), Error, undefined, JSON.stringify(wrong));
  }
});

Deno.test("readyLoadResults() are those of tests/bench/ready_load.json, if there is one", () => {
  let exists = true;
  try {
    Deno.statSync(READY_LOAD);
  } catch {
    exists = false;
  }
  assertEquals(readyLoadResults() !== undefined, exists);
});

Deno.test("readyLoadSection() holds each figure against its target, and says when the machine was not quiet", () => {
  const loaded = parseReadyLoad(EXAMPLE);
  const section = readyLoadSection(loaded);
  assertMatch(section, /\*\*Not quiet\*\*: .* 3\.5 \(24\.11\)/);
  assertMatch(section, /private memory.*\| ≤ 150 kB \| 130 kB, 160 kB \| \*\*not met\*\* \|/);
  assertMatch(section, /CPU of all together in 20 s \| none \| 0\.00 s \| met \|/);
  assertMatch(section, /poller's share of a core \| ≤ 0\.10 \| 0\.07 \| met \|/);
  assertMatch(section, /30 short jobs in 100 cloud nodes.*\| ≤ 1\.1 × \| 2 s, 2\.1 s: 1\.05 × \| met \|/);
  const quiet = readyLoadSection({ "24.11": { ...loaded["24.11"]!, quiet: true } });
  assert(!/not quiet/i.test(quiet), quiet);
});
