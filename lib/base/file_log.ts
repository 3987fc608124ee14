import { BaseHandler, Logger, type LogRecord } from "@std/log";
import { openToAppendSync } from "./append_file.ts";
import type { Log } from "./log.ts";

/** Owner writes, group reads: a log names instances, addresses and jobs. Only for files that we create. */
const LOG_MODE = 0o640;

/**
 * A log that appends to a file, one line a message: `2026-11-23T10:00:00.000Z INFO message`, further lines of a
 * message indented. Each message is one write, so those of concurrent hooks don't mix.
 *
 * It never throws: when the file can't be opened or written (its disk is full), it says so once on standard
 * error, and there go the messages that could not be written.
 *
 * @param options.ownerOf Directory whose owner a new file gets where root makes it; absent: the file's own
 */
export function fileLog(
  path: string,
  { fallback = writeStderr, ownerOf }: {
    readonly fallback?: (text: string) => void;
    readonly ownerOf?: string;
  } = {},
): Log {
  const handler = new AppendHandler(path, fallback, ownerOf);
  const logger = new Logger("slurm-ec2", "DEBUG", { handlers: [handler] });
  return {
    debug: (message) => void logger.debug(message),
    info: (message) => void logger.info(message),
    warn: (message) => void logger.warn(message),
    error: (message) => void logger.error(message),
    close: () => handler.destroy(),
  };
}

class AppendHandler extends BaseHandler {
  readonly #path: string;
  readonly #fallback: (text: string) => void;
  #file: Deno.FsFile | undefined;
  #complained = false;

  constructor(path: string, fallback: (text: string) => void, ownerOf: string | undefined) {
    super("DEBUG", { formatter: formatLine });
    this.#path = path;
    this.#fallback = fallback;
    try {
      this.#file = openToAppendSync(path, LOG_MODE, ownerOf);
    } catch (error) {
      this.#complain(error);
    }
  }

  override log(line: string): void {
    try {
      if (this.#file) return appendLine(this.#file, line);
    } catch (error) {
      this.#complain(error);
    }
    this.#fallback(`${line}\n`);
  }

  override destroy(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #complain(error: unknown): void {
    if (this.#complained) return;
    this.#complained = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#fallback(`Can't write the log file "${this.#path}": ${why}; logging to standard error\n`);
  }
}

function formatLine({ datetime, levelName, msg }: LogRecord): string {
  // deno-lint-ignore no-control-regex -- no message may look like two, or colour a terminal
  const text = msg.replaceAll(/\r?\n/g, "\n  ").replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, "?");
  return `${datetime.toISOString()} ${levelName} ${text}`;
}

/** One write; what a nearly full disk leaves over follows, or fails. */
function appendLine(file: Deno.FsFile, line: string): void {
  for (let bytes = new TextEncoder().encode(`${line}\n`); bytes.length > 0;) {
    bytes = bytes.subarray(file.writeSync(bytes));
  }
}

function writeStderr(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // Nowhere is left to say it.
  }
}
