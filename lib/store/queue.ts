import { giveToDirectoryOwnerSync, makeStateDirectorySync } from "../base/directory_owner.ts";
import { errorText } from "../base/error_text.ts";
import { readPlainFile } from "../base/plain_file.ts";
import {
  isRequestName,
  newRequestName,
  parseRequestFile,
  type QueuedRequest,
  requestFileText,
} from "./request_file.ts";

/** Bytes of the largest request that is read: a resume file of 65,536 nodes in as many jobs is smaller. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Bytes within which the first line of a request ends: a hostlist of 65,536 nodes is shorter. */
const HEAD_BYTES = 1024 * 1024;

/** Rejected files that are kept to be looked at. */
const KEPT_REJECTED = 20;

/** What lies in the queue. */
export interface Taken {
  /** By the order in which they were asked for. */
  readonly requests: readonly QueuedRequest[];
  /** One sentence on each that can't be served, and is out of the queue now, or whose resume file is too large. */
  readonly rejected: readonly string[];
}

/** A request, and when its file was written: milliseconds since 1970 UTC. */
type Read = QueuedRequest & { readonly modified: number };

/** The directory where hooks and commands put requests: `stateDir/queue`. */
export class Queue {
  readonly #dir: string;
  readonly #rejectedDir: string;

  /** @param stateDir The directory that holds `queue` */
  constructor(stateDir: string) {
    this.#dir = `${stateDir}/queue`;
    this.#rejectedDir = `${stateDir}/rejected`;
  }

  /** Makes the directory. @throws {Error} of Deno when it can't be made, or is a link */
  make(): void {
    makeStateDirectorySync(this.#dir);
    if (Deno.lstatSync(this.#dir).isSymlink) {
      throw new Error(`${this.#dir} is a link: remove it, the queue must be a directory`);
    }
  }

  /**
   * Reads the requests that are there; they stay until {@link forget}. What is not a request (cut short, of another
   * format, a link, somebody else's file) is moved to `stateDir/rejected`. A queue that can't be read is empty, and
   * says so.
   */
  take(): Taken {
    const requests: Read[] = [];
    const rejected: string[] = [];
    try {
      for (const name of this.#names()) {
        try {
          requests.push(this.#read(name, (sentence) => rejected.push(sentence)));
        } catch (error) {
          // Somebody else has taken it.
          if (error instanceof Deno.errors.NotFound) continue;
          rejected.push(this.#reject(name, errorText(error)));
        }
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        rejected.push(`Can't read ${this.#dir}: ${errorText(error)}`);
      }
    }
    return { requests: inOrder(requests).map(({ modified: _, ...request }) => request), rejected };
  }

  /** Whether a request lies there; cheap. */
  isEmpty(): boolean {
    try {
      return this.#names().length === 0;
    } catch {
      return true;
    }
  }

  /** Removes requests that are in the state now. Those that can't be removed are found again, and known. */
  forget(ids: readonly string[]): void {
    for (const id of ids) {
      try {
        Deno.removeSync(`${this.#dir}/${id}`);
      } catch {
        // The state knows its id: it is not served twice.
      }
    }
  }

  /**
   * Adds a request, durably: written under another name, and renamed when it is whole.
   * @returns its id
   * @throws {Error} of Deno when it can't be written; nothing is left of it then
   */
  add(request: Omit<QueuedRequest, "id">): string {
    this.make();
    const id = newRequestName(request.kind);
    const temporary = `${this.#dir}/.${id}`;
    try {
      using file = Deno.openSync(temporary, { createNew: true, write: true, mode: 0o640 });
      for (let bytes = new TextEncoder().encode(requestFileText(request)); bytes.length > 0;) {
        bytes = bytes.subarray(file.writeSync(bytes));
      }
      file.syncSync();
      giveToDirectoryOwnerSync(temporary);
      Deno.renameSync(temporary, `${this.#dir}/${id}`);
    } catch (error) {
      try {
        Deno.removeSync(temporary);
      } catch {
        // It may not have been made at all.
      }
      throw error;
    }
    return id;
  }

  /** What is whole: a name with a dot in front is being written. */
  #names(): string[] {
    if (Deno.lstatSync(this.#dir).isSymlink) throw new Error("it is a link, and must be a directory");
    return [...Deno.readDirSync(this.#dir)].map(({ name }) => name).filter((name) => !name.startsWith("."));
  }

  #read(name: string, say: (sentence: string) => void): Read {
    const path = `${this.#dir}/${name}`;
    if (!isRequestName(name)) throw new SyntaxError("its name is not KIND.UUID");
    const { mtime, size } = Deno.lstatSync(path);
    const modified = mtime?.getTime() ?? 0;
    if (size > MAX_BYTES) return { ...readHead(name, path, size, say), modified };
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      readPlainFile(path, { maxBytes: MAX_BYTES }),
    );
    return { ...parseRequestFile(name, text), modified };
  }

  #reject(name: string, why: string): string {
    const sentence = `Request ${name} is not served: ${why}`;
    try {
      makeStateDirectorySync(this.#rejectedDir);
      Deno.renameSync(`${this.#dir}/${name}`, `${this.#rejectedDir}/${name}`);
      this.#dropOldRejected();
      return `${sentence}; it is kept as ${this.#rejectedDir}/${name}`;
    } catch (error) {
      return `${sentence}; it can't be moved away (${errorText(error)}): remove it`;
    }
  }

  #dropOldRejected(): void {
    const files = [...Deno.readDirSync(this.#rejectedDir)].map(({ name }) => {
      const path = `${this.#rejectedDir}/${name}`;
      return { path, changed: Deno.lstatSync(path).ctime?.getTime() ?? 0 };
    });
    files.sort((a, b) => b.changed - a.changed);
    for (const { path } of files.slice(KEPT_REJECTED)) {
      try {
        Deno.removeSync(path);
      } catch {
        // A directory that is not empty, or another user's: it does no harm here.
      }
    }
  }
}

/** A request without its resume file, which is too large: it costs the grouping by job, never the launch. */
function readHead(
  name: string,
  path: string,
  size: number,
  say: (sentence: string) => void,
): QueuedRequest {
  const text = new TextDecoder().decode(readPlainFile(path, { maxBytes: HEAD_BYTES, cut: true }));
  const request = parseRequestFile(name, `${text.slice(0, text.indexOf("\n") + 1)}end\n`);
  say(
    `Going on without what SLURM_RESUME_FILE says of jobs: Resume file has ${size} bytes: at most ${MAX_BYTES} are read`,
  );
  return request;
}

/** By when the hook was called, where all say it for the same start of the machine; else by the files' times. */
function inOrder(requests: readonly Read[]): Read[] {
  const bootIds = new Set(requests.map(({ bootId }) => bootId));
  const comparable = bootIds.size === 1 && !bootIds.has(undefined);
  return requests.toSorted((a, b) =>
    (comparable ? (a.uptime ?? 0) - (b.uptime ?? 0) : 0) || a.modified - b.modified || (a.id < b.id ? -1 : 1)
  );
}
