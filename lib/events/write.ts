import type { Event, EventBody, EventSink } from "./event.ts";

/** Bytes at which the file is renamed to `.1` and a new one begun: a person can still open it. */
const ROTATE_AT = 16 * 1024 * 1024;

/** Longest string kept in one event, in characters: a line must be written in one go to stay whole. */
const TEXT_MAX = 8_000;

/**
 * A sink that appends to a file of JSON lines. Each event is one write to a file opened for appending, so
 * lines of concurrent hooks stay whole. Failures are told once to `warn` and then ignored.
 */
export function eventWriter(
  options: {
    readonly path: string;
    readonly run: string;
    readonly cluster: string;
    readonly now: () => number;
    readonly warn: (message: string) => void;
    /** Bytes at which a new file is begun (16 MiB). */
    readonly rotateAt?: number;
  },
): EventSink {
  const { path, rotateAt = ROTATE_AT } = options;
  let broken = false;
  return (body) => {
    if (broken) return;
    try {
      append(path, eventLine(body, options), rotateAt);
    } catch (error) {
      broken = true;
      options.warn(
        `Event log ${path} is not written: ${error instanceof Error ? error.message : error}`,
      );
    }
  };
}

/** One event as its line in the file, newline included. */
export function eventLine(
  body: EventBody,
  options: { readonly run: string; readonly cluster: string; readonly now: () => number },
): string {
  const event: Event = {
    v: 1,
    time: new Date(options.now()).toISOString(),
    run: options.run,
    cluster: options.cluster,
    ...body,
  };
  const shorten = (_key: string, value: unknown) =>
    typeof value === "string" && value.length > TEXT_MAX ? `${value.slice(0, TEXT_MAX)}…` : value;
  return `${JSON.stringify(event, shorten)}\n`;
}

function append(path: string, line: string, rotateAt: number): void {
  const bytes = new TextEncoder().encode(line);
  const file = open(path);
  try {
    if (file.statSync().size > rotateAt) rotate(path, rotateAt);
    if (file.writeSync(bytes) < bytes.length) throw new Error("only part of a line fitted onto the disk");
  } finally {
    file.close();
  }
}

/** The very first hook finds no directory yet. */
function open(path: string): Deno.FsFile {
  const options = { append: true, create: true, mode: 0o640 };
  try {
    return Deno.openSync(path, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o750 });
    return Deno.openSync(path, options);
  }
}

/**
 * Two hooks may rotate at once: the second would move the new, small file, so the size is looked at again; there
 * may be no file at all yet.
 */
function rotate(path: string, rotateAt: number): void {
  try {
    if (Deno.statSync(path).size > rotateAt) Deno.renameSync(path, `${path}.1`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
