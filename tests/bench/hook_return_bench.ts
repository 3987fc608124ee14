import { makeQueueSite, type Shell } from "../fixtures/queue_site.ts";

/**
 * How long slurmctld waits for a hook that writes its request down, with a resume file of 86 KB; milliseconds, one JSON
 * line a shell. On a busy machine compare minima.
 */
const RUNS = 60;

/** Bytes of the resume file of some 500 jobs. */
const RESUME_FILE = 86_000;

if (import.meta.main) {
  const sites = await Promise.all(
    (["dash", "bash"] as const).map((shell: Shell) => makeQueueSite({ shell })),
  );
  const times = sites.map((): number[] => []);
  for (const { dir } of sites) Deno.writeTextFileSync(`${dir}/resume_file`, "x".repeat(RESUME_FILE));
  // In turn, so that all meet the same machine.
  for (let run = 0; run < RUNS; run++) {
    for (const [index, site] of sites.entries()) {
      const started = performance.now();
      await site.call("resume", ["c-[0-499]"], { SLURM_RESUME_FILE: `${site.dir}/resume_file` });
      times[index]!.push(performance.now() - started);
      await site.until("the request is served", () => site.lines("served").length === run + 1);
    }
  }
  for (const [index, shell] of ["dash", "bash"].entries()) {
    const sorted = times[index]!.toSorted((a, b) => a - b);
    const milliseconds = {
      minimum: round(sorted[0]!),
      median: round(sorted[RUNS / 2]!),
      maximum: round(sorted.at(-1)!),
    };
    console.log(JSON.stringify({ shell, runs: RUNS, resumeFile: RESUME_FILE, milliseconds }));
  }
  for (const site of sites) await site[Symbol.asyncDispose]();
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
