import { kill } from "../../base/kill.ts";
import { readText } from "../../base/read_text.ts";
import { visible } from "../../base/visible.ts";
import { type Notice, noticeVariables } from "./message.ts";

/** How the program ended. */
export type Outcome =
  | { readonly kind: "sent" }
  /** A sentence without a final period. */
  | { readonly kind: "failed"; readonly why: string };

/** Milliseconds that the program may take. */
const TIME_LIMIT = 30_000;

/** Characters of its complaint that are kept. */
const COMPLAINT_MAX = 200;

/** Where a program looks for others: it gets no environment of ours. */
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";

/**
 * Runs a program for a notice, never through a shell: the event's name is its one argument, the notice its standard
 * input, as JSON. It throws nothing.
 * @param timeLimit milliseconds after which it is killed
 */
export async function runProgram(
  program: string,
  notice: Notice,
  timeLimit: number = TIME_LIMIT,
): Promise<Outcome> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [notice.event],
      clearEnv: true,
      env: { PATH, ...noticeVariables(notice) },
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    return { kind: "failed", why: `${program} can't be run: ${startFailure(error)}` };
  }
  return await endOf(child, program, notice, timeLimit);
}

async function endOf(
  child: Deno.ChildProcess,
  program: string,
  notice: Notice,
  timeLimit: number,
): Promise<Outcome> {
  const reader = child.stderr.getReader();
  let isLate = false;
  // What it has started may hold the pipe open for as long as it likes.
  const letGo = () => void reader.cancel().catch(() => {});
  const timer = setTimeout(() => {
    isLate = true;
    kill(child);
    letGo();
  }, timeLimit);
  try {
    const complaint = readText(reader, { length: 10 * COMPLAINT_MAX, exceeded: letGo }).catch(() => "");
    // A program that reads nothing is as good as any.
    const written = write(child.stdin, `${JSON.stringify(notice)}\n`).catch(() => {});
    const { code, signal } = await child.status;
    await written;
    const grace = setTimeout(letGo, 100);
    const said = firstLine(await complaint);
    clearTimeout(grace);
    if (isLate) {
      return { kind: "failed", why: `${program} took more than ${timeLimit / 1000} s and was killed` };
    }
    if (code === 0) return { kind: "sent" };
    const how = signal === null ? `exit status ${code}` : signal;
    return { kind: "failed", why: `${program}: ${how}${said === "" ? "" : `; it said: ${said}`}` };
  } finally {
    clearTimeout(timer);
  }
}

async function write(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

function startFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "slurm-ec2 was started without the permission to; a compiled binary is built with --for slurm-ec2.yaml";
  }
  return error instanceof Error ? error.message : String(error);
}

function firstLine(text: string): string {
  return visible(text.trim().split("\n", 1)[0]!.slice(0, COMPLAINT_MAX));
}
