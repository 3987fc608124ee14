import type { Invocation } from "./measured_process.ts";

/** Programs that ran to their ends side by side: seconds since 1970, and exit statuses. */
export interface SessionRun {
  readonly started: number;
  readonly ended: number;
  readonly codes: readonly number[];
}

/** What the programs of the last run, and all that they left running, took. */
export interface SessionUsage {
  /** Seconds of user and system time. */
  readonly cpu: number;
  /** Largest resident set of any one process, since the last run began. */
  readonly peakMiB: number;
}

/** A parent for programs that leave others running, so that the kernel counts these, too. */
export interface Session {
  /** Runs programs side by side. */
  run(invocations: readonly Invocation[]): Promise<SessionRun>;
  /** Ends whatever the programs have left running. */
  end(): Promise<SessionUsage>;
  close(): Promise<void>;
}

const SESSION = new URL("./python/session.py", import.meta.url).pathname;

/** Starts a session with a Python. */
export function startSession(python: string): Session {
  const child = new Deno.Command(python, {
    args: ["-I", "-S", SESSION],
    clearEnv: true,
    cwd: "/",
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  async function ask<T>(question: unknown): Promise<T> {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`));
    while (!rest.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`${SESSION} has ended`);
      rest += value;
    }
    const line = rest.slice(0, rest.indexOf("\n"));
    rest = rest.slice(line.length + 1);
    return JSON.parse(line);
  }
  return {
    run: (invocations) => ask({ run: invocations }),
    end: () => ask({ end: true }),
    async close() {
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
}
