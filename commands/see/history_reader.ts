import type { StateReader } from "../../lib/store/reader.ts";

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
