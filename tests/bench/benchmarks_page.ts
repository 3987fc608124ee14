import { capacityResults } from "./capacity/results.ts";
import { firstLineResults } from "./first_line/page.ts";
import { renderBenchmarks } from "./peers/render.ts";
import type { Results } from "./peers/results.ts";
import { formatted } from "./peers/serialize.ts";
import { readyLoadResults } from "./ready_load/results.ts";

const DOCS = new URL("../../docs/", import.meta.url);

/** docs/benchmarks.md. */
export const BENCHMARKS = new URL("benchmarks.md", DOCS);

/** docs/benchmarks.md as the committed figures have it; `peers` in place of docs/benchmarks.json. */
export async function benchmarksPage(peers?: Results): Promise<string> {
  const results = peers ?? JSON.parse(await Deno.readTextFile(new URL("benchmarks.json", DOCS)));
  return await formatted(
    renderBenchmarks(results, {
      firstLine: firstLineResults(),
      readyLoad: readyLoadResults(),
      capacity: capacityResults(),
    }),
    "md",
  );
}
