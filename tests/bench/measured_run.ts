/** What one whole process took. Seconds and MiB. */
export interface MeasuredRun {
  readonly wall: number;
  /** User and system time of the process itself. */
  readonly cpu: number;
  /** Largest resident set. */
  readonly peakMiB: number;
  readonly code: number;
}

/** Clock ticks a second in /proc/PID/stat: 100 on every Linux that Deno runs on (getconf CLK_TCK). */
const TICKS = 100;

/** Milliseconds between two looks at /proc; what happens after the last look is not seen. */
const POLL = 4;

/** Runs a program to its end and reads what it took from /proc/PID (Linux). Output is thrown away. */
export async function measuredRun(
  argv: readonly string[],
  env: Record<string, string> = {},
): Promise<MeasuredRun> {
  const started = performance.now();
  const child = new Deno.Command(argv[0]!, { args: argv.slice(1), env, stdout: "null", stderr: "null" })
    .spawn();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  let cpu = 0;
  let peakMiB = 0;
  while (!ended) {
    try {
      const stat = Deno.readTextFileSync(`/proc/${child.pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      cpu = Math.max(cpu, (Number(fields[11]) + Number(fields[12])) / TICKS);
      const peak = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${child.pid}/status`));
      peakMiB = Math.max(peakMiB, Number(peak?.[1] ?? 0) / 1024);
    } catch { /* it has just ended */ }
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  const { code } = await status;
  return { wall: (performance.now() - started) / 1000, cpu, peakMiB, code };
}
