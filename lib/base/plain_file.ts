/** What is found under a name is not a plain file: it is neither read nor written. */
export class NotPlainFileError extends Error {
  override readonly name = "NotPlainFileError";
}

/**
 * Why what is under a name must not be opened; undefined when it may be, or nothing is there. A link could lead
 * anywhere, a file with a second name could be somebody else's, and a pipe would never end.
 *
 * @throws {Deno.errors.PermissionDenied} when the directory can't be searched
 */
export function notPlain(path: string): string | undefined {
  const info = lstat(path);
  return info === undefined ? undefined : judge(info);
}

/**
 * Reads a whole file, unless it is a link, has a second name, is not a regular file or is too large.
 *
 * @param options.maxBytes Largest size that is read
 * @param options.cut Of a larger file its beginning is read, instead of nothing
 * @throws {NotPlainFileError} saying what it is instead
 * @throws {Deno.errors.NotFound} when nothing is there
 */
export function readPlainFile(
  path: string,
  options: { readonly maxBytes: number; readonly cut?: boolean },
): Uint8Array {
  const before = Deno.lstatSync(path);
  const wrong = judge(before);
  if (wrong !== undefined) throw new NotPlainFileError(wrong);
  if (before.size > options.maxBytes && !options.cut) {
    throw new NotPlainFileError(`it has ${before.size} bytes: at most ${options.maxBytes} are read`);
  }
  using file = Deno.openSync(path, { read: true });
  // O_NOFOLLOW is not to be had under scoped permissions: what was opened is compared with what was looked at.
  const opened = file.statSync();
  if (opened.dev !== before.dev || opened.ino !== before.ino) {
    throw new NotPlainFileError("it was replaced while it was opened");
  }
  return readAll(file, options);
}

function judge(info: Deno.FileInfo): string | undefined {
  if (info.isSymlink) return "it is a link";
  if (info.isDirectory) return "it is a directory";
  if (!info.isFile) return "it is not a regular file";
  if ((info.nlink ?? 1) > 1) return "it is a second name of another file";
  return undefined;
}

function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function readAll(
  file: Deno.FsFile,
  { maxBytes, cut }: { readonly maxBytes: number; readonly cut?: boolean },
): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const buffer = new Uint8Array(64 * 1024);
    const count = file.readSync(buffer);
    if (count === null) break;
    size += count;
    if (cut && size >= maxBytes) {
      parts.push(buffer.subarray(0, count - (size - maxBytes)));
      size = maxBytes;
      break;
    }
    if (size > maxBytes) throw new NotPlainFileError(`it has more than ${maxBytes} bytes`);
    parts.push(buffer.subarray(0, count));
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
