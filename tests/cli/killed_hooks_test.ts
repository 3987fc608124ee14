import { assertEquals } from "@std/assert";
import { WORLD } from "../../lib/sim/fresh_world.ts";
import { expandHostlist } from "../../lib/slurm/hostlist.ts";
import { type HookName, type HookSite, makeHookSite } from "../fixtures/hook_site.ts";

/** Where a hook is killed. */
interface Moment {
  readonly name: string;
  /** Resolves when the hook has got there. */
  reached(site: HookSite): Promise<void>;
}

/** Slurm's side: the hook's own scontrol is left without an answer, and slurmctld never gets what it was to say. */
function atScontrol(what: RegExp): Moment {
  return { name: `as it runs scontrol ${what.source}`, reached: ({ slurmctld }) => slurmctld.hang(what) };
}

/** EC2's side: the call has been carried out, and its answer is still on the way. */
function beforeAnswerOf(action: string): Moment {
  return {
    name: `before the answer of ${action} comes`,
    reached: ({ aws }) => until(() => (aws.simulator.calls()[action] ?? 0) > 0),
  };
}

/** The launch is written down and on its way; EC2 may carry it out though nobody is there for the answer. */
const AS_IT_SENDS: Moment = {
  name: "as it sends RunInstances",
  reached: ({ stateDir }) => until(() => countOf(`${stateDir}/intents`) > 0),
};

const NODES = "c[0-5]";
const POOL = `c7i.large:${WORLD.region}a`;
/** Milliseconds that every call of AWS takes: what a hook is killed in the middle of. */
const LATENCY = 200;

for (
  const moment of [
    atScontrol(/^show config/),
    beforeAnswerOf("GetParameters"),
    AS_IT_SENDS,
    beforeAnswerOf("RunInstances"),
    atScontrol(/^update .* NodeAddr=/),
    atScontrol(/^update .* State=/),
  ]
) {
  Deno.test(`resume killed ${moment.name} leaves no orphan, duplicate or forgotten node`, async () => {
    await using site = await makeHookSite({ nodes: NODES });
    site.aws.simulator.setCapacity(POOL, 4);
    await killAt(site, "resume", moment);
    await site.start("resume", NODES).status;
    assertEquals(verdicts(site), { told: 4, down: 2 }, site.log());
    assertEquals([...site.live().values()], [1, 1, 1, 1], site.log());

    assertEquals(await site.call("stop", NODES), 0, site.log());
    assertEquals(site.live().size, 0, site.log());
    assertEquals(countOf(`${site.stateDir}/intents`), 0);
    assertEquals(countOf(`${site.stateDir}/hooks`), 0);
  });
}

for (const hook of ["stop", "resume-fail"] as const) {
  for (
    const moment of [
      atScontrol(/^show config/),
      beforeAnswerOf("DescribeInstances"),
      ...(hook === "resume-fail" ? [beforeAnswerOf("GetConsoleOutput")] : []),
      beforeAnswerOf("TerminateInstances"),
      ...(hook === "resume-fail" ? [atScontrol(/^update .* State=/)] : []),
    ]
  ) {
    Deno.test(`${hook} killed ${moment.name} and called again leaves nothing running`, async () => {
      await using site = await makeHookSite({ nodes: NODES });
      assertEquals(await site.call("resume", NODES), 0, site.log());
      site.aws.simulator.resetCalls();
      await killAt(site, hook, moment);
      assertEquals(await site.call(hook, NODES), 0, site.log());
      assertEquals(site.live().size, 0, site.log());
      assertEquals(countOf(`${site.stateDir}/hooks`), 0);
      // slurmctld does not give up a node that did not register: the hook must give it back.
      const back = [...site.slurmctld.nodes.values()].map(({ flags }) => flags.has("POWER_DOWN"));
      assertEquals(back, Array(6).fill(hook === "resume-fail"), site.log());
    });
  }
}

async function killAt(site: HookSite, name: HookName, moment: Moment): Promise<void> {
  const nodes = expandHostlist(NODES);
  if (name === "resume") site.slurmctld.requestPowerUp(nodes);
  else site.slurmctld.requestPowerDown(nodes);
  await site.setLatency(LATENCY);
  const reached = moment.reached(site);
  const hook = site.start(name, NODES);
  assertEquals(await Promise.race([reached, hook.status]), undefined, `it ended before: ${site.log()}`);
  await hook.kill();
  await site.setLatency(0);
}

/** Nodes that slurmctld was told the address of, and nodes that are down with a reason of ours; no others. */
function verdicts({ slurmctld }: HookSite): Record<string, number> {
  const kinds = [...slurmctld.nodes.values()].map(({ base, nodeAddr, reason }) =>
    base === "DOWN" && reason.includes("[slurm-ec2 until=")
      ? "down"
      : nodeAddr.startsWith("10.")
      ? "told"
      : "forgotten"
  );
  return Object.fromEntries([...Map.groupBy(kinds, (kind) => kind)].map(([kind, all]) => [kind, all.length]));
}

function countOf(directory: string): number {
  try {
    return [...Deno.readDirSync(directory)].filter(({ name }) => name.endsWith(".json")).length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + DEADLINE;
  while (!condition()) {
    if (Date.now() > end) throw new Error("The moment to kill the hook never came");
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}

/** Milliseconds; a hook gets anywhere within a second, on a machine that has nothing else to do. */
const DEADLINE = 20_000;
