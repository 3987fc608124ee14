import { assertEquals } from "@std/assert";
import { firstLineResults } from "../first_line/page.ts";
import { readyLoadResults } from "../ready_load/results.ts";
import { renderBenchmarks } from "./render.ts";
import { formatted } from "./serialize.ts";

const DOCS = new URL("../../../docs/", import.meta.url);

Deno.test("renderBenchmarks() makes docs/benchmarks.md of the figures next to it", async () => {
  const results = JSON.parse(await Deno.readTextFile(new URL("benchmarks.json", DOCS)));
  const text = await Deno.readTextFile(new URL("benchmarks.md", DOCS));
  const wanted = await formatted(renderBenchmarks(results, firstLineResults(), readyLoadResults()), "md");
  assertEquals(text, wanted, "no figure is changed manually: deno task bench:peers --render");
});
