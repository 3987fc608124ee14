import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CommandError, UsageError } from "../../../commands/base/command.ts";
import { confirmStop } from "../../../commands/hooks/confirm_stop.ts";
import type { Log } from "../../../lib/base/log.ts";
import { parseNodeStates } from "../../../lib/slurm/node_state.ts";
import type { ScontrolApi } from "../../../lib/slurm/scontrol_api.ts";
import { fakeHost } from "../fake_host.ts";
import { withHookSite } from "./hook_site.ts";

/** Calls confirmStop() for these nodes with this answer of the person; answers what it asked and warned. */
async function confirmed(
  states: Readonly<Record<string, string>>,
  answer?: string,
): Promise<{ questions: string[]; warnings: string[] }> {
  const questions: string[] = [];
  const warnings: string[] = [];
  const text = Object.entries(states).map(([name, state]) => `NodeName=${name} State=${state}`).join("\n");
  const scontrol = { showNodes: () => Promise.resolve(parseNodeStates(text)) } as Partial<
    ScontrolApi
  > as ScontrolApi;
  const log = { warn: (line: string) => void warnings.push(line) } as Partial<Log> as Log;
  const ask = answer === undefined ? undefined : (question: string) => {
    questions.push(question);
    return answer;
  };
  const host = { ...fakeHost({}), ...(ask && { ask }) };
  await confirmStop({ host, log, scontrol }, Object.keys(states));
  return { questions, warnings };
}

const BUSY = { "c-0": "MIXED+CLOUD", "c-1": "ALLOCATED+CLOUD+POWER_DOWN", "c-2": "IDLE+CLOUD" };

for (
  const state of [
    "IDLE+CLOUD",
    "IDLE+CLOUD+POWERING_DOWN",
    "ALLOCATED+CLOUD+POWERING_DOWN",
    "COMPLETING+CLOUD+POWERING_DOWN",
    "ALLOCATED+CLOUD+POWERING_UP",
    "DOWN+CLOUD",
  ]
) {
  Deno.test(`confirmStop() asks nothing for a node that is ${state}`, { permissions: "none" }, async () => {
    assertEquals(await confirmed({ "c-0": state }), { questions: [], warnings: [] });
  });
}

Deno.test("confirmStop() asks about the nodes with jobs only", { permissions: "none" }, async () => {
  const { questions } = await confirmed(BUSY, "yes");
  assertEquals(questions.length, 1);
  assertStringIncludes(questions[0]!, "Jobs are running on c-[0-1];");
});

for (const answer of ["", "n", "yesterday"]) {
  Deno.test(
    `confirmStop() stops nothing when the answer is "${answer}"`,
    { permissions: "none" },
    async () => {
      await assertRejects(() => confirmed(BUSY, answer), CommandError, "Nothing was stopped");
    },
  );
}

Deno.test(
  "confirmStop() refuses without a terminal and names the nodes",
  { permissions: "none" },
  async () => {
    const error = await assertRejects(() => confirmed(BUSY), UsageError);
    assertStringIncludes(error.message, "Jobs are running on c-[0-1], so nothing was stopped: --force");
  },
);

Deno.test(
  "confirmStop() warns and goes on when slurmctld doesn't answer",
  { permissions: "none" },
  async () => {
    const warnings: string[] = [];
    const scontrol = { showNodes: () => Promise.reject(new Error("no answer")) } as Partial<
      ScontrolApi
    > as ScontrolApi;
    const log = { warn: (line: string) => void warnings.push(line) } as Partial<Log> as Log;
    await confirmStop({ host: fakeHost({}), log, scontrol }, ["c-0"]);
    assertEquals(warnings, ["Can't tell whether jobs run on c-0, stopping all the same: no answer"]);
  },
);

Deno.test("stop leaves a node with a running job alone without --force, and stops it with it", () =>
  withHookSite({}, async (site) => {
    await site.run(["resume", "c[0-1]"]);
    const { nodes } = site.slurm();
    site.changeSlurm({ nodes: { ...nodes, c1: { ...nodes.c1!, state: "MIXED+CLOUD" } } });
    const refused = await site.run(["stop", "c[0-1]"]);
    assertEquals([refused.code, refused.stdout], [2, ""]);
    assertStringIncludes(refused.stderr, "Jobs are running on c1, so nothing was stopped: --force");
    assertEquals(site.live().length, 2);
    assertEquals((await site.run(["stop", "--dry-run", "c[0-1]"])).code, 0);
    const forced = await site.run(["stop", "--force", "--json", "c[0-1]"]);
    assertEquals([forced.code, forced.json().nodes], [0, { c0: "terminated", c1: "terminated" }]);
  }));
