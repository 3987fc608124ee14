import untyped from "dns-packet";
import type { Clock, Connection, Lookup, Machine, NotKnown, Ran, RunOptions } from "./machine.ts";

/** Programs of the system, wherever a distribution or a build from source puts them. */
const PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin";
/** Seconds for a program that asks the kernel or a daemon on this machine: these answer at once or not at all. */
const RUN_LIMIT = 5;
/** Seconds for a killed process to die. */
const DEATH_LIMIT = 0.5;
/** Seconds for a TCP connection: a lost first packet is sent again after one second and after three (RFC 6298). */
const CONNECT_LIMIT = 4;
/** Seconds for each of two questions to a resolver; resolv.conf(5) waits five for each. */
const ASK_LIMIT = 2;
/** Seconds for an HTTP answer. */
const HTTP_LIMIT = 5;
/** Where resolvers listen. */
const DNS_PORT = 53;

/** The real machine. */
export function machineProcess(): Machine {
  return { run, ask, connect, clockOf };
}

async function run(
  [program, ...args]: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<Ran> {
  const { limit = RUN_LIMIT, input, env = {} } = options;
  const child = spawn(program, args, { PATH, LC_ALL: "C", ...env }, input !== undefined);
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

async function readText(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
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

/** As much of the dns-packet package (https://www.npmjs.com/package/dns-packet) as is used. */
interface DnsPacket {
  encode(packet: DnsMessage): Uint8Array;
  decode(bytes: Uint8Array): DnsMessage;
  readonly RECURSION_DESIRED: number;
}

const packet = untyped as unknown as DnsPacket;

interface DnsMessage {
  readonly type: string;
  readonly id: number;
  readonly flags: number;
  /** `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`, … */
  readonly rcode?: string;
  readonly questions: readonly { readonly type: string; readonly name: string }[];
  readonly answers?: readonly { readonly type: string; readonly data?: unknown }[];
}

/**
 * Deno.resolveDns would do, but for SERVFAIL and REFUSED: it says of them that there is no such name, which sends
 * people looking for a record when it is the resolver that is broken.
 */
async function ask(resolver: string, type: "A" | "PTR", name: string): Promise<Lookup> {
  if (!mayAsk(resolver)) return denied(`ask ${resolver}`);
  for (let attempt = 0; attempt < 2; attempt++) {
    const answer = await askOnce(resolver, type, name);
    if (answer !== undefined) return answer;
  }
  return { kind: "cut", what: `${type} ${name} from ${resolver}`, seconds: 2 * ASK_LIMIT };
}

/** Asked beforehand, because node:dgram throws what is missing where nobody can catch it. */
function mayAsk(resolver: string): boolean {
  const hosts = resolver.includes(":")
    ? ["[::]", `[${resolver}]:${DNS_PORT}`]
    : ["0.0.0.0", `${resolver}:${DNS_PORT}`];
  return hosts.every((host) => Deno.permissions.querySync({ name: "net", host }).state === "granted");
}

async function askOnce(
  resolver: string,
  type: "A" | "PTR",
  name: string,
): Promise<Lookup | undefined> {
  const { createSocket } = await import("node:dgram");
  const id = crypto.getRandomValues(new Uint16Array(1))[0]!;
  const question = { type: "query", id, flags: packet.RECURSION_DESIRED, questions: [{ type, name }] };
  const socket = createSocket(resolver.includes(":") ? "udp6" : "udp4");
  try {
    return await within(
      ASK_LIMIT,
      new Promise<Lookup>((resolve) => {
        socket.on("error", (error: Error) => resolve(refusal(error)));
        socket.on("message", (bytes: Uint8Array) => {
          const answer = decoded(bytes);
          if (answer?.id === id) resolve(toLookup(answer, type));
        });
        // Connected, so that a port that nobody listens on is told at once, and nobody else can answer.
        socket.connect(DNS_PORT, resolver, () => socket.send(packet.encode(question)));
      }),
    );
  } catch (error) {
    return refusal(error as Error);
  } finally {
    socket.close();
  }
}

function refusal(error: Error): Lookup {
  const { code } = error as { readonly code?: string };
  return { kind: "failed", code: code === "ECONNREFUSED" ? "nobody listens there" : code ?? error.message };
}

function decoded(bytes: Uint8Array): DnsMessage | undefined {
  try {
    return packet.decode(bytes);
  } catch {
    return undefined; // no answer of a resolver: the right one may still come
  }
}

function toLookup({ rcode, answers = [] }: DnsMessage, type: string): Lookup {
  if (rcode === "NXDOMAIN") return { kind: "none" };
  if (rcode !== "NOERROR") return { kind: "failed", code: rcode ?? "no answer code" };
  const values = answers.flatMap(({ type: its, data }) =>
    its === type && typeof data === "string" ? [data.replace(/\.$/, "")] : []
  );
  return values.length === 0 ? { kind: "none" } : { kind: "found", values };
}

function denied(what: string): NotKnown {
  return { kind: "denied", what };
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** What the work resolves to, or undefined when its seconds are over first. */
async function within<T>(seconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), seconds * 1000);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
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
