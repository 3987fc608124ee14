/**
 * The long run of tests/lib/slurm_conf/fuzz_test.ts: `deno run tests/soak/slurm_conf_fuzz.ts [COUNT] [SEED]`, 200,000
 * inputs from a random seed by default. Ends with status 1 at the first input that fails, and names its seed.
 */
import { fuzz } from "../lib/slurm_conf/fuzz.ts";

const count = Number(Deno.args[0] ?? 200_000);
const seed = Number(Deno.args[1] ?? Math.floor(Math.random() * 2 ** 31));
const CHUNK = 10_000;

console.log(`${count} inputs from seed ${seed}`);
const start = performance.now();
for (let done = 0; done < count; done += CHUNK) {
  fuzz(Math.min(CHUNK, count - done), seed + done);
  const seconds = (performance.now() - start) / 1000;
  console.log(`${Math.min(done + CHUNK, count)} inputs, ${seconds.toFixed(0)} s`);
}
