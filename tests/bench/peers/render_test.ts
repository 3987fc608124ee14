import { assertEquals } from "@std/assert";
import { BENCHMARKS, benchmarksPage } from "../benchmarks_page.ts";

Deno.test("renderBenchmarks() makes docs/benchmarks.md of the figures next to it", async () => {
  const text = await Deno.readTextFile(BENCHMARKS);
  assertEquals(text, await benchmarksPage(), "no figure is changed manually: deno task bench:peers --render");
});
