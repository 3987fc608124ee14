/** What a program and everything that it started took. Seconds and MiB. */
export interface MeasuredTree {
  readonly wall: number;
  /** User and system time of all its processes. */
  readonly cpu: number;
  /** Largest resident set of any one of them. */
  readonly peakMiB: number;
}

/** Milliseconds between two looks at /proc; a peak after the last look is not seen. */
const POLL = 4;

/** Runs a command and writes what it and its children took, which only a shell's own builtin can tell. */
const TIMES = '"$@" >/dev/null 2>&1; code=$?; times >&3; exit $code';

/** Runs a program to its end; its output is thrown away (Linux, bash). */
export async function measuredTree(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<MeasuredTree> {
  const report = await Deno.makeTempFile();
  try {
    const started = performance.now();
    const child = new Deno.Command("bash", {
      args: ["-c", `exec 3>${report}; ${TIMES}`, "bash", ...argv],
      env: { ...env },
      stdin: "null",
    }).spawn();
    let ended = false;
    const status = child.status.finally(() => ended = true);
    let peakMiB = 0;
    while (!ended) {
      peakMiB = Math.max(peakMiB, ...peaks(child.pid));
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
    await status;
    const wall = (performance.now() - started) / 1000;
    return { wall, cpu: secondsOf(await Deno.readTextFile(report)), peakMiB };
  } finally {
    await Deno.remove(report);
  }
}

/** Peaks of a process and its descendants; none where they have just ended. */
function peaks(pid: number): number[] {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
    const own = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
    return [own, ...children.split(" ").filter(Boolean).flatMap((child) => peaks(Number(child)))];
  } catch {
    return [];
  }
}

/** The shell's times(1): its own on the first line, its children's on the second, each user and system. */
function secondsOf(times: string): number {
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].slice(2)
    .reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
