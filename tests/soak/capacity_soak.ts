import { counts, type Played } from "./capacity_soak_counts.ts";

// Plays random clusters among random shortages: capacity_soak.ts [COUNT] [FIRST_SEED] [WORKERS]; prints what came of them
// as JSON, and writes it to tests/soak/capacity.json with a COUNT of 100000; exits 1 if one ends wrong.
const [count = "100000", first = "1000001", workers = String(navigator.hardwareConcurrency)] = Deno.args;
const CHUNK = 250;
const COMMITTED = 100_000;

const began = Date.now();
const last = Number(first) + Number(count);
let next = Number(first);
const all: Played[] = [];
await Promise.all(Array.from({ length: Number(workers) }, work));
const total = counts(all);
const { stdout } = await new Deno.Command("git", { args: ["rev-parse", "HEAD"] }).output();
const report = {
  commit: new TextDecoder().decode(stdout).trim(),
  firstSeed: Number(first),
  ...total,
  seconds: Math.round((Date.now() - began) / 1_000),
};
const text = `${JSON.stringify(report, null, 2)}\n`;
console.log(text);
if (Number(count) >= COMMITTED) await Deno.writeTextFile(new URL("./capacity.json", import.meta.url), text);
if (total.wrong.length > 0) Deno.exit(1);

async function work(): Promise<void> {
  const worker = new Worker(new URL("./capacity_soak_worker.ts", import.meta.url), { type: "module" });
  while (next < last) {
    const from = next;
    next = Math.min(last, next + CHUNK);
    all.push(
      await new Promise<Played>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage({ from, to: next });
      }),
    );
    for (const { seed, problems } of all.at(-1)!.wrong) console.error(`seed ${seed}: ${problems.join("; ")}`);
  }
  worker.terminate();
}
