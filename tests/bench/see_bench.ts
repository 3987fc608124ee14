/**
 * What `why`, `cost` and `report` take on a long history: `deno task bench:see [EVENTS]` (1,000,000). The history is made
 * in a temporary directory, as the controller writes it; each command's reading runs in a process of its own, whose
 * highest memory the kernel tells. Exits 1 where a figure is beyond its goal.
 */
import { cpuUsage } from "node:process";
import type { EventBody } from "../../lib/events/event.ts";
import { costOf } from "../../lib/see/cost/cost.ts";
import { reportOf } from "../../lib/see/report/report.ts";
import { reportHtml } from "../../lib/see/report/html.ts";
import { nodeStory } from "../../lib/see/why/story.ts";
import { openStore } from "../../lib/store/open.ts";
import { openStateReader } from "../../lib/store/reader.ts";

const DAY = 86_400_000;
const END = Date.UTC(2026, 10, 30);
const FROM = END - 30 * DAY;
/** Events of one power-up of ten nodes and its end. */
const PER_ROUND = 35;
const CHUNK = 200;

/** Goals: seconds of one processor, and MiB of the report. */
const GOALS = { why: 0.2, cost: 2, report: 5, memory: 200 };

/** One power-up of ten nodes, and how it ended. */
function round(n: number, at: number): EventBody[] {
  const nodes = Array.from({ length: 10 }, (_, i) => `c${(n * 10 + i) % 5000}`);
  const ids = nodes.map((_, i) => `i-${(n * 10 + i).toString(16).padStart(17, "0")}`);
  const token = `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
  const place = { instanceType: `c7i.${n % 3}xlarge`, capacityType: "on-demand", imageId: `ami-${n % 2}` };
  const lifetime = (i: number) => ({
    ...{ kind: "lifetime" as const, instanceId: ids[i]!, node: nodes[i]!, nodeGroup: `g${n % 7}`, ...place },
    ...{ availabilityZone: `us-east-1${"abc"[n % 3]}`, began: at },
  });
  const up = (i: number) => at + (40 + (n * 7 + i) % 90) * 1000;
  const launch = {
    nodes: nodes.join(","),
    nodeGroup: `g${n % 7}`,
    subnetId: `subnet-${n % 3}`,
    clientToken: token,
  };
  return [
    { kind: "asked", hook: "resume", nodes: nodes.join(","), jobs: [n] },
    { kind: "launch", ...launch, ...place },
    n % 11 === 0
      ? {
        kind: "refused",
        clientToken: token,
        code: "InsufficientInstanceCapacity",
        message: "no",
        milliseconds: 700,
      }
      : { kind: "launched", clientToken: token, asked: 10, got: 10, milliseconds: 900 },
    ...ids.map((_, i) => lifetime(i)),
    ...ids.map((_, i) => ({ ...lifetime(i), up: up(i) })),
    ...ids.map((_, i) => ({ ...lifetime(i), up: up(i), ended: at + 3_600_000, why: "stop" })),
    { kind: "ended", action: "terminate", instanceIds: ids, why: "stop" },
    { kind: "done", hook: "resume", verdicts: { assigned: 10 }, calls: {}, milliseconds: 1200 },
  ];
}

function makeHistory(dir: string, events: number): void {
  let wall = FROM;
  const { store } = openStore({
    ...{ dir, cluster: "bench", run: "bench", elapsed: () => performance.now(), wall: () => wall },
    machine: { uptime: undefined, bootId: undefined, wall },
    say: (sentence) => console.error(sentence),
  });
  const rounds = Math.ceil(events / PER_ROUND);
  for (let n = 0; n < rounds; n += CHUNK) {
    wall = FROM + (n / rounds) * 30 * DAY;
    const some = Array.from({ length: Math.min(CHUNK, rounds - n) }, (_, i) => round(n + i, wall)).flat();
    store.commit(store.load(), some);
  }
  store.close();
}

const COST = {
  ...{ window: { from: FROM, to: END }, now: END, running: new Set<string>() },
  ...{ priceOf: () => 0.1785, jobs: undefined, partitionsOf: () => "p" },
};

/** What one command reads and reckons. */
const WORK: Readonly<Record<string, (dir: string) => string>> = {
  why: (dir) => `${nodeStory(opened(dir).history, "c7").length} lines`,
  cost: (dir) => `${costOf(opened(dir).history.lifetimes(FROM, END), COST, "group").total.cents} cents`,
  report: (dir) => {
    const { history } = opened(dir);
    return `${reportHtml(reportOf({ cluster: "bench", history, cost: COST, prices: "" })).length} bytes`;
  },
};

function opened(dir: string) {
  const found = openStateReader(dir, "bench");
  if (found.kind !== "open") throw new Error(found.why);
  return found.reader;
}

interface Measured {
  /** Of the processor: what else the machine does is not in it. */
  readonly seconds: number;
  /** MiB. */
  readonly memory: number;
  readonly said: string;
}

async function measure(what: string, dir: string): Promise<Measured> {
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", "--no-check", import.meta.filename!, "--measure", what, dir],
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return JSON.parse(text.decode(stdout));
}

function child(what: string, dir: string): void {
  const began = cpuUsage();
  const said = WORK[what]!(dir);
  const { user, system } = cpuUsage(began);
  const seconds = (user + system) / 1_000_000;
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1];
  console.log(JSON.stringify({ seconds, memory: Number(peak) / 1024, said }));
}

async function main(events: number): Promise<number> {
  const dir = await Deno.makeTempDir({ prefix: "slurm-ec2-bench-" });
  let bad = 0;
  try {
    const began = performance.now();
    makeHistory(dir, events);
    const { size } = await Deno.stat(`${dir}/state.db`);
    const made = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${events} events: written in ${made} s, ${(size / 1024 / 1024).toFixed(0)} MiB`);
    for (const what of ["why", "cost", "report"] as const) {
      const runs: Measured[] = [];
      for (let i = 0; i < 3; i++) runs.push(await measure(what, dir));
      const best = runs.reduce((a, b) => b.seconds < a.seconds ? b : a);
      const isBad = best.seconds > GOALS[what] || (what === "report" && best.memory > GOALS.memory);
      if (isBad) bad++;
      console.log(
        `${what.padEnd(7)} ${best.seconds.toFixed(3)} s of CPU (goal ${GOALS[what]} s), ${
          best.memory.toFixed(0)
        } MiB, ` +
          `${best.said}${isBad ? "  BEYOND ITS GOAL" : ""}`,
      );
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
  return bad;
}

if (import.meta.main) {
  const [first, what = "", dir = ""] = Deno.args;
  if (first === "--measure") child(what, dir);
  else Deno.exit(await main(Number(first ?? 1_000_000)) > 0 ? 1 : 0);
}
