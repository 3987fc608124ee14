import type { RequestKind } from "../controller/state.ts";

/**
 * A request of a hook or a person, as it lies in `stateDir/queue` under the name `KIND.UUID`:
 *
 * ```text
 * 1 KIND UPTIME BOOT-ID HOSTLIST
 * the resume file of slurmctld, if there is one
 * end
 * ```
 *
 * The first word is the version of the format. UPTIME (seconds with two decimals, of /proc/uptime) and BOOT-ID (of
 * /proc/sys/kernel/random/boot_id) say when the hook was called; `-` where they are not known. A request whose last
 * line is not `end` was cut short by a full disk or a crash.
 */
export interface QueuedRequest {
  /** Name of its file. */
  readonly id: string;
  readonly kind: QueuedKind;
  /** Of the machine, in seconds, when the hook was called; undefined when a command wrote it, which can't know. */
  readonly uptime: number | undefined;
  /** Which start of the machine the uptime counts from. */
  readonly bootId: string | undefined;
  /** As slurmctld gave it. */
  readonly hostlist: string;
  /** What SLURM_RESUME_FILE held; undefined when there was none. */
  readonly resumeFile: string | undefined;
}

/**
 * What is asked for: a hook's work, or what a person changes for a node group, whose name stands for the hostlist
 * then; `*` means every node group. `yield` asks a worker with nothing to do to end at once: a command waits for its
 * lock.
 */
export type QueuedKind = RequestKind | "reset" | "pause" | "unpause" | "yield";

/** The hooks that a request may be of. */
export const REQUEST_KINDS: readonly RequestKind[] = ["resume", "stop", "resume-fail"];

/** Version of the format, its first word. */
const FORMAT = "1";

/** `KIND.UUID`. */
const NAME =
  /^(resume|stop|resume-fail|reset|pause|unpause|yield)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What hostlists and the resume file may not hold: a control character other than in JSON's white space. */
// deno-lint-ignore no-control-regex -- these are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** Whether a file of the queue may be a request: anything else was not put there by a hook. */
export function isRequestName(name: string): boolean {
  return NAME.test(name);
}

/** A name that no request has yet. */
export function newRequestName(kind: QueuedKind): string {
  return `${kind}.${crypto.randomUUID()}`;
}

/**
 * Reads a request.
 *
 * @param name Name of its file in the queue
 * @throws {SyntaxError} when it is of another format, was cut short, or is not one
 */
export function parseRequestFile(name: string, text: string): QueuedRequest {
  if (!isRequestName(name)) throw new SyntaxError("its name is not KIND.UUID");
  const header = text.slice(0, endOfLine(text));
  const [format, kind, uptime, bootId, hostlist, ...rest] = header.split(" ");
  if (format !== FORMAT) {
    throw new SyntaxError(`its format is ${JSON.stringify(cut(format ?? ""))}, this release reads ${FORMAT}`);
  }
  const body = text.slice(header.length);
  if (!/\nend\n?$/.test(body)) throw new SyntaxError('it was cut short: its last line is not "end"');
  if (kind === undefined || !name.startsWith(`${kind}.`)) {
    throw new SyntaxError(`it asks for ${JSON.stringify(cut(kind ?? ""))}, which its name does not say`);
  }
  if (!hostlist || rest.length > 0 || CONTROL.test(hostlist)) {
    throw new SyntaxError("its first line is not FORMAT KIND UPTIME BOOT-ID HOSTLIST");
  }
  const resumeFile = body.slice(1).replace(/(?:^|\n)end\n?$/, "");
  return {
    id: name,
    kind: kind as QueuedKind,
    uptime: readUptime(uptime ?? ""),
    bootId: bootId === "-" ? undefined : readBootId(bootId ?? ""),
    hostlist,
    resumeFile: resumeFile.trim() === "" ? undefined : resumeFile,
  };
}

/** A request as its file's text. */
export function requestFileText(request: Omit<QueuedRequest, "id">): string {
  const { kind, uptime, bootId, hostlist, resumeFile } = request;
  const header = [FORMAT, kind, uptime?.toFixed(2) ?? "-", bootId ?? "-", hostlist].join(" ");
  return `${header}\n${resumeFile === undefined ? "" : `${resumeFile}\n`}end\n`;
}

function endOfLine(text: string): number {
  const end = text.indexOf("\n");
  return end < 0 ? text.length : end;
}

function readUptime(word: string): number | undefined {
  if (word === "-") return undefined;
  if (!/^\d{1,12}(?:\.\d{1,6})?$/.test(word)) {
    throw new SyntaxError(`its uptime is ${JSON.stringify(cut(word))}, not a number of seconds`);
  }
  return Number(word);
}

function readBootId(word: string): string {
  if (!/^[0-9a-f-]{36}$/.test(word)) {
    throw new SyntaxError(`its boot id is ${JSON.stringify(cut(word))}, not a UUID`);
  }
  return word;
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
