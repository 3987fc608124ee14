import { systemWords } from "../../lib/base/read_failure.ts";
import { shellWord } from "../../lib/preflight/parameters/value_checks.ts";
import { askDisk } from "../../lib/store/ask_disk.ts";

/** Why a state directory could not be used, and the next step where the cause shows one. */
export function stateTrouble(stateDir: string, error: unknown): string {
  // Where it has a step of its own, the system has said enough.
  const cause = nextStep(stateDir, error) === undefined ? askDisk(stateDir) ?? error : error;
  const next = nextStep(stateDir, cause);
  return next === undefined ? systemWords(cause) : `${systemWords(cause)}; ${next}`;
}

function nextStep(stateDir: string, error: unknown): string | undefined {
  const dir = shellWord(stateDir);
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT" || /disk is full/.test(String(error))) {
    return `make room there (df -h ${dir}, df -i ${dir}) and run this again`;
  }
  if (code === "EROFS") {
    return `find out why (findmnt -T ${dir}, dmesg), make it writable and run this again`;
  }
  return code === "EACCES" || code === "EPERM" ? "run this as the user that slurmctld runs as" : undefined;
}
