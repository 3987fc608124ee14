/**
 * `deno task bench:capacity [OTHER_CHECKOUT] [--rounds N] [--former FILE] [--offline]`: launches under EC2's token buckets,
 * with a second pool and through throttles, on a clock of its own, next to another checkout if one is named; then the
 * installed hooks next to the built file of 9139880 and to aws-parallelcluster-node, on the real clock. Prints tables,
 * and writes tests/bench/capacity.json. `--former` is that file, built unless given; `--offline` installs nothing.
 */
import { parseArgs } from "@std/cli/parse-args";
import { wallRuns } from "./peers/second_pool.ts";

const { _: [named], rounds = "5", former, offline = false } = parseArgs(Deno.args, {
  string: ["rounds", "former"],
  boolean: ["offline"],
});
const other = named?.toString();
if (!/^[1-9]\d*$/.test(rounds)) throw new Error(`--rounds needs a whole number from 1 on: "${rounds}"`);
const here = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** What came of a case. */
interface Result {
  readonly nodes: number;
  readonly bound: number;
  readonly launched: number;
  readonly calls: number;
  readonly throttled: number;
  readonly perType: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly realSeconds: number;
  readonly worst: number;
}

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
const report: Record<string, unknown> = {};
for (const name of JSON.parse(await run(here)) as string[]) {
  console.log(`\n${name}`);
  const results: Record<string, Result> = {};
  for (const tree of trees) {
    const commit = await output("git", ["rev-parse", "--short", "HEAD"], tree);
    const result: Result = JSON.parse(await run(tree, name));
    const { launched, bound, calls, throttled, seconds, perType } = result;
    console.log(
      `  ${commit}: ${launched} of ${bound} (${(launched / bound).toFixed(3)}), ${calls} calls ` +
        `(${throttled} throttled; ${JSON.stringify(perType)}), last launch after ${seconds} s`,
    );
    results[commit] = result;
  }
  report[name] = results;
}
const say = (line: string) => console.log(line);
report["on the real clock"] = await wallRuns({
  rounds: Number(rounds),
  offline,
  say,
  ...(former !== undefined && { former }),
});
await Deno.writeTextFile(
  new URL("./capacity.json", import.meta.url),
  `${JSON.stringify(report, null, 2)}\n`,
);
