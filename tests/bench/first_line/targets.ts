import { median } from "../peers/summary.ts";
import type { FirstLineResults, FormName, VersionResult } from "./results.ts";
import { waits } from "./waits.ts";

/** What a figure is to reach, and whether it does. */
export interface FirstLineTarget {
  readonly version: string;
  readonly title: string;
  readonly limit: string;
  readonly measured: string;
  readonly met: boolean;
}

/** What stands in place of a figure that the last run did not take. */
export const NOT_MEASURED = "–";

/** Every target on every version that was measured, by medians. */
export function firstLineTargets(results: FirstLineResults): FirstLineTarget[] {
  return Object.entries(results.versions).flatMap(([version, result]) => [
    ...startTargets(version, result),
    ...(["sbatch -N1", "sbatch -N3", "srun -N2", "salloc -N2"] as const).map((form) =>
      atMost(
        version,
        `\`${form}\`: submission to first line`,
        results.bootSeconds + 6,
        middle(result.modes.rendered.jobs[form]["first line"]),
      )
    ),
    ...retryTargets(version, result),
  ]);
}

/** On 22.05 srun and salloc start at once anyway: there ready must not make them slower. */
function startTargets(version: string, { modes }: VersionResult): FirstLineTarget[] {
  const wait = (form: FormName, mode: "rendered" | "rendered, ready: off" = "rendered") =>
    middle(waits(modes[mode].jobs[form]));
  const registered = (form: FormName) => `\`${form}\`: last registration to first line`;
  return [
    ...(["sbatch -N1", "sbatch -N3"] as const).map((form) =>
      atMost(version, registered(form), 1, wait(form))
    ),
    ...([["salloc -N2", 1.5], ["srun -N2", 3]] as const).map(([form, limit]) =>
      version === "22.05"
        ? atMost(
          version,
          `\`${form}\`: what ready adds to it`,
          0.5,
          wait(form) - wait(form, "rendered, ready: off"),
        )
        : atMost(version, registered(form), limit, wait(form))
    ),
  ];
}

/** requeue_delay came with 25.11; before, cred_expire=70 is what lint advises. */
function retryTargets(
  version: string,
  { modes: { rendered: { refused } }, withoutLaunches }: VersionResult,
): FirstLineTarget[] {
  const limit = version < "25.11" ? 75 : 20;
  const kinds = [
    ["a refusal of the group", refused.group],
    ["a refusal of the node: its instance ended", refused.node],
    ["a refusal of the node: throttled", withoutLaunches?.throttle],
    ["a refusal of the node: too late", withoutLaunches?.deadline],
  ] as const;
  return kinds.map(([what, tries]) =>
    atMost(version, `next try after ${what}`, limit, middle(tries?.resumeProgram ?? []))
  );
}

function atMost(version: string, title: string, limit: number, value: number): FirstLineTarget {
  return {
    version,
    title,
    limit: `≤ ${limit} s`,
    measured: Number.isNaN(value) ? NOT_MEASURED : `${value.toFixed(2)} s`,
    met: value <= limit,
  };
}

function middle(values: readonly (number | null)[]): number {
  return median(values.filter((value) => value !== null));
}
