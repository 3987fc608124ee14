import type { Config } from "../../lib/config/model.ts";
import { openStateReader, type StateReader } from "../../lib/store/reader.ts";
import { CommandError } from "./command.ts";

/** Opens the controller's state to read. @throws {CommandError} with the reason where it can't be read here */
export function readerOf({ stateDir, cluster }: Config): StateReader {
  const opened = openStateReader(stateDir, cluster);
  if (opened.kind === "open") return opened.reader;
  throw new CommandError(
    opened.kind === "absent"
      ? `${opened.why}; ask on slurmctld's host, once a node has been powered up (srun on one of its nodes)`
      : opened.why,
  );
}

/** What is read of the controller's state, and nothing where there is none, or it can't be read; `why` it can't. */
export function readState<T>(
  { stateDir, cluster }: Pick<Config, "stateDir" | "cluster">,
  read: (reader: StateReader) => T,
): { readonly value: T | undefined; readonly why?: string } {
  const opened = openStateReader(stateDir, cluster);
  if (opened.kind === "absent") return { value: undefined };
  if (opened.kind === "unreadable") return { value: undefined, why: opened.why };
  try {
    return { value: read(opened.reader) };
  } finally {
    opened.reader.close();
  }
}

/** The worker's clock at a time since 1970 UTC: it goes on as the wall does while a worker lives; 0 before the first. */
export function workerClock(reader: StateReader | undefined, wall: number): number {
  const anchor = reader?.anchor();
  return anchor === undefined ? 0 : anchor.clock + Math.max(0, wall - anchor.wall);
}
