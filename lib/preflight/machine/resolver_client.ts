import untyped from "dns-packet";
import { within } from "../../base/within.ts";
import type { Lookup } from "./machine.ts";

/** Seconds for each of two questions to a resolver; resolv.conf(5) waits five for each. */
const ASK_LIMIT = 2;
/** Where resolvers listen. */
const DNS_PORT = 53;

/** As much of the dns-packet package (https://github.com/mafintosh/dns-packet) as is used. */
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
 * Asks one resolver itself, twice if need be, for the addresses of a name or the names under a reverse one; never throws.
 * Deno.resolveDns would do, but for SERVFAIL and REFUSED: it says of them that there is no such name, which sends
 * people looking for a record when it is the resolver that is broken.
 */
export async function askResolver(resolver: string, type: "A" | "PTR", name: string): Promise<Lookup> {
  if (!mayAsk(resolver)) return { kind: "denied", what: `ask ${resolver}` };
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
        // Connected, so that a port that nobody listens on is refused at once, and nobody else can answer.
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
  return {
    kind: "failed",
    code: code === "ECONNREFUSED" ? "no program listens there" : code ?? error.message,
  };
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
