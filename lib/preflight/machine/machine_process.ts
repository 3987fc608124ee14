import { readText } from "../../base/read_text.ts";
import { SYSTEM_PATH } from "../../base/system_path.ts";
import { within } from "../../base/within.ts";
import type { Clock, Connection, Machine, Ran, RunOptions, Unanswered } from "./machine.ts";
import { askResolver } from "./resolver_client.ts";

/** Seconds for a program that asks the kernel or a daemon on this machine: these answer at once or not at all. */
const RUN_LIMIT = 5;
/** Seconds for a killed process to die. */
const DEATH_LIMIT = 0.5;
/** Seconds for a TCP connection: a lost first packet is sent again after one second and after three (RFC 6298). */
const CONNECT_LIMIT = 4;
/** Seconds for an HTTP answer. */
const HTTP_LIMIT = 5;

/** The real machine. */
export function machineProcess(): Machine {
  return { run, ask: askResolver, connect, clockOf };
}

async function run(
  [program, ...args]: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<Ran> {
  const { limit = RUN_LIMIT, input, env = {} } = options;
  const child = spawn(program, args, { PATH: SYSTEM_PATH, LC_ALL: "C", ...env }, input !== undefined);
  if ("kind" in child) return child;
  const [stdout, stderr] = [child.stdout.getReader(), child.stderr.getReader()];
  const work = Promise.all([readText(stdout), readText(stderr), child.status, write(child, input)]);
  const ended = await within(limit, work);
  if (ended !== undefined) {
    return { kind: "ended", code: ended[2].code, stdout: ended[0], stderr: ended[1] };
  }
  for (const reader of [stdout, stderr]) reader.cancel().catch(() => {});
  work.catch(() => {});
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended meanwhile */ }
  // A process in uninterruptible sleep dies when its file system answers, if ever: nobody waits for that.
  if (await within(DEATH_LIMIT, child.status) === undefined) child.unref();
  return { kind: "cut", what: [program, ...args].join(" "), seconds: limit };
}

function spawn(program: string, args: string[], env: Record<string, string>, piped: boolean) {
  try {
    const stdin = piped ? "piped" as const : "null" as const;
    const options = { args, env, clearEnv: true, stdin, stdout: "piped", stderr: "piped" } as const;
    return new Deno.Command(program, options).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return denied(`run ${program}`);
    return { kind: "missing", program } as const;
  }
}

async function write(child: Deno.ChildProcess, input: string | undefined): Promise<void> {
  if (input === undefined) return;
  try {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  } catch { /* it ended without reading all: its exit status says more */ }
}

async function connect(host: string, port: number): Promise<Connection> {
  const what = `a connection to ${host}:${port}`;
  try {
    const connection = await limited(
      CONNECT_LIMIT,
      (signal) => Deno.connect({ hostname: host, port, signal }),
    );
    connection.close();
    return { kind: "open" };
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    if (error instanceof Deno.errors.NotCapable) return denied(`connect to ${host}:${port}`);
    if (isAbort(error) || code === "ETIMEDOUT") return { kind: "cut", what, seconds: CONNECT_LIMIT };
    if (error instanceof Deno.errors.ConnectionRefused) return { kind: "refused" };
    if (/lookup address|Name or service|name resolution/i.test(message)) return { kind: "unresolved" };
    return { kind: "unreachable", words: message.replace(/ \(os error \d+\)$/, "") };
  }
}

async function clockOf(url: string): Promise<Clock> {
  try {
    const began = Date.now();
    const answer = await limited(
      HTTP_LIMIT,
      (signal) => fetch(url, { method: "HEAD", redirect: "manual", signal }),
    );
    const ended = Date.now();
    await answer.body?.cancel();
    const said = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isNaN(said)) return { kind: "failed", words: "its answer has no Date header" };
    // The header has whole seconds, cut off, and was written at some moment in between.
    return {
      kind: "read",
      ahead: Math.round((began + ended) / 2 - (said + 500)),
      within: Math.round((ended - began) / 2 + 500),
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return denied(`connect to ${url}`);
    if (isAbort(error)) return { kind: "cut", what: `a request to ${url}`, seconds: HTTP_LIMIT };
    const cause = (error as { readonly cause?: unknown }).cause;
    const { message } = cause instanceof Error ? cause : error as Error;
    return {
      kind: "failed",
      words: message.replace(/^error sending request .*?: client error \(\w+\): /, ""),
    };
  }
}

function denied(what: string): Unanswered {
  return { kind: "denied", what };
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** The work with a signal that ends it when its seconds are over. */
async function limited<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), seconds * 1000);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
