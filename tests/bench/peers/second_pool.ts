import { builtFile } from "../../fixtures/built_file.ts";
import { formerFile } from "../../fixtures/former_file.ts";
import type { CapacityResults, RealCase } from "../capacity/results.ts";
import { parallelCluster } from "./contestants.ts";
import { INSTANCE_TYPE, SECOND_INSTANCE_TYPE } from "./launch_template.ts";
import { formerHooks, installedHooks } from "./our_hooks.ts";
import { troubledResume } from "./power_cycle.ts";
import { findPython } from "./python_packages.ts";
import { makeSite } from "./site.ts";
import { median, minimum } from "./summary.ts";

/** Milliseconds a call. */
const LATENCY = 150;

const CASES = {
  "1,000 nodes, half in a second pool": { nodes: 1_000, available: 500, hasSecond: true },
  "10 nodes, eight throttles in a row": { nodes: 10, throttles: 8 },
} as const;

/**
 * Powers nodes up where the first type runs out, and through throttles, with the installed hooks, those of 9139880 and
 * aws-parallelcluster-node, each of which may use two types: in turn, against the simulator at 150 ms a call.
 * @throws {Error} where there is no Python with aws-parallelcluster-node, or a build fails
 */
export async function wallRuns(
  { rounds, offline, former, say }: {
    readonly rounds: number;
    readonly offline: boolean;
    readonly former?: string;
    readonly say: (line: string) => void;
  },
): Promise<CapacityResults["real"]> {
  const python = await findPython({ install: !offline, say });
  if (!python?.versions["aws-parallelcluster-node"]) {
    throw new Error("There is no Python with aws-parallelcluster-node: it could not be installed from PyPI");
  }
  const site = await makeSite();
  try {
    const types = [INSTANCE_TYPE, SECOND_INSTANCE_TYPE];
    const contestants = [
      await installedHooks(site, { file: await builtFile(), warm: false, types }),
      await formerHooks(site, former ?? await formerFile(site.dir), types),
      await parallelCluster(site, python, "create-fleet"),
    ];
    const report: Record<string, Record<string, RealCase>> = {};
    for (const [name, { nodes, ...world }] of Object.entries(CASES)) {
      say(`\n${name}, ${LATENCY} ms a call, on the real clock`);
      const found: Record<string, RealCase> = report[name] = {};
      for (let round = 0; round < rounds; round++) {
        for (const contestant of contestants) {
          const what = { ...world, nodes, latencyMs: LATENCY, jobs: "each" } as const;
          const { wall, actions, launched, addressed } = await troubledResume(
            { site, python: python.program },
            contestant,
            what,
          );
          const walls = [...found[contestant.name]?.walls ?? [], wall];
          found[contestant.name] = { walls, actions: { ...actions }, launched, addressed, nodes };
        }
      }
      for (const [program, { walls, actions, addressed }] of Object.entries(found)) {
        say(
          `  ${program}: ${addressed} of ${nodes} up, least ${minimum(walls).toFixed(3)} s, median ` +
            `${median(walls).toFixed(3)} s; ${JSON.stringify(actions)}`,
        );
      }
    }
    return report;
  } finally {
    await site.close();
  }
}
