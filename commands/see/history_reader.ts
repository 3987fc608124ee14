import type { Config } from "../../lib/config/model.ts";
import { openStateReader, type StateReader } from "../../lib/store/reader.ts";
import { CommandError } from "../base/command.ts";

/** Opens the controller's state to read. @throws {CommandError} with the reason where it can't be read here */
export function readerOf({ stateDir, cluster }: Config): StateReader {
  const opened = openStateReader(stateDir, cluster);
  if (opened.kind === "open") return opened.reader;
  throw new CommandError(opened.why);
}

/** Instances that are pending or running and not ending, as the controller last saw them. */
export function runningInstances(reader: StateReader): ReadonlySet<string> {
  const { instances } = reader.state();
  return new Set(
    [...instances.values()].filter(({ state, end }) =>
      ["pending", "running"].includes(state) && end !== "asked"
    )
      .map(({ id }) => id),
  );
}
