/** Why a file could not be read, and the next step, from what Deno throws. */
export function readFailure(error: unknown): string {
  const name = failureName(error);
  if (name === "NotFound") return "there is no such file";
  if (name === "PermissionDenied") return "this user has no permission to read it";
  if (name === "NotCapable") return "slurm-ec2 was started without permission to read it (--allow-read)";
  if (name === "IsADirectory") return "it is a directory, name a file in it";
  return systemWords(error);
}

/** The name of what Deno throws. Reading a directory is, on some systems, a plain error with the system's own code. */
export function failureName(error: unknown): string {
  if ((error as { readonly code?: unknown } | null)?.code === "EISDIR") return "IsADirectory";
  return error instanceof Error ? error.name : "";
}

/** What the operating system says, without Deno's own words for the call: `no space left on device`. */
export function systemWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, words] = /^(.*?) \(os error \d+\)/s.exec(error.message) ?? [];
  return words === undefined ? error.message : words.charAt(0).toLowerCase() + words.slice(1);
}
