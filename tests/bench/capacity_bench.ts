/**
 * `deno task bench:capacity [OTHER_CHECKOUT] [--rounds N] [--former FILE] [--offline]`: launches under EC2's token buckets,
 * with a second pool and through throttles, on a clock of its own, next to another checkout if one is named; then the
 * installed hooks next to the built file of 9139880 and to aws-parallelcluster-node, on the real clock. Prints tables,
 * and writes tests/bench/capacity.json and the page that is made of it. `--former` is that file, built unless given; `--offline` installs nothing.
 */
import { parseArgs } from "@std/cli/parse-args";
import { BENCHMARKS, benchmarksPage } from "./benchmarks_page.ts";
import { CAPACITY, type CapacityResults, type ClockedCase } from "./capacity/results.ts";
import { describeSystem, loadNow } from "./peers/machine.ts";
import { wallRuns } from "./peers/second_pool.ts";
import { serialized } from "./peers/serialize.ts";

const { _: [named], rounds = "5", former, offline = false } = parseArgs(Deno.args, {
  string: ["rounds", "former"],
  boolean: ["offline"],
});
const other = named?.toString();
if (!/^[1-9]\d*$/.test(rounds)) throw new Error(`--rounds needs a whole number from 1 on: "${rounds}"`);
const here = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

async function output(command: string, args: readonly string[], cwd = here): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

async function run(tree: string, ...args: readonly string[]): Promise<string> {
  const script = new URL("./capacity_bench_run.ts", import.meta.url).pathname;
  const flags = ["run", "-A", "--no-check", "--config", `${tree}/deno.json`, script, tree, ...args];
  return await output(Deno.execPath(), flags, tree);
}

const trees = [here, ...(other === undefined ? [] : [Deno.realPathSync(other)])];
const commits = new Map<string, string>();
for (const tree of trees) commits.set(tree, await output("git", ["rev-parse", "--short", "HEAD"], tree));
const [date, before] = [new Date().toISOString(), loadNow()];
const clocked: Record<string, Record<string, ClockedCase>> = {};
for (const name of JSON.parse(await run(here)) as string[]) {
  console.log(`\n${name}`);
  const found: Record<string, ClockedCase> = clocked[name] = {};
  for (const tree of trees) {
    const commit = commits.get(tree)!;
    const result: ClockedCase = JSON.parse(await run(tree, name));
    const { launched, bound, calls, throttled, seconds, perType } = result;
    console.log(
      `  ${commit}: ${launched} of ${bound} (${(launched / bound).toFixed(3)}), ${calls} calls ` +
        `(${throttled} throttled; ${JSON.stringify(perType)}), last launch after ${seconds} s`,
    );
    found[commit] = result;
  }
}
const real = await wallRuns({
  rounds: Number(rounds),
  offline,
  say: (line) => console.log(line),
  ...(former !== undefined && { former }),
});
const results: CapacityResults = {
  date,
  commit: commits.get(here)!,
  ...(trees[1] !== undefined && { other: commits.get(trees[1])! }),
  machine: { ...await describeSystem(), load: [before, loadNow()] },
  clocked,
  real,
};
await Deno.writeTextFile(CAPACITY, await serialized(results));
await Deno.writeTextFile(BENCHMARKS, await benchmarksPage());
console.error("Written: tests/bench/capacity.json, docs/benchmarks.md");
