import { openToAppend } from "../base/append_file.ts";
import { makeStateDirectory } from "../base/directory_owner.ts";
import { errorText } from "../base/error_text.ts";
import type { Event, EventBody, EventLog } from "./event.ts";

/** Bytes at which the file is renamed to `.1` and a new one begun: a person can still open it. */
const ROTATE_AT = 16 * 1024 * 1024;

/** Bytes of lines that are written in one go at most: what one write of a local disk's file takes. */
const BATCH = 64 * 1024;

/** Longest string kept in one event, in characters: a line must be written in one go to stay whole. */
const TEXT_MAX = 8_000;

/** Seconds that closing waits for a disk that hangs: it must cost the log, never the hook. */
const CLOSE_SECONDS = 5;

/**
 * A log that appends to a file of JSON lines. Events that wait are written together, whole lines to a file
 * opened for appending, so lines of concurrent hooks stay whole. Writing goes on behind the caller's back, in order.
 * Failures are reported once to `warn`; then nothing more is written.
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
    /** Seconds that {@link EventLog.close} waits at most (5). */
    readonly closeSeconds?: number;
  },
): EventLog {
  const { path, rotateAt = ROTATE_AT, closeSeconds = CLOSE_SECONDS } = options;
  let broken = false;
  const giveUp = (why: string) => {
    if (!broken) options.warn(`Event log ${path} is not written: ${why}`);
    broken = true;
  };
  const waiting: Uint8Array[] = [];
  const flush = async () => {
    while (waiting.length > 0 && !broken) await append(path, nextBatch(waiting), rotateAt);
  };
  let written: Promise<void> | undefined;
  return {
    write(body) {
      if (broken) return;
      waiting.push(new TextEncoder().encode(eventLine(body, options)));
      written ??= flush().catch((error) => giveUp(errorText(error))).finally(() => written = undefined);
    },
    async close() {
      if (written && !await endsWithin(written, closeSeconds)) {
        giveUp(`it hangs for more than ${closeSeconds} s`);
      }
    },
  };
}

async function endsWithin(work: Promise<void>, seconds: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), seconds * 1000);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
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

/** Takes lines from the front, one at least. */
function nextBatch(waiting: Uint8Array[]): Uint8Array {
  let [count, bytes] = [0, 0];
  while (count < waiting.length && (count === 0 || bytes + waiting[count]!.length <= BATCH)) {
    bytes += waiting[count++]!.length;
  }
  const batch = new Uint8Array(bytes);
  let at = 0;
  for (const line of waiting.splice(0, count)) {
    batch.set(line, at);
    at += line.length;
  }
  return batch;
}

async function append(path: string, bytes: Uint8Array, rotateAt: number): Promise<void> {
  using file = await open(path);
  if ((await file.stat()).size > rotateAt) await rotate(path, rotateAt);
  if (await file.write(bytes) < bytes.length) throw new Error("only part of a line fitted onto the disk");
}

/** Owner writes, group reads, as with the log. */
const MODE = 0o640;

/** The very first hook finds no directory yet. */
async function open(path: string): Promise<Deno.FsFile> {
  try {
    return await openToAppend(path, MODE);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await makeStateDirectory(path.slice(0, path.lastIndexOf("/")));
    return await openToAppend(path, MODE);
  }
}

/**
 * Two hooks may rotate at once: the second would move the new, small file, so the size is looked at again; there
 * may not exist yet.
 */
async function rotate(path: string, rotateAt: number): Promise<void> {
  try {
    if ((await Deno.stat(path)).size > rotateAt) await Deno.rename(path, `${path}.1`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
