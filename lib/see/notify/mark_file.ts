import { giveToDirectoryOwnerSync } from "../../base/directory_owner.ts";
import { readPlainFile } from "../../base/plain_file.ts";
import { type Mark, markText, readMark } from "./mark.ts";

/** Name of the file in stateDir. */
const MARK_FILE = "notify.json";

/** The mark of the last run; `absent` where there was none, `damaged` where it says nothing. */
export function loadMark(dir: string): Mark | "absent" | "damaged" {
  try {
    const bytes = readPlainFile(`${dir}/${MARK_FILE}`, { maxBytes: 1_000_000 });
    return readMark(new TextDecoder().decode(bytes)) ?? "damaged";
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "absent" : "damaged";
  }
}

/**
 * Keeps the mark for the next run: whole or not at all.
 * @throws {Error} of Deno when it can't be written
 */
export function keepMark(dir: string, mark: Mark): void {
  const path = `${dir}/${MARK_FILE}`;
  const temporary = `${dir}/.${MARK_FILE}.new`;
  try {
    // Another's link of that name could lead anywhere.
    Deno.removeSync(temporary);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.writeTextFileSync(temporary, markText(mark), { mode: 0o640, createNew: true });
  giveToDirectoryOwnerSync(temporary);
  Deno.renameSync(temporary, path);
}

/**
 * Lets one run at a time go on; undefined while another is at it. Hold it until the mark is kept.
 * @throws {Error} of Deno when stateDir can't be written
 */
export async function lockMark(dir: string): Promise<Disposable | undefined> {
  const path = `${dir}/notify.lock`;
  const file = await Deno.open(path, { create: true, write: true, mode: 0o640 });
  giveToDirectoryOwnerSync(path);
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}
