/** A program to run: nothing of this process's environment reaches it. */
export interface Invocation {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What one process and its children took: seconds and MiB. */
export interface MeasuredProcess {
  /** Seconds since 1970. */
  readonly started: number;
  readonly wall: number;
  readonly cpu: number;
  readonly peakMiB: number;
  readonly code: number;
}

const MEASURE = new URL("./python/measure.py", import.meta.url).pathname;

/** Runs a program to its end; the kernel's own figures of it, its children included (getrusage(2)). */
export async function measuredProcess(python: string, { argv, env }: Invocation): Promise<MeasuredProcess> {
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: ["-I", "-S", MEASURE, ...argv],
    clearEnv: true,
    env,
    cwd: "/",
    stdin: "null",
  }).output();
  if (!success) throw new Error(`${argv[0]} can't be measured: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
