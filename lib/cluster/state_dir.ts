import type { Log } from "../base/log.ts";
import { giveToDirectoryOwner, makeStateDirectory } from "../base/directory_owner.ts";
import { errorText } from "../base/error_text.ts";

/** Seconds for the lock, and for any one file operation: a state directory that hangs must not cost a launch. */
const LIMITS = { lock: 5, operation: 5 };
/** Milliseconds between tries of the lock. */
const LOCK_POLL = 15;

/**
 * The directory that concurrent hooks share. Whatever is wrong with it costs only what it would have saved:
 * unreadable or corrupt files count as absent, writes that fail are warned about once, and after an operation
 * that hangs the directory is not touched again.
 */
export class StateDir {
  readonly #path: string;
  readonly #log: Log;
  readonly #limits: typeof LIMITS;
  #usable = true;

  constructor(path: string, log: Log, limits: typeof LIMITS = LIMITS) {
    this.#path = path;
    this.#log = log;
    this.#limits = limits;
  }

  /** Whether anything written is still expected to last. */
  get usable(): boolean {
    return this.#usable;
  }

  /** From now on nothing is read or written. */
  abandon(): void {
    this.#usable = false;
  }

  /** Makes the directory and its parts; false when that fails: from then on nothing is read or written. */
  async open(parts: readonly string[]): Promise<boolean> {
    const made = await this.#try("make", "", async () => {
      for (const part of ["", ...parts]) {
        await makeStateDirectory(`${this.#path}/${part}`.replace(/\/$/, ""));
      }
      return true;
    });
    if (made !== true) this.#usable = false;
    return this.#usable;
  }

  /** Runs `work` under the directory's lock, or without it when the lock can't be had in time: `held` says which. */
  async locked<T>(work: (held: boolean) => Promise<T>): Promise<T> {
    const file = await this.#try("lock", "lock", () => this.#lockFile());
    try {
      return await work(file !== undefined);
    } finally {
      file?.close();
    }
  }

  async #lockFile(): Promise<Deno.FsFile | undefined> {
    const file = await Deno.open(`${this.#path}/lock`, { create: true, write: true, mode: 0o640 });
    await giveToDirectoryOwner(`${this.#path}/lock`);
    const end = performance.now() + this.#limits.lock * 1000;
    while (!await file.tryLock(true)) {
      if (performance.now() > end) {
        file.close();
        this.#log.warn(
          `State directory ${this.#path} stayed locked for ${this.#limits.lock} s, going on without the lock`,
        );
        return undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL));
    }
    return file;
  }

  /** A JSON file's value; undefined when it is absent, unreadable or no JSON. */
  async readJson(name: string): Promise<unknown> {
    const text = await this.#try("read", name, () => Deno.readTextFile(`${this.#path}/${name}`));
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      this.#log.warn(`State file ${this.#path}/${name} is corrupt, starting it anew`);
      return undefined;
    }
  }

  /** Writes a JSON file by rename, so that a reader or a crash never sees half of it. */
  async writeJson(name: string, value: unknown, options: { readonly sync?: boolean } = {}): Promise<boolean> {
    const path = `${this.#path}/${name}`;
    const temporary = `${path}.${crypto.randomUUID()}.tmp`;
    const written = await this.#try("write", name, async () => {
      const file = await Deno.open(temporary, { createNew: true, write: true, mode: 0o640 });
      try {
        await writeAll(file, JSON.stringify(value));
        if (options.sync) await file.sync();
      } finally {
        file.close();
      }
      await giveToDirectoryOwner(temporary);
      await Deno.rename(temporary, path);
      return true;
    });
    if (written !== true) await Deno.remove(temporary).catch(() => {});
    return written === true;
  }

  async remove(name: string): Promise<void> {
    await this.#try("remove", name, () => Deno.remove(`${this.#path}/${name}`));
  }

  /** Names of the JSON files in a part of the directory. */
  async list(part: string): Promise<string[]> {
    const names = await this.#try("list", part, async () => {
      const found: string[] = [];
      for await (const entry of Deno.readDir(`${this.#path}/${part}`)) {
        if (entry.isFile && entry.name.endsWith(".json")) found.push(entry.name);
      }
      return found.sort();
    });
    return names ?? [];
  }

  /** Makes a file that stays locked as long as this process lives; closing it, or dying, unlocks it. */
  async holdFile(name: string, value: unknown): Promise<Deno.FsFile | undefined> {
    return await this.#try("write", name, async () => {
      const file = await Deno.open(`${this.#path}/${name}`, {
        create: true,
        truncate: true,
        write: true,
        mode: 0o640,
      });
      await giveToDirectoryOwner(`${this.#path}/${name}`);
      await file.lock(true);
      await writeAll(file, JSON.stringify(value));
      return file;
    });
  }

  /** Whether the process that holds a file by {@link holdFile} is alive. */
  async isHeld(name: string): Promise<boolean> {
    const held = await this.#try("read", name, async () => {
      const file = await Deno.open(`${this.#path}/${name}`, { read: true });
      try {
        return !await file.tryLock(false);
      } finally {
        file.close();
      }
    });
    return held === true;
  }

  /** Runs one operation within its time; a failure is warned about (a missing file is none) and is undefined. */
  async #try<T>(verb: string, name: string, operation: () => Promise<T>): Promise<T | undefined> {
    if (!this.#usable) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), (this.#limits.lock + this.#limits.operation) * 1000);
    });
    try {
      const running = operation();
      const result = await Promise.race([running, late]);
      if (result !== "late") return result;
      this.#usable = false;
      // Should it succeed after all, nobody waits for its lock any more.
      running.then((file) => file instanceof Deno.FsFile && file.close(), () => {});
      this.#log.warn(`State directory ${this.#path} hangs on "${verb} ${name}", going on without it`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        this.#log.warn(`Can't ${verb} ${this.#path}/${name}, going on without it: ${errorText(error)}`);
      }
    } finally {
      clearTimeout(timer);
    }
    return undefined;
  }
}

/** One write may take only part of the bytes, on a full disk for one. */
async function writeAll(file: Deno.FsFile, text: string): Promise<void> {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
}
