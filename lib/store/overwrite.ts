import { giveToDirectoryOwnerSync } from "../base/directory_owner.ts";

/** Bytes of such a file: each line is one write over the last one, which needs no room on a full disk. */
const LENGTH = 128;

/** Writes a line over what a small file holds. Throws nothing: a file that can't be written grows old. */
export function overwriteLine(path: string, line: string): void {
  try {
    // A link could lead anywhere, and opening a pipe would never end.
    if (!Deno.lstatSync(path).isFile) Deno.removeSync(path);
  } catch {
    // It is made now.
  }
  try {
    using file = Deno.openSync(path, { write: true, create: true, mode: 0o640 });
    giveToDirectoryOwnerSync(path);
    file.writeSync(new TextEncoder().encode(`${line.padEnd(LENGTH - 1)}\n`));
  } catch {
    // Its reader sees how old it is.
  }
}
